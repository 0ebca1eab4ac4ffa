/**
 * Counts of positive numbers in buckets that are 1/256 of an octave wide: quantiles within 0.4%, whatever the scale, and exact where all numbers of a bucket are equal.
 * The bucket is read from the number's own top bits, so recording costs one store and one increment.
 */
export interface Histogram {
  /** Two per bucket, side by side: how many, and the number that all of them are (NaN where they differ; nothing for an empty bucket). Empty until something is recorded. */
  cells: Float64Array;
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

const NOTHING = new Float64Array(0);

/** An empty histogram; its buckets are made when something is recorded, for most are never used. */
export const histogram = (): Histogram => ({ cells: NOTHING, zeros: 0, total: 0, sum: 0, sumOfSquares: 0, min: Number.POSITIVE_INFINITY, max: 0 });

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
  if (into.cells.length === 0) makeBuckets(into);
  into.sum += value;
  into.sumOfSquares += value * value;
  if (value > into.max) into.max = value;
  if (value < into.min) into.min = value;
  const bucket = ((halves[1] as number) >>> 12) - FIRST;
  if (bucket < 0) {
    into.zeros++;
    return;
  }
  const place = 2 * (bucket < BUCKETS ? bucket : BUCKETS - 1);
  const { cells } = into;
  const before = cells[place] as number;
  cells[place] = before + 1;
  if (cells[place + 1] !== value) cells[place + 1] = before === 0 ? value : Number.NaN;
}

/** Records each of `many` values from a place on, in their order. */
export function recordAll(into: Histogram, values: Float64Array, from: number, many: number): void {
  let { zeros, sum, sumOfSquares, min, max, cells } = into;
  for (let at = from; at < from + many; at++) {
    const value = values[at] as number;
    if (value === 0) {
      zeros++;
      continue;
    }
    if (cells.length === 0) cells = makeBuckets(into);
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
    const place = 2 * (bucket < BUCKETS ? bucket : BUCKETS - 1);
    const before = cells[place] as number;
    cells[place] = before + 1;
    if (cells[place + 1] !== value) cells[place + 1] = before === 0 ? value : Number.NaN;
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

function makeBuckets(it: Histogram): Float64Array {
  it.cells = new Float64Array(2 * BUCKETS);
  return it.cells;
}

export function reset(it: Histogram): void {
  if (it.total === 0) return;
  it.cells.fill(0);
  it.zeros = it.total = it.sum = it.sumOfSquares = it.max = 0;
  it.min = Number.POSITIVE_INFINITY;
}

export function merge(into: Histogram, other: Histogram): void {
  if (into.cells.length === 0) makeBuckets(into);
  for (let place = 0; place < other.cells.length; place += 2) {
    const before = into.cells[place] as number;
    const more = other.cells[place] as number;
    into.cells[place] = before + more;
    if (more > 0 && into.cells[place + 1] !== other.cells[place + 1]) into.cells[place + 1] = before === 0 ? (other.cells[place + 1] as number) : Number.NaN;
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
    const here = it.cells[2 * bucket] as number;
    if (seen + here >= rank) {
      const only = it.cells[2 * bucket + 1] as number;
      if (!Number.isNaN(only)) return only;
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
    const here = (it.cells[2 * bucket] ?? 0) as number;
    if (here === 0) continue;
    const only = it.cells[2 * bucket + 1] as number;
    seen += Number.isNaN(only) ? here * Math.min(1, (value - low) / (edge(bucket + 1) - low)) : only <= value ? here : 0;
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
