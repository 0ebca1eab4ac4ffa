import type { Flat } from './flatten.ts';
import { BRANCH, CALL, DELAY, LOOP, RESPOND, SEQUENCE, SERVE } from './node-kinds.ts';
import type { State } from './state.ts';

/**
 * Whether the network is one of those whose means are known exactly (Jackson 1957; Baskett, Chandy, Muntz and Palacios 1975; Kelly 1979): nothing is held around anything, refused, timed out,
 * started side by side, and each station shares its processors or serves in order of arrival with one exponential law.
 */
export function isProductForm(flat: Flat, state: State): boolean {
  if (flat.cannot !== null || flat.balance !== null || flat.caches !== null || flat.limiters.length > 0) return false;
  const means = new Map<number, number>();
  for (let node = 0; node < flat.nodes; node++) {
    if ((state.rate[node] as number) <= 0) continue;
    const kind = flat.kind[node] as number;
    if (kind === CALL) {
      if (flat.limit[node] !== Number.POSITIVE_INFINITY || (flat.retries[node] as number) > 0) return false;
    } else if (kind === LOOP) {
      if (!Number.isInteger(flat.factor[node] as number)) return false;
    } else if (kind === SERVE) {
      const s = flat.target[node] as number;
      if (flat.room[s] !== Number.POSITIVE_INFINITY || flat.stationLimit[s] !== Number.POSITIVE_INFINITY) return false;
      if (flat.sharing[s] || flat.servers[s] === Number.POSITIVE_INFINITY) continue;
      const mean = flat.mean[node] as number;
      if (Math.abs((flat.square[node] as number) - 2 * mean * mean) > 1e-12 * mean * mean) return false;
      const known = means.get(s) ?? mean;
      if (Math.abs(known - mean) > 1e-12 * mean) return false;
      means.set(s, known);
    } else if (kind === RESPOND) {
      // A called program that answers early goes on beside its caller: one request is at two places at once.
      if (isCalled(flat, node)) return false;
    } else if (kind !== SEQUENCE && kind !== DELAY && kind !== BRANCH) return false;
  }
  return flat.rootNode.length === flat.sources;
}

function isCalled(flat: Flat, node: number): boolean {
  for (let at = flat.parent[node] as number; at >= 0; at = flat.parent[at] as number) if (flat.kind[at] === CALL) return true;
  return false;
}
