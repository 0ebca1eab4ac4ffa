import type { InputId } from './inputs.ts';
import type { Basis, Place, Unit } from './known.ts';
import type { Attribution, Interval, StationId, StationKind } from './outcome.ts';
import type { ComponentId, EndpointId } from './topology.ts';

/** What one server more at a station would change. */
export interface Marginal {
  station: StationId;
  component: ComponentId;
  label: string;
  kind: StationKind;
  /** What is added: one more in each instance of a pool or consumer, one more instance of a process. */
  adds: 'connection' | 'worker' | 'replica' | 'core' | 'thread';
  /** Null: does not break below 10⁶ a second. */
  breaksAtBefore: number | null;
  breaksAtAfter: number | null;
  /** Of all requests at the target; null where there is no steady state. */
  p95BeforeMs: number | null;
  p95AfterMs: number | null;
}

/** What responses are made of at the target: waits, services, delays, of all and of the slowest hundredth of each endpoint. */
export interface Waits {
  /** So many seconds were played, after a warm-up where there is a steady state. */
  seconds: number;
  requests: number;
  /** False where the queues grow without end: then these are the first seconds of the overload. */
  isSteady: boolean;
  endpoints: readonly { endpoint: EndpointId; mean: Attribution; p99: Attribution }[];
}

/** An assumed input with its part in how uncertain the breaking point is. */
export interface Unknown {
  input: InputId;
  label: string;
  basis: Basis;
  low: number;
  high: number;
  unit: Unit;
  places: readonly Place[];
  /** Share of the variance (of the logarithm of the breaking point, over the draws) that goes away when this input is known: measure the largest first. */
  share: number;
}

/** How long a backlog takes to go. */
export interface Drain {
  /** By rates alone: backlog ÷ (what can be finished − what comes); null where more comes than can be finished. */
  fluidSeconds: number | null;
  /** Played; null where it had not gone by the end of the run. */
  seconds: number | null;
  drainPerSecond: number;
  inPerSecond: number;
}

/** The smallest pool that holds a target. */
export interface PoolSize {
  pool: string;
  /** Connections per process; null where none holds it. */
  connections: number | null;
  /** Why there is none: the server accepts too few connections, or something else gives way first. */
  because: 'budget' | 'elsewhere' | null;
  /** What gives way where a larger pool does not help. */
  binding: StationId | null;
  /** Connections that are busy on average (Little's law: arrivals × time held): no smaller pool can do. */
  busyOnAverage: number;
  /** Connections per process that the server leaves for this pool; null where its limit is not known. */
  budget: number | null;
}

/** One measure of two systems under the same luck. */
export interface Compared {
  before: number;
  after: number;
  /** After − before. */
  difference: number;
  interval95: Interval;
  /** The interval leaves 0 out. */
  isSignificant: boolean;
}

export interface Comparison {
  replications: number;
  /** Null where nothing was answered in some replication. */
  meanMs: Compared | null;
  p95Ms: Compared | null;
  goodputPerSecond: Compared;
  errorShare: Compared;
}

/** What is done to a running system and then undone: so many times the load, or nothing served at all. */
export type Trigger = { kind: 'spike'; factor: number; seconds: number } | { kind: 'outage'; seconds: number };

/** What follows a trigger. */
export interface Recovery {
  /** From the trigger's end until goodput is as before it and the backlog is gone, for good; null: not within the run. */
  seconds: number | null;
  /** Most requests in flight at the end of any second. */
  peakInFlight: number;
  goodputBeforePerSecond: number;
  /** At the end of the run. */
  goodputAfterPerSecond: number;
  watchedSeconds: number;
}

/** Whether a system stays down after its trigger is gone. */
export interface Metastability {
  /** The load that was played: the one asked about, or the largest below the breaking point. */
  perSecond: number;
  /** At the load asked about: goodput comes back by itself. */
  recovers: boolean;
  recovery: Recovery;
  /** The largest load from which it comes back; null where it always does below the load asked about (or its breaking point). */
  recoversBelowPerSecond: number | null;
}
