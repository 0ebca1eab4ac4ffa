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
