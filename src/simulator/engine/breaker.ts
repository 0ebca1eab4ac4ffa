import type { Breaker } from '../../model/network-policies.ts';

export const CLOSED = 0;
export const OPEN = 1;
export const HALF_OPEN = 2;

/** What a breaker says to a call. */
export const PASSES = 0;
export const IS_OPEN = 1;
export const IS_FULL = 2;

/**
 * One circuit breaker, as opossum's source plays it (lib/circuit.js, lib/status.js):
 * - every call counts in the window, also those that are refused; a failure counts when it comes, in the bucket of that moment;
 * - it opens after a failure when failures ÷ calls exceeds the threshold and the window holds at least `volumeThreshold` calls;
 * - half open, one call passes; any success closes it and any failure opens it, also of calls from before it opened;
 * - closing does not empty the window; a call beyond `capacity` is refused and counts as a failure.
 * Time is given by the caller and never goes back. Where a reset and something else fall on one moment, the reset comes first.
 */
export interface BreakerState {
  readonly rule: Breaker;
  state: number;
  /** Half open and the trial has not gone through yet. */
  awaitsTrial: boolean;
  openedAt: number;
  underWay: number;
  /** Calls and failures by bucket, and the number of the bucket that time is in. */
  readonly calls: Float64Array;
  readonly failures: Float64Array;
  bucket: number;
  readonly bucketMs: number;
  allCalls: number;
  allFailures: number;
  // What a run reports.
  opened: number;
  halfOpened: number;
  closed: number;
  refused: number;
  openMs: number;
  settledAt: number;
}

export function breakerFor(rule: Breaker): BreakerState {
  return {
    rule,
    state: CLOSED,
    awaitsTrial: false,
    openedAt: 0,
    underWay: 0,
    calls: new Float64Array(rule.buckets),
    failures: new Float64Array(rule.buckets),
    bucket: 0,
    bucketMs: Math.max(1, Math.floor(rule.rollingWindowMs / rule.buckets)),
    allCalls: 0,
    allFailures: 0,
    opened: 0,
    halfOpened: 0,
    closed: 0,
    refused: 0,
    openMs: 0,
    settledAt: 0,
  };
}

/** Asks for one call to go through; who passes must report `callSucceeded` or `callFailed` once. */
export function askBreaker(it: BreakerState, nowMs: number): number {
  settleBreaker(it, nowMs);
  const at = it.bucket % it.calls.length;
  it.calls[at] = (it.calls[at] as number) + 1;
  it.allCalls++;
  if (it.state !== CLOSED && !it.awaitsTrial) {
    it.refused++;
    return IS_OPEN;
  }
  it.awaitsTrial = false;
  if (it.underWay >= (it.rule.capacity ?? Number.POSITIVE_INFINITY)) {
    it.refused++;
    countFailure(it, nowMs);
    return IS_FULL;
  }
  it.underWay++;
  return PASSES;
}

export function callSucceeded(it: BreakerState, nowMs: number): void {
  settleBreaker(it, nowMs);
  it.underWay--;
  if (it.state !== HALF_OPEN) return;
  it.state = CLOSED;
  it.awaitsTrial = false;
  it.closed++;
}

export function callFailed(it: BreakerState, nowMs: number): void {
  settleBreaker(it, nowMs);
  it.underWay--;
  countFailure(it, nowMs);
}

/** Brings a breaker up to a moment: its window moves on, and its time of being open may be over. */
export function settleBreaker(it: BreakerState, nowMs: number): void {
  const now = Math.floor(nowMs / it.bucketMs);
  const buckets = it.calls.length;
  for (let step = Math.min(now - it.bucket, buckets); step > 0; step--) {
    const at = (now - step + 1) % buckets;
    it.allCalls -= it.calls[at] as number;
    it.allFailures -= it.failures[at] as number;
    it.calls[at] = it.failures[at] = 0;
  }
  it.bucket = now;
  if (it.state === OPEN) {
    const until = Math.min(nowMs, it.openedAt + it.rule.resetTimeoutMs);
    it.openMs += Math.max(0, until - it.settledAt);
    if (nowMs >= it.openedAt + it.rule.resetTimeoutMs) {
      it.state = HALF_OPEN;
      it.awaitsTrial = true;
      it.halfOpened++;
    }
  }
  it.settledAt = nowMs;
}

function countFailure(it: BreakerState, nowMs: number): void {
  const at = it.bucket % it.failures.length;
  it.failures[at] = (it.failures[at] as number) + 1;
  it.allFailures++;
  if (it.state !== HALF_OPEN && it.allCalls < it.rule.volumeThreshold) return;
  // Calls that began before the window may fail in it: more failures than calls, even of none.
  if (it.state !== HALF_OPEN && !(it.allFailures * 100 > it.rule.errorThresholdPercentage * it.allCalls)) return;
  if (it.state === OPEN) return;
  it.state = OPEN;
  it.awaitsTrial = false;
  it.openedAt = nowMs;
  it.opened++;
}
