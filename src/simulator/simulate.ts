import type { Network } from '../model/network.ts';
import type { SeriesPoint } from '../model/outcome.ts';
import { Engine } from './engine.ts';
import { type Histogram, histogram, meanOf, quantileOf, record, reset } from './histogram.ts';

export interface SimulateOptions {
  seconds: number;
  seed?: number;
  /** Left out of every measure but the series; default a tenth of the run. */
  warmupSeconds?: number;
  /** Requests a second over all sources by their shares; without it the sources' own phases hold. */
  perSecond?: number;
  /** Width of a point of the time series; absent: no series. */
  seriesMs?: number;
  /** After `seconds` no more arrivals, and the run goes on until the system is empty or this much longer. */
  drainSeconds?: number;
}

/** Distribution of a time, ms; NaN-free: null where nothing was recorded. */
export interface Times {
  count: number;
  mean: number;
  deviation: number;
  p50: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
}

export interface SourceRun {
  id: string;
  offered: number;
  offeredPerSecond: number;
  /** Answered without an error and before the client gave up. */
  goodputPerSecond: number;
  errorsByCause: Readonly<Record<string, number>>;
  /** From the intended send time to the answer, of every request that arrived and was answered without an error in the measured span. */
  latencyMs: Times | null;
  meanInFlight: number;
}

export interface StationRun {
  id: string;
  arrivals: number;
  refused: number;
  expired: number;
  utilisation: number;
  meanBusy: number;
  meanQueue: number;
  wait: Times | null;
  /** Share of those who got a server that had to wait for it. */
  waitedShare: number;
  meanHoldMs: number;
}

export interface ProgramRun {
  id: string;
  started: number;
  finished: number;
  failed: number;
  /** From the spawn to the end. */
  sojournMs: Times | null;
  /** From the spawn to the first server. */
  ageMs: Times | null;
}

/** Laws that hold on every run whatever the model; each is a relative difference that must be rounding error. */
export interface Checks {
  /** Mean number in flight against the time that requests have spent. */
  little: number;
  /** Mean busy servers against the time that they were held. */
  utilisation: number;
  /** Askers = granted + refused + expired + still waiting. */
  flow: number;
}

export interface Run {
  seconds: number;
  seed: number;
  events: number;
  sources: readonly SourceRun[];
  stations: readonly StationRun[];
  /** Spawned programs only. */
  programs: readonly ProgramRun[];
  errorsByCause: Readonly<Record<string, number>>;
  series: readonly SeriesPoint[];
  inFlightAtEnd: number;
  /** Time of the last event, when the run drained. */
  endedAtMs: number;
  /** Work is under way that nothing can ever finish: a deadlock. */
  stuck: boolean;
  checks: Checks;
}

/** Plays a network request by request. Same network, options and seed: same run, bit for bit, in every engine. */
export function simulate(network: Network, options: SimulateOptions): Run {
  const seed = options.seed ?? 1;
  const { perSecond } = options;
  const engine = new Engine(network, seed, (source) => {
    const it = network.sources[source];
    if (!it) return [];
    return perSecond !== undefined && it.share > 0 ? [{ fromMs: 0, perSecond: perSecond * it.share }] : (it.phases ?? []);
  });
  const endMs = options.seconds * 1000;
  const warmupMs = Math.min(endMs, (options.warmupSeconds ?? options.seconds / 10) * 1000);
  const series = options.seriesMs === undefined ? null : seriesOf(engine, network.stations.length, options.seriesMs);
  const runTo = (untilMs: number): void => {
    if (series) series.runTo(untilMs);
    else engine.run(untilMs);
  };
  if (warmupMs > 0) {
    runTo(warmupMs);
    engine.beginMeasuring();
  }
  runTo(endMs);
  if (options.drainSeconds !== undefined) {
    engine.close();
    if (series) series.runTo(endMs + options.drainSeconds * 1000);
    else engine.run(options.drainSeconds === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : endMs + options.drainSeconds * 1000);
  }
  engine.countOverdue();
  return report(network, engine, seed, series?.points ?? []);
}

function report(network: Network, engine: Engine, seed: number, series: readonly SeriesPoint[]): Run {
  const spanMs = Math.max(1e-9, engine.now - engine.measureFrom);
  const seconds = spanMs / 1000;
  const errorsByCause: Record<string, number> = {};
  const sources = network.sources.map((source, index): SourceRun => {
    const own: Record<string, number> = {};
    (engine.errors[index] as Float64Array).forEach((count, cause) => {
      if (count === 0) return;
      const words = engine.code.causes[cause] as string;
      own[words] = count;
      errorsByCause[words] = (errorsByCause[words] ?? 0) + count;
    });
    return {
      id: source.id,
      offered: engine.offered[index] as number,
      offeredPerSecond: (engine.offered[index] as number) / seconds,
      goodputPerSecond: (engine.good[index] as number) / seconds,
      errorsByCause: own,
      latencyMs: timesOf(engine.latency[index] as Histogram),
      meanInFlight: (engine.inFlightIntegral[index] as number) / spanMs,
    };
  });
  const groups = new Map(network.groups.map((it) => [it.id, it.instances]));
  const stations = network.stations.map((station, s): StationRun => {
    const places = (station.servers ?? Number.POSITIVE_INFINITY) * (station.group === undefined ? 1 : (groups.get(station.group) ?? 1));
    const meanBusy = (engine.busyIntegral[s] as number) / spanMs;
    const released = engine.released[s] as number;
    return {
      id: station.id,
      arrivals: engine.arrivals[s] as number,
      refused: engine.refused[s] as number,
      expired: engine.expired[s] as number,
      utilisation: meanBusy / places,
      meanBusy,
      meanQueue: (engine.queueIntegral[s] as number) / spanMs,
      wait: timesOf(engine.waits[s] as Histogram),
      waitedShare: waitedShare(engine.waits[s] as Histogram),
      meanHoldMs: released > 0 ? (engine.busyIntegral[s] as number) / released : 0,
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
            sojournMs: timesOf(engine.sojourn[index] as Histogram),
            ageMs: timesOf(engine.age[index] as Histogram),
          },
        ],
  );
  return {
    seconds,
    seed,
    events: engine.events,
    sources,
    stations,
    programs,
    errorsByCause,
    series,
    inFlightAtEnd: engine.inFlight.reduce((sum, it) => sum + it, 0),
    endedAtMs: engine.now,
    stuck: engine.isStuck(),
    checks: checksOf(engine, network.stations.length),
  };
}

function timesOf(it: Histogram): Times | null {
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
  };
}

const waitedShare = (it: Histogram): number => (it.total === 0 ? 0 : 1 - it.zeros / it.total);

const relative = (a: number, b: number): number => Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b));

function checksOf(engine: Engine, stations: number): Checks {
  let little = 0;
  let utilisation = 0;
  let flow = 0;
  engine.inFlight.forEach((inFlight, source) => {
    little = Math.max(little, relative(engine.inFlightIntegral[source] as number, (engine.spent[source] as number) + inFlight * engine.now));
  });
  for (let s = 0; s < stations; s++) {
    // A shared processor holds nobody: its busy time is not a sum of holding times.
    if (!engine.sharing[s])
      utilisation = Math.max(utilisation, relative(engine.busyIntegral[s] as number, (engine.heldSum[s] as number) + (engine.busy[s] as number) * engine.now));
    const accounted =
      (engine.granted[s] as number) + (engine.refused[s] as number) + (engine.expired[s] as number) + (engine.queued[s] as number) - (engine.queuedAtStart[s] as number);
    flow = Math.max(flow, Math.abs((engine.arrivals[s] as number) - accounted));
  }
  return { little, utilisation, flow };
}

/** Runs an engine point by point of a time series. */
function seriesOf(engine: Engine, stations: number, widthMs: number): { points: SeriesPoint[]; runTo(untilMs: number): void } {
  const points: SeriesPoint[] = [];
  const latencies = histogram();
  let good = 0;
  let bad = 0;
  let offered = 0;
  let nextMs = widthMs;
  engine.onAnswer = (_source, latencyMs, isGood) => {
    if (isGood) good++;
    else bad++;
    record(latencies, latencyMs);
  };
  const total = (): number => engine.allOffered;
  const close = (atMs: number): void => {
    const perSecond = 1000 / widthMs;
    const came = total() - offered;
    offered = total();
    points.push({
      atMs,
      offeredPerSecond: came * perSecond,
      goodputPerSecond: good * perSecond,
      errorsPerSecond: bad * perSecond,
      inFlight: engine.inFlight.reduce((sum, it) => sum + it, 0),
      p95Ms: latencies.total > 0 ? quantileOf(latencies, 0.95) : null,
      queues: Array.from({ length: stations }, (_, s) => engine.queued[s] as number),
    });
    good = bad = 0;
    reset(latencies);
  };
  return {
    points,
    runTo(untilMs) {
      while (nextMs <= untilMs) {
        engine.run(nextMs);
        close(nextMs);
        nextMs += widthMs;
      }
      if (engine.now < untilMs) engine.run(untilMs);
    },
  };
}
