import { rate, flow, used } from '../src/model/amounts.ts';
import type { Outcome } from '../src/model/outcome.ts';
import type { Marginal } from '../src/model/replies.ts';
import { useView } from './panel-context.ts';
import { millisText } from './words.ts';

/** One more of what, and where. */
const ADDS: Record<Marginal['adds'], string> = { connection: 'connection in', worker: 'worker at', replica: 'process of', core: 'core of', thread: 'thread in' };
/** Less than this is the search's own precision. */
const NO_GAIN = 0.005;
const MOST = 5;

/** What one more connection, worker, process or core changes: of one part or arrow, or those that help most of all. */
export function Gains({ of }: { of?: (it: Marginal) => boolean }) {
  const { view, studies, dispatch } = useView();
  const { outcome } = view;
  const whereOf = (it: Marginal): string => (it.adds === 'replica' || it.adds === 'core' ? view.nameOf(it.component) : it.label);
  if (!outcome || studies.gains === null) return null;
  const gains = of ? studies.gains.filter(of) : studies.gains.filter(matters).slice(0, MOST);
  if (of && gains.length === 0) return null;
  if (gains.length === 0)
    return <p className="muted">One more connection, worker, process or core at any single place changes next to nothing: several would have to change together.</p>;
  return (
    <>
      <table className="figures gains">
        <caption>{of ? 'What one more brings' : 'Where one more helps most'}</caption>
        <thead>
          <tr>
            <th scope="col">One more</th>
            <th scope="col">Breaks at</th>
            <th scope="col">p95 at {flow(outcome.targetPerSecond)}</th>
          </tr>
        </thead>
        <tbody>
          {gains.map((it) => (
            <tr key={it.station}>
              <th scope="row">
                {ADDS[it.adds]}{' '}
                {of ? (
                  whereOf(it)
                ) : (
                  <button type="button" className="link" onClick={() => dispatch({ kind: 'select', id: it.component })}>
                    {whereOf(it)}
                  </button>
                )}
              </th>
              <td>{breaksText(it)}</td>
              <td>{slowText(it)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted basis">{basisText(outcome)}</p>
    </>
  );
}

const matters = (it: Marginal): boolean => gainOf(it) >= NO_GAIN || (it.p95BeforeMs ?? 0) > (it.p95AfterMs ?? 0) * (1 + NO_GAIN);
const gainOf = ({ breaksAtBefore, breaksAtAfter }: Marginal): number =>
  breaksAtBefore === null ? 0 : breaksAtAfter === null ? Number.POSITIVE_INFINITY : breaksAtBefore > 0 ? breaksAtAfter / breaksAtBefore - 1 : breaksAtAfter > 0 ? 1 : 0;

function breaksText(it: Marginal): string {
  if (Math.abs(gainOf(it)) < NO_GAIN) return 'the same';
  const end = (value: number | null): string => (value === null ? 'no limit' : rate(value, false));
  return `${end(it.breaksAtBefore)} → ${end(it.breaksAtAfter)} req/s`;
}

function slowText({ p95BeforeMs, p95AfterMs }: Marginal): string {
  if (p95BeforeMs === null && p95AfterMs === null) return 'still grows';
  if (p95BeforeMs === null) return `grows → ${millisText(p95AfterMs)}`;
  if (p95AfterMs === null) return `${millisText(p95BeforeMs)} → grows`;
  return Math.abs(p95AfterMs / p95BeforeMs - 1) < NO_GAIN ? 'the same' : `${millisText(p95BeforeMs)} → ${millisText(p95AfterMs)}`;
}

/** What the figures rest on. */
function basisText({ validity, decidedBy }: Outcome): string {
  const accuracy =
    validity.kind === 'exact' ? 'exact' : validity.kind === 'approximate' ? `waits within about ±${used(validity.errorShare)}` : 'only the rates are known near saturation';
  return `By queueing theory, ${accuracy}${decidedBy.length > 0 ? '; assumed values at their typical point' : ''}. A pool, consumer or thread pool grows in every process.`;
}
