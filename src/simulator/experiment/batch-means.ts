import { normalQuantile } from '../arithmetic.ts';

/** A mean (or share) with how sure it is. `spread`: half the width of the 95% interval. */
export interface Estimate {
  value: number;
  spread: number;
  /** Degrees of freedom behind the spread. */
  freedom: number;
}

/** Batches are merged in pairs down to at least this many; an interval from so many is hardly wider than from infinitely many. */
const LEAST_BATCHES = 16;
/** Neighbours that go together more than this stand for too short a run: the interval would pretend. */
const HOPELESS = 0.5;
/** Merged batches whose neighbours still go together more than this are merged once more. */
const CORRELATED = 0.2;

/** What a standard normal and a Student's t with `freedom` degrees of freedom stay below with probability 97.5%. */
export function studentT(freedom: number): number {
  const known = SMALL[freedom];
  if (known !== undefined) return known;
  if (!(freedom >= 1)) return Number.POSITIVE_INFINITY;
  const z = normalQuantile(0.975);
  const n = freedom;
  // Fisher's expansion (Abramowitz and Stegun 26.7.5); from 5 degrees on right to 3e-4.
  const z2 = z * z;
  return (
    z *
    (1 +
      (z2 + 1) / (4 * n) +
      ((5 * z2 + 16) * z2 + 3) / (96 * n * n) +
      (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * n * n * n) +
      ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * n * n * n * n))
  );
}
const SMALL: readonly (number | undefined)[] = [undefined, 12.706204736, 4.30265273, 3.182446305, 2.776445105];

/**
 * The ratio of two sums over consecutive batches of one run, with its 95% interval; null where there is too little to say, or where the run is too short for its own memory.
 * Batches of a run go together, so they are merged in pairs until their residuals no longer do, and what remains of it widens the interval
 * (batch means with the correction of a first-order autoregression; Steiger and Wilson 2002, Law 2015 §9.5.3).
 * `over` and `under` have one value per batch; all batches cover the same time.
 */
export function ratioOfBatches(over: ArrayLike<number>, under: ArrayLike<number>): Estimate | null {
  let count = over.length;
  if (count < LEAST_BATCHES) return null;
  let total = 0;
  let weight = 0;
  for (let batch = 0; batch < count; batch++) {
    total += over[batch] as number;
    weight += under[batch] as number;
  }
  if (!(weight > 0)) return null;
  const value = total / weight;
  const residuals = new Float64Array(count);
  for (let batch = 0; batch < count; batch++) residuals[batch] = (over[batch] as number) - value * (under[batch] as number);
  let together = correlationOfNeighbours(residuals, count);
  while (count >= 4 * LEAST_BATCHES || (count >= 2 * LEAST_BATCHES && together > CORRELATED)) {
    count = mergePairs(residuals, count);
    together = correlationOfNeighbours(residuals, count);
  }
  if (together > HOPELESS) return null;
  let squares = 0;
  for (let batch = 0; batch < count; batch++) squares += (residuals[batch] as number) * (residuals[batch] as number);
  const inflation = together > 0 ? (1 + together) / (1 - together) : 1;
  const error = Math.sqrt((squares * count * inflation) / (count - 1)) / weight;
  return { value, spread: studentT(count - 1) * error, freedom: count - 1 };
}

/** The mean of independent values with its 95% interval; null below two values. */
export function meanOfIndependent(values: readonly number[]): Estimate | null {
  const count = values.length;
  if (count < 2) return null;
  const value = values.reduce((sum, it) => sum + it, 0) / count;
  let squares = 0;
  for (const it of values) squares += (it - value) * (it - value);
  return { value, spread: studentT(count - 1) * Math.sqrt(squares / (count - 1) / count), freedom: count - 1 };
}

/** Merges neighbours in place; an odd last one joins the pair before it. Returns how many are left. */
function mergePairs(values: Float64Array, count: number): number {
  const half = count >> 1;
  for (let pair = 0; pair < half; pair++) values[pair] = (values[2 * pair] as number) + (values[2 * pair + 1] as number);
  if (count & 1) values[half - 1] = (values[half - 1] as number) + (values[count - 1] as number);
  return half;
}

function correlationOfNeighbours(values: Float64Array, count: number): number {
  let product = 0;
  let squares = 0;
  for (let at = 0; at < count; at++) {
    squares += (values[at] as number) * (values[at] as number);
    if (at > 0) product += (values[at] as number) * (values[at - 1] as number);
  }
  return squares > 0 ? product / squares : 0;
}
