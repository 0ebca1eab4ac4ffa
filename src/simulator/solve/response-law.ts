import { exp, log } from '../arithmetic.ts';
import { quantile, tailOf } from './gamma-law.ts';
import type { State } from './state.ts';

/**
 * The law of a response: a gamma law by its mean and variance, and where rare long services stand in the way (`regulars.ts`), two of them, for those who met none and for those who met some.
 * How many one meets is a Poisson number; with one law for all, a p95 of 20 ms would be told as 70 ms because one in thirty responses takes 200 ms.
 */
interface Law {
  /** Share that meets none. */
  spared: number;
  mean: number;
  variance: number;
  hitMean: number;
  hitVariance: number;
}

const law: Law = { spared: 1, mean: 0, variance: 0, hitMean: 0, hitVariance: 0 };

/** With fewer that are spared one law does for all. */
const LEAST_SPARED = 0.01;

/** Fills in `law`; false where it is one gamma law. */
function findLaw(state: State, node: number): boolean {
  const hits = state.hits[node] as number;
  if (!(hits > 0)) return false;
  const spared = exp(-hits);
  const hitMean = state.hitMean[node] as number;
  const mean = (state.answered[node] as number) - hitMean;
  if (spared < LEAST_SPARED || spared === 1 || mean <= 0) return false;
  const hitVariance = state.hitVariance[node] as number;
  const variance = Math.max(0, (state.answeredVariance[node] as number) - hitVariance);
  const each = hitMean / (1 - spared);
  law.spared = spared;
  law.mean = mean;
  law.variance = variance;
  law.hitMean = mean + each;
  law.hitVariance = variance + Math.max(0, (hitVariance + hitMean * hitMean) / (1 - spared) - each * each);
  return true;
}

const tailOfBoth = (ms: number): number => law.spared * tailOf(law.mean, law.variance, ms) + (1 - law.spared) * tailOf(law.hitMean, law.hitVariance, ms);

/** The time that this share of the answers of a node takes longer than. */
export function responseQuantile(state: State, node: number, tail: number): number {
  if (!findLaw(state, node)) return quantile(state.answered[node] as number, state.answeredVariance[node] as number, tail);
  let low = quantile(law.mean, law.variance, tail);
  let high = quantile(law.hitMean, law.hitVariance, tail);
  if (low > high) [low, high] = [high, low];
  const wanted = log(tail);
  const beyond = (ms: number): number => log(Math.max(LEAST_TAIL, tailOfBoth(ms))) - wanted;
  let atLow = beyond(low);
  let atHigh = beyond(high);
  // Regula falsi; whoever stays twice counts half (Illinois).
  for (let round = 0; round < MOST_ROUNDS && high - low > PRECISION * high && atLow > atHigh; round++) {
    const middle = Math.min(high, Math.max(low, low + ((high - low) * atLow) / (atLow - atHigh)));
    const at = beyond(middle);
    if (at > 0) {
      low = middle;
      atLow = at;
      atHigh /= 2;
    } else {
      high = middle;
      atHigh = at;
      atLow /= 2;
    }
    if (Math.abs(at) < PRECISION) return middle;
  }
  return (low + high) / 2;
}

const LEAST_TAIL = 1e-30;
const MOST_ROUNDS = 60;
const PRECISION = 1e-7;

/** Share of the answers of a node that take longer. */
export function responseTail(state: State, node: number, ms: number): number {
  return findLaw(state, node) ? tailOfBoth(ms) : tailOf(state.answered[node] as number, state.answeredVariance[node] as number, ms);
}
