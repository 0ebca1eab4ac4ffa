import { type Input, type InputId, inputId, inputsOf, mapInputs, withInputs, withValue } from '../../model/inputs.ts';
import type { KnownValue } from '../../model/known.ts';
import type { Topology } from '../../model/topology.ts';
import { exp, log, normalQuantile } from '../arithmetic.ts';
import { drawsOf } from '../draw.ts';
import { drawNames } from './draw-names.ts';
import { type Kind, kindsOf } from './kinds.ts';

/** An input that somebody assumed, with the range that 90% of its values lie in. */
export type Assumed = Input & { value: KnownValue & { range: readonly [number, number] } };

export const DRAWS = 64;
/** Standard normal quantile of 95%: the stated range leaves 5% on each side. */
const Z95 = 1.6448536269514722;
/**
 * The part of a guess (of the variance of its logarithm) that it has in common with the others of its kind; the rest is its own. With 0, the sum of a hundred guesses of 1 to 30 ms would be known to a
 * quarter, which nobody knows of a database that he has not seen; with 1, who measures one query would know all others. Neither part is known to be the larger one: with a half each, the sum is known to a
 * factor of 3.3, up or down, where each of them is known to a factor of 5.5.
 */
const COMMON = 0.5;

/** The assumed inputs with a range, in the order of the topology. Only meaningful for a topology that went through `compile`. */
export const assumedInputs = (topology: Topology): Assumed[] =>
  inputsOf(topology).filter(
    (it): it is Assumed => it.value.state === 'known' && it.value.basis === 'assumed' && it.value.range !== undefined && it.value.range[1] > it.value.range[0],
  );

/** An assumed input with its drawn values. */
export interface Column {
  input: Assumed;
  values: readonly number[];
  /** The same in standard deviations from the middle. */
  deviations: readonly number[];
  /** What of them is the input's own, where it has something in common with others. */
  own: readonly number[];
  common?: Common;
}

/** What the inputs of a kind have in common, draw by draw, in standard deviations of what is not known of it. */
export interface Common {
  kind: Kind;
  deviations: readonly number[];
  told: Told;
}

/** What is known of a number that nothing measured would make a standard normal one. */
export interface Told {
  mean: number;
  deviation: number;
}
const NOTHING_TOLD: Told = { mean: 0, deviation: 1 };

/**
 * `DRAWS` values of each assumed input by Latin hypercube; of large systems every second or every eighth.
 * Strata are shuffled per input and per kind, so that a topology before and after a change is drawn alike. Inputs of a kind go together (a Gaussian copula of one factor a kind): each by itself is drawn as its range says,
 * and where others of its kind are measured, as their measurements leave of that.
 */
export function drawColumns(topology: Topology, seed: number, every = 1): Column[] {
  const named = drawNames(topology);
  const kinds = kindsOf(topology);
  const told = toldByMeasured(topology, kinds);
  const drawn = new Map<string, readonly number[]>();
  const kept = new Map<string, Common>();
  const thinned = (values: readonly number[]): readonly number[] => (every === 1 ? values : values.filter((_, index) => index % every === 0));
  return assumedInputs(topology).map((input) => {
    const own = deviationsOf(named(input.id), seed);
    const kind = kinds.get(input.id);
    const valueAt = valuesOf(input);
    if (!kind) return { input, values: thinned(own.map(valueAt)), deviations: thinned(own), own: thinned(own) };
    const shared = drawn.get(kind.id) ?? deviationsOf(`kind ${named(kind.id)}`, seed);
    drawn.set(kind.id, shared);
    const common = kept.get(kind.id) ?? { kind, deviations: thinned(shared), told: told.get(kind.id) ?? NOTHING_TOLD };
    kept.set(kind.id, common);
    const whole = together(shared, own, common.told);
    return { input, values: thinned(whole.map(valueAt)), deviations: thinned(whole), own: thinned(own), common };
  });
}

/**
 * What measurements tell of what the inputs of each kind have in common. A measured value stands so many deviations from the middle of the guess that was in its place: that is a sample of what is common,
 * blurred by what is its own (a Gaussian one given Gaussian ones). What lies beyond its range tells no more than the end of it: that a query is slow for a reason of its own is likelier than a tenfold kind.
 */
function toldByMeasured(topology: Topology, kinds: ReadonlyMap<InputId, Kind>): ReadonlyMap<string, Told> {
  const measured = new Map<string, number[]>();
  for (const { id, value } of inputsOf(topology)) {
    const kind = kinds.get(id);
    if (!kind || value.state !== 'known' || value.basis !== 'measured' || !value.guessed || !(value.guessed[1] > value.guessed[0])) continue;
    const [low, high] = value.guessed.map((end) => log(Math.max(1e-9, end))) as [number, number];
    const deviations = (2 * Z95 * (log(Math.max(1e-9, value.value)) - (low + high) / 2)) / (high - low);
    measured.set(kind.id, [...(measured.get(kind.id) ?? []), Math.min(Z95, Math.max(-Z95, deviations))]);
  }
  return new Map(
    [...measured].map(([kind, deviations]): [string, Told] => {
      const certainty = 1 + (deviations.length * COMMON) / (1 - COMMON);
      return [kind, { mean: (sumOf(deviations) * Math.sqrt(COMMON)) / (1 - COMMON) / certainty, deviation: 1 / Math.sqrt(certainty) }];
    }),
  );
}

/** What inputs have in common and what is their own, added up: in the order of the sums, but still one in each stratum. */
function together(shared: readonly number[], own: readonly number[], told: Told): number[] {
  const sums = own.map((it, index) => Math.sqrt(COMMON) * told.deviation * (shared[index] as number) + Math.sqrt(1 - COMMON) * it);
  const middle = Math.sqrt(COMMON) * told.mean;
  const deviation = Math.sqrt(COMMON * told.deviation * told.deviation + 1 - COMMON);
  const strata = [...own].sort((a, b) => a - b).map((it) => middle + deviation * it);
  const whole = new Array<number>(own.length);
  [...sums.keys()]
    .sort((a, b) => (sums[a] as number) - (sums[b] as number) || a - b)
    .forEach((draw, stratum) => {
      whole[draw] = strata[stratum] as number;
    });
  return whole;
}

/** The topology of each draw, by its index. */
export function drawing(topology: Topology, columns: readonly Column[]): (index: number) => Topology {
  const named = new Map(columns.map((it) => [it.input.id, it]));
  // Numbers are always met in the same order: whose they are is looked up once.
  const inOrder: (Column | undefined)[] = [];
  mapInputs(topology, (id, _label, _unit, value) => {
    inOrder.push(named.get(id));
    return value;
  });
  return (index) => {
    let met = 0;
    return mapInputs(topology, (_id, _label, unit, value, place) => {
      const drawn = inOrder[met++]?.values[index];
      return drawn === undefined ? value : withValue(value, drawn, unit, 'assumed', place);
    });
  };
}

/** The topology with some guesses replaced by others. The share of an endpoint is then what it is said to be, and the other endpoints share the rest: drawn together they are weights of one whole. */
export function triedTopology(topology: Topology, values: ReadonlyMap<InputId, number>): Topology {
  const shares = new Set(topology.endpoints.map((it) => inputId.share(it.id)).filter((it) => values.has(it)));
  const part = (ofShares: boolean): ReadonlyMap<InputId, number> => new Map([...values].filter(([id]) => shares.has(id) === ofShares));
  const others = shares.size < values.size ? withInputs(topology, part(false), 'assumed') : topology;
  return shares.size > 0 ? withInputs(others, part(true), 'override') : others;
}

/** How closely draws go with the logarithms of their results: 0 for not at all, 1 for in step. */
export function correlation(xs: readonly number[], results: readonly number[]): number {
  const mx = meanOf(xs);
  const my = meanOf(results);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let index = 0; index < xs.length; index++) {
    const x = (xs[index] as number) - mx;
    const y = (results[index] as number) - my;
    xy += x * y;
    xx += x * x;
    yy += y * y;
  }
  return xx > 0 && yy > 0 ? Math.abs(xy) / Math.sqrt(xx * yy) : 0;
}

/**
 * Share of the variance of the results that draws explain alone: of a parabola fitted through them,
 * less what a parabola explains of mere noise (the adjusted coefficient of determination); 0 to 1.
 */
export function varianceShare(xs: readonly number[], results: readonly number[]): number {
  const n = results.length;
  if (n < 4) return 0;
  const mean = meanOf(xs);
  const first = xs.map((it) => it - mean);
  const squares = first.map((it) => it * it);
  const xx = sumOf(squares);
  if (xx <= 0) return 0;
  // The square, made orthogonal to the straight line and the constant.
  const meanSquare = xx / n;
  const slope = sumOf(squares.map((it, index) => it * (first[index] as number))) / xx;
  const second = squares.map((it, index) => it - meanSquare - slope * (first[index] as number));
  const my = meanOf(results);
  const ys = results.map((it) => it - my);
  const total = sumOf(ys.map((it) => it * it));
  if (total <= 1e-12) return 0;
  const explainedBy = (by: readonly number[]): number => {
    const xy = sumOf(by.map((it, index) => it * (ys[index] as number)));
    const norm = sumOf(by.map((it) => it * it));
    return norm > 1e-12 ? (xy * xy) / norm : 0;
  };
  const explained = (explainedBy(first) + explainedBy(second)) / total;
  return Math.max(0, 1 - ((1 - explained) * (n - 1)) / (n - 3));
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0);
const meanOf = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;

/** `DRAWS` deviations of a standard normal number, one in each stratum. */
function deviationsOf(key: string, seed: number): number[] {
  const strata = Array.from({ length: DRAWS }, (_, index) => index);
  const shuffling = drawsOf(seed, `stratum ${key}`);
  const within = drawsOf(seed, `within ${key}`);
  for (let last = DRAWS - 1; last > 0; last--) {
    const other = Math.floor(shuffling(last) * (last + 1));
    const kept = strata[last] as number;
    strata[last] = strata[other] as number;
    strata[other] = kept;
  }
  return strata.map((stratum, index) => normalQuantile((stratum + within(index)) / DRAWS));
}

/** The inputs of a kind at the low and the high end of what they have in common, as far as that is not known, each at the middle of what is its own. */
export const commonEnds = (inputs: readonly Assumed[], { mean, deviation }: Told): [low: ReadonlyMap<InputId, number>, high: ReadonlyMap<InputId, number>] => {
  const at = (deviations: number) => new Map(inputs.map((it) => [it.id, valueAtDeviation(it, Math.sqrt(COMMON) * (mean + deviations * deviation))]));
  return [at(-Z95), at(Z95)];
};

/** The value so many standard deviations from the middle of an assumed input's range: it is lognormal, a ratio logit-normal. */
export const valueAtDeviation = (input: Assumed, z: number): number => valuesOf(input)(z);

/** The same for many deviations. */
function valuesOf({ unit, value }: Assumed): (z: number) => number {
  const isRatio = unit === 'ratio';
  const [from, to] = value.range.map((end) => (isRatio ? logit(end) : log(Math.max(1e-9, end)))) as [number, number];
  return (z) => {
    const x = exp((from + to) / 2 + (z * (to - from)) / (2 * Z95));
    return isRatio ? x / (1 + x) : x;
  };
}

function logit(ratio: number): number {
  // The ends of the scale lie at infinity.
  const inside = ratio >= 1 ? 0.999 : ratio <= 0 ? 0.001 : ratio;
  return log(inside / (1 - inside));
}
