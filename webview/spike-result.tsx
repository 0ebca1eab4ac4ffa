import { duration, figure, flow, percent } from '../src/model/amounts.ts';
import type { SeriesPoint, SpikeOutcome } from '../src/model/outcome.ts';
import { useView } from './panel-context.ts';
import { millisText } from './words.ts';

/** The spec's bar for a spike: this share must be accepted. */
const ACCEPTED_AT_LEAST = 0.99;

/** How the spike went, second by second: pass or fail with the reasons, and three lines over time. */
export function SpikeResult({ spike }: { spike: SpikeOutcome }) {
  const { view } = useView();
  const causes = Object.entries(spike.errorsByCause).filter(([, count]) => count > 0);
  const queued = spike.series.map((it) => it.queues.reduce((sum, length) => sum + length, 0));
  const longest = spike.stations.map((id, index) => ({ id, most: Math.max(0, ...spike.series.map((it) => it.queues[index] ?? 0)) })).sort((a, b) => b.most - a.most)[0];
  const label = view.outcome?.stations.find((it) => it.id === longest?.id)?.label ?? longest?.id;
  return (
    <section className="spike" aria-label="Spike">
      <h2>
        Spike: <span className={`verdict ${spike.passes ? 'holds' : 'fails'}`}>{spike.passes ? 'passes' : 'fails'}</span>
      </h2>
      <dl className="facts">
        <dt>Accepted</dt>
        <dd>
          {percent(spike.acceptedShare)}
          {spike.acceptedShare < ACCEPTED_AT_LEAST && <span className="muted"> · at least 99% wanted</span>}
        </dd>
        <dt>Answered in time</dt>
        <dd>{percent(spike.goodputShare)} of what was offered</dd>
        <dt>Backlog gone after</dt>
        <dd>{spike.drainSeconds === null ? `not within ${duration(spike.runSeconds * 1000)}` : duration(spike.drainSeconds * 1000)}</dd>
        <dt>p95</dt>
        <dd>{millisText(spike.p95Ms)}</dd>
        {longest && longest.most > 0 && (
          <>
            <dt>Longest queue</dt>
            <dd>
              {figure(longest.most)} at {label}
            </dd>
          </>
        )}
      </dl>
      <Chart
        title="Offered and answered, req/s"
        series={spike.series}
        lines={[
          ['offered', (it) => it.offeredPerSecond],
          ['answered', (it) => it.goodputPerSecond],
          ['errors', (it) => it.errorsPerSecond],
        ]}
      />
      <Chart title="Waiting" series={spike.series} lines={[['waiting', (_it, index) => queued[index] ?? 0]]} />
      <Chart title="p95, ms" series={spike.series} lines={[['p95', (it) => it.p95Ms]]} />
      {causes.length > 0 && (
        <table className="figures">
          <caption>Errors in the spike</caption>
          <tbody>
            {causes.map(([cause, count]) => (
              <tr key={cause}>
                <th scope="row">{cause}</th>
                <td>{count <= 1 ? percent(count) : figure(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

const WIDTH = 280;
const HEIGHT = 76;

type Line = readonly [name: string, of: (it: SeriesPoint, index: number) => number | null];

function Chart({ title, series, lines }: { title: string; series: readonly SeriesPoint[]; lines: readonly Line[] }) {
  const last = series.at(-1)?.atMs ?? 0;
  const values = lines.map(([, of]) => series.map(of));
  const most = Math.max(1, ...values.flat().map((it) => it ?? 0));
  if (series.length < 2) return null;
  const x = (ms: number): number => (ms / last) * WIDTH;
  const y = (value: number): number => HEIGHT - (value / most) * (HEIGHT - 4) - 2;
  return (
    <figure className="chart">
      <figcaption>
        <span>{title}</span>
        {lines.length > 1 &&
          lines.map(([name], index) => (
            <span className="legend" key={name}>
              <svg viewBox="0 0 18 6" aria-hidden="true">
                <path className={`series series-${index}`} d="M0 3h18" />
              </svg>
              {name}
            </span>
          ))}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${title}: at most ${figure(most)}`} preserveAspectRatio="none">
        <path className="axis" d={`M0 ${HEIGHT - 1}h${WIDTH}`} />
        {lines.map(([name], index) => (
          <path key={name} className={`series series-${index}`} d={pathThrough(series, values[index]!, x, y)} />
        ))}
      </svg>
      <div className="chart-scale">
        <span>0 s</span>
        <span>most {lines.length > 1 ? flow(most) : figure(most)}</span>
        <span>{figure(last / 1000)} s</span>
      </div>
    </figure>
  );
}

/** A gap where there is no value: a line over it would invent one. */
function pathThrough(series: readonly SeriesPoint[], values: readonly (number | null)[], x: (ms: number) => number, y: (value: number) => number): string {
  let path = '';
  let isDown = false;
  series.forEach((point, index) => {
    const value = values[index];
    if (value === null || value === undefined || !Number.isFinite(value)) {
      isDown = false;
      return;
    }
    path += `${isDown ? 'L' : 'M'}${x(point.atMs).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = true;
  });
  return path;
}
