/**
 * What the simulator runs: a queueing network with explicit values. It is also the form of `MODEL.json` (network.schema.json).
 * Times are milliseconds, rates are per second. Nothing in it is unknown: `compile` decides, or refuses.
 */
export interface Network {
  version: 1;
  groups: readonly Group[];
  stations: readonly Station[];
  programs: readonly Program[];
  sources: readonly Source[];
}

/** Equal instances (processes) that each own the stations with this group. */
export interface Group {
  id: string;
  instances: number;
  /** How a call into the group picks its instance. */
  balancer: 'random' | 'roundRobin' | 'leastConnections';
}

/** Servers with a queue. `servers: null` = as many as needed (a pure delay). */
export interface Station {
  id: string;
  /** Component it belongs to, for reports. */
  component: string;
  label: string;
  /** Servers per instance where it has a group. */
  servers: number | null;
  /** Waiting room beyond the servers: null = unbounded, 0 = refuses at once when all are busy. */
  room: number | null;
  discipline: 'fifo' | 'processorSharing';
  /** Instances share nothing: each has its own servers and queue. Absent: one station for all. */
  group?: string;
  /** Cause that a refusal or a wait limit is reported under (the library's own words). */
  refusal?: string;
  timeout?: string;
}

export type Distribution =
  | { kind: 'deterministic'; meanMs: number }
  | { kind: 'exponential'; meanMs: number }
  /** `cv2` is the squared coefficient of variation. */
  | { kind: 'lognormal' | 'gamma' | 'hyperexponential'; meanMs: number; cv2: number };

export type Instruction =
  /** Wait for a server of the station, keep it for the service time, give it back. */
  | { op: 'serve'; station: string; service: Distribution; waitLimitMs?: number | null }
  /** Wait for a server of the station and keep it through everything inside. */
  | { op: 'hold'; station: string; waitLimitMs?: number | null; body: readonly Instruction[] }
  | { op: 'delay'; duration: Distribution }
  /** Run another program and wait for it; a timeout abandons it (its work goes on). */
  | { op: 'call'; program: string; timeoutMs?: number | null; retries?: number; backoffMs?: number }
  /** Start another program and go on at once. */
  | { op: 'spawn'; program: string }
  | { op: 'parallel'; branches: readonly (readonly Instruction[])[] }
  | { op: 'loop'; times: number; body: readonly Instruction[] }
  | { op: 'branch'; probability: number; taken: readonly Instruction[]; otherwise: readonly Instruction[] }
  /** Answer the caller now; the rest of the program runs on without it. */
  | { op: 'respond' };

export interface Program {
  id: string;
  group?: string;
  body: readonly Instruction[];
  /** A message's program: its age runs from the spawn to its start of work. */
  channel?: string;
}

export interface Source {
  id: string;
  program: string;
  arrivals: 'poisson' | 'deterministic';
  /** Share of the scenario's load, or explicit phases; `phases` win. Each phase lasts until the next begins. */
  share: number;
  phases?: readonly { fromMs: number; perSecond: number }[];
  /** Arrivals at time 0, all at once (a burst). */
  burst?: number;
  /** The client gives up after this; null = waits for ever. The work goes on. */
  patienceMs: number | null;
  objectiveP95Ms?: number;
}
