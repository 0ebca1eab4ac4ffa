import { latestOf } from './later-of-two.ts';
import type { Flat } from './flatten.ts';
import { BRANCH, CALL, DELAY, HOLD, LOOP, PARALLEL, SERVE } from './node-kinds.ts';
import { waitOf, waitVarianceOf } from './returns.ts';
import type { State } from './state.ts';

/**
 * Time that a node takes whether it fails or not: servers are held for it, and so long a failed attempt takes. Called for each node after its children, when its time and its failures
 * are known; who fails leaves out what follows. Of a hold it is the time that its server is kept, without the wait for it.
 */
export function addUpSpent(flat: Flat, state: State, node: number): void {
  const { spent, spentVariance, mean, variance, lost, expired, fails } = state;
  let e = spent[node] as number;
  let v = spentVariance[node] as number;
  switch (flat.kind[node]) {
    case SERVE:
      e = mean[node] as number;
      v = variance[node] as number;
      break;
    case DELAY:
      e = mean[node] as number;
      v = variance[node] as number;
      break;
    case LOOP:
      e *= state.attempts[node] as number;
      v = v * (state.attempts[node] as number) + (flat.ownVariance[node] as number) * e * e;
      break;
    case BRANCH:
      v = Math.max(0, v - e * e);
      break;
    case CALL:
      if (state.attempts[node] === 1 && !(fails[node] as number)) {
        e = mean[node] as number;
        v = variance[node] as number;
      }
      break;
  }
  spent[node] = e;
  spentVariance[node] = v;
  const up = flat.parent[node] as number;
  if (flat.kind[node] === HOLD) {
    const s = flat.target[node] as number;
    state.holdMean[node] = e;
    e += waitOf(state, node, s);
    v += waitVarianceOf(state, node, s);
  }
  if (up < 0) return;
  if (flat.kind[node] === HOLD || flat.kind[node] === SERVE) {
    const s = flat.target[node] as number;
    const gone = lost[s] as number;
    if (gone > 0) {
      const limit = flat.limit[node] as number;
      const waited = limit < Number.POSITIVE_INFINITY ? (expired[s] as number) * limit : 0;
      const square = (1 - gone) * (v + e * e) + (waited > 0 ? waited * limit : 0);
      e = (1 - gone) * e + waited;
      v = Math.max(0, square - e * e);
    }
  }
  const above = flat.kind[up] as number;
  if (above === BRANCH) {
    const p = flat.factor[node] as number;
    spent[up] = (spent[up] as number) + p * e;
    spentVariance[up] = (spentVariance[up] as number) + p * (v + e * e);
  } else if (above === PARALLEL) latestOf(spent, spentVariance, up, e, v, flat.factor[node] as number);
  else {
    // Who comes through goes on with what follows, which has been added up before.
    const well = 1 - (fails[node] as number);
    const rest = spent[up] as number;
    spent[up] = e + well * rest;
    spentVariance[up] = v + well * ((spentVariance[up] as number) + (1 - well) * rest * rest);
  }
}
