import type { Network } from '../model/network.ts';
import type { Validity } from '../model/outcome.ts';
import { gammaQuantile } from './arithmetic.ts';
import { publishedErrorOf } from './error-class.ts';
import { type Flat, flatten, HOLD, SERVE } from './flatten.ts';
import { solveAt } from './solve-at.ts';
import { tailOf } from './add-up-times.ts';
import { type State, stateFor } from './state.ts';

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
  errorShare: number;
  /** Null while anything on the way to the answer has no steady state. */
  latencyMs: Latency | null;
}

/** Steady state of a network by queueing theory. */
export interface Solution {
  stable: boolean;
  validity: Validity;
  stations: readonly StationSolution[];
  sources: readonly SourceSolution[];
}

/** Steady state of a network: at `perSecond` requests over all sources by their shares, or else at the rates of the sources' first phases. */
export function solve(network: Network, perSecond?: number): Solution {
  const flat = flatten(network);
  if (perSecond === undefined)
    network.sources.forEach((source, index) => {
      flat.rootShare[index] = 0;
      flat.rootBase[index] = source.phases?.[0]?.perSecond ?? 0;
    });
  const state = stateFor(flat);
  solveAt(flat, state, perSecond ?? 0);
  const unsolved = flat.cannot;
  return {
    stable: state.stable,
    validity: validityOf(flat, state),
    stations: network.stations.map((_, index) => {
      const it = stationSolution(flat, state, index);
      return unsolved === null ? it : { ...it, meanWaitMs: null, meanQueue: null };
    }),
    sources: network.sources.map((source, index) => ({
      id: source.id,
      offeredPerSecond: (state.rootRate[index] as number) * 1000,
      errorShare: errorShareOf(flat, state, index, source.patienceMs),
      latencyMs: unsolved === null ? latencyOf(flat, state, index) : null,
    })),
  };
}

export function stationSolution(flat: Flat, state: State, s: number): StationSolution {
  const arrivals = state.arrivals[s] as number;
  const served = state.served[s] as number;
  const unstable = state.unstable[s] === 1;
  const waitMs = Math.max(0, (state.wait[s] as number) + (state.offsetWait[s] as number));
  return {
    id: flat.stationIds[s] as string,
    utilisation: state.utilisation[s] as number,
    arrivalsPerSecond: arrivals * 1000,
    meanHoldMs: served > 0 ? (state.work[s] as number) / served : 0,
    meanWaitMs: unstable ? null : waitMs,
    meanQueue: unstable ? null : (arrivals * waitMs) / (flat.instances[s] as number),
    refusedShare: state.refused[s] as number,
    expiredShare: state.expired[s] as number,
  };
}

/** Response time of a source's requests until they are answered. */
export function latencyOf(flat: Flat, state: State, root: number): Latency | null {
  if (!rootIsStable(flat, state, root)) return null;
  const node = flat.rootNode[root] as number;
  const mean = state.answered[node] as number;
  const variance = state.answeredVariance[node] as number;
  return { mean, p50: quantile(mean, variance, 0.5), p95: quantile(mean, variance, 0.05), p99: quantile(mean, variance, 0.01) };
}

/** The time that is exceeded with probability `tail`, by a gamma law with this mean and variance (exact for a sojourn in M/M/1). */
export function quantile(mean: number, variance: number, tail: number): number {
  if (mean <= 0) return 0;
  const spread = variance / (mean * mean);
  if (spread < 1e-4) return mean;
  return gammaQuantile(1 / spread, tail) * mean * spread;
}

/** Failed, refused and expired requests, and those whose client has gone before the answer came. */
export function errorShareOf(flat: Flat, state: State, root: number, patienceMs: number | null): number {
  const node = flat.rootNode[root] as number;
  const failed = state.fails[node] as number;
  if (patienceMs === null) return failed;
  return failed + (1 - failed) * tailOf(state.answered[node] as number, state.answeredVariance[node] as number, patienceMs);
}

/** True when no station without a steady state lies on the way to the answer. */
export function rootIsStable(flat: Flat, state: State, root: number): boolean {
  if (state.stable) return true;
  const end = root + 1 < flat.rootNode.length ? (flat.rootNode[root + 1] as number) : flat.nodes;
  for (let node = flat.rootNode[root] as number; node < end; node++) {
    const isVisit = flat.kind[node] === SERVE || flat.kind[node] === HOLD;
    if (isVisit && !flat.after[node] && (state.rate[node] as number) > 0 && state.unstable[flat.target[node] as number]) return false;
  }
  return true;
}

/** Above this utilisation approximate waits say nothing that should be believed. */
const TRUSTED_UTILISATION = 0.9;

/** How far the waits may be trusted: exact for one exponential server on each way, else by the published error. */
export function validityOf(flat: Flat, state: State): Validity {
  if (flat.cannot !== null) return { kind: 'throughputOnly', why: `${flat.cannot} is not solved; play it` };
  const visits = new Map<number, number>();
  let isExact = flat.rootNode.length === 1 && flat.balance === null;
  for (let node = 0; node < flat.nodes; node++) {
    if ((state.rate[node] as number) <= 0) continue;
    if (flat.kind[node] === SERVE) {
      const s = flat.target[node] as number;
      visits.set(s, (visits.get(s) ?? 0) + 1);
      const mean = flat.mean[node] as number;
      if (flat.servers[s] !== 1 || Math.abs((flat.square[node] as number) - 2 * mean * mean) > 1e-12 * mean * mean) isExact = false;
      if (flat.stationLimit[s] !== Number.POSITIVE_INFINITY || flat.room[s] !== Number.POSITIVE_INFINITY || flat.sharing[s]) isExact = false;
    } else if (node !== flat.rootNode[0]) isExact = false;
  }
  if (isExact && visits.size === 1 && [...visits.values()][0] === 1) return { kind: 'exact' };
  for (let s = 0; s < flat.servers.length; s++) {
    const utilisation = state.utilisation[s] as number;
    if (utilisation > TRUSTED_UTILISATION)
      return { kind: 'throughputOnly', why: `${flat.stationIds[s]} is ${Math.round(utilisation * 100)}% busy: waits this close to saturation are not trusted` };
  }
  return { kind: 'approximate', errorShare: publishedErrorOf(flat, state) };
}
