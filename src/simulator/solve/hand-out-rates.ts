import { power } from '../arithmetic.ts';
import type { Flat } from './flatten.ts';
import { BRANCH, CALL, HOLD, LOOP, PARALLEL, SERVE, SPAWN } from './node-kinds.ts';
import type { State } from './state.ts';

/** Starts per ms of every node, parents before children, and what they bring to the stations. */
export function handOutRates(flat: Flat, state: State): void {
  const { kind, parent, target, mean: ownMean, square: ownSquare, factor, nested } = flat;
  const { rate, flow, arrivals, served, work, square, nextRootRate, fails, lost, holdMean, spentVariance: variance, limits } = state;
  arrivals.fill(0);
  served.fill(0);
  work.fill(0);
  square.fill(0);
  state.cube.fill(0);
  limits.fill(0);
  state.outerWork.fill(0);
  state.innerWork.fill(0);
  state.outerRate.fill(0);
  nextRootRate.fill(0);
  state.pairRate.fill(0);
  state.pairWork.fill(0);
  const nodes = flat.nodes;
  let root = -1;
  for (let node = 0; node < nodes; node++) {
    const up = parent[node] as number;
    let starts: number;
    if (up < 0) starts = state.rootRate[++root] as number;
    else {
      const above = kind[up] as number;
      if (above === BRANCH || above === PARALLEL) starts = (rate[up] as number) * (factor[node] as number);
      else {
        starts = flow[up] as number;
        const f = fails[node] as number;
        if (f > 0) flow[up] = starts * (1 - f);
      }
    }
    rate[node] = starts;
    flow[node] = starts;
    const what = kind[node] as number;
    if (what === SERVE || what === HOLD) {
      const s = target[node] as number;
      const gets = starts * (1 - (lost[s] as number));
      arrivals[s] = (arrivals[s] as number) + starts;
      served[s] = (served[s] as number) + gets;
      const held = what === SERVE ? (ownMean[node] as number) : (holdMean[node] as number);
      work[s] = (work[s] as number) + gets * held;
      if ((flat.stationLimit[s] as number) < Number.POSITIVE_INFINITY) limits[s] = (limits[s] as number) + starts * Math.min(PATIENT_MS, flat.limit[node] as number);
      const pair = flat.pair[node] as number;
      if (pair >= 0) {
        state.pairRate[pair] = (state.pairRate[pair] as number) + gets;
        state.pairWork[pair] = (state.pairWork[pair] as number) + gets * held;
      }
      if (nested[s]) {
        if (flat.inner[node]) state.innerWork[s] = (state.innerWork[s] as number) + gets * held;
        else {
          state.outerWork[s] = (state.outerWork[s] as number) + gets * held;
          state.outerRate[s] = (state.outerRate[s] as number) + gets;
        }
      }
      square[s] = (square[s] as number) + gets * (what === SERVE ? (ownSquare[node] as number) : (variance[node] as number) + held * held);
      if (flat.servers[s] === 1) {
        const third = what === SERVE ? (flat.cube[node] as number) : cubeOf(held, variance[node] as number);
        state.cube[s] = (state.cube[s] as number) + gets * third;
      }
      flow[node] = gets;
    } else if (what === CALL || what === LOOP) flow[node] = starts * (state.attempts[node] as number);
    else if (what === SPAWN) {
      const to = target[node] as number;
      nextRootRate[to] = (nextRootRate[to] as number) + starts * triedOf(flat.attempts[to] as number, fails[flat.rootNode[to] as number] as number);
    }
  }
}

/** How often a message is tried in the mean, that is tried again after a failure up to so many times in all. */
function triedOf(attempts: number, fails: number): number {
  if (attempts <= 1 || fails <= 0) return 1;
  return fails >= 1 ? attempts : (1 - power(fails, attempts)) / (1 - fails);
}

/** What a visit without a limit counts as beside others that have one. */
const PATIENT_MS = 60_000;

/** Third moment of a holding time, by a gamma law with this mean and variance. */
function cubeOf(mean: number, variance: number): number {
  if (mean <= 0) return 0;
  const cv2 = variance / (mean * mean);
  return mean * mean * mean * (1 + cv2) * (1 + 2 * cv2);
}
