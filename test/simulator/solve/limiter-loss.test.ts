import { describe, expect, it } from 'vitest';
import type { Limiter } from '../../../src/model/network-policies.ts';
import { log } from '../../../src/simulator/arithmetic.ts';
import { draw } from '../../../src/simulator/draw.ts';
import { type LimiterLoss, limiterLoss } from '../../../src/simulator/solve/limiter-loss.ts';
import { askLimiter, limiterFor } from '../../../src/simulator/engine/limiters.ts';

const RUNS = 8;
const ASKED = 30_000;
const base = { id: 'limiter', keys: 1, cause: 'refused' };

/** Refused share and mean pause of the others over independent Poisson streams, with the standard error of the share. */
function played(rule: Limiter, perSecond: number): { refused: number; error: number; delayMs: number } {
  const shares = Array.from({ length: RUNS }, (_, run) => {
    const state = limiterFor(rule);
    let now = 0;
    for (let at = 0; at < ASKED; at++) {
      now -= (log(draw(run + 1, 'gap', at)) * 1000) / perSecond;
      askLimiter(state, 0, now);
    }
    return { refused: state.refused / ASKED, delayMs: state.delayMs / Math.max(1, state.passed + state.delayed) };
  });
  const refused = shares.reduce((sum, it) => sum + it.refused, 0) / RUNS;
  const variance = shares.reduce((sum, it) => sum + (it.refused - refused) ** 2, 0) / (RUNS - 1);
  return { refused, error: Math.sqrt(variance / RUNS), delayMs: shares.reduce((sum, it) => sum + it.delayMs, 0) / RUNS };
}

describe('what a limiter refuses of a Poisson stream', () => {
  // Windows are exact; a bucket is a diffusion, whose share of all requests is less than 0.02 off.
  it.each<[string, Limiter, number, 'exact' | 'near']>([
    ['a fixed window at 70% of its limit', { ...base, kind: 'fixedWindow', limit: 20, windowMs: 1000 }, 14, 'exact'],
    ['a fixed window at its limit', { ...base, kind: 'fixedWindow', limit: 20, windowMs: 1000 }, 20, 'exact'],
    ['a fixed window at twice its limit', { ...base, kind: 'fixedWindow', limit: 20, windowMs: 1000 }, 40, 'exact'],
    ['a fixed window of one', { ...base, kind: 'fixedWindow', limit: 1, windowMs: 1000 }, 1, 'exact'],
    ['a wide fixed window', { ...base, kind: 'fixedWindow', limit: 1500, windowMs: 1000 }, 1520, 'exact'],
    ['an aligned window', { ...base, kind: 'fixedWindow', limit: 20, windowMs: 1000, aligned: true }, 20, 'exact'],
    ['a sliding window', { ...base, kind: 'slidingWindow', limit: 20, windowMs: 1000 }, 20, 'exact'],
    ['a sliding window at twice its limit', { ...base, kind: 'slidingWindow', limit: 20, windowMs: 1000 }, 40, 'exact'],
    ['a token bucket of one', { ...base, kind: 'tokenBucket', perSecond: 20, burst: 1 }, 14, 'exact'],
    ['a token bucket', { ...base, kind: 'tokenBucket', perSecond: 20, burst: 10 }, 16, 'near'],
    ['a token bucket at its rate', { ...base, kind: 'tokenBucket', perSecond: 20, burst: 10 }, 20, 'near'],
    ['a token bucket at twice its rate', { ...base, kind: 'tokenBucket', perSecond: 20, burst: 10 }, 40, 'near'],
    ['a leaky bucket without burst', { ...base, kind: 'leakyBucket', perSecond: 20, burst: 0 }, 20, 'exact'],
    ['a leaky bucket', { ...base, kind: 'leakyBucket', perSecond: 20, burst: 5, noDelay: true }, 20, 'near'],
  ])('%s', (_name, rule, perSecond, kind) => {
    const into: LimiterLoss = { refused: 0, delayMs: 0 };
    limiterLoss(into, rule, perSecond / 1000);
    const { refused, error } = played(rule, perSecond);
    if (kind === 'exact') expect(Math.abs(into.refused - refused)).toBeLessThan(Math.max(0.01 * refused, 3 * error));
    else expect(Math.abs(into.refused - refused)).toBeLessThan(0.02);
  });

  it('a leaky bucket makes those beyond its rate wait, at most for its burst', () => {
    const rule: Limiter = { ...base, kind: 'leakyBucket', perSecond: 20, burst: 10 };
    const into: LimiterLoss = { refused: 0, delayMs: 0 };
    for (const [perSecond, near] of [
      [10, 0.2],
      [40, 0.2],
    ] as const) {
      limiterLoss(into, rule, perSecond / 1000);
      const { delayMs } = played(rule, perSecond);
      expect(Math.abs(into.delayMs / delayMs - 1)).toBeLessThan(near);
    }
  });

  it('nobody asks: nothing is refused', () => {
    const into: LimiterLoss = { refused: 1, delayMs: 1 };
    limiterLoss(into, { ...base, kind: 'tokenBucket', perSecond: 1, burst: 1 }, 0);
    expect(into).toEqual({ refused: 0, delayMs: 0 });
  });
});
