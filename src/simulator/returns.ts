import type { Flat } from './flatten.ts';
import { BRANCH, HOLD, LOOP, PARALLEL, SERVE } from './node-kinds.ts';
import type { State } from './state.ts';

/**
 * Who comes back soon does not meet what a stranger meets.
 * A request that has just left the event loop and returns after a query of 5 ms can find only such a slow turn as began meanwhile; while a turn of
 * 15 ms lasts it arrives once, not ten times. Pollaczek and Khinchine's mean is for strangers (Poisson arrivals). With exponential service both see
 * the same (product form), so only what the law of service adds to that is weighed: by gap ÷ (gap + memory), where the memory is the mean
 * time for which a slow turn is still felt, E[S³] ÷ 3E[S²]: exact for one exponential turn among instant ones and an exponential gap.
 * Writes `meets` per node and `met` per station; needs the times of `addUpTimes`.
 */
export function weighReturns(flat: Flat, state: State): void {
  const { kind, parent, target, loop } = flat;
  const { mean, cursor, left, memory, meets, met, rate, arrivals } = state;
  met.fill(0);
  for (let node = 0; node < flat.nodes; node++) {
    const up = parent[node] as number;
    let start = 0;
    if (up < 0) left.fill(Number.NEGATIVE_INFINITY);
    else {
      start = cursor[up] as number;
      // Who waited for a place got it when its last holder left the loop, so waiting makes no gap.
      const active = (mean[node] as number) - (kind[node] === HOLD ? waitOf(state, node, target[node] as number) : 0);
      if (kind[up] !== BRANCH && kind[up] !== PARALLEL) cursor[up] = start + active;
    }
    cursor[node] = start;
    const what = kind[node] as number;
    if (what === LOOP) {
      // Seen in its last round, so that what follows has the right gap.
      const rounds = flat.factor[node] as number;
      if (rounds > 1) cursor[node] = start + (mean[node] as number) * (1 - 1 / rounds);
      state.began[node] = cursor[node] as number;
    }
    if (what !== SERVE && what !== HOLD) continue;
    const s = target[node] as number;
    const remembered = memory[s] as number;
    if (remembered > 0) {
      const before = left[s] as number;
      let share = shareMet(start - before, remembered);
      const around = loop[node] as number;
      if (around >= 0 && before < (state.began[around] as number)) {
        // First visit of a round: in all rounds but one it follows the last visit of the round before.
        const rounds = Math.max(1, flat.factor[around] as number);
        share = (share + (rounds - 1) * shareMet((mean[around] as number) / rounds - (mean[node] as number), remembered)) / rounds;
      }
      meets[node] = share;
      met[s] = (met[s] as number) + (share * (rate[node] as number)) / (arrivals[s] as number);
    }
    left[s] = start + (mean[node] as number);
  }
}

const shareMet = (gap: number, memory: number): number => (gap === Number.POSITIVE_INFINITY ? 1 : gap > 0 ? gap / (gap + memory) : 0);

/** Mean wait of a node's visit. */
export const waitOf = (state: State, node: number, s: number): number =>
  (state.plain[s] as number) + (state.excess[s] as number) * (state.meets[node] as number) + (state.ahead[node] as number);

/** Variance of the same. */
export function waitVarianceOf(state: State, node: number, s: number): number {
  const mean = waitOf(state, node, s) - (state.ahead[node] as number);
  return (state.aheadSquare[node] as number) + Math.max(0, (state.plainSquare[s] as number) + (state.excessSquare[s] as number) * (state.meets[node] as number) - mean * mean);
}
