import { exact, used } from '../src/model/amounts.ts';
import type { Attribution } from '../src/model/outcome.ts';
import type { Waits as Played } from '../src/model/replies.ts';
import { useView } from './panel-context.ts';
import { millisText } from './words.ts';

/** Parts of a response that are told apart; what is smaller comes together. */
const MOST_PARTS = 4;
const LEAST_SHARE = 0.03;
const MOST_ENDPOINTS = 5;

interface Part {
  words: string;
  ms: number;
  /** Waiting is what more servers shorten, service is not. */
  isWait: boolean;
}

/** Whose wait or service makes the slowest hundredth of the responses: of some endpoints, the slowest first. */
export function Waits({ of }: { of?: (endpoint: string) => boolean }) {
  const { view, studies } = useView();
  const spike = view.outcome?.spike;
  const told = spike?.attribution ?? studies.waits?.endpoints;
  const shown = (told ?? []).filter((it) => !of || of(it.endpoint)).sort((a, b) => b.p99.responseMs - a.p99.responseMs);
  if (!spike && studies.waits === undefined && studies.share !== null) return <Playing share={studies.share} />;
  if (shown.length === 0) return null;
  return (
    <section aria-label="What slow responses are made of">
      <h2>What slow responses are made of</h2>
      <ul className="list waits">
        {shown.slice(0, MOST_ENDPOINTS).map((it) => (
          <li key={it.endpoint}>
            <Response endpoint={it.endpoint} tail={it.p99} mean={it.mean} />
          </li>
        ))}
      </ul>
      {shown.length > MOST_ENDPOINTS && <p className="muted">and {shown.length - MOST_ENDPOINTS} more endpoints, which answer faster</p>}
      <p className="muted basis">{spike ? 'Of the spike that was played.' : basisText(studies.waits ?? null)}</p>
    </section>
  );
}

/** What a store, a worker or a pool adds to the slowest responses of each endpoint. */
export function Blame({ stations }: { stations: readonly string[] }) {
  const { view, studies } = useView();
  const told = view.outcome?.spike?.attribution ?? studies.waits?.endpoints ?? [];
  const rows = told
    .map(({ endpoint, p99 }) => {
      const own = p99.stations.filter((it) => stations.includes(it.id));
      const waitMs = own.reduce((sum, it) => sum + it.waitMs, 0);
      const serviceMs = own.reduce((sum, it) => sum + it.serviceMs, 0);
      return { endpoint, waitMs, serviceMs, responseMs: p99.responseMs };
    })
    .filter((it) => it.waitMs + it.serviceMs > LEAST_SHARE * it.responseMs)
    .sort((a, b) => b.waitMs + b.serviceMs - a.waitMs - a.serviceMs);
  if (rows.length === 0) return null;
  return (
    <table className="figures">
      <caption>In the slowest 1% of responses</caption>
      <thead>
        <tr>
          <th scope="col">Of</th>
          <th scope="col">Waiting here</th>
          <th scope="col">Served here</th>
        </tr>
      </thead>
      <tbody>
        {rows.slice(0, MOST_ENDPOINTS).map((it) => (
          <tr key={it.endpoint}>
            <th scope="row">{it.endpoint}</th>
            <td>
              {used(it.waitMs / it.responseMs)} <span className="muted">{millisText(it.waitMs)}</span>
            </td>
            <td>
              {used(it.serviceMs / it.responseMs)} <span className="muted">{millisText(it.serviceMs)}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Playing({ share }: { share: number }) {
  return (
    <p className="muted playing">
      Playing requests to see what they wait for… <progress max={1} value={share} aria-label="Requests played" />
    </p>
  );
}

function Response({ endpoint, tail, mean }: { endpoint: string; tail: Attribution; mean: Attribution }) {
  const { view } = useView();
  const labelOf = (id: string): string => view.outcome?.stations.find((it) => it.id === id)?.label ?? id;
  const parts = partsOf(tail, labelOf);
  return (
    <>
      <div>
        {endpoint} <span className="muted">· slowest 1%: {millisText(tail.responseMs)}</span> <span className="muted">· mean {millisText(mean.responseMs)}</span>
      </div>
      <span className="stretches" aria-hidden="true">
        {parts.map((it, index) => (
          <span key={it.words} className={`stretch stretch-${index}${it.isWait ? ' waiting' : ''}`} style={{ width: `${(it.ms / tail.responseMs) * 100}%` }} />
        ))}
      </span>
      <ul className="stretch-words">
        {parts.map((it, index) => (
          <li key={it.words}>
            <span className={`stretch-key stretch stretch-${index}${it.isWait ? ' waiting' : ''}`} aria-hidden="true" />
            {used(it.ms / tail.responseMs)} {it.words} <span className="muted">{millisText(it.ms)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The largest parts, and the rest as one. */
export function partsOf(it: Attribution, labelOf: (station: string) => string): Part[] {
  const all: Part[] = [
    ...it.stations.flatMap(({ id, waitMs, serviceMs }) => [
      { words: `waiting for ${labelOf(id)}`, ms: waitMs, isWait: true },
      { words: `served by ${labelOf(id)}`, ms: serviceMs, isWait: false },
    ]),
    { words: 'under way: network, timers, outside services', ms: it.delayMs, isWait: false },
    { words: 'lost in attempts that came to nothing', ms: it.lostMs, isWait: true },
  ].sort((a, b) => b.ms - a.ms);
  const large = all.filter((part, index) => index < MOST_PARTS && part.ms >= LEAST_SHARE * it.responseMs);
  const rest = it.responseMs - large.reduce((sum, part) => sum + part.ms, 0);
  return rest > 0.005 * it.responseMs ? [...large, { words: 'everything else', ms: rest, isWait: false }] : large;
}

function basisText(played: Played | null): string {
  if (!played) return '';
  const many = `${exact(played.requests)} requests`;
  const seconds = `${exact(Math.round(played.seconds))} s`;
  return played.isSteady
    ? `Played request by request: ${many} in ${seconds}, answered ones counted.`
    : `Queues grow without end here. These are the first ${seconds} of it, from an empty system: ${many}, answered ones counted.`;
}
