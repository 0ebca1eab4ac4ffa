import type { Flat } from './flatten.ts';
import { type LimiterLoss, limiterLoss } from './limiter-loss.ts';
import type { State } from './state.ts';

const loss: LimiterLoss = { refused: 0, delayMs: 0 };

/** What a limiter refuses and delays at its present rate; returns how far that moved. It is asked by equally busy keys, and its instances count apart. */
export function askLimiter(flat: Flat, state: State, s: number): number {
  const rule = flat.limiters[s - flat.firstLimiter];
  // Taken away: `servers` is Infinity.
  if (!rule || flat.servers[s] === Number.POSITIVE_INFINITY) return 0;
  limiterLoss(loss, rule, (state.arrivals[s] as number) / (flat.instances[s] as number) / rule.keys);
  const old = state.refused[s] as number;
  // Retries of the refused raise the rate that refuses them: half a step at a time.
  state.refused[s] = state.lost[s] = old + (loss.refused - old) / 2;
  state.wait[s] = loss.delayMs;
  state.waitSquare[s] = 2 * loss.delayMs * loss.delayMs;
  state.waitVariance[s] = loss.delayMs * loss.delayMs;
  state.utilisation[s] = state.unstable[s] = 0;
  return Math.abs(state.refused[s] - old);
}
