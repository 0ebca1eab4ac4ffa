import { duration, flow, percent } from '../src/model/amounts.ts';
import { errorText, spanMs, suspectText } from '../src/model/held-words.ts';
import { type Input, inputsOf } from '../src/model/inputs.ts';
import { measuredFarBelow } from '../src/model/measuring-load.ts';
import type { HeldAgainst, RouteHeld, Standing } from '../src/model/load-test.ts';
import { useView } from './panel-context.ts';
import { PlaceLink } from './place-link.tsx';
import { millisText, valueText } from './words.ts';

/** Load tests beside the prediction for exactly their loads, and measured values that the code or the load has left behind. Nothing where nothing was measured. */
export function Measured() {
  const { view, ask } = useView();
  const held = view.report.measured ?? [];
  const { topology, outcome } = view.report;
  const stale = inputsOf(topology).filter((it) => it.value.state === 'known' && it.value.isStale);
  const farBelow = measuredFarBelow(topology, outcome).filter(({ input }) => stale.every((it) => it.id !== input.id));
  const again: { input: Input; why: string }[] = [
    ...stale.map((input) => ({ input, why: 'before the code was changed' })),
    ...farBelow.map(({ input, perSecond, decidesAtPerSecond }) => ({ input, why: `at ${flow(perSecond)}, and it decides at ${flow(decidesAtPerSecond)}` })),
  ];
  return (
    <>
      {held.map((it, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tests have no name, and their order is that of the file.
        <Test key={at} test={it} />
      ))}
      {again.length > 0 && (
        <>
          <h2>Measure these again</h2>
          <ul className="list">
            {again.map(({ input: it, why }) => (
              <li key={it.id}>
                {it.label}
                <span className="muted">
                  {' '}
                  · {valueText(it.value, it.unit)}
                  {it.value.state === 'known' && it.value.at && ` on ${dayText(it.value.at)}`}, {why}
                </span>{' '}
                <PlaceLink place={it.places[0]} />{' '}
                <button
                  type="button"
                  className="link"
                  onClick={() => ask({ kind: 'measure', input: it.id }, 'Copy the recipe')}
                  aria-label={`Measure this: copy how to measure ${it.label}`}
                >
                  Measure this
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Test({ test }: { test: HeldAgainst }) {
  const { ask } = useView();
  const { suspect, routes } = test;
  const agrees = routes.every((it) => it.standing === 'agrees');
  return (
    <>
      <table className="figures">
        <caption>
          Measured beside predicted{' '}
          <span className="muted">
            · {test.source}
            {test.at && `, ${dayText(test.at)}`}
          </span>
        </caption>
        <thead>
          <tr>
            <th scope="col">Measured p95</th>
            <th scope="col">Predicted</th>
            <th scope="col">Error</th>
          </tr>
        </thead>
        {routes.map((it) => (
          <Rows key={it.endpoint} route={it} />
        ))}
      </table>
      {test.isStale && <p className="stale">Stale: the code that was loaded has changed since.</p>}
      {!agrees && (
        <p>
          {suspect ? `${suspectText(suspect)}. ` : 'Nothing that is assumed explains it: a measured value, the model or the test is off.'}
          {suspect && (
            <>
              <PlaceLink place={suspect.places[0]} />{' '}
              <button
                type="button"
                className="link"
                onClick={() => ask({ kind: 'measure', input: suspect.input }, 'Copy the recipe')}
                aria-label={`Measure this: copy how to measure ${suspect.label}`}
              >
                Measure this
              </button>
            </>
          )}
        </p>
      )}
    </>
  );
}

/** The hour is of no account, and too long for a narrow column. */
const dayText = (at: string): string => at.slice(0, 10);

const STANDING: Record<Standing, string> = { agrees: 'within both errors', withinAssumed: 'within what is assumed', disagrees: 'disagrees' };

/** The route has a row of its own: beside its figures there is no room for it. */
function Rows({ route: it }: { route: RouteHeld }) {
  const [low, high] = it.predictedRangeMs;
  const isRange = high === null || high > low * 1.05;
  const failed = it.measuredErrorShare !== null && (it.measuredErrorShare >= 0.001 || it.predictedErrorShare >= 0.001);
  return (
    <tbody>
      <tr>
        <th className="route-name" scope="rowgroup" colSpan={3}>
          {it.endpoint} <span className="muted">at {flow(it.perSecond)}</span>
        </th>
      </tr>
      <tr>
        <td>
          {duration(it.measuredP95Ms, 3)}
          {failed && <div className="muted">{percent(it.measuredErrorShare ?? 0)} failed</div>}
        </td>
        <td>
          {it.predictedP95Ms === null ? 'grows' : millisText(it.predictedP95Ms)}
          {isRange && <div className="muted">{spanMs(low, high)}</div>}
          {failed && <div className="muted">{percent(it.predictedErrorShare)} failed</div>}
        </td>
        <td>
          {it.error === null ? '' : errorText(it.error)}
          <div className="muted">{STANDING[it.standing]}</div>
        </td>
      </tr>
    </tbody>
  );
}
