/** What calls with policies came to, by the number of the called program. */
export interface CallCounts {
  calls: Float64Array;
  attempts: Float64Array;
  retries: Float64Array;
  timeouts: Float64Array;
  hedges: Float64Array;
  fallbacks: Float64Array;
  failedFirst: Float64Array;
  failed: Float64Array;
  /** Calls that wait for their next attempt: now, when that last changed, and over time. */
  pausing: Float64Array;
  pausingChanged: Float64Array;
  pausingIntegral: Float64Array;
}

export function callCountsFor(programs: number): CallCounts {
  const one = (): Float64Array => new Float64Array(programs);
  return {
    calls: one(),
    attempts: one(),
    retries: one(),
    timeouts: one(),
    hedges: one(),
    fallbacks: one(),
    failedFirst: one(),
    failed: one(),
    pausing: one(),
    pausingChanged: one(),
    pausingIntegral: one(),
  };
}

/** Forgets what was counted so far; who waits goes on waiting. */
export function forgetCounts(it: CallCounts, now: number): void {
  for (const counts of [it.calls, it.attempts, it.retries, it.timeouts, it.hedges, it.fallbacks, it.failedFirst, it.failed, it.pausingIntegral]) counts.fill(0);
  it.pausingChanged.fill(now);
}

/** So many more calls of the program wait for their next attempt. */
export function countPause(it: CallCounts, program: number, now: number, more: number): void {
  const waiting = it.pausing[program] as number;
  it.pausingIntegral[program] = (it.pausingIntegral[program] as number) + (now - (it.pausingChanged[program] as number)) * waiting;
  it.pausingChanged[program] = now;
  it.pausing[program] = waiting + more;
}
