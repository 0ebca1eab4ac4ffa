/** One attempt of a call, as far as it is known: what it takes where it succeeds and where it fails, and how often it is too late. */
export interface Attempt {
  mean: number;
  variance: number;
  /** Share that fails before any limit. */
  fails: number;
  failedMs: number;
  /** Share of the others that takes longer than `limit`. */
  late: number;
  limit: number;
  retries: number;
  pauseMs: number;
}

/** A call with all its attempts: time of those that succeed, share that fails for good, attempts made, and the time until it ends one way or the other. */
export interface Attempts {
  mean: number;
  variance: number;
  fails: number;
  attempts: number;
  spent: number;
  spentVariance: number;
}

/** Writes what a call comes to that is tried again after each failure, up to `retries` times, each attempt being like the others. */
export function attemptsOf(it: Attempt, into: Attempts): void {
  const { fails, late, limit } = it;
  const failing = fails + (1 - fails) * late;
  const lostMs = failing > 0 ? (fails * Math.min(it.failedMs, limit) + (late > 0 ? (1 - fails) * late * limit : 0)) / failing : 0;
  // What is kept of the successful attempt is cut at the limit.
  const keptMs = late > 0 ? Math.min(it.mean, limit) : it.mean;
  let attempts = 0;
  let chance = 1;
  let failures = 0;
  let square = 0;
  for (let n = 0; n <= it.retries; n++) {
    attempts += chance;
    failures += n * chance;
    square += n * n * chance;
    chance *= failing;
    if (chance < LEAST_CHANCE) break;
  }
  // Failures before a success: n of them with the chance failing^n among the tries there are.
  failures /= attempts;
  square = square / attempts - failures * failures;
  const again = lostMs + it.pauseMs;
  into.fails = chance < LEAST_CHANCE ? 0 : chance;
  into.attempts = attempts;
  into.mean = keptMs + failures * again;
  into.variance = it.variance + failures * lostMs * lostMs + square * again * again;
  into.spent = attempts * ((1 - failing) * keptMs + failing * lostMs) + (attempts - 1) * it.pauseMs;
  into.spentVariance = into.variance;
}

const LEAST_CHANCE = 1e-15;
