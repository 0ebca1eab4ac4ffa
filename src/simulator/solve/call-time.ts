import { power } from '../arithmetic.ts';
import { attemptsOf, type Attempts } from './attempts.ts';
import type { Flat } from './flatten.ts';
import { tailOf } from './gamma-law.ts';
import type { State } from './state.ts';

/** Chance that what happens with probability `p` happens in some of so many rounds; of the smallest ones one less their complement would leave nothing. */
export function atLeastOnce(p: number, rounds: number): number {
  if (rounds === 1) return p;
  if (p * rounds >= RARE || p >= RARE) return 1 - power(1 - p, rounds);
  // 1 − e^(−y), both by their series.
  const y = rounds * p * (1 + p * (1 / 2 + p * (1 / 3 + p / 4)));
  return y * (1 - y * (1 / 2 - y * (1 / 6 - y * (1 / 24 - y / 120))));
}
const RARE = 0.01;

const NO_PAUSES: readonly number[] = [];
const call: Attempts = { mean: 0, variance: 0, fails: 0, attempts: 1, spent: 0, spentVariance: 0 };

/** A call's time with its timeout and attempts, from those of one attempt; written anew by each call. What it spends and how often it is tried goes into `state`. */
export function callTime(flat: Flat, state: State, node: number, mean: number, variance: number, fails: number): Readonly<Attempts> {
  const limit = flat.limit[node] as number;
  const late = limit < Number.POSITIVE_INFINITY ? tailOf(mean, variance, limit) : 0;
  // What failed attempts took is what all took less what the others took.
  const failedMs = fails > 0 && flat.fails ? Math.max(0, ((state.spent[node] as number) - (1 - fails) * mean) / fails) : mean;
  attemptsOf({ mean, variance, fails, failedMs, late, limit, retries: flat.retries[node] as number, pausesMs: flat.pauses.get(node) ?? NO_PAUSES }, call);
  state.attempts[node] = call.attempts;
  if (flat.fails) {
    state.spent[node] = call.spent;
    state.spentVariance[node] = call.spentVariance;
  }
  return call;
}
