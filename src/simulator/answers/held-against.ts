import { withInputs } from '../../model/inputs.ts';
import type { HeldAgainst, LoadedRoute, ResolvedLoadTest, RouteHeld, Standing, Suspect } from '../../model/load-test.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { EndpointId, Topology } from '../../model/topology.ts';
import { log } from '../arithmetic.ts';
import { entryEndpoints } from '../compile/mix.ts';
import { ask } from '../solve/ask.ts';
import { solveAt } from '../solve/solve-at.ts';
import { endpointsOf } from './at-target.ts';
import { candidatesOf } from './deciders.ts';
import { type Assumed, correlation, DRAWS, drawColumns, drawing, valueAtDeviation } from './ranges.ts';
import { percentile } from './percentiles.ts';

/** How true the model is where every parameter is given (measured on real systems): p95 within 15%, throughput within 5%, both as 95% bounds. */
const P95_ERROR = 0.15;
const RATE_ERROR = 0.05;
const ERROR_SHARE_ERROR = 0.02;
/** Of the p95 of n answers, if their tail is exponential: √(0.05 × 0.95 ÷ n) ÷ density, as a share of the p95 itself. */
const QUANTILE_ERROR = 1.455;
const UNTOLD_COUNT = 1000;
/** Inputs that are tried over their range. */
const MOST_TRIED = 6;
/** Networks with more nodes are drawn less often, and fewer inputs tried: a hundred long programs cost a quarter of a second each time. */
const LARGE = 500;
const HUGE = 1000;
/** Stands for "grows without end": longer than anybody waits. */
const ENDLESS_MS = 60_000;
/** An assumption that takes away less than half of the distance (squared) is not named. */
const WORTH_SAYING = 0.5;
/** Nobody's guess is further off than this. */
const FURTHEST = 3;

type Routes = readonly (readonly [endpoint: EndpointId, route: LoadedRoute])[];

/** Predicts exactly the load of a load test and says how the two stand to each other, and which assumption the difference speaks against most. Null: none of its routes takes load here. */
export function heldAgainst(topology: Topology, scenario: Scenario, test: ResolvedLoadTest): Omit<HeldAgainst, 'isStale'> | null {
  const entries = new Set(entryEndpoints(topology).map((it) => it.id));
  const routes: Routes = Object.entries(test.routes).filter(([id, it]) => entries.has(id) && it.perSecond > 0 && it.p95Ms > 0);
  if (routes.length === 0) return null;
  const loaded: Scenario = {
    ...scenario,
    profile: { kind: 'steady' },
    targetPerSecond: routes.reduce((sum, [, it]) => sum + it.perSecond, 0),
    mix: Object.fromEntries(routes.map(([id, it]) => [id, it.perSecond])),
  };
  const { compiled, question } = ask(topology, loaded);
  const step = question.flat.nodes > HUGE ? 8 : question.flat.nodes > LARGE ? 2 : 1;
  const point = predictionOf(compiled.topology, loaded);
  const columns = drawColumns(compiled.topology, scenario.seed, step);
  const topologyOf = drawing(compiled.topology, columns);
  const drawn = columns.length === 0 ? [] : Array.from({ length: DRAWS / step }, (_, index) => predictionOf(topologyOf(index), loaded));
  // A prediction at the edge of what the system carries hangs on the load itself.
  const [less, more] = [1 - RATE_ERROR, 1 + RATE_ERROR].map((factor) => predictionOf(compiled.topology, loaded, factor)) as [Prediction, Prediction];
  const held = routes.map(([id, route]): RouteHeld => {
    const own = point.get(id) as Predicted;
    const range =
      drawn.length === 0
        ? ([own.p95Ms, own.p95Ms] as const)
        : ([0.1, 0.9].map((p) =>
            percentile(
              drawn.map((it) => it.get(id)?.p95Ms ?? null),
              p,
            ),
          ) as [number | null, number | null]);
    const shown = [Math.min(range[0] ?? ENDLESS_MS, own.p95Ms ?? ENDLESS_MS), range[1]] as const;
    const spread = 2 * samplingError(route);
    const measured = [route.p95Ms * (1 - Math.min(0.9, spread)), route.p95Ms * (1 + spread)] as const;
    const reach = [(less.get(id)?.p95Ms ?? ENDLESS_MS) * (1 - P95_ERROR), more.get(id)?.p95Ms ?? null] as const;
    return {
      endpoint: id,
      perSecond: route.perSecond,
      measuredP95Ms: route.p95Ms,
      measuredRangeMs: measured,
      predictedP95Ms: own.p95Ms,
      predictedRangeMs: [shown[0], shown[1]],
      measuredErrorShare: route.errorShare ?? null,
      predictedErrorShare: own.errorShare,
      error: own.p95Ms === null ? null : own.p95Ms / route.p95Ms - 1,
      standing: standingOf(measured, reach, shown, route.errorShare, own.errorShare),
    };
  });
  const common = { source: test.source ?? 'a load test', at: test.at ?? null, routes: held };
  if (held.every((it) => it.standing === 'agrees')) return { ...common, suspect: null };
  const misfits = drawn.map((it) => routes.reduce((sum, [id]) => sum + log(it.get(id)?.p95Ms ?? ENDLESS_MS), 0));
  const likely = candidatesOf(columns)
    .flatMap(({ inputs: [input], kind, deviations }) => (input && !kind ? [{ input, weight: correlation(deviations, misfits) }] : []))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, Math.max(1, Math.floor(MOST_TRIED / step)));
  return {
    ...common,
    suspect: suspectOf(
      compiled.topology,
      loaded,
      routes,
      likely.filter((it) => it.weight > 0).map((it) => it.input),
    ),
  };
}

interface Predicted {
  /** Null: no steady state. */
  p95Ms: number | null;
  errorShare: number;
}
type Prediction = ReadonlyMap<EndpointId, Predicted>;

function predictionOf(topology: Topology, loaded: Scenario, factor = 1): Prediction {
  const asked = ask(topology, loaded);
  solveAt(asked.question.flat, asked.question.state, loaded.targetPerSecond * factor);
  return new Map(endpointsOf(asked).map((it) => [it.id, { p95Ms: it.latencyMs?.p95 ?? null, errorShare: it.errorShare }]));
}

/** Standard error of a measured p95 as a share of it. */
const samplingError = (route: LoadedRoute): number => QUANTILE_ERROR / Math.sqrt(Math.max(1, route.count ?? UNTOLD_COUNT));

function standingOf(
  measured: readonly [number, number],
  reach: readonly [number, number | null],
  range: readonly [number, number | null],
  measuredErrors: number | undefined,
  predictedErrors: number,
): Standing {
  if (measuredErrors !== undefined && Math.abs(measuredErrors - predictedErrors) > ERROR_SHARE_ERROR) return 'disagrees';
  const meets = (low: number, high: number | null): boolean => measured[1] >= low && (high === null || measured[0] <= high);
  if (meets(reach[0], reach[1] === null ? null : reach[1] * (1 + P95_ERROR))) return 'agrees';
  return meets(range[0] * (1 - P95_ERROR), range[1] === null ? null : range[1] * (1 + P95_ERROR)) ? 'withinAssumed' : 'disagrees';
}

/**
 * The input that explains a difference best: of each, the value that makes its own distance from the middle of its range, squared, and the distances
 * that remain between predictions and measurements, squared, least together (all in standard deviations); of all, the least of these sums.
 */
function suspectOf(topology: Topology, loaded: Scenario, routes: Routes, inputs: readonly Assumed[]): Suspect | null {
  let best: { input: Assumed; deviations: number; sum: number; remains: number } | null = null;
  for (const input of inputs) {
    const remainsAt = (deviations: number): number => {
      const predicted = predictionOf(withInputs(topology, new Map([[input.id, valueAtDeviation(input, deviations)]]), 'assumed'), loaded);
      let worst = 0;
      let sum = 0;
      for (const [id, route] of routes) {
        const sigma = Math.sqrt((P95_ERROR / 2) * (P95_ERROR / 2) + samplingError(route) * samplingError(route));
        const distance = log((predicted.get(id)?.p95Ms ?? ENDLESS_MS) / route.p95Ms) / sigma;
        sum += distance * distance;
        worst = Math.max(worst, Math.abs(distance));
      }
      remains.set(deviations, worst);
      return sum;
    };
    const remains = new Map<number, number>();
    const at = lowest((deviations) => deviations * deviations + remainsAt(deviations));
    // What hardly helps is no explanation.
    if (at.value > WORTH_SAYING * at.atZero) continue;
    if (best === null || at.value < best.sum) best = { input, deviations: at.at, sum: at.value, remains: remains.get(at.at) as number };
  }
  if (best === null) return null;
  const { input, deviations, remains } = best;
  const { id, label, unit, places, value } = input;
  return { input: id, label, unit, value: valueAtDeviation(input, deviations), low: value.range[0], high: value.range[1], deviations, explains: remains <= 2, places };
}

/** The lowest point, and the value at 0, of a function on [−3, 3]: on a grid of a half first, then between the neighbours of its lowest point by golden section. */
function lowest(of: (at: number) => number): { at: number; value: number; atZero: number } {
  const atZero = of(0);
  let best = { at: 0, value: atZero };
  for (let at = -FURTHEST; at <= FURTHEST; at += 0.5) {
    const value = at === 0 ? best.value : of(at);
    if (value < best.value) best = { at, value };
  }
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.max(-FURTHEST, best.at - 0.5), Math.min(FURTHEST, best.at + 0.5)];
  for (let round = 0; round < 8; round++) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    const [atA, atB] = [of(a), of(b)];
    if (atA < best.value) best = { at: a, value: atA };
    if (atB < best.value) best = { at: b, value: atB };
    if (atA < atB) high = b;
    else low = a;
  }
  return { ...best, atZero };
}
