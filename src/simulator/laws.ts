import type { Distribution, WaitLimit } from '../model/network.ts';
import type { Backoff } from '../model/network-policies.ts';

/** Mean of a law, ms. */
export function meanMsOf(law: Distribution): number {
  switch (law.kind) {
    case 'uniform':
      return (law.lowMs + law.highMs) / 2;
    case 'empirical':
      return momentOf(law, 1);
    default:
      return law.meanMs;
  }
}

/** Squared coefficient of variation; 0 for no law at all. */
export function variationOf(law: Distribution | undefined): number {
  if (!law) return 0;
  switch (law.kind) {
    case 'deterministic':
      return 0;
    case 'exponential':
      return 1;
    case 'uniform': {
      const mean = meanMsOf(law);
      const width = law.highMs - law.lowMs;
      return mean > 0 ? (width * width) / 12 / (mean * mean) : 0;
    }
    case 'empirical': {
      const mean = meanMsOf(law);
      return mean > 0 ? Math.max(0, momentOf(law, 2) / (mean * mean) - 1) : 0;
    }
    default:
      return law.cv2;
  }
}

/** Third moment of a law scaled to mean 1. */
export function thirdMomentOf(law: Distribution | undefined): number {
  const cv2 = variationOf(law);
  const square = 1 + cv2;
  switch (law?.kind) {
    case 'lognormal':
      return square * square * square;
    case 'hyperexponential': {
      // Balanced means: shares p and 1 - p with means 1/2p and 1/2(1 - p).
      const spread = Math.sqrt(Math.max(0, cv2 - 1) / square);
      const [often, seldom] = [(1 + spread) / 2, (1 - spread) / 2];
      return 0.75 * (1 / (often * often) + 1 / (seldom * seldom));
    }
    case 'uniform':
      // Symmetric about its mean: the third central moment is 0.
      return 1 + 3 * cv2;
    case 'empirical': {
      const mean = meanMsOf(law);
      return mean > 0 ? momentOf(law, 3) / (mean * mean * mean) : 1;
    }
    default:
      return square * (1 + 2 * cv2);
  }
}

/** Mean time that a customer waits for a server before it gives up; Infinity for ever. */
export const meanLimitMs = (limit: WaitLimit | undefined): number => (typeof limit === 'object' && limit !== null ? meanMsOf(limit) : (limit ?? Number.POSITIVE_INFINITY));

/** Thirty years: who waits for longer waits for ever, but squares must stay numbers. */
const LONGEST_MS = 1e12;

/** Mean pauses before the first retries, ms, as many as differ from each other (at most `most`). */
export function pausesMs(backoff: Backoff | undefined, most: number): number[] {
  if (backoff === undefined) return [];
  if (backoff.kind !== 'growing') return [meanMsOf(backoff)];
  const share = backoff.jitter === 'full' ? 0.5 : backoff.jitter === 'equal' ? 0.75 : 1;
  const cap = Math.min(backoff.maxMs ?? LONGEST_MS, LONGEST_MS);
  const pauses: number[] = [];
  for (let pause = backoff.initialMs; pauses.length < most; pause *= backoff.factor) {
    pauses.push(share * Math.min(pause, cap));
    if (pause >= cap || backoff.factor === 1) break;
  }
  return pauses;
}

function momentOf(law: Extract<Distribution, { kind: 'empirical' }>, power: 1 | 2 | 3): number {
  let total = 0;
  let sum = 0;
  law.timesMs.forEach((time, index) => {
    const weight = law.weights?.[index] ?? 1;
    total += weight;
    sum += weight * (power === 1 ? time : power === 2 ? time * time : time * time * time);
  });
  return total > 0 ? sum / total : 0;
}
