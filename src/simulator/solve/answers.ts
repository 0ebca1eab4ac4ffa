import { power } from '../arithmetic.ts';
import type { Flat } from './flatten.ts';
import { BRANCH, CALL, LOOP, RESPOND } from './node-kinds.ts';

/**
 * Per node: share of its runs by whose end the caller has been answered. Children before parents: an answer in one arm of a branch is one for those who take it;
 * that of a called program is no answer of its caller.
 */
export function answersOf(flat: Pick<Flat, 'nodes' | 'kind' | 'parent' | 'factor'>): Float64Array {
  const answers = new Float64Array(flat.nodes);
  for (let node = flat.nodes - 1; node >= 0; node--) {
    const kind = flat.kind[node];
    let share = answers[node] as number;
    if (kind === RESPOND) share = 1;
    else if (kind === CALL) share = 0;
    else if (kind === LOOP) share = 1 - power(1 - share, flat.factor[node] as number);
    answers[node] = share;
    const up = flat.parent[node] as number;
    if (up < 0) continue;
    if (flat.kind[up] === BRANCH) answers[up] = (answers[up] as number) + (flat.factor[node] as number) * share;
    else answers[up] = 1 - (1 - (answers[up] as number)) * (1 - share);
  }
  return answers;
}

/** Rounds of a loop that are made before the answer is given. */
export function roundsUntilAnswer(share: number, rounds: number): number {
  return share > 0 ? share / (1 - power(1 - share, 1 / rounds)) : rounds;
}
