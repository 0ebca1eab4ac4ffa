import type { Limiter } from '../../model/network-policies.ts';
import { exp, gammaTail } from '../arithmetic.ts';
import { erlangB } from './waits.ts';

/** What a limiter does to a Poisson stream: the share that it refuses, and the mean pause of those that it lets pass. */
export interface LimiterLoss {
  refused: number;
  delayMs: number;
}

/** Requests a second that one count of a limiter lets pass for long. */
export const sustainedBy = (rule: Limiter): number => (rule.kind === 'fixedWindow' || rule.kind === 'slidingWindow' ? (1000 * rule.limit) / rule.windowMs : rule.perSecond);

/**
 * Refusals of one count (one key of one instance) that is asked `perMs` times a millisecond by a Poisson stream.
 * Windows are exact: a fixed one refuses what exceeds its limit among 1 + Poisson(λW) requests (Poisson(λW) where windows are aligned);
 * in a sliding one each pass takes a place for a window, which is M/D/n/n, so Erlang's loss formula holds whatever the law.
 * A bucket is M/D/1 with room for its burst; the share that finds it full is Gelenbe's diffusion formula (1975), exact for room 1, else less than 0.02 off.
 */
export function limiterLoss(into: LimiterLoss, rule: Limiter, perMs: number): void {
  into.delayMs = 0;
  into.refused = 0;
  if (perMs <= 0) return;
  switch (rule.kind) {
    case 'fixedWindow': {
      const mean = perMs * rule.windowMs;
      into.refused = rule.limit <= 0 ? 1 : rule.aligned ? excessOf(mean, rule.limit) / mean : excessOf(mean, rule.limit - 1) / (1 + mean);
      return;
    }
    case 'slidingWindow':
      into.refused = rule.limit <= 0 ? 1 : erlangB(rule.limit, perMs * rule.windowMs);
      return;
    case 'tokenBucket':
      into.refused = fullBucket((perMs * 1000) / rule.perSecond, Math.max(1, rule.burst));
      return;
    case 'leakyBucket': {
      const gapMs = 1000 / rule.perSecond;
      const load = perMs * gapMs;
      into.refused = fullBucket(load, rule.burst + 1);
      if (!rule.noDelay) into.delayMs = Math.min(rule.burst * gapMs, load < 1 ? (load * gapMs) / (2 * (1 - load)) : rule.burst * gapMs);
    }
  }
}

/** From here on a Poisson number is a normal one. */
const MANY = 1000;
const ROOT_2_PI = 2.5066282746310002;

/** Mean of what a Poisson number exceeds a limit by. */
function excessOf(mean: number, limit: number): number {
  if (limit <= 0) return mean;
  if (limit > MANY) {
    const deviation = Math.sqrt(mean);
    const z = (limit - mean) / deviation;
    const above = gammaTail(0.5, (z * z) / 2) / 2;
    return Math.max(0, deviation * (exp((-z * z) / 2) / ROOT_2_PI - z * (z > 0 ? above : 1 - above)));
  }
  // P(N ≥ n) is the lower incomplete gamma function of n.
  const atLeast = (n: number): number => 1 - gammaTail(n, mean);
  return Math.max(0, mean * atLeast(limit) - limit * atLeast(limit + 1));
}

/** Share of customers that find M/D/1 with room for `room` (the one in service too) full. */
function fullBucket(load: number, room: number): number {
  // The formula is 0 ÷ 0 at load 1, where its limit is 1 / (1 + 2·room − 2 + 1).
  if (Math.abs(load - 1) < 1e-6) return 1 / (2 * room);
  const decay = exp((-2 * (1 - load) * (room - 1)) / load);
  return Math.min(1, Math.max(0, (load * (1 - load) * decay) / (1 - load * load * decay)));
}
