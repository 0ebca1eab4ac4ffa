import type { Validity } from '../../model/outcome.ts';

export interface Latency {
  mean: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface StationSolution {
  id: string;
  /** Offered work ÷ servers; may exceed 1. */
  utilisation: number;
  arrivalsPerSecond: number;
  meanHoldMs: number;
  /** Null where the queue has no steady state. */
  meanWaitMs: number | null;
  meanQueue: number | null;
  refusedShare: number;
  expiredShare: number;
}

export interface SourceSolution {
  id: string;
  offeredPerSecond: number;
  /** Null where it is not known: something in the network is not solved, or requests wait for what has no steady state. */
  errorShare: number | null;
  /** Null while anything on the way to the answer has no steady state. */
  latencyMs: Latency | null;
}

export interface ReplicaSolution {
  id: string;
  writesPerSecond: number;
  /** At replicas. */
  readsPerSecond: number;
  /** Reads that see an old value; null where the closed form does not know. */
  staleShare: number | null;
}

/** Steady state of a network by queueing theory. */
export interface Solution {
  stable: boolean;
  validity: Validity;
  stations: readonly StationSolution[];
  sources: readonly SourceSolution[];
  /** Where the network has such data. */
  replicatedData?: readonly ReplicaSolution[];
}
