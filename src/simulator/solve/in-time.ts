import { quantileOfTail } from './renewal-queue.ts';
import type { Latency } from './solution.ts';

/** A share of late answers below which nobody can tell. */
export const HARDLY_ANY = 1e-6;
const STEPS = 512;

/** Response times of those only whose answer comes before their client gives up, from the share `tail` of all that takes longer; null where none does. */
export function inTime(all: Latency, tail: (ms: number) => number, patienceMs: number | null): Latency | null {
  const late = patienceMs === null ? 0 : tail(patienceMs);
  if (patienceMs === null || late < HARDLY_ANY) return all;
  const kept = 1 - late;
  if (kept < HARDLY_ANY) return null;
  // The mean is what lies below the tail (Simpson's rule), less those who are late.
  let sum = tail(0) + late;
  for (let step = 1; step < STEPS; step++) sum += (step % 2 === 0 ? 2 : 4) * tail((patienceMs * step) / STEPS);
  const within = (sum * patienceMs) / STEPS / 3;
  const at = (share: number): number => Math.min(patienceMs, quantileOfTail(tail, late + kept * share, all.mean));
  return { mean: Math.max(0, (within - patienceMs * late) / kept), p50: at(0.5), p95: at(0.05), p99: at(0.01) };
}
