import type { ArrivalProcess, Closed, Phase } from './network-arrivals.ts';
import type { Autoscaling, Fault, Memory, OnDemand } from './network-faults.ts';
import type { Breaker, Cache, Hedge, Job, Limiter, Retry, RetryBudget } from './network-policies.ts';
import type { ReplicatedData } from './network-replicas.ts';

/**
 * What the simulator runs: a queueing network with explicit values. It is also the form of `MODEL.json` (network.schema.json, network.md).
 * Times are milliseconds, rates are per second. Nothing in it is unknown: `compile` decides, or refuses.
 * A field that is absent switches its feature off.
 */
export interface Network {
  version: 1;
  groups: readonly Group[];
  stations: readonly Station[];
  programs: readonly Program[];
  sources: readonly Source[];
  limiters?: readonly Limiter[];
  breakers?: readonly Breaker[];
  retryBudgets?: readonly RetryBudget[];
  caches?: readonly Cache[];
  faults?: readonly Fault[];
  replicatedData?: readonly ReplicatedData[];
}

/** Equal instances (processes) that each own the stations with this group. */
export interface Group {
  id: string;
  instances: number;
  /**
   * How a call into the group picks its instance. `powerOfTwo`: the less busy of two drawn at random.
   * `connection`: every connection of a source (`Source.connections`) stays with one instance, dealt in turn, as `cluster` does; other callers go round robin.
   */
  balancer: 'random' | 'roundRobin' | 'leastConnections' | 'powerOfTwo' | 'connection';
  /** Instances are started when load asks for them; `instances` is what the run begins with. */
  autoscaling?: Autoscaling;
  /** Serverless: an instance runs one call at a time, a call that finds none idle starts one, `instances` is the limit. */
  onDemand?: OnDemand;
  /** What calls in flight need of an instance's memory; beyond its limit the instance crashes. */
  memory?: Memory;
}

/** Servers with a queue. `servers: null` = as many as needed (a pure delay). */
export interface Station {
  id: string;
  /** The name that its random draws go by; absent: its id. Parts that share one share their draws. */
  drawsAs?: string;
  /** Component it belongs to, for reports. */
  component: string;
  label: string;
  /** Servers per instance where it has a group. */
  servers: number | null;
  /** Waiting room beyond the servers: null = unbounded, 0 = refuses at once when all are busy. */
  room: number | null;
  /**
   * `priority`: the lowest `priority` number first, whoever is served is not interrupted; first come, first served among equals.
   * `eventLoop`: one server whose work goes in turns, as Node's does: a turn serves all who waited when it began, and at its end one `newConnection` of those that
   * wait is let in, to be served in the next turn.
   */
  discipline: 'fifo' | 'processorSharing' | 'priority' | 'eventLoop';
  /**
   * Universal Scalability Law, processor sharing only: with n customers present each is served at 1 / (1 + contention·(n − 1) + coherency·n·(n − 1)) of the full speed
   * (times servers / n where there are fewer servers than customers).
   */
  scalability?: { contention: number; coherency: number };
  /** Instances share nothing: each has its own servers and queue. Absent: one station for all. */
  group?: string;
  /** Cause that a refusal or a wait limit is reported under (the library's own words). */
  refusal?: string;
  timeout?: string;
}

export type Distribution =
  | { kind: 'deterministic'; meanMs: number }
  | { kind: 'exponential'; meanMs: number }
  | { kind: 'uniform'; lowMs: number; highMs: number }
  /** `cv2` is the squared coefficient of variation. A gamma law with cv2 = 1/k is Erlang-k; the hyperexponential one has balanced means. */
  | { kind: 'lognormal' | 'gamma' | 'hyperexponential'; meanMs: number; cv2: number }
  /** One of the listed times, each as likely as its weight says (all alike where weights are absent). */
  | { kind: 'empirical'; timesMs: readonly number[]; weights?: readonly number[] };

/** A time that a customer is ready to wait for a server: a fixed limit, a random patience, or for ever. */
export type WaitLimit = number | Distribution | null;

export type Instruction =
  /** Wait for a server of the station, keep it for the service time, give it back. */
  | { op: 'serve'; station: string; service: Distribution; waitLimitMs?: WaitLimit; priority?: number; newConnection?: boolean }
  /** Wait for a server of the station and keep it through everything inside. */
  | { op: 'hold'; station: string; waitLimitMs?: WaitLimit; priority?: number; newConnection?: boolean; body: readonly Instruction[] }
  | { op: 'delay'; duration: Distribution }
  /**
   * Run another program and wait for it. A timeout abandons it: its work goes on unless `cancels`, which ends it at once and frees what it holds.
   * Order of what surrounds a call: fallback( breaker( retry( hedge( timeout( program ))))), unless the breaker says `inside: 'retry'`.
   */
  | {
      op: 'call';
      program: string;
      timeoutMs?: number | null;
      cancels?: boolean;
      retry?: Retry;
      /** Id of a breaker. */
      breaker?: string;
      hedge?: Hedge;
      /** Runs instead of failing. */
      fallback?: readonly Instruction[];
    }
  /** Start another program and go on at once. */
  | { op: 'spawn'; program: string }
  | { op: 'parallel'; branches: readonly (readonly Instruction[])[] }
  | { op: 'loop'; times: number; body: readonly Instruction[] }
  | { op: 'branch'; probability: number; taken: readonly Instruction[]; otherwise: readonly Instruction[] }
  /** Ask a limiter's leave; refused requests fail with its cause, delayed ones wait. */
  | { op: 'limit'; limiter: string }
  /** Look a key up: `hit` or `miss` runs; after `miss` has succeeded the key is stored. */
  | { op: 'lookup'; cache: string; hit: readonly Instruction[]; miss: readonly Instruction[] }
  /** Remove a key drawn like those that are looked up, or all of them. */
  | { op: 'invalidate'; cache: string; all?: boolean }
  /** A key of replicated data changes at the primary. */
  | { op: 'write'; data: string }
  /** A key is read at a replica; where a write of it does not show there yet, the read is stale and `stale` runs (a second read at the primary, say). */
  | { op: 'readReplica'; data: string; stale?: readonly Instruction[] }
  /** Answer the caller now; the rest of the program runs on without it. */
  | { op: 'respond' }
  /** End with an error. */
  | { op: 'fail'; cause: string };

export interface Program {
  id: string;
  /** The name that its random draws go by; absent: its id. Parts that share one share their draws. */
  drawsAs?: string;
  group?: string;
  body: readonly Instruction[];
  /** A message's program: its age runs from the spawn to its start of work. */
  channel?: string;
  /** What happens to a message whose program fails, or that waits too long; absent: it is lost. */
  job?: Job;
  /** Memory that one run of it needs in its instance, MB. */
  memoryMb?: number;
}

export interface Source {
  id: string;
  /** The name that its random draws go by; absent: its id. Parts that share one share their draws. */
  drawsAs?: string;
  program: string;
  arrivals: ArrivalProcess;
  /** Share of the scenario's load, or explicit phases; `phases` win. Each phase lasts until the next begins. */
  share: number;
  phases?: readonly Phase[];
  /** Users who think, send, wait for the answer and think again; in place of `phases`. */
  closed?: Closed;
  /** Arrivals at time 0, all at once (a burst). */
  burst?: number;
  /** The client gives up after this; null = waits for ever. The work goes on. Clients that try again are a program with one `call`. */
  patienceMs: number | null;
  objectiveP95Ms?: number;
  /** Clients that are equally busy, for limiters with a key per client and for `connection` balancing. */
  clients?: number;
  /** Kept-alive connections that requests are spread over, for groups balanced by `connection`. */
  connections?: number;
}
