import type { Attribution, Interval, SeriesPoint } from '../../model/outcome.ts';
import type { BreakerRun, CallRun, GroupRun, LimiterRun } from './policy-runs.ts';

export type { Attribution } from '../../model/outcome.ts';

/** Distribution of a time, ms. */
export interface Times {
  count: number;
  mean: number;
  deviation: number;
  p50: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
  /** 95% intervals; null where the run is too short to say. Sojourns and ages have one for the mean only. */
  interval95: { mean: Interval | null; p50: Interval | null; p95: Interval | null; p99: Interval | null };
  /** Share of the times up to each of the asked limits. */
  within?: readonly { ms: number; share: number }[];
}

export interface SourceRun {
  id: string;
  offered: number;
  offeredPerSecond: number;
  /** Answers without an error and before the client gave up, of all requests that were answered in the measured span, whenever they came. */
  goodputPerSecond: number;
  /** Failed, refused or given up, of those offered. */
  errorShare: number;
  errorsByCause: Readonly<Record<string, number>>;
  /** From the intended send time to the answer, of every request that came and was answered in the measured span, without an error and before its client gave up. */
  latencyMs: Times | null;
  meanInFlight: number;
  /** Of all answered without an error, and of the slowest hundredth of them; present where asked for. */
  attribution?: { mean: Attribution; p99: Attribution };
  /** Standard deviation over time of the number in flight. */
  inFlightDeviation: number;
  interval95: { offeredPerSecond: Interval | null; goodputPerSecond: Interval | null; errorShare: Interval | null; meanInFlight: Interval | null };
}

export interface StationRun {
  id: string;
  arrivals: number;
  arrivalsPerSecond: number;
  refused: number;
  expired: number;
  /** Left the queue because the call that they worked for was ended, or the message was dropped. */
  withdrawn: number;
  /** Of all arrivals. */
  refusedShare: number;
  expiredShare: number;
  /** Of those that got a server, the share that had to wait for it. */
  waitedShare: number;
  utilisation: number;
  meanBusy: number;
  meanQueue: number;
  /** Waiting or served. */
  meanPresent: number;
  wait: Times | null;
  meanHoldMs: number;
  interval95: {
    utilisation: Interval | null;
    meanQueue: Interval | null;
    meanPresent: Interval | null;
    refusedShare: Interval | null;
    expiredShare: Interval | null;
    waitedShare: Interval | null;
  };
}

export interface ProgramRun {
  id: string;
  started: number;
  finished: number;
  /** Of messages that are tried again: those that failed for good. */
  failed: number;
  /** Where the program says how its messages are tried: further attempts, messages that had no attempt left (they count as failed too), and those dropped unstarted. */
  retries?: number;
  deadLettered?: number;
  dropped?: number;
  /** From the spawn to the end. */
  sojournMs: Times | null;
  /** From the spawn to the first server. */
  ageMs: Times | null;
}

/** A group whose instances are started on demand, or may run out of memory. */
export interface InstanceRun {
  id: string;
  /** Calls that had to start an instance. */
  coldStarts: number;
  /** Calls that found all instances busy, or none that takes calls. */
  noneFree: number;
  /** For want of memory. */
  crashes: number;
}

/** A cache, over all its instances. */
export interface CacheRun {
  id: string;
  lookups: number;
  hits: number;
  misses: number;
  /** Lookups that waited for the miss of another: neither hits nor misses. */
  joined: number;
  /** Of all lookups. */
  hitShare: number;
  /** Entries that made room for others. */
  evicted: number;
  /** Entries at the end. */
  stored: number;
}

/** Replicated data, over all replicas. */
export interface ReplicaRun {
  id: string;
  writes: number;
  /** At replicas. */
  reads: number;
  /** Reads that saw an old value, and their share of the reads. */
  staleReads: number;
  staleShare: number;
  /** From a write until a replica shows it. */
  meanLagMs: number;
}

/** Laws that hold on every run whatever the model; each is a relative difference that must be rounding error. */
export interface Checks {
  /** Mean number in flight against the time that requests have spent. */
  little: number;
  /** Mean busy servers against the time that they were held. */
  utilisation: number;
  /** Askers = granted + refused + expired + withdrawn + still waiting. */
  flow: number;
}

export interface Run {
  /** Length of the measured span. */
  seconds: number;
  seed: number;
  events: number;
  /** Simulated time that was left out at the start, and whether the system had settled by then (MSER-5; always true where the length was given). */
  warmupSeconds: number;
  isSettled: boolean;
  /** Independent runs that these figures are the mean of. */
  replications: number;
  sources: readonly SourceRun[];
  stations: readonly StationRun[];
  /** Spawned programs only. */
  programs: readonly ProgramRun[];
  /** By called program, where any call has a policy. */
  calls?: readonly CallRun[];
  /** Groups with autoscaling. */
  groups?: readonly GroupRun[];
  breakers?: readonly BreakerRun[];
  limiters?: readonly LimiterRun[];
  caches?: readonly CacheRun[];
  instances?: readonly InstanceRun[];
  replicatedData?: readonly ReplicaRun[];
  errorsByCause: Readonly<Record<string, number>>;
  series: readonly SeriesPoint[];
  inFlightAtEnd: number;
  /** Time of the last event, when the run drained. */
  endedAtMs: number;
  /** Work is under way that nothing can ever finish: a deadlock. */
  stuck: boolean;
  checks: Checks;
  /** Of a run to a precision: what was asked and what was reached, for the mean response over all requests and their share of errors. */
  precision?: { asked: number; relativeHalfWidth: number | null; isReached: boolean; requests: number };
}
