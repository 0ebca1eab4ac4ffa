import type { Flat } from './flatten.ts';
import { HOLD, PARALLEL } from './node-kinds.ts';
import { PUBLISHED_ERRORS } from './published-errors.ts';
import type { State } from './state.ts';

/** What makes waits hard to tell, the hardest first, and how busy the busiest station is: the rows by which errors are published. */
export function errorClassOf(flat: Flat, state: State): string {
  let busiest = 0;
  let holds = false;
  let sideBySide = false;
  let limited = false;
  for (let node = 0; node < flat.nodes; node++) {
    if ((state.rate[node] as number) <= 0) continue;
    if (flat.kind[node] === PARALLEL) sideBySide = true;
    if (flat.kind[node] === HOLD) holds = true;
    if (flat.limit[node] !== Number.POSITIVE_INFINITY && flat.target[node] !== -1) limited = true;
  }
  for (let s = 0; s < flat.firstLimiter; s++) busiest = Math.max(busiest, state.utilisation[s] as number);
  const what = limited ? 'wait limits' : sideBySide ? 'side by side' : holds ? 'pools' : flat.balance ? 'balanced' : 'stations';
  return `${what}, ${busiest <= 0.5 ? 'up to 50% busy' : busiest <= 0.7 ? 'up to 70% busy' : 'up to 90% busy'}`;
}

/** The error of the mean response that 95% of the played networks of this kind stay below (`npm run errors`); the largest of all rows where none fits. */
export const publishedErrorOf = (flat: Flat, state: State): number => PUBLISHED_ERRORS[errorClassOf(flat, state)] ?? Math.max(...Object.values(PUBLISHED_ERRORS));
