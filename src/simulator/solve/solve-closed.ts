import type { Network } from '../../model/network.ts';
import { addUpTimes } from './add-up-times.ts';
import { type Flat, flatten } from './flatten.ts';
import { quantile } from './gamma-law.ts';
import { handOutRates } from './hand-out-rates.ts';
import { meanMsOf } from '../laws.ts';
import { isProductForm } from './product-form.ts';
import type { Solution } from './solution.ts';
import { solveAt } from './solve-at.ts';
import { type State, stateFor } from './state.ts';
import { whatSolveCannot } from './unsolved.ts';

/** More users than this take longer than a frame. */
const MOST_USERS = 2000;

/**
 * Networks with one source whose users think, send and wait: closed networks with a product form (Gordon and Newell 1967), also where a station has several servers
 * or slows down by the Universal Scalability Law, by Buzen's convolution (1973), which unlike the recursion over means adds positive numbers only.
 * Null where the network is another one or has no product form.
 */
export function solveClosed(network: Network): Solution | null {
  const [source] = network.sources;
  if (network.replicatedData || network.sources.length !== 1 || !source?.closed || source.closed.users > MOST_USERS) return null;
  const open: Network = {
    ...network,
    stations: network.stations.map(({ scalability: _, ...it }) => it),
    sources: [{ id: source.id, program: source.program, arrivals: 'poisson', share: 1, patienceMs: null }],
  };
  if (network.stations.some((it) => it.scalability && it.discipline !== 'processorSharing') || whatSolveCannot(open) !== null) return null;
  const flat = flatten(open);
  // Who has an answer thinks while the rest of the program is still under way: more is in the network than there are users.
  if (flat.splits) return null;
  const state = lightly(flat);
  if (!isProductForm(flat, state)) return null;
  const users = source.closed.users;
  // Work of one request at each station of several alike, and what it spends without ever queueing.
  const instances = Array.from(flat.instances);
  const demands = Array.from(state.work, (it, s) => it / LIGHT / (instances[s] as number));
  const queues = network.stations.map((it) => it.servers !== null || it.scalability !== undefined);
  const service = state.answered[flat.rootNode[0] as number] as number;
  const apart = service - queues.reduce((sum, isQueue, s) => sum + (isQueue ? (demands[s] as number) * (instances[s] as number) : 0), 0);
  const speeds = network.stations.map((it) => (n: number): number => {
    const { contention, coherency } = it.scalability ?? { contention: 0, coherency: 0 };
    return Math.min(n, it.servers ?? n) / (1 + contention * (n - 1) + coherency * n * (n - 1));
  });
  const solved = throughputOf(users, meanMsOf(source.closed.think) + apart, demands, queues, instances, speeds);
  const response = solved.responseMs + apart;
  const perMs = solved.perMs;
  return {
    stable: true,
    validity: { kind: 'exact' },
    stations: network.stations.map((station, s) => {
      const visits = ((state.arrivals[s] as number) / LIGHT) * perMs;
      const held = (state.served[s] as number) > 0 ? (state.work[s] as number) / (state.served[s] as number) : 0;
      const busy = perMs * (demands[s] as number);
      const present = queues[s] ? (solved.present[s] as number) : busy;
      const waiting = Math.max(0, present - busy);
      return {
        id: station.id,
        utilisation: station.servers === null ? 0 : busy / station.servers,
        arrivalsPerSecond: visits * 1000,
        meanHoldMs: held,
        meanWaitMs: visits > 0 ? (waiting * (instances[s] as number)) / visits : 0,
        meanQueue: waiting,
        refusedShare: 0,
        expiredShare: 0,
      };
    }),
    sources: [
      {
        id: source.id,
        offeredPerSecond: perMs * 1000,
        errorShare: 0,
        // Exponential: only the mean is known.
        latencyMs: {
          mean: response,
          p50: quantile(response, response * response, 0.5),
          p95: quantile(response, response * response, 0.05),
          p99: quantile(response, response * response, 0.01),
        },
      },
    ],
  };
}

const LIGHT = 1e-9;

/** Demands of one request: rates at which nobody ever waits. */
function lightly(flat: Flat): State {
  const state = stateFor(flat);
  solveAt(flat, state, 0);
  for (let root = 0; root < flat.sources; root++) state.rootRate[root] = LIGHT;
  addUpTimes(flat, state);
  handOutRates(flat, state);
  return state;
}

/** What so many users come to; `present` is per instance. Stations of a group are alike, each with an equal share of the visits. */
function throughputOf(
  users: number,
  thinkMs: number,
  demands: readonly number[],
  queues: readonly boolean[],
  instances: readonly number[],
  speeds: readonly ((n: number) => number)[],
): { perMs: number; responseMs: number; present: number[] } {
  const used = demands.flatMap((it, s) => (queues[s] && it > 0 ? [s] : []));
  const present = demands.map(() => 0);
  // Weights are kept within bounds by a rate near the throughput.
  let scale = users / (thinkMs + used.reduce((sum, s) => sum + (demands[s] as number) * (instances[s] as number), 0));
  const fastest = (s: number): number => Array.from({ length: users }, (_, n) => (speeds[s] as (n: number) => number)(n + 1)).reduce((best, it) => Math.max(best, it), 0);
  for (const s of used) scale = Math.min(scale, fastest(s) / (demands[s] as number));
  const weights = used.map((s) => {
    const law = new Float64Array(users + 1);
    law[0] = 1;
    for (let n = 1; n <= users; n++) law[n] = ((law[n - 1] as number) * scale * (demands[s] as number)) / (speeds[s] as (n: number) => number)(n);
    return bounded(law);
  });
  const thinking = poissonWeights(users, scale * thinkMs);
  const without = (left: number): Float64Array => {
    let all = thinking;
    used.forEach((s, at) => {
      for (let copy = at === left ? 1 : 0; copy < (instances[s] as number); copy++) all = bounded(convolved(all, weights[at] as Float64Array));
    });
    return all;
  };
  let perMs = 0;
  used.forEach((s, at) => {
    const rest = without(at);
    const law = weights[at] as Float64Array;
    let total = 0;
    let mean = 0;
    let speed = 0;
    for (let n = 0; n <= users; n++) {
      const weight = (law[n] as number) * (rest[users - n] as number);
      total += weight;
      mean += n * weight;
      if (n > 0) speed += (speeds[s] as (n: number) => number)(n) * weight;
    }
    present[s] = mean / total;
    // Every station tells the same throughput.
    perMs = speed / total / (demands[s] as number);
  });
  if (used.length === 0) perMs = users / thinkMs;
  return { perMs, responseMs: users / perMs - thinkMs, present };
}

/** z^n / n! for n up to `most`, relative to the largest. */
function poissonWeights(most: number, z: number): Float64Array {
  const law = new Float64Array(most + 1);
  const mode = Math.min(most, Math.floor(z));
  law[mode] = 1;
  for (let n = mode; n > 0; n--) law[n - 1] = ((law[n] as number) * n) / z;
  for (let n = mode; n < most; n++) law[n + 1] = ((law[n] as number) * z) / (n + 1);
  return law;
}

function convolved(a: Float64Array, b: Float64Array): Float64Array {
  const sums = new Float64Array(a.length);
  for (let n = 0; n < a.length; n++) {
    let sum = 0;
    for (let k = 0; k <= n; k++) sum += (a[k] as number) * (b[n - k] as number);
    sums[n] = sum;
  }
  return sums;
}

/** Only ratios matter: the largest becomes 1. */
function bounded(law: Float64Array): Float64Array {
  let largest = 0;
  for (const it of law) largest = Math.max(largest, it);
  return largest > 0 ? law.map((it) => it / largest) : law;
}
