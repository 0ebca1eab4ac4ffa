import type { Interval } from '../../model/outcome.ts';
import { type Estimate, ratioOfBatches } from './batch-means.ts';
import type { Engine } from '../engine/engine.ts';
import { BUCKETS, bucketOf, type Histogram, quantileOf } from '../engine/histogram.ts';

/** Batches kept at most; then neighbours are merged, so memory stays flat however long the run. */
export const MOST_BATCHES = 256;
/** Distributions are kept in fewer batches. */
const LAWS = 32;
const SLICES_PER_LAW = MOST_BATCHES / LAWS;
/** Buckets of a kept distribution per bucket of the histogram that it is taken from. */
const COARSE = 8;

const NOTHING = new Float64Array(0);

/** One distribution over batches: counts per coarse bucket; the smallest bucket stands for everything below it. */
interface Law {
  of: Histogram;
  /** Coarse counts at the end of the last batch. */
  last: Float64Array | null;
  lastTotal: number;
  rows: { from: number; counts: Float64Array; total: number }[];
}

/** Running totals of a source, of a station, and of a distribution: what each row of a batch holds, in this order. */
const SOURCE = ['offered', 'good', 'errors', 'inFlight'] as const;
const STATION = ['arrivals', 'busy', 'queue', 'present', 'refused', 'expired', 'waited'] as const;
const LAW = ['sum', 'count'] as const;

/** Running totals of a run, noted at the end of each slice: what the 95% intervals of its means are made from. */
export class Batches {
  private readonly engine: Engine;
  private readonly histograms: readonly Histogram[];
  /** Running totals at the end of the last batch, and now. */
  private readonly before: Float64Array;
  private readonly now: Float64Array;
  /** A row of differences per batch. */
  private readonly rows: Float64Array;
  private readonly laws: Law[];
  private slices = 0;
  private readonly names = new Map<string, number>();

  constructor(engine: Engine) {
    this.engine = engine;
    const name = (id: string): void => {
      this.names.set(id, this.names.size);
    };
    name('time');
    engine.latency.forEach((_, source) => {
      for (const it of SOURCE) name(`${it} ${source}`);
    });
    engine.waits.forEach((_, s) => {
      for (const it of STATION) name(`${it} ${s}`);
    });
    for (const [what, list] of [
      ['latency', engine.latency],
      ['wait', engine.waits],
      ['sojourn', engine.sojourn],
      ['age', engine.age],
    ] as const)
      list.forEach((_, index) => {
        for (const it of LAW) name(`${what} ${index} ${it}`);
      });
    this.histograms = [...engine.latency, ...engine.waits, ...engine.sojourn, ...engine.age];
    this.before = new Float64Array(this.names.size);
    this.now = new Float64Array(this.names.size);
    this.rows = new Float64Array(MOST_BATCHES * this.names.size);
    this.laws = [...engine.latency, ...engine.waits].map((of) => ({ of, last: null, lastTotal: 0, rows: [] }));
  }

  /** Begins the measured span. */
  begin(): void {
    this.read(this.before);
  }

  /** Notes the slice that ends now. */
  take(): void {
    const { before, now, rows } = this;
    this.read(now);
    for (let column = 0, at = this.slices * now.length; column < now.length; column++, at++) rows[at] = (now[column] as number) - (before[column] as number);
    before.set(now);
    if (++this.slices % SLICES_PER_LAW === 0) for (const law of this.laws) takeLaw(law);
  }

  private read(into: Float64Array): void {
    const { engine, histograms } = this;
    let at = 0;
    into[at++] = engine.now;
    for (let source = 0; source < engine.latency.length; source++) {
      const errors = engine.errors[source] as Float64Array;
      let failed = 0;
      for (let cause = 0; cause < errors.length; cause++) failed += errors[cause] as number;
      into[at++] = engine.offered[source] as number;
      into[at++] = engine.goodOf(source);
      into[at++] = failed;
      into[at++] = engine.inFlightIntegral[source] as number;
    }
    for (let s = 0; s < engine.waits.length; s++) {
      const wait = engine.waits[s] as Histogram;
      into[at++] = engine.arrivals[s] as number;
      into[at++] = engine.busyIntegral[s] as number;
      into[at++] = engine.queueIntegral[s] as number;
      into[at++] = (engine.busyIntegral[s] as number) + (engine.queueIntegral[s] as number);
      into[at++] = engine.refused[s] as number;
      into[at++] = engine.expired[s] as number;
      into[at++] = wait.total - wait.zeros;
    }
    for (let index = 0; index < histograms.length; index++) {
      const it = histograms[index] as Histogram;
      into[at++] = it.sum;
      into[at++] = it.total;
    }
  }

  /** Merges neighbours, so that each batch stands for twice as long. */
  merge(): void {
    const { rows } = this;
    const width = this.now.length;
    const half = this.slices >> 1;
    for (let pair = 0; pair < half; pair++)
      for (let column = 0; column < width; column++) {
        const at = 2 * pair * width + column;
        rows[pair * width + column] = (rows[at] as number) + (rows[at + width] as number);
      }
    this.slices = half;
    for (const law of this.laws) mergeLaw(law);
  }

  /** A ratio of two running totals, or sums of them (`latency 0 sum` over `latency 0 count`), with its 95% interval. */
  ratio(over: string | readonly string[], under: string | readonly string[]): Estimate | null {
    return ratioOfBatches(this.column(over), this.column(under));
  }

  private column(names: string | readonly string[]): Float64Array {
    const columns = (typeof names === 'string' ? [names] : names).map((it) => {
      const column = this.names.get(it);
      if (column === undefined) throw new Error(`no running total ${it}`);
      return column;
    });
    const sums = new Float64Array(this.slices);
    for (const column of columns)
      for (let batch = 0, at = column; batch < sums.length; batch++, at += this.now.length) sums[batch] = (sums[batch] as number) + (this.rows[at] as number);
    return sums;
  }

  /** The 95% interval of a quantile of a latency or wait: of the share that lies below it, turned back into times. */
  quantile(of: Histogram, p: number): Interval | null {
    const law = this.laws.find((it) => it.of === of);
    if (!law || law.rows.length === 0 || of.total === 0) return null;
    const edge = coarseBucketAt(of, p);
    const below = law.rows.map((it) => countBelow(it, edge));
    const share = ratioOfBatches(
      below,
      law.rows.map((it) => it.total),
    );
    if (!share) return null;
    return [quantileOf(of, Math.max(0, p - share.spread)), p + share.spread >= 1 ? of.max : quantileOf(of, p + share.spread)];
  }
}

/** What is new in each coarse bucket, until it is kept. */
let scratch = NOTHING;

/** Coarse counts since the last time. */
function takeLaw(law: Law): void {
  const { counts, first, total, min, max } = law.of;
  const many = total - law.lastTotal;
  law.lastTotal = total;
  if (many === 0 || max === 0) {
    law.rows.push({ from: 0, counts: NOTHING, total: many });
    return;
  }
  const places = BUCKETS / COARSE;
  if (law.last === null) law.last = new Float64Array(places);
  if (scratch.length < places) scratch = new Float64Array(places);
  const { last } = law;
  // Everything ever recorded lies between these, but for what is so small that it counts as zero.
  const lowest = Math.max(Math.floor(bucketOf(min) / COARSE), first / COARSE);
  const highest = Math.min(Math.floor(bucketOf(max) / COARSE), (first + counts.length) / COARSE - 1);
  let from = highest + 1;
  let to = from;
  for (let bucket = lowest; bucket <= highest; bucket++) {
    let sum = 0;
    const end = COARSE * (bucket + 1) - first;
    for (let at = end - COARSE; at < end; at++) sum += Math.abs(counts[at] as number);
    const more = sum - (last[bucket] as number);
    last[bucket] = sum;
    scratch[bucket] = more;
    if (more === 0) continue;
    if (from > bucket) from = bucket;
    to = bucket + 1;
  }
  law.rows.push({ from, counts: scratch.slice(from, Math.max(from, to)), total: many });
}

function mergeLaw(law: Law): void {
  const half = law.rows.length >> 1;
  for (let pair = 0; pair < half; pair++) {
    const a = law.rows[2 * pair] as Law['rows'][number];
    const b = law.rows[2 * pair + 1] as Law['rows'][number];
    const from = Math.min(a.from, b.from);
    const counts = new Float64Array(Math.max(0, Math.max(a.from + a.counts.length, b.from + b.counts.length) - from));
    for (const row of [a, b])
      row.counts.forEach((it, at) => {
        counts[row.from - from + at] = (counts[row.from - from + at] as number) + it;
      });
    law.rows[pair] = { from, counts, total: a.total + b.total };
  }
  law.rows.length = half;
}

/** The coarse bucket whose lower edge has about a share `p` below it. */
function coarseBucketAt(it: Histogram, p: number): number {
  const rank = p * it.total;
  let seen = it.zeros;
  for (let place = 0; place < it.counts.length; place++) {
    seen += Math.abs(it.counts[place] as number);
    if (seen >= rank) return Math.floor((it.first + place) / COARSE) + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** Recorded values below a coarse bucket, zeros included. */
function countBelow(row: Law['rows'][number], edge: number): number {
  let above = 0;
  for (let at = Math.max(0, edge - row.from); at < row.counts.length; at++) above += row.counts[at] as number;
  return row.total - above;
}
