/**
 * Counts of positive numbers in buckets that are 1/256 of an octave wide: quantiles within 0.4%, whatever the scale, and exact where all numbers of a bucket are equal.
 * The bucket is read from the number's own top bits, so recording costs one store and one increment.
 */
export interface Histogram {
  /** Per bucket from `first` on: how many, below 0 where they differ. Four bytes each, for what a run counts in has to stay near the processor. As many as were needed so far: none at first. */
  counts: Int32Array;
  /** The bucket that `counts` begins with. */
  first: number;
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
export const BUCKETS = OCTAVES * PER_OCTAVE;
const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

const NO_COUNTS = new Int32Array(0);
const NOTHING = new Float64Array(0);

/** An empty histogram; its buckets are made when something is recorded, for most are never used: all of those of a run with sixty routes would be forty megabytes to make and to look through. */
export const histogram = (): Histogram => ({ counts: NO_COUNTS, first: 0, only: NOTHING, zeros: 0, total: 0, sum: 0, sumOfSquares: 0, min: Number.POSITIVE_INFINITY, max: 0 });

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
  into.sum += value;
  into.sumOfSquares += value * value;
  if (value > into.max) into.max = value;
  if (value < into.min) into.min = value;
  const bucket = ((halves[1] as number) >>> 12) - FIRST;
  if (bucket < 0) {
    into.zeros++;
    return;
  }
  const place = placeOf(into, bucket);
  const before = into.counts[place] as number;
  if (before < 0) into.counts[place] = before - 1;
  else countEqual(into, place, value);
}

/** Where a bucket's count stands, after making room for it. */
function placeOf(it: Histogram, bucket: number): number {
  const last = bucket < BUCKETS ? bucket : BUCKETS - 1;
  if (last < it.first || last >= it.first + it.counts.length) widen(it, last, last);
  return last - it.first;
}

/** Counts a number in a bucket in which all are equal so far. */
function countEqual(into: Histogram, place: number, value: number): void {
  const before = into.counts[place] as number;
  if (before === 0) into.only[place] = value;
  into.counts[place] = into.only[place] === value ? before + 1 : -before - 1;
}

/** Records each of `many` values from a place on, in their order; `words` are the halves of the values. */
export function recordAll(into: Histogram, values: Float64Array, words: Uint32Array, from: number, many: number): void {
  let { zeros, sum, sumOfSquares, min, max, counts } = into;
  let shift = FIRST + into.first;
  for (let at = from; at < from + many; at++) {
    const value = values[at] as number;
    if (value === 0) {
      zeros++;
      continue;
    }
    sum += value;
    sumOfSquares += value * value;
    if (value > max) max = value;
    if (value < min) min = value;
    let place = ((words[2 * at + 1] as number) >>> 12) - shift;
    // What lies below 0 is a large number without its sign.
    if (place >>> 0 >= counts.length) {
      const bucket = place + into.first;
      if (bucket < 0) {
        zeros++;
        continue;
      }
      place = placeOf(into, bucket);
      counts = into.counts;
      shift = FIRST + into.first;
    }
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

/** Room is made for so many buckets at a time: four octaves. */
const AT_ONCE = 4 * PER_OCTAVE;

/** Makes room for two buckets and for all between them. */
function widen(it: Histogram, lowest: number, highest: number): void {
  const end = it.first + it.counts.length;
  const first = Math.min(end > it.first ? it.first : lowest, lowest) & -AT_ONCE;
  const behind = Math.max(end, highest + 1);
  const length = Math.ceil((behind - first) / AT_ONCE) * AT_ONCE;
  const counts = new Int32Array(length);
  const only = new Float64Array(length);
  if (end > it.first) {
    counts.set(it.counts, it.first - first);
    only.set(it.only, it.first - first);
  }
  it.counts = counts;
  it.only = only;
  it.first = first;
}

export function reset(it: Histogram): void {
  if (it.total === 0) return;
  it.counts.fill(0);
  it.zeros = it.total = it.sum = it.sumOfSquares = it.max = 0;
  it.min = Number.POSITIVE_INFINITY;
}

/** The value that a share `p` of the recorded ones do not exceed (nearest rank, placed within its bucket by interpolation); NaN when nothing was recorded. */
export function quantileOf(it: Histogram, p: number): number {
  if (it.total === 0) return Number.NaN;
  const rank = Math.max(1, Math.ceil(p * it.total));
  let seen = it.zeros;
  if (rank <= seen) return 0;
  for (let place = 0; place < it.counts.length; place++) {
    const count = it.counts[place] as number;
    const here = Math.abs(count);
    if (seen + here >= rank) {
      if (count > 0) return it.only[place] as number;
      const low = edge(it.first + place);
      return Math.min(it.max, low + ((edge(it.first + place + 1) - low) * (rank - seen)) / here);
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
  for (let place = 0; place < it.counts.length; place++) {
    const low = edge(it.first + place);
    if (low >= value) break;
    const count = it.counts[place] as number;
    if (count === 0) continue;
    seen += count < 0 ? -count * Math.min(1, (value - low) / (edge(it.first + place + 1) - low)) : (it.only[place] as number) <= value ? count : 0;
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
