/**
 * Counts of positive numbers in buckets that are 1/256 of an octave wide: quantiles within 0.4%, whatever the scale, and exact where all numbers of a bucket are equal.
 * The bucket is read from the number's own top bits, so recording costs one store and one increment.
 */
export interface Histogram {
  /** Per bucket: how many, below 0 where they differ. Four bytes each, for what a run counts in has to stay near the processor. Empty until something is recorded. */
  counts: Int32Array;
  /** Per bucket: the number that all of them are, where they don't differ. */
  only: Float64Array;
  zeros: number;
  total: number;
  sum: number;
  sumOfSquares: number;
  /** Infinity and 0 where nothing but zeros was recorded. */
  min: number;
  max: number;
}

const OCTAVES = 64;
const PER_OCTAVE = 256;
/** Smallest octave: 2^-24; what is smaller counts as 0. */
const FIRST = (1023 - 24) << 8;
const BUCKETS = OCTAVES * PER_OCTAVE;
const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

const NO_COUNTS = new Int32Array(0);
const NOTHING = new Float64Array(0);

/** An empty histogram; its buckets are made when something is recorded, for most are never used. */
export const histogram = (): Histogram => ({ counts: NO_COUNTS, only: NOTHING, zeros: 0, total: 0, sum: 0, sumOfSquares: 0, min: Number.POSITIVE_INFINITY, max: 0 });

export function record(into: Histogram, value: number): void {
  // Small enough to be inlined: a fraction that is handed to a function is an object otherwise.
  word[0] = value;
  recordWord(into);
}

function recordWord(into: Histogram): void {
  const value = word[0] as number;
  into.total++;
  // Most waits are none.
  if (value === 0) {
    into.zeros++;
    return;
  }
  if (into.counts.length === 0) makeBuckets(into);
  into.sum += value;
  into.sumOfSquares += value * value;
  if (value > into.max) into.max = value;
  if (value < into.min) into.min = value;
  const bucket = ((halves[1] as number) >>> 12) - FIRST;
  if (bucket < 0) {
    into.zeros++;
    return;
  }
  const place = bucket < BUCKETS ? bucket : BUCKETS - 1;
  const before = into.counts[place] as number;
  if (before < 0) into.counts[place] = before - 1;
  else countEqual(into, place, value);
}

/** Counts a number in a bucket in which all are equal so far. */
function countEqual(into: Histogram, place: number, value: number): void {
  const before = into.counts[place] as number;
  if (before === 0) into.only[place] = value;
  into.counts[place] = into.only[place] === value ? before + 1 : -before - 1;
}

/** Records each of `many` values from a place on, in their order. */
export function recordAll(into: Histogram, values: Float64Array, from: number, many: number): void {
  let { zeros, sum, sumOfSquares, min, max, counts } = into;
  for (let at = from; at < from + many; at++) {
    const value = values[at] as number;
    if (value === 0) {
      zeros++;
      continue;
    }
    if (counts.length === 0) counts = makeBuckets(into);
    sum += value;
    sumOfSquares += value * value;
    if (value > max) max = value;
    if (value < min) min = value;
    word[0] = value;
    const bucket = ((halves[1] as number) >>> 12) - FIRST;
    if (bucket < 0) {
      zeros++;
      continue;
    }
    const place = bucket < BUCKETS ? bucket : BUCKETS - 1;
    const before = counts[place] as number;
    if (before < 0) counts[place] = before - 1;
    else countEqual(into, place, value);
  }
  into.total += many;
  into.zeros = zeros;
  into.sum = sum;
  into.sumOfSquares = sumOfSquares;
  into.min = min;
  into.max = max;
}

/** Records 0, so many times. */
export function recordZeros(into: Histogram, times: number): void {
  into.total += times;
  into.zeros += times;
}

function makeBuckets(it: Histogram): Int32Array {
  it.only = new Float64Array(BUCKETS);
  it.counts = new Int32Array(BUCKETS);
  return it.counts;
}

export function reset(it: Histogram): void {
  if (it.total === 0) return;
  it.counts.fill(0);
  it.zeros = it.total = it.sum = it.sumOfSquares = it.max = 0;
  it.min = Number.POSITIVE_INFINITY;
}

export function merge(into: Histogram, other: Histogram): void {
  if (into.counts.length === 0) makeBuckets(into);
  for (let place = 0; place < other.counts.length; place++) {
    const more = other.counts[place] as number;
    if (more === 0) continue;
    const before = into.counts[place] as number;
    if (before === 0) into.only[place] = other.only[place] as number;
    const isEqual = before >= 0 && more > 0 && into.only[place] === other.only[place];
    into.counts[place] = isEqual ? before + more : -Math.abs(before) - Math.abs(more);
  }
  into.zeros += other.zeros;
  into.total += other.total;
  into.sum += other.sum;
  into.sumOfSquares += other.sumOfSquares;
  into.min = Math.min(into.min, other.min);
  into.max = Math.max(into.max, other.max);
}

/** The value that a share `p` of the recorded ones do not exceed (nearest rank, placed within its bucket by interpolation); NaN when nothing was recorded. */
export function quantileOf(it: Histogram, p: number): number {
  if (it.total === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(p * it.total));
  let seen = it.zeros;
  if (rank <= seen) return 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = it.counts[bucket] as number;
    const here = Math.abs(count);
    if (seen + here >= rank) {
      if (count > 0) return it.only[bucket] as number;
      const low = edge(bucket);
      return Math.min(it.max, low + ((edge(bucket + 1) - low) * (rank - seen)) / here);
    }
    seen += here;
  }
  return it.max;
}

/** Share of the recorded values up to `value`, by interpolation within its bucket; 0 when nothing was recorded. */
export function shareWithin(it: Histogram, value: number): number {
  if (it.total === 0) return 0;
  if (value >= it.max) return 1;
  let seen = value < 0 ? 0 : it.zeros;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const low = edge(bucket);
    if (low >= value) break;
    const count = it.counts[bucket] ?? 0;
    if (count === 0) continue;
    seen += count < 0 ? -count * Math.min(1, (value - low) / (edge(bucket + 1) - low)) : (it.only[bucket] as number) <= value ? count : 0;
  }
  return seen / it.total;
}

export const meanOf = (it: Histogram): number => (it.total === 0 ? Number.NaN : it.sum / it.total);

/** The bucket that a number is counted in. */
export function bucketOf(value: number): number {
  word[0] = value;
  return Math.min(BUCKETS - 1, Math.max(0, ((halves[1] as number) >>> 12) - FIRST));
}

function edge(bucket: number): number {
  halves[0] = 0;
  halves[1] = (bucket + FIRST) << 12;
  return word[0] as number;
}
