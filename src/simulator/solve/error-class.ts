import type { Flat } from './flatten.ts';
import { FAIL, HOLD, LOOP, PARALLEL, SPAWN } from './node-kinds.ts';
import { PUBLISHED_ERRORS } from './published-errors.ts';
import type { State } from './state.ts';

/** What makes waits hard to tell, the hardest first, and how busy the busiest station is: the rows by which errors are published. */
export const errorClassOf = (flat: Flat, state: State): string => `${traitsOf(flat, state)[0]}, ${busiestOf(flat, state)}`;

/** The error of the mean response that 95% of the played networks of this kind stay below (`npm run errors`), the largest where several kinds meet; that of all rows where none fits. */
export function publishedErrorOf(flat: Flat, state: State): number {
  const busiest = busiestOf(flat, state);
  return Math.max(...traitsOf(flat, state).map((trait) => PUBLISHED_ERRORS[`${trait}, ${busiest}`] ?? Math.max(...Object.values(PUBLISHED_ERRORS))));
}

/** Traits that are judged on their own, each for itself, and then the hardest of those that are found together in most networks. */
export function traitsOf(flat: Flat, state: State): string[] {
  let holds = false;
  let sideBySide = false;
  let limited = false;
  let fails = false;
  let bursts = false;
  for (let node = 0; node < flat.nodes; node++) {
    if ((state.rate[node] as number) <= 0) continue;
    if (flat.kind[node] === PARALLEL) sideBySide = true;
    if (flat.kind[node] === HOLD) holds = true;
    if (flat.kind[node] === FAIL) fails = true;
    if (flat.kind[node] === SPAWN && roundsAround(flat, node) >= BURST) bursts = true;
    if (flat.limit[node] !== Number.POSITIVE_INFINITY && flat.target[node] !== -1) limited = true;
  }
  return [
    ...(flat.caches ? [flat.caches.isAskedAgain ? 'caches asked again' : 'caches'] : []),
    ...(bursts ? ['messages in bursts'] : []),
    ...(fails ? ['failures'] : []),
    ...(state.longWork.some((it) => it > 0) ? ['rare long services'] : []),
    limited ? 'wait limits' : sideBySide ? 'side by side' : holds ? 'pools' : flat.balance ? 'balanced' : 'stations',
  ];
}

/** So many messages that one request publishes in a loop come as a batch: the formulas take each for a stranger to the others. */
const BURST = 1.5;

function roundsAround(flat: Flat, node: number): number {
  let rounds = 1;
  for (let at = flat.parent[node] as number; at >= 0; at = flat.parent[at] as number) if (flat.kind[at] === LOOP) rounds *= flat.factor[at] as number;
  return rounds;
}

function busiestOf(flat: Flat, state: State): string {
  let busiest = 0;
  for (let s = 0; s < flat.firstLimiter; s++) busiest = Math.max(busiest, state.utilisation[s] as number);
  return busiest <= 0.5 ? 'up to 50% busy' : busiest <= 0.7 ? 'up to 70% busy' : 'up to 90% busy';
}
