import type { Distribution } from '../../model/network.ts';
import { log } from '../arithmetic.ts';
import { DETERMINISTIC, EXPONENTIAL, GAMMA, LOGNORMAL, HYPEREXPONENTIAL, UNIFORM, LISTED } from './opcodes.ts';
import { exponential, gamma, hyperexponential, lognormal, type Streams, uniform } from './streams.ts';

/** A law as numbers: its kind; its mean (of `uniform` the low end, of a list how many times it has); its shape (of `uniform` the width, of a list its place in `lists`). */
export type Law = readonly [kind: number, mean: number, second: number];

/** A law in the form that `drawTime` reads. What an `empirical` law lists goes to the end of `lists`. */
export function lawOf(law: Distribution, lists: number[]): Law {
  switch (law.kind) {
    case 'deterministic':
      return [DETERMINISTIC, law.meanMs, 0];
    case 'exponential':
      return [EXPONENTIAL, law.meanMs, 0];
    case 'gamma':
      return law.cv2 <= 0 ? [DETERMINISTIC, law.meanMs, 0] : [GAMMA, law.meanMs, 1 / law.cv2];
    case 'lognormal':
      return law.cv2 <= 0 ? [DETERMINISTIC, law.meanMs, 0] : [LOGNORMAL, law.meanMs, Math.sqrt(log(1 + law.cv2))];
    case 'hyperexponential':
      return law.cv2 <= 1 ? [EXPONENTIAL, law.meanMs, 0] : [HYPEREXPONENTIAL, law.meanMs, balancedShare(law.cv2)];
    case 'uniform':
      return [UNIFORM, law.lowMs, law.highMs - law.lowMs];
    case 'empirical': {
      const at = lists.length;
      lists.push(...law.timesMs, ...aliases(law.timesMs.map((_, index) => law.weights?.[index] ?? 1)));
      return [LISTED, law.timesMs.length, at];
    }
  }
}

/** Share of the shorter kind in a hyperexponential law with balanced means; `cv2` above 1. */
export const balancedShare = (cv2: number): number => (1 + Math.sqrt((cv2 - 1) / (cv2 + 1))) / 2;

/** One time of a law, ms. */
export function drawTime(streams: Streams, stream: number, kind: number, mean: number, second: number, lists: Float64Array): number {
  switch (kind) {
    case DETERMINISTIC:
      return mean;
    case EXPONENTIAL:
      return mean * exponential(streams, stream);
    case GAMMA:
      return (mean * gamma(streams, stream, second)) / second;
    case LOGNORMAL:
      return mean * lognormal(streams, stream, second);
    case HYPEREXPONENTIAL:
      return mean * hyperexponential(streams, stream, second);
    case UNIFORM:
      return mean + second * uniform(streams, stream);
    default: {
      const u = uniform(streams, stream) * mean;
      const index = Math.floor(u);
      const chosen = u - index < (lists[second + mean + index] as number) ? index : (lists[second + 2 * mean + index] as number);
      return lists[second + chosen] as number;
    }
  }
}

/** Alias table (Walker 1977, built as Vose 1991): for each place the share that stays, then for each place where the rest goes. */
function aliases(weights: readonly number[]): number[] {
  const count = weights.length;
  const total = weights.reduce((sum, it) => sum + it, 0);
  const scaled = weights.map((it) => (it * count) / total);
  const stays = scaled.map(() => 1);
  const goesTo = scaled.map((_, index) => index);
  const small = scaled.flatMap((it, index) => (it < 1 ? [index] : []));
  const large = scaled.flatMap((it, index) => (it < 1 ? [] : [index]));
  while (small.length > 0 && large.length > 0) {
    const less = small.pop() as number;
    const more = large[large.length - 1] as number;
    stays[less] = scaled[less] as number;
    goesTo[less] = more;
    const left = (scaled[more] as number) - (1 - (scaled[less] as number));
    scaled[more] = left;
    if (left < 1) {
      large.pop();
      small.push(more);
    }
  }
  return [...stays, ...goesTo];
}
