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
  /** Mean pause before each retry; the last one stands for all further. */
  pausesMs: readonly number[];
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
  let before = 0;
  let square = 0;
  let pauses = 0;
  // What n failures and the pauses after them took.
  let spent = 0;
  for (let n = 0; n <= it.retries; n++) {
    attempts += chance;
    failures += n * chance;
    before += spent * chance;
    square += spent * spent * chance;
    chance *= failing;
    if (chance < LEAST_CHANCE) break;
    if (n === it.retries) break;
    const pause = it.pausesMs[Math.min(n, it.pausesMs.length - 1)] ?? 0;
    spent += lostMs + pause;
    pauses += chance * pause;
  }
  // Failures before a success: n of them with the chance failing^n among the tries there are.
  failures /= attempts;
  before /= attempts;
  square = Math.max(0, square / attempts - before * before);
  into.fails = chance < LEAST_CHANCE ? 0 : chance;
  into.attempts = attempts;
  into.mean = keptMs + before;
  into.variance = it.variance + failures * lostMs * lostMs + square;
  into.spent = attempts * ((1 - failing) * keptMs + failing * lostMs) + pauses;
  into.spentVariance = into.variance;
}

const LEAST_CHANCE = 1e-15;
