import type { Limiter } from '../../model/network-policies.ts';

/** A share of a token, or of a request's pause, that is rounding and not a refusal. */
const ROUNDING = 1e-6;

/**
 * One count of a limiter: all keys of one instance, or of all where instances share it.
 * Two numbers per key carry every kind; only the sliding window keeps a log.
 */
export interface LimiterState {
  readonly rule: Limiter;
  /** Begin of the window; moment until which the bucket is in debt (GCRA's theoretical arrival time); moment of the last change. */
  readonly at: Float64Array;
  /** Passed in the window; in excess of the rate. */
  readonly amount: Float64Array;
  /** Sliding window: when the last ones passed, a ring per key that grows to the limit, and where its oldest stands. */
  readonly logs: Float64Array[];
  readonly oldest: Int32Array;
  // What a run reports.
  passed: number;
  delayed: number;
  refused: number;
  delayMs: number;
}

export function limiterFor(rule: Limiter): LimiterState {
  const sliding = rule.kind === 'slidingWindow';
  return {
    rule,
    at: new Float64Array(rule.keys).fill(Number.NEGATIVE_INFINITY),
    amount: new Float64Array(rule.keys),
    logs: sliding ? Array.from({ length: rule.keys }, () => NOTHING) : [],
    oldest: new Int32Array(sliding ? rule.keys : 0),
    passed: 0,
    delayed: 0,
    refused: 0,
    delayMs: 0,
  };
}

const NOTHING = new Float64Array(0);
export const REFUSED = -1;

/** Asks for one request of a key to pass: 0 at once, more: after so many ms, REFUSED. Time never goes back. */
export function askLimiter(it: LimiterState, key: number, nowMs: number): number {
  const delay = answer(it, key, nowMs);
  if (delay < 0) it.refused++;
  else if (delay > 0) {
    it.delayed++;
    it.delayMs += delay;
  } else it.passed++;
  return delay;
}

function answer(it: LimiterState, key: number, now: number): number {
  const { rule, at, amount } = it;
  switch (rule.kind) {
    case 'fixedWindow': {
      // As express-rate-limit's memory store: a window that is over begins anew with the request that finds it so.
      const begin = at[key] as number;
      if (now - begin >= rule.windowMs) {
        at[key] = rule.aligned ? Math.floor(now / rule.windowMs) * rule.windowMs : now;
        amount[key] = 0;
      }
      if ((amount[key] as number) >= rule.limit) return REFUSED;
      amount[key] = (amount[key] as number) + 1;
      return 0;
    }
    case 'slidingWindow':
      return passesLog(it, key, now, rule.limit, rule.windowMs);
    case 'tokenBucket': {
      // Generic cell rate algorithm: the bucket holds at least one token while its debt is at most burst − 1 of them.
      const gap = 1000 / rule.perSecond;
      const debt = Math.max(0, (at[key] as number) - now);
      if (debt > (rule.burst - 1 + ROUNDING) * gap) return REFUSED;
      at[key] = now + debt + gap;
      return 0;
    }
    case 'leakyBucket': {
      // nginx, ngx_http_limit_req_lookup: a refused request leaves the excess as it was; a key that is new or has been quiet begins at 0.
      const gap = 1000 / rule.perSecond;
      const excess = Math.max(0, (amount[key] as number) - (now - (at[key] as number)) / gap + 1);
      if (excess > rule.burst + ROUNDING) return REFUSED;
      at[key] = now;
      amount[key] = excess;
      return rule.noDelay || excess <= ROUNDING ? 0 : excess * gap;
    }
  }
}

/** A log of those that passed: whoever finds `limit` of them within the window is refused, and is not logged. */
function passesLog(it: LimiterState, key: number, now: number, limit: number, windowMs: number): number {
  let log = it.logs[key] as Float64Array;
  let count = it.amount[key] as number;
  let oldest = it.oldest[key] as number;
  while (count > 0 && now - (log[oldest] as number) >= windowMs) {
    oldest = oldest + 1 === log.length ? 0 : oldest + 1;
    count--;
  }
  it.oldest[key] = oldest;
  it.amount[key] = count;
  if (count >= limit) return REFUSED;
  if (count === log.length) {
    const longer = new Float64Array(Math.min(limit, Math.max(4, 2 * count)));
    for (let n = 0; n < count; n++) longer[n] = log[(oldest + n) % count] as number;
    it.logs[key] = log = longer;
    it.oldest[key] = oldest = 0;
  }
  const place = oldest + count;
  log[place < log.length ? place : place - log.length] = now;
  it.amount[key] = count + 1;
  return 0;
}
