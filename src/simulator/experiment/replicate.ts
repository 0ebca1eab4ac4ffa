import type { Network } from '../../model/network.ts';
import type { Interval } from '../../model/outcome.ts';
import { meanOfIndependent } from './batch-means.ts';
import { hash } from '../draw.ts';
import type { Progress } from '../engine/play.ts';
import type { Run } from '../engine/run.ts';
import { type SimulateOptions, simulateInSlices } from '../engine/simulate.ts';

/** Fewer replications of a steady run than this say less about the spread than the batches within each of them. */
const ENOUGH = 10;

/** The seed of a replication: the first one is the plain run itself. */
export const seedOfReplication = (seed: number, index: number): number => (index === 0 ? seed : hash(`${seed} replication ${index}`));

/** Plays independent replications one after the other; see `averageOf` for what comes out. */
export function replicate(network: Network, options: SimulateOptions, replications: number): Run {
  const steps = replicateInSlices(network, options, replications);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same in slices, as `simulateInSlices`. */
export function* replicateInSlices(network: Network, options: SimulateOptions, replications: number): Generator<Progress, Run, void> {
  const runs: Run[] = [];
  let requests = 0;
  let events = 0;
  for (let index = 0; index < replications; index++) {
    const steps = simulateInSlices(network, { ...options, seed: seedOfReplication(options.seed ?? 1, index) });
    for (;;) {
      const step = steps.next();
      if (step.done) {
        runs.push(step.value);
        break;
      }
      const { value } = step;
      yield { atMs: value.atMs, share: (index + value.share) / replications, requests: requests + value.requests, events: events + value.events };
    }
    const run = runs[index] as Run;
    requests += run.sources.reduce((sum, it) => sum + it.offered, 0);
    events += run.events;
  }
  return averageOf(runs);
}

/** Numbers that add up over replications; all others are averaged. */
const COUNTS: ReadonlySet<string> = new Set(
  (
    'events requests responses replications offered errorsByCause arrivals refused expired withdrawn count started finished failed dropped deadLettered ' +
    'calls attempts retries timeouts hedges fallbacks failedFirst opened halfOpened closed passed delayed hits misses lookups joined evicted coldStarts noneFree crashes restarts writes reads staleReads'
  ).split(' '),
);
const SMALLEST: ReadonlySet<string> = new Set(['leastInstances']);
const LARGEST: ReadonlySet<string> = new Set(['max', 'mostInstances', 'little', 'flow']);

/**
 * One run out of independent replications of it, given in the order of their index: counts are sums, everything else is the mean over them
 * (quantiles too), maxima are maxima. Intervals come from the spread between replications; of few long ones from the batches within them.
 * Which thread played which replication does not matter, for nothing depends on the order in which they ended.
 */
export function averageOf(runs: readonly Run[]): Run {
  const [first] = runs;
  if (!first) throw new Error('no run to average');
  if (runs.length === 1) return first;
  return { ...(merged(runs, '') as Run), seed: first.seed, series: seriesOf(runs) };
}

function merged(values: readonly unknown[], key: string): unknown {
  const given = values.filter((it) => it !== null && it !== undefined);
  const [first] = given;
  if (first === undefined) return values[0];
  if (typeof first === 'number') return number(given as number[], key);
  if (typeof first === 'boolean') return key === 'stuck' ? given.includes(true) : !given.includes(false);
  if (Array.isArray(first)) return key === 'series' || key === 'changes' ? [] : list(given as unknown[][], key);
  if (typeof first !== 'object') return first;
  const objects = given as Record<string, unknown>[];
  const keys = [...new Set(objects.flatMap((it) => Object.keys(it)))];
  const isCounts = key === 'errorsByCause';
  return Object.fromEntries(
    keys.map((name) => [
      name,
      name === 'interval95'
        ? intervals(objects)
        : merged(
            objects.map((it) => it[name]),
            isCounts ? key : name,
          ),
    ]),
  );
}

function number(values: readonly number[], key: string): number {
  if (LARGEST.has(key)) return Math.max(...values);
  if (SMALLEST.has(key)) return Math.min(...values);
  const sum = values.reduce((total, it) => total + it, 0);
  if (COUNTS.has(key)) return sum;
  // Equal numbers stay what they are, to the bit.
  return values.every((it) => it === values[0]) ? (values[0] as number) : sum / values.length;
}

/** Lists of things with an id are matched by it: a program that nobody spawned is missing in some runs. */
function list(lists: readonly (readonly unknown[])[], key: string): unknown[] {
  const idOf = (it: unknown): unknown => {
    const fields = (typeof it === 'object' && it !== null ? it : {}) as Record<string, unknown>;
    return fields.id ?? fields.program;
  };
  const first = lists[0] as readonly unknown[];
  const ids = [...new Set(lists.flatMap((it) => it.map(idOf)))];
  if (ids[0] === undefined)
    return first.map((_, index) =>
      merged(
        lists.map((it) => it[index]),
        key,
      ),
    );
  // What is missing in a list of parts is a part of nothing.
  const isParts = lists.some((it) => it.some((one) => typeof one === 'object' && one !== null && 'waitMs' in one));
  return ids.map((id) =>
    merged(
      lists.flatMap((it) => {
        const same = it.filter((one) => idOf(one) === id);
        return isParts && same.length === 0 ? [{ id, waitMs: 0, serviceMs: 0 }] : same;
      }),
      key,
    ),
  );
}

/** For each measure of `interval95`: from the values of that measure in each replication. */
function intervals(objects: readonly Record<string, unknown>[]): Record<string, Interval | null> {
  const all = objects.map((it) => it.interval95 as Record<string, Interval | null>);
  return Object.fromEntries(
    Object.keys(all[0] ?? {}).map((name) => {
      const values = objects.map((it) => it[name]).filter((it): it is number => typeof it === 'number');
      const own = all.map((it) => it[name] ?? null);
      return [name, objects.length < ENOUGH && own.every((it) => it !== null) ? ofFew(values, own as Interval[]) : intervalOf(values)];
    }),
  );
}

function intervalOf(values: readonly number[]): Interval | null {
  const it = meanOfIndependent(values);
  return it && [Math.max(0, it.value - it.spread), it.value + it.spread];
}

/** The mean of independent estimates, each with an interval of its own. */
function ofFew(values: readonly number[], own: readonly Interval[]): Interval {
  const mean = values.reduce((sum, it) => sum + it, 0) / values.length;
  const squares = own.reduce((sum, [low, high]) => sum + ((high - low) / 2) * ((high - low) / 2), 0);
  const spread = Math.sqrt(squares) / own.length;
  return [Math.max(0, mean - spread), mean + spread];
}

/** Point by point: means over the replications, each with its interval. */
function seriesOf(runs: readonly Run[]): Run['series'] {
  const length = Math.min(...runs.map((it) => it.series.length));
  return Array.from({ length }, (_, at) => {
    const points = runs.map((it) => it.series[at] as Run['series'][number]);
    const of = (name: 'offeredPerSecond' | 'goodputPerSecond' | 'errorsPerSecond' | 'inFlight' | 'p95Ms'): number[] =>
      points.map((it) => it[name]).filter((it): it is number => it !== null);
    const p95 = of('p95Ms');
    const queues = (points[0]?.queues ?? []).map((_it, s) => points.map((it) => it.queues[s] as number));
    return {
      atMs: points[0]?.atMs as number,
      offeredPerSecond: number(of('offeredPerSecond'), ''),
      goodputPerSecond: number(of('goodputPerSecond'), ''),
      errorsPerSecond: number(of('errorsPerSecond'), ''),
      inFlight: number(of('inFlight'), ''),
      p95Ms: p95.length === 0 ? null : number(p95, ''),
      queues: queues.map((it) => number(it, '')),
      interval95: {
        offeredPerSecond: intervalOf(of('offeredPerSecond')),
        goodputPerSecond: intervalOf(of('goodputPerSecond')),
        errorsPerSecond: intervalOf(of('errorsPerSecond')),
        inFlight: intervalOf(of('inFlight')),
        p95Ms: intervalOf(p95),
        queues: queues.map(intervalOf),
      },
    };
  });
}
