import type { Basis, Place, Unit } from './known.ts';
import type { InputId } from './inputs.ts';
import type { ChannelId, ComponentId, EndpointId } from './topology.ts';

export type Verdict = 'holds' | 'tight' | 'unknown' | 'fails';

/** A rate with its P10 and P90 over the assumed inputs. `value: null` = does not break below the search limit of 10⁶/s. */
export interface RateRange {
  value: number | null;
  low: number | null;
  high: number | null;
  /** What typical values of the assumed inputs come to, where that lies beyond the range (a sum of skewed guesses is no guess of its sum): `value` is the nearer end of the range then. */
  typical?: number | null;
}

/** Breaking points over the draws of the assumed inputs. Draw `index` here is draw `index × every` of the 64, so that two outcomes of one seed pair up. */
export interface Draws {
  /** 1: all of them; large networks are drawn every second or every eighth time. */
  every: number;
  /** Null: it does not break below the search limit. */
  breaksAtPerSecond: readonly (number | null)[];
}

/** The value of one input at which the verdict tips at the target. */
export interface BreakEven {
  input: InputId;
  label: string;
  /** Two significant digits, rounded to the safe side; null = no value of this input alone makes it hold. */
  value: number | null;
  /** `atMost`: holds while the input is at or below the value. */
  direction: 'atMost' | 'atLeast';
  unit: Unit;
  basis: Basis;
  typical: readonly [number, number];
  places: readonly Place[];
  /** What is busiest at the value where it tips, and so makes it tip; absent where no station is. */
  binds?: StationId;
}

export interface Rung {
  station: StationId;
  component: ComponentId;
  label: string;
  breaksAtPerSecond: number | null;
  criterion: Criterion;
  places: readonly Place[];
}

/** Which part of the objective gives way: no steady state, slow, errors, messages too old. */
export type Criterion = 'stability' | 'latency' | 'errors' | 'messageAge';

export type StationId = string;
export type StationKind = 'pool' | 'eventLoop' | 'threadPool' | 'store' | 'connections' | 'consumer' | 'host' | 'external' | 'limiter';

export interface StationOutcome {
  id: StationId;
  component: ComponentId;
  /** The other end, for a pool. */
  target?: ComponentId;
  kind: StationKind;
  label: string;
  /** Servers per instance and instances. */
  servers: number | null;
  instances: number;
  /** Offered work ÷ servers; may exceed 1 where the station cannot keep up. */
  utilisation: number;
  meanQueue: number | null;
  meanWaitMs: number | null;
  /** Mean time a server is held per visit, at this load. */
  meanHoldMs: number | null;
  arrivalsPerSecond: number;
  places: readonly Place[];
}

export interface EndpointOutcome {
  id: EndpointId;
  offeredPerSecond: number;
  goodputPerSecond: number;
  errorShare: number;
  /** Null while there is no steady state. */
  latencyMs: { mean: number; p50: number; p95: number; p99: number } | null;
  objectiveP95Ms: number;
  unloadedP95Ms: number;
}

export interface ChannelOutcome {
  id: ChannelId;
  inPerSecond: number;
  /** What the consumers can finish. */
  drainPerSecond: number;
  /** Positive: the backlog grows for ever. */
  backlogGrowthPerSecond: number;
  meanAgeMs: number | null;
}

/** How far `solve` may be trusted here. */
export type Validity = { kind: 'exact' } | { kind: 'approximate'; errorShare: number } | { kind: 'throughputOnly'; why: string };

/** One point of a simulated run. */
export interface SeriesPoint {
  atMs: number;
  offeredPerSecond: number;
  goodputPerSecond: number;
  errorsPerSecond: number;
  inFlight: number;
  p95Ms: number | null;
  /** Waiting per station, in the order of `SpikeOutcome.stations`. */
  queues: readonly number[];
  /** 95% intervals, where the point is a mean over replications. */
  interval95?: {
    offeredPerSecond: Interval | null;
    goodputPerSecond: Interval | null;
    errorsPerSecond: Interval | null;
    inFlight: Interval | null;
    p95Ms: Interval | null;
    queues: readonly (Interval | null)[];
  };
}

/** Lower and upper end of a 95% interval. */
export type Interval = readonly [low: number, high: number];

/** Where the time of some responses went on average, ms; the parts add up to `responseMs`. */
export interface Attribution {
  responses: number;
  responseMs: number;
  /** Largest first. A place that is held counts as its wait only, for what is done while it is held counts where it is done. */
  stations: readonly { id: string; waitMs: number; serviceMs: number }[];
  /** Delays, and waits for no station. */
  delayMs: number;
  /** Attempts that timed out and pauses before the next. */
  lostMs: number;
}

/** A spike that was played request by request. */
export interface SpikeOutcome {
  passes: boolean;
  acceptedShare: number;
  /** Goodput over the spike ÷ offered over the spike. */
  goodputShare: number;
  /** From the end of the spike until the backlogs are gone; null = not within the run. */
  drainSeconds: number | null;
  p95Ms: number;
  errorsByCause: Readonly<Record<string, number>>;
  /** Per endpoint that answered: what all its responses and its slowest hundredth waited for. */
  attribution: readonly { endpoint: EndpointId; mean: Attribution; p99: Attribution }[];
  stations: readonly StationId[];
  series: readonly SeriesPoint[];
  runSeconds: number;
}

/** The answer to a scenario. Numbers only: `advisor/phrase.ts` makes the sentences. */
export interface Outcome {
  targetPerSecond: number;
  verdict: Verdict;
  /** Why no verdict can be given at all (nothing takes load, say); null otherwise. */
  silentBecause: string | null;
  /** An endpoint with load whose program could not be read to its end: whatever holds, holds only for the rest. */
  unread?: { endpoint: EndpointId; why: string };
  breaksAtPerSecond: RateRange;
  saturatesAtPerSecond: RateRange;
  /** What the range of the breaking point was taken from; absent where nothing is assumed, or no range was asked for. */
  draws?: Draws;
  /** The largest load from which goodput returns after a full outage of 10 s, where that lies below the breaking point; null: it always returns. Only where it was asked for. */
  recoversBelowPerSecond?: number | null;
  /** What gives way at breaksAt. */
  criterion: Criterion | null;
  binding: StationId | null;
  bindingComponent: ComponentId | null;
  ladder: readonly Rung[];
  breakEven: readonly BreakEven[];
  /** Assumed inputs that decide the verdict, most decisive first. */
  decidedBy: readonly { input: InputId; label: string; basis: Basis; low: number; high: number; unit: Unit; places: readonly Place[] }[];
  objective: { p95Ms: number | null; errorShare: number; messageAgeSeconds: number; basis: 'declared' | 'assumed' };
  goodputPerSecond: number;
  errorShare: number;
  /** Failed requests a second, by what they fail of. */
  errorsByCause: Readonly<Record<string, number>>;
  latencyMs: { p50: number; p95: number; p99: number } | null;
  /** Only where there is no steady state at the target. */
  growing: { requestsPerSecond: number; p95After60sMs: number } | null;
  stations: readonly StationOutcome[];
  endpoints: readonly EndpointOutcome[];
  channels: readonly ChannelOutcome[];
  validity: Validity;
  spike: SpikeOutcome | null;
  /** Values that the simulator had to assume for unknown ones, as words. */
  assumptions: readonly string[];
}
