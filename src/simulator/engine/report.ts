import type { Network } from '../../model/network.ts';
import type { Interval } from '../../model/outcome.ts';
import type { Estimate } from '../experiment/batch-means.ts';
import { isDeployed } from './autoscaling.ts';
import { attributionsOf } from './attribution.ts';
import type { Batches } from '../experiment/batches.ts';
import type { Engine } from './engine.ts';
import { type Histogram, meanOf, quantileOf, shareWithin } from './histogram.ts';
import type { Play } from './play.ts';
import { breakerRuns, callRuns, groupRuns, limiterRuns } from './policy-runs.ts';
import type { CacheRun, Checks, InstanceRun, ProgramRun, ReplicaRun, Run, SourceRun, StationRun, Times } from './run.ts';

/** What a finished run has measured. `within`: times for which the share of shorter ones is asked. */
export function report(network: Network, play: Play, seed: number, within: readonly number[]): Run {
  const { engine, batches } = play;
  const spanMs = Math.max(1e-9, engine.now - engine.measureFrom);
  const seconds = spanMs / 1000;
  const ratio = (over: string, under: string, scale = 1, high = Number.POSITIVE_INFINITY): Interval | null => intervalOf(batches?.ratio(over, under) ?? null, scale, high);
  const times = (it: Histogram, name: string): Times | null => timesOf(it, name, batches, within);
  const errorsByCause: Record<string, number> = {};
  const sources = network.sources.map((source, index): SourceRun => {
    const own: Record<string, number> = {};
    let errors = 0;
    (engine.errors[index] as Float64Array).forEach((count, cause) => {
      if (count === 0) return;
      const words = engine.code.causes[cause] as string;
      errors += count;
      own[words] = count;
      errorsByCause[words] = (errorsByCause[words] ?? 0) + count;
    });
    const offered = engine.offered[index] as number;
    const latencyMs = times(engine.latency[index] as Histogram, `latency ${index}`);
    const meanInFlight = (engine.inFlightIntegral[index] as number) / spanMs;
    return {
      id: source.id,
      offered,
      offeredPerSecond: offered / seconds,
      goodputPerSecond: engine.goodOf(index) / seconds,
      errorShare: offered > 0 ? Math.min(1, errors / offered) : 0,
      errorsByCause: own,
      latencyMs,
      ...(engine.ledger && latencyMs && { attribution: attributionsOf(network, engine.ledger, index, latencyMs.p99) }),
      meanInFlight,
      inFlightDeviation: Math.sqrt(Math.max(0, (engine.inFlightSquares[index] as number) / spanMs - meanInFlight * meanInFlight)),
      interval95: {
        offeredPerSecond: ratio(`offered ${index}`, 'time', 1000),
        goodputPerSecond: ratio(`good ${index}`, 'time', 1000),
        errorShare: ratio(`errors ${index}`, `offered ${index}`, 1, 1),
        meanInFlight: ratio(`inFlight ${index}`, 'time'),
      },
    };
  });
  const groups = new Map(network.groups.map((it, group) => [it.id, it.autoscaling || isDeployed(it, network) ? engine.meanInstances(group) : it.instances]));
  const stations = network.stations.map((station, s): StationRun => {
    const places = (station.servers ?? Number.POSITIVE_INFINITY) * (station.group === undefined ? 1 : (groups.get(station.group) ?? 1));
    const meanBusy = (engine.busyIntegral[s] as number) / spanMs;
    const meanQueue = (engine.queueIntegral[s] as number) / spanMs;
    const released = engine.released[s] as number;
    const arrivals = engine.arrivals[s] as number;
    const waits = engine.waits[s] as Histogram;
    return {
      id: station.id,
      arrivals,
      arrivalsPerSecond: arrivals / seconds,
      refused: engine.refused[s] as number,
      expired: engine.expired[s] as number,
      withdrawn: engine.withdrawn[s] as number,
      refusedShare: arrivals > 0 ? (engine.refused[s] as number) / arrivals : 0,
      expiredShare: arrivals > 0 ? Math.min(1, (engine.expired[s] as number) / arrivals) : 0,
      waitedShare: waits.total > 0 ? 1 - waits.zeros / waits.total : 0,
      utilisation: meanBusy / places,
      meanBusy,
      meanQueue,
      meanPresent: meanBusy + meanQueue,
      wait: times(waits, `wait ${s}`),
      meanHoldMs: released > 0 ? (engine.busyIntegral[s] as number) / released : 0,
      interval95: {
        utilisation: ratio(`busy ${s}`, 'time', 1 / places, 1),
        meanQueue: ratio(`queue ${s}`, 'time'),
        meanPresent: ratio(`present ${s}`, 'time'),
        refusedShare: ratio(`refused ${s}`, `arrivals ${s}`, 1, 1),
        expiredShare: ratio(`expired ${s}`, `arrivals ${s}`, 1, 1),
        waitedShare: ratio(`waited ${s}`, `wait ${s} count`, 1, 1),
      },
    };
  });
  const programs = network.programs.flatMap((program, index): ProgramRun[] =>
    (engine.spawned[index] as number) + (engine.finished[index] as number) + (engine.failed[index] as number) === 0
      ? []
      : [
          {
            id: program.id,
            started: engine.spawned[index] as number,
            finished: engine.finished[index] as number,
            failed: engine.failed[index] as number,
            ...(program.job && {
              retries: engine.jobRetries[index] as number,
              deadLettered: engine.deadLettered[index] as number,
              dropped: engine.dropped[index] as number,
            }),
            sojournMs: times(engine.sojourn[index] as Histogram, `sojourn ${index}`),
            ageMs: times(engine.age[index] as Histogram, `age ${index}`),
          },
        ],
  );
  return {
    seconds,
    seed,
    events: engine.events,
    warmupSeconds: engine.measureFrom / 1000,
    isSettled: play.isSettled,
    replications: 1,
    sources,
    stations,
    programs,
    ...(engine.code.policies.length > 0 && { calls: callRuns(network, engine, spanMs) }),
    ...(network.groups.some((it) => it.autoscaling || isDeployed(it, network)) && { groups: groupRuns(network, engine) }),
    ...(engine.breakers.length > 0 && { breakers: breakerRuns(network, engine, spanMs) }),
    ...(network.caches && network.caches.length > 0 && { caches: network.caches.map(({ id }, cache) => cacheRun(id, engine, cache)) }),
    ...(network.groups.some((it) => it.onDemand || it.memory) && { instances: instanceRuns(network, engine) }),
    ...(network.replicatedData && network.replicatedData.length > 0 && { replicatedData: network.replicatedData.map(({ id }, data) => replicaRun(id, engine, data)) }),
    ...(engine.limiters.length > 0 && { limiters: limiterRuns(network, engine) }),
    errorsByCause,
    series: play.series,
    inFlightAtEnd: engine.inFlight.reduce((sum, it) => sum + it, 0),
    endedAtMs: engine.now,
    stuck: engine.isStuck(),
    checks: checksOf(engine, network.stations.length),
  };
}

const instanceRuns = (network: Network, engine: Engine): InstanceRun[] =>
  network.groups.flatMap(({ id, onDemand, memory }, group) =>
    onDemand || memory ? [{ id, coldStarts: engine.coldStarts[group] as number, noneFree: engine.noneFree[group] as number, crashes: engine.crashes[group] as number }] : [],
  );

function cacheRun(id: string, engine: Engine, cache: number): CacheRun {
  const lookups = engine.lookups[cache] as number;
  const hits = engine.hits[cache] as number;
  const joined = engine.joined[cache] as number;
  return { id, lookups, hits, misses: lookups - hits - joined, joined, hitShare: lookups > 0 ? hits / lookups : 0, ...engine.cacheTotals(cache) };
}

function replicaRun(id: string, engine: Engine, data: number): ReplicaRun {
  const writes = engine.writes[data] as number;
  const reads = engine.replicaReads[data] as number;
  const staleReads = engine.staleReads[data] as number;
  return { id, writes, reads, staleReads, staleShare: reads > 0 ? staleReads / reads : 0, meanLagMs: writes > 0 ? (engine.lagSum[data] as number) / writes : 0 };
}

/** Nothing that is measured here can be negative. */
const intervalOf = (it: Estimate | null, scale: number, high: number): Interval | null =>
  it && [Math.max(0, (it.value - it.spread) * scale), Math.min(high, (it.value + it.spread) * scale)];

function timesOf(it: Histogram, name: string, batches: Batches | null, within: readonly number[]): Times | null {
  if (it.total === 0) return null;
  const mean = meanOf(it);
  return {
    count: it.total,
    mean,
    deviation: Math.sqrt(Math.max(0, it.sumOfSquares / it.total - mean * mean)),
    p50: quantileOf(it, 0.5),
    p95: quantileOf(it, 0.95),
    p99: quantileOf(it, 0.99),
    p999: quantileOf(it, 0.999),
    max: it.max,
    interval95: {
      mean: intervalOf(batches?.ratio(`${name} sum`, `${name} count`) ?? null, 1, Number.POSITIVE_INFINITY),
      p50: batches?.quantile(it, 0.5) ?? null,
      p95: batches?.quantile(it, 0.95) ?? null,
      p99: batches?.quantile(it, 0.99) ?? null,
    },
    ...(within.length > 0 && { within: within.map((ms) => ({ ms, share: shareWithin(it, ms) })) }),
  };
}

const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b));

function checksOf(engine: Engine, stations: number): Checks {
  let little = 0;
  let utilisation = 0;
  let flow = 0;
  engine.inFlight.forEach((_, source) => {
    little = Math.max(little, relative(engine.inFlightIntegral[source] as number, (engine.spent[source] as number) + engine.stillSpent(source)));
  });
  const stillDemanded = engine.stillDemanded();
  for (let s = 0; s < stations; s++) {
    if (engine.isPlain[s]) utilisation = Math.max(utilisation, relative(engine.busyIntegral[s] as number, (engine.demanded[s] as number) - (stillDemanded[s] as number)));
    const accounted =
      (engine.waits[s] as Histogram).total +
      (engine.refused[s] as number) +
      (engine.expired[s] as number) +
      (engine.withdrawn[s] as number) +
      (engine.queued[s] as number) -
      (engine.queuedAtStart[s] as number);
    flow = Math.max(flow, Math.abs((engine.arrivals[s] as number) - accounted));
  }
  return { little, utilisation, flow };
}
