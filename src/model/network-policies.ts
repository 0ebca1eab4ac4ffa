import type { Distribution } from './network.ts';

/**
 * What a caller does after a failed attempt. `times`: how often it tries again, null = for ever.
 * `probability` (default 1) of trying again each time; otherwise the call has failed.
 */
export interface Retry {
  times: number | null;
  probability?: number;
  backoff?: Backoff;
  /** Id of a retry budget that every retry must be taken from. */
  budget?: string;
}

/**
 * The pause before retry n (1, 2, …): drawn from a law, or `initialMs · factor^(n−1)`, at most `maxMs`.
 * Jitter `full`: uniform between 0 and the pause; `equal`: between half of it and all of it.
 */
export type Backoff = Distribution | { kind: 'growing'; initialMs: number; factor: number; maxMs?: number; jitter?: 'none' | 'full' | 'equal' };

/** Retries per first attempt: each first attempt adds `ratio`, each retry takes 1, at most `burst` are saved up (the run begins with that many). */
export interface RetryBudget {
  id: string;
  ratio: number;
  burst: number;
}

/** A second, equal attempt is sent when the first has not answered after this long; the first answer wins, the other goes on unless the call cancels. */
export interface Hedge {
  afterMs: number;
  /** Further attempts, each after the same time again; default 1. */
  most?: number;
}

/**
 * A circuit breaker with the semantics of opossum: calls in a rolling window of `buckets`, opens when after a failure
 * the share of failures exceeds `errorThresholdPercentage` and at least `volumeThreshold` calls were made, lets one trial through after `resetTimeoutMs`.
 */
export interface Breaker {
  id: string;
  errorThresholdPercentage: number;
  /** opossum's default is 0: the first failure opens it. */
  volumeThreshold: number;
  rollingWindowMs: number;
  buckets: number;
  resetTimeoutMs: number;
  /** Where the breaker sits: around all retries (default) or around each attempt. */
  inside?: 'retry';
  /** Most calls under way at once; more are refused (opossum's `capacity`). */
  capacity?: number;
  /** Each instance of this group has a breaker of its own. Absent: one for all callers. */
  group?: string;
  /** Cause of a refused call. */
  cause?: string;
}

/**
 * Lets requests pass at a rate. `fixedWindow` and `slidingWindow`: `limit` per `windowMs` (windows begin at a key's first request, as express-rate-limit's do, or
 * at multiples of `windowMs` with `aligned`). `tokenBucket`: `perSecond` refilled continuously, at most `burst` saved. `leakyBucket` (nginx): `perSecond`, `burst` may
 * exceed it; they are delayed to the rate, or pass at once with `noDelay`.
 */
export type Limiter = {
  id: string;
  /** Equally busy keys (clients, addresses); 1 = one limit for all. */
  keys: number;
  /** Each instance of this group counts on its own. Absent: one count for all instances. */
  group?: string;
  /** Cause of a refused request. */
  cause: string;
} & (
  | { kind: 'fixedWindow'; limit: number; windowMs: number; aligned?: boolean }
  | { kind: 'slidingWindow'; limit: number; windowMs: number }
  | { kind: 'tokenBucket'; perSecond: number; burst: number }
  | { kind: 'leakyBucket'; perSecond: number; burst: number; noDelay?: boolean }
);

/**
 * Keys 1…`keys`, key k as popular as 1 / k^`zipf` (0: all alike), drawn independently.
 * `capacity` entries with least-recently-used eviction (null: room for all). An entry dies `ttlMs` after it was stored (null: never).
 */
export interface Cache {
  id: string;
  keys: number;
  zipf: number;
  capacity: number | null;
  ttlMs: number | null;
  /** Lookups of a key whose miss is under way wait for it instead of missing too. */
  singleFlight?: boolean;
  /** Share of keys present at the start, the most popular first. */
  warm?: number;
  /** Each instance of this group has a cache of its own. Absent: one for all. */
  group?: string;
}

/** A message's fate. BullMQ's words: `attempts` in all, `backoff` before each further one, then it is dead-lettered. */
export interface Job {
  attempts: number;
  backoff?: Backoff;
  /** A message that has not been started this long after it was published is dropped (Kafka's retention). */
  retentionMs?: number;
}
