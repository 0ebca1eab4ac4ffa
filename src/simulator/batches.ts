import { type Estimate, type Interval, ratioOfBatches } from './batch-means.ts';
import type { Engine } from './engine.ts';
import { type Histogram, quantileOf } from './histogram.ts';

/** Batches kept at most; then neighbours are merged, so memory stays flat however long the run. */
export const MOST_BATCHES = 256;
/** Distributions are kept in fewer batches. */
const LAWS = 64;
/** Buckets of a kept distribution per bucket of the histogram that it is taken from. */
const COARSE = 8;

/** One distribution over batches: counts per coarse bucket; the smallest bucket stands for everything below it. */
interface Law {
  of: Histogram;
  /** Coarse counts at the end of the last batch. */
  last: Float64Array | null;
  lastTotal: number;
  rows: { from: number; counts: Float64Array; total: number }[];
}

/** Running totals of a run, noted at the end of each slice: what the 95% intervals of its means are made from. */
export class Batches {
  private readonly read: (into: Float64Array) => void;
  private readonly columns: number;
  private readonly before: Float64Array;
  private readonly now: Float64Array;
  private readonly rows: Float64Array[] = [];
  private readonly laws: Law[];
  private readonly slicesPerLaw = MOST_BATCHES / LAWS;
  private slices = 0;
  private readonly names = new Map<string, number>();

  constructor(engine: Engine) {
    const readers: (() => number)[] = [];
    const name = (id: string, reader: () => number): void => {
      this.names.set(id, readers.length);
      readers.push(reader);
    };
    const law = (id: string, it: Histogram): void => {
      name(`${id} sum`, () => it.sum);
      name(`${id} count`, () => it.total);
    };
    name('time', () => engine.now);
    engine.latency.forEach((it, source) => {
      law(`latency ${source}`, it);
      name(`offered ${source}`, () => engine.offered[source] as number);
      name(`good ${source}`, () => engine.good[source] as number);
      name(`errors ${source}`, () => (engine.errors[source] as Float64Array).reduce((sum, one) => sum + one, 0));
      name(`inFlight ${source}`, () => engine.inFlightIntegral[source] as number);
    });
    engine.waits.forEach((it, s) => {
      law(`wait ${s}`, it);
      name(`arrivals ${s}`, () => engine.arrivals[s] as number);
      name(`busy ${s}`, () => engine.busyIntegral[s] as number);
      name(`queue ${s}`, () => engine.queueIntegral[s] as number);
      name(`present ${s}`, () => (engine.busyIntegral[s] as number) + (engine.queueIntegral[s] as number));
      name(`waited ${s}`, () => it.total - it.zeros);
      name(`refused ${s}`, () => engine.refused[s] as number);
      name(`expired ${s}`, () => engine.expired[s] as number);
    });
    engine.sojourn.forEach((it, program) => {
      law(`sojourn ${program}`, it);
    });
    engine.age.forEach((it, program) => {
      law(`age ${program}`, it);
    });
    this.columns = readers.length;
    this.before = new Float64Array(this.columns);
    this.now = new Float64Array(this.columns);
    this.read = (into) => {
      for (let column = 0; column < readers.length; column++) into[column] = (readers[column] as () => number)();
    };
    this.laws = [...engine.latency, ...engine.waits].map((of) => ({ of, last: null, lastTotal: 0, rows: [] }));
  }

  /** Begins the measured span. */
  begin(): void {
    this.read(this.before);
  }

  /** Notes the slice that ends now. */
  take(): void {
    this.read(this.now);
    this.rows.push(this.now.map((it, column) => it - (this.before[column] as number)));
    this.before.set(this.now);
    if (++this.slices % this.slicesPerLaw === 0) for (const law of this.laws) takeLaw(law);
  }

  /** Merges neighbours, so that each batch stands for twice as long. */
  merge(): void {
    const half = this.rows.length >> 1;
    for (let pair = 0; pair < half; pair++) {
      const other = this.rows[2 * pair + 1] as Float64Array;
      this.rows[pair] = (this.rows[2 * pair] as Float64Array).map((it, column) => it + (other[column] as number));
    }
    this.rows.length = half;
    this.slices = half;
    for (const law of this.laws) mergeLaw(law);
  }

  /** A ratio of two running totals (`latency 0 sum` over `latency 0 count`) with its 95% interval. */
  ratio(over: string, under: string): Estimate | null {
    const a = this.names.get(over);
    const b = this.names.get(under);
    if (a === undefined || b === undefined) throw new Error(`no running total ${over} or ${under}`);
    return ratioOfBatches(
      this.rows.map((it) => it[a] as number),
      this.rows.map((it) => it[b] as number),
    );
  }

  /** The 95% interval of a quantile of a latency or wait: of the share that lies below it, turned back into times. */
  quantile(of: Histogram, p: number): Interval | null {
    const law = this.laws.find((it) => it.of === of);
    if (!law || law.rows.length === 0 || of.total === 0) return null;
    const edge = bucketOf(of, p);
    const below = law.rows.map((it) => countBelow(it, edge));
    const share = ratioOfBatches(
      below,
      law.rows.map((it) => it.total),
    );
    if (!share) return null;
    return [quantileOf(of, Math.max(0, p - share.spread)), p + share.spread >= 1 ? of.max : quantileOf(of, p + share.spread)];
  }
}

/** Coarse counts of the non-empty stretch of a histogram. */
function coarse(it: Histogram): Float64Array {
  const counts = new Float64Array(Math.ceil(it.counts.length / COARSE));
  for (let bucket = 0; bucket < it.counts.length; bucket++) {
    const here = it.counts[bucket] as number;
    if (here > 0) counts[Math.floor(bucket / COARSE)] = (counts[Math.floor(bucket / COARSE)] as number) + here;
  }
  return counts;
}

function takeLaw(law: Law): void {
  const now = coarse(law.of);
  const total = law.of.total;
  const last = law.last;
  let from = now.length;
  let to = 0;
  for (let bucket = 0; bucket < now.length; bucket++)
    if ((now[bucket] as number) - (last ? (last[bucket] ?? 0) : 0) > 0) {
      from = Math.min(from, bucket);
      to = bucket + 1;
    }
  const counts = new Float64Array(Math.max(0, to - from));
  for (let at = 0; at < counts.length; at++) counts[at] = (now[from + at] as number) - (last ? (last[from + at] ?? 0) : 0);
  law.rows.push({ from, counts, total: total - law.lastTotal });
  law.last = now;
  law.lastTotal = total;
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
function bucketOf(it: Histogram, p: number): number {
  const rank = p * it.total;
  let seen = it.zeros;
  for (let bucket = 0; bucket < it.counts.length; bucket++) {
    seen += it.counts[bucket] as number;
    if (seen >= rank) return Math.floor(bucket / COARSE) + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** Recorded values below a coarse bucket, zeros included. */
function countBelow(row: Law['rows'][number], edge: number): number {
  let above = 0;
  for (let at = Math.max(0, edge - row.from); at < row.counts.length; at++) above += row.counts[at] as number;
  return row.total - above;
}
