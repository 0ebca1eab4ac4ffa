import { gammaQuantile, gammaTail } from '../arithmetic.ts';

/** The time that is exceeded with probability `tail`, by a gamma law with this mean and variance (exact for a sojourn in M/M/1). */
export function quantile(mean: number, variance: number, tail: number): number {
  if (mean <= 0) return 0;
  const spread = variance / (mean * mean);
  if (spread < 1e-4) return mean;
  return gammaQuantile(1 / spread, tail) * mean * spread;
}

/** Share of a time with this mean and variance that exceeds `limit`, by a gamma law. */
export function tailOf(mean: number, variance: number, limit: number): number {
  if (mean <= 0) return 0;
  const spread = variance / (mean * mean);
  if (spread < 1e-6) return mean > limit ? 1 : 0;
  return gammaTail(1 / spread, limit / (mean * spread));
}
