import type { Network } from '../../model/network.ts';
import type { Validity } from '../../model/outcome.ts';
import { publishedErrorOf, traitsOf } from './error-class.ts';
import { type Flat, flatten } from './flatten.ts';
import { BRANCH, DELAY, HOLD, RESPOND, SEQUENCE, SERVE } from './node-kinds.ts';
import { HARDLY_ANY, inTime } from './in-time.ts';
import { isProductForm } from './product-form.ts';
import type { Latency, Solution, StationSolution } from './solution.ts';
import { responseQuantile, responseTail } from './response-law.ts';
import { solveClosed } from './solve-closed.ts';
import { solveSingle } from './solve-single.ts';
import { solveAt } from './solve-at.ts';
import { replicasOf } from './stale-reads.ts';
import { type State, stateFor } from './state.ts';

/** Steady state of a network: at `perSecond` requests over all sources by their shares, or else at the rates of the sources' first phases. */
export function solve(network: Network, perSecond?: number): Solution {
  return solveSingle(network, perSecond) ?? solveClosed(network) ?? solveOpen(network, perSecond);
}

/** A network as it is laid out for solving, with room for what is written at each rate. */
interface LaidOut {
  flat: Flat;
  state: State;
  /** Of its roots, for they are overwritten where the sources' own rates hold. */
  share: Float64Array;
  base: Float64Array;
}

/** A network never changes, and most are asked at many rates one after the other: what follows from it alone is worked out once. */
const laidOut = new WeakMap<Network, LaidOut>();

function layOut(network: Network): LaidOut {
  const known = laidOut.get(network);
  if (known) return known;
  const flat = flatten(network);
  const it = { flat, state: stateFor(flat), share: flat.rootShare.slice(), base: flat.rootBase.slice() };
  laidOut.set(network, it);
  return it;
}

function solveOpen(network: Network, perSecond: number | undefined): Solution {
  const { flat, state, share, base } = layOut(network);
  flat.rootShare.set(share);
  flat.rootBase.set(base);
  if (perSecond === undefined)
    network.sources.forEach((source, index) => {
      flat.rootShare[index] = 0;
      flat.rootBase[index] = source.phases?.[0]?.perSecond ?? 0;
    });
  solveAt(flat, state, perSecond ?? 0);
  const unsolved = flat.cannot;
  return {
    stable: state.stable,
    validity: lawIsAsked(network, flat, state) ? approximatelyAtBest(flat, state) : validityOf(flat, state),
    stations: network.stations.map((_, index) => {
      const it = stationSolution(flat, state, index);
      return unsolved === null ? it : { ...it, meanWaitMs: null, meanQueue: null };
    }),
    sources: network.sources.map((source, index) => ({
      id: source.id,
      offeredPerSecond: (state.rootRate[index] as number) * 1000,
      errorShare: unsolved === null && rootIsStable(flat, state, index) ? errorShareOf(flat, state, index, source.patienceMs) : null,
      latencyMs: unsolved === null ? answeredInTime(flat, state, index, source.patienceMs) : null,
    })),
    ...(network.replicatedData && { replicatedData: replicasOf(network, flat, state) }),
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
  const at = (tail: number): number => responseQuantile(state, node, tail);
  return { mean: state.answered[node] as number, p50: at(0.5), p95: at(0.05), p99: at(0.01) };
}

/** The same for those whose client has not given up before. */
function answeredInTime(flat: Flat, state: State, root: number, patienceMs: number | null): Latency | null {
  const all = latencyOf(flat, state, root);
  const node = flat.rootNode[root] as number;
  return all && inTime(all, (ms) => responseTail(state, node, ms), patienceMs);
}

/** Some clients give up: then means too depend on the law of the response, of which only two moments are known. */
function lawIsAsked(network: Network, flat: Flat, state: State): boolean {
  return network.sources.some(({ patienceMs }, root) => {
    const node = flat.rootNode[root] as number;
    return patienceMs !== null && responseTail(state, node, patienceMs) > HARDLY_ANY;
  });
}

/** Failed, refused and expired requests, and those whose client has gone before the answer came. */
export function errorShareOf(flat: Flat, state: State, root: number, patienceMs: number | null): number {
  const node = flat.rootNode[root] as number;
  const failed = state.unanswered[node] as number;
  if (patienceMs === null) return failed;
  return failed + (1 - failed) * responseTail(state, node, patienceMs);
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

/** A published error above which a wait is no more than an order of magnitude. */
const MOST_ERROR = 0.5;

/** One station that each request asks once at most: M/G/1, M/M/c, and with no or little room M/G/c/c and M/M/c/K. */
function isOneQueue(flat: Flat, state: State): boolean {
  if (flat.caches !== null) return false;
  let station = -1;
  let isExponential = true;
  const asked = new Set<number>();
  for (let node = 0, root = -1; node < flat.nodes; node++) {
    if ((flat.parent[node] as number) < 0) root++;
    if ((state.rate[node] as number) <= 0) continue;
    const kind = flat.kind[node] as number;
    if (kind === DELAY || kind === RESPOND || kind === BRANCH || kind === SEQUENCE) continue;
    if (kind !== SERVE || (flat.target[node] as number) >= flat.firstLimiter) return false;
    const s = flat.target[node] as number;
    if (flat.servers[s] === Number.POSITIVE_INFINITY) continue;
    if ((station >= 0 && station !== s) || asked.has(root) || flat.sharing[s] || flat.stationLimit[s] !== Number.POSITIVE_INFINITY) return false;
    station = s;
    asked.add(root);
    const mean = flat.mean[node] as number;
    if (Math.abs((flat.square[node] as number) - 2 * mean * mean) > 1e-12 * mean * mean) isExponential = false;
  }
  if (station < 0 || flat.balance !== null || flat.rootNode.length !== flat.sources) return station < 0 && flat.cannot === null;
  const held = (state.work[station] as number) / Math.max(1e-300, state.served[station] as number);
  const oneMean = flat.mean.every((it, node) => flat.kind[node] !== SERVE || flat.target[node] !== station || Math.abs(it - held) < 1e-9 * held);
  if (flat.room[station] === 0) return true;
  if (flat.room[station] !== Number.POSITIVE_INFINITY) return isExponential && oneMean;
  return flat.servers[station] === 1 || (isExponential && oneMean);
}

/** How far the waits may be trusted: exact (means and shares; quantiles are those of a gamma law) where theory is, else by the published error. */
export function validityOf(flat: Flat, state: State): Validity {
  if (flat.cannot === null && state.stable && !flat.paced && (isProductForm(flat, state) || isOneQueue(flat, state))) return { kind: 'exact' };
  return approximatelyAtBest(flat, state);
}

function approximatelyAtBest(flat: Flat, state: State): Validity {
  if (flat.cannot !== null) return { kind: 'throughputOnly', why: `${flat.cannot} is not solved; play it` };
  for (let s = 0; s < flat.servers.length; s++) {
    const utilisation = state.utilisation[s] as number;
    if (utilisation > TRUSTED_UTILISATION)
      return { kind: 'throughputOnly', why: `${flat.stationIds[s]} is ${Math.round(utilisation * 100)}% busy: waits this close to saturation are not trusted` };
  }
  const errorShare = publishedErrorOf(flat, state);
  if (errorShare > MOST_ERROR) return { kind: 'throughputOnly', why: `waits of networks with ${traitsOf(flat, state)[0]} are not trusted where stations are this busy` };
  return { kind: 'approximate', errorShare };
}
