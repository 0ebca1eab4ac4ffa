import type { Instruction } from '../../model/network.ts';
import type { Backoff } from '../../model/network-policies.ts';

type Call = Extract<Instruction, { op: 'call' }>;

/** The pause before a retry: none, a law in a row of the bytecode, or one that grows. */
export type Pause = { kind: 'none' } | { kind: 'law'; row: number } | { kind: 'growing'; initialMs: number; factor: number; maxMs: number; jitter: 'none' | 'full' | 'equal' };

/** What surrounds a call, ready to be played. */
export interface CallPolicy {
  timeoutMs: number;
  /** Infinity: for ever. */
  retries: number;
  probability: number;
  pause: Pause;
  /** Number of a retry budget, of a breaker; -1 for none. */
  budget: number;
  breaker: number;
  /** The breaker is asked before each attempt, not once around all of them. */
  breakerInside: boolean;
  hedgeAfterMs: number;
  hedges: number;
  /** First row of what runs instead of failing; -1 for none. */
  fallback: number;
  cancels: boolean;
}

/** How often a message is tried, and how long it may wait for its first attempt. */
export interface JobPolicy {
  attempts: number;
  pause: Pause;
  /** Infinity: for ever. */
  retentionMs: number;
}

/** True for a call that is more than a timeout. */
export const hasPolicy = (call: Call): boolean =>
  call.retry !== undefined || call.breaker !== undefined || call.hedge !== undefined || call.fallback !== undefined || call.cancels === true;

/** A call's policy; `rowOf` gives the row that a law is written to, `indexOf` the number of a budget or breaker. */
export function policyOf(call: Call, rowOf: (backoff: Backoff) => Pause, breaker: number, breakerInside: boolean, budget: number): CallPolicy {
  return {
    timeoutMs: call.timeoutMs ?? Number.POSITIVE_INFINITY,
    retries: call.retry ? (call.retry.times ?? Number.POSITIVE_INFINITY) : 0,
    probability: call.retry?.probability ?? 1,
    pause: call.retry?.backoff ? rowOf(call.retry.backoff) : { kind: 'none' },
    budget,
    breaker,
    breakerInside,
    hedgeAfterMs: call.hedge?.afterMs ?? Number.POSITIVE_INFINITY,
    hedges: call.hedge ? (call.hedge.most ?? 1) : 0,
    fallback: -1,
    cancels: call.cancels === true,
  };
}

/** A growing pause before retry n (1, 2, …) without its jitter; doubling is exact. */
export function grownMs(initialMs: number, factor: number, maxMs: number, retry: number): number {
  let pause = initialMs;
  let base = factor;
  for (let power = retry - 1; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) pause *= base;
    base *= base;
  }
  // A long series of retries overflows: 0 · ∞ is no pause that anybody has waited.
  return Number.isNaN(pause) ? 0 : Math.min(maxMs, pause);
}
