import { inUnit, rate, flow, percent, span, used } from '../src/model/amounts.ts';
import { isAssumed } from '../src/model/breaking-words.ts';
import { Gains } from './gains.tsx';
import { Measured } from './measured.tsx';
import { Outage } from './outage.tsx';
import { useView } from './panel-context.ts';
import { PlaceLink } from './place-link.tsx';
import { SpikeResult } from './spike-result.tsx';
import { Waits } from './waits.tsx';
import { BASIS_TEXT, CRITERION_TEXT, millisText, objectiveText, rangeText } from './words.ts';

/** What gives way first, second, third; what decides; how a spike went. */
export function Limits() {
  const { view, dispatch, ask } = useView();
  const { outcome } = view;
  if (!outcome) return <p>The simulator gives no answer here.</p>;
  if (outcome.silentBecause) return <p>No verdict: {outcome.silentBecause}</p>;
  const assumed = isAssumed(outcome);
  const tips = outcome.breakEven.filter((it) => it.value !== null);
  const widest = Math.max(outcome.targetPerSecond, ...outcome.ladder.map((it) => it.breaksAtPerSecond ?? 0));
  const errors = Object.entries(outcome.errorsByCause).filter(([, perSecond]) => perSecond > 0);
  return (
    <>
      {view.isDraft && <p className="muted">Ranges and the ladder follow when the load rests.</p>}
      <dl className="facts">
        <dt>Breaks at</dt>
        <dd>
          {rangeText(outcome.breaksAtPerSecond, assumed)}
          {outcome.criterion && <span className="muted"> · {CRITERION_TEXT[outcome.criterion]}</span>}
        </dd>
        <dt>Saturates at</dt>
        <dd>{rangeText(outcome.saturatesAtPerSecond, assumed)}</dd>
        <dt>p95 at {flow(outcome.targetPerSecond)}</dt>
        <dd>
          {outcome.latencyMs
            ? `${outcome.validity.kind === 'throughputOnly' ? '≈ ' : ''}${millisText(outcome.latencyMs.p95)}`
            : outcome.growing
              ? `grows; ${millisText(outcome.growing.p95After60sMs)} after 60 s`
              : 'not known'}
        </dd>
        <dt>Objective</dt>
        <dd>{objectiveText(outcome)}</dd>
        <dt>Answered</dt>
        <dd>
          {flow(outcome.goodputPerSecond)}, errors {percent(outcome.errorShare)}
        </dd>
        {outcome.validity.kind !== 'exact' && (
          <>
            <dt>Accuracy</dt>
            <dd>{outcome.validity.kind === 'approximate' ? `approximate, about ±${used(outcome.validity.errorShare)}` : `throughput only: ${outcome.validity.why}`}</dd>
          </>
        )}
      </dl>
      {outcome.ladder.length > 0 && (
        <>
          <h2>What gives way, in order</h2>
          <ol className="ladder">
            {outcome.ladder.map((rung) => (
              <li key={rung.station}>
                <button type="button" className="link" onClick={() => dispatch({ kind: 'select', id: rung.component })}>
                  {rung.label}
                </button>
                <span className="ladder-rate">{rung.breaksAtPerSecond === null ? 'no limit found' : `${rate(rung.breaksAtPerSecond, assumed)} req/s`}</span>
                <span className="ladder-track" aria-hidden="true">
                  <span className="ladder-bar" style={{ width: `${((rung.breaksAtPerSecond ?? widest) / widest) * 100}%` }} />
                  <span className="ladder-target" style={{ left: `${(outcome.targetPerSecond / widest) * 100}%` }} />
                </span>
                <span className="muted">{CRITERION_TEXT[rung.criterion]}</span>
              </li>
            ))}
          </ol>
          <p className="muted">Each step supposes that the ones above were fixed. The upright line is the target.</p>
        </>
      )}
      {!view.isDraft && <Gains />}
      {!view.isDraft && <Waits />}
      {outcome.breakEven.length > 0 && (
        <>
          <h2>Where it tips</h2>
          <ul className="list">
            {tips.length === 0 && <li>No single assumed value makes it hold.</li>}
            {tips.map((it) => (
              <li key={it.input}>
                Holds if {it.label} {it.direction === 'atMost' ? '≤' : '≥'} <strong>{inUnit(it.value ?? 0, it.unit)}</strong>
                <span className="muted">
                  {' '}
                  · {BASIS_TEXT[it.basis]}, typically {span(it.typical[0], it.typical[1], it.unit)}
                </span>{' '}
                <PlaceLink place={it.places[0]} />
              </li>
            ))}
          </ul>
        </>
      )}
      {outcome.decidedBy.length > 0 && (
        <>
          <h2>Measure these first</h2>
          <ul className="list">
            {outcome.decidedBy.map((it) => (
              <li key={it.input}>
                {it.label}
                <span className="muted">
                  {' '}
                  · {BASIS_TEXT[it.basis]}, {span(it.low, it.high, it.unit)}
                </span>{' '}
                <PlaceLink place={it.places[0]} />{' '}
                <button
                  type="button"
                  className="link"
                  onClick={() => ask({ kind: 'measure', input: it.input }, 'Copy the recipe')}
                  aria-label={`Measure this: copy how to measure ${it.label}`}
                >
                  Measure this
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <Measured />
      <Outage />
      {outcome.spike && <SpikeResult spike={outcome.spike} />}
      {errors.length > 0 && (
        <table className="figures">
          <caption>Errors by cause</caption>
          <tbody>
            {errors.map(([cause, perSecond]) => (
              <tr key={cause}>
                <th scope="row">{cause}</th>
                <td>{flow(perSecond)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {outcome.assumptions.length > 0 && (
        <details>
          <summary>{outcome.assumptions.length === 1 ? '1 assumption' : `${outcome.assumptions.length} assumptions`}</summary>
          <ul>
            {outcome.assumptions.map((it) => (
              <li key={it}>{it}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
