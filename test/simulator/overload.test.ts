import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/simulator/index.ts';
import { deterministic, network, serve, station } from '../theory/networks.ts';

/** Ten servers of 20 ms: at most 500 a second. */
const pool = (perSecond: number, patienceMs: number | null) =>
  network({
    stations: [station('pool', 10)],
    body: [serve('pool', deterministic(20))],
    rate: perSecond / 1000,
    source: { patienceMs },
  });

describe('an overloaded system', () => {
  it.each([600, 1000, 2000])('answers as much as it can, whoever asked: %d/s', (perSecond) => {
    const run = simulate(pool(perSecond, null), { seconds: 40, seed: 1 });
    expect(run.sources[0]?.goodputPerSecond).toBeCloseTo(500, -1);
    expect(run.sources[0]?.offeredPerSecond).toBeGreaterThan(0.97 * perSecond);
  });

  it('answers nobody in time once its queue is longer than their patience; who has hung up has no response time', () => {
    const sources = (warmupSeconds: number) => Array.from({ length: 10 }, (_, at) => simulate(pool(600, 1000), { seconds: 40, seed: at + 1, warmupSeconds }).sources[0]);
    const early = sources(0);
    for (const it of early) expect(it?.latencyMs?.max).toBeLessThanOrEqual(1000);
    // The wait grows by a fifth of the time: 1 s after 5 s, and who waited so long is answered 1 s later.
    const answered = early.reduce((sum, it) => sum + (it?.goodputPerSecond ?? 0) * 40, 0) / 10;
    expect(Math.abs(answered / (500 * 5.9) - 1)).toBeLessThan(0.1);
    for (const it of sources(20)) {
      expect(it).toMatchObject({ goodputPerSecond: 0, latencyMs: null });
      expect(Object.keys(it?.errorsByCause ?? {})).toEqual(['client gave up']);
    }
  });
});
