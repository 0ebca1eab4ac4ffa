import { exp } from '../arithmetic.ts';

/**
 * The later of two: both taken as a fixed part (mean less deviation) and an exponential part (the deviation), exact for two exponentials.
 */
export function later(mean: Float64Array, variance: Float64Array, into: number, m: number, v: number): void {
  const m0 = mean[into] as number;
  if (m0 === 0) {
    mean[into] = m;
    variance[into] = v;
    return;
  }
  const d0 = Math.min(m0, Math.sqrt(variance[into] as number));
  const d1 = Math.min(m, Math.sqrt(v));
  const start0 = m0 - d0;
  const start1 = m - d1;
  const [earlyStart, earlyDeviation, lateStart, lateDeviation] = start0 <= start1 ? [start0, d0, start1, d1] : [start1, d1, start0, d0];
  // Whoever starts first may already be done when the other starts.
  const pending = earlyDeviation > 0 ? exp((earlyStart - lateStart) / earlyDeviation) : 0;
  const both = earlyDeviation > 0 && lateDeviation > 0 ? (earlyDeviation * lateDeviation) / (earlyDeviation + lateDeviation) : 0;
  const extra = pending * (earlyDeviation + lateDeviation - both) + (1 - pending) * lateDeviation;
  const square = pending * 2 * (earlyDeviation * earlyDeviation + lateDeviation * lateDeviation - both * both) + (1 - pending) * 2 * lateDeviation * lateDeviation;
  mean[into] = lateStart + extra;
  variance[into] = Math.max(0, square - extra * extra);
}

/**
 * The latest of so many that are alike, and of what is there already. The fixed part of the times only shifts, the exponential part only scales what comes out, so the latest of n is known for all.
 */
export function latestOf(mean: Float64Array, variance: Float64Array, into: number, m: number, v: number, copies: number): void {
  if (!(copies > 1) || m <= 0) {
    if (copies > 0) later(mean, variance, into, m, v);
    return;
  }
  const n = Math.ceil(copies);
  while (LATEST.length < n) LATEST.push(oneMore(LATEST[LATEST.length - 1] as Latest));
  const { after, deviation } = LATEST[n - 1] as Latest;
  const each = Math.min(m, Math.sqrt(v));
  later(mean, variance, into, m - each + each * after, each * deviation * each * deviation);
}

/** Mean and deviation of the latest of so many exponential times of mean 1, by the approximation above. */
interface Latest {
  after: number;
  deviation: number;
}

const LATEST: Latest[] = [{ after: 1, deviation: 1 }];
const mean1 = new Float64Array(1);
const variance1 = new Float64Array(1);

function oneMore({ after, deviation }: Latest): Latest {
  mean1[0] = after;
  variance1[0] = deviation * deviation;
  later(mean1, variance1, 0, 1, 1);
  return { after: mean1[0], deviation: Math.sqrt(variance1[0]) };
}
