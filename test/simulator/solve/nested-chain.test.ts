import { describe, expect, it } from 'vitest';
import { simulate, solve } from '../../../src/simulator/index.ts';
import { deadlockRate } from '../../../src/simulator/solve/nested-chain.ts';
import { delay, exponential, hold, network, station } from '../../theory/networks.ts';

const SEEDS = 40;

/** Places, ms with one place before, with both, with one place after, share of the nominal capacity. */
const ROWS: readonly (readonly [places: number, before: number, both: number, after: number, load: number])[] = [
  [3, 5, 5, 5, 0.4],
  [4, 5, 10, 5, 0.3],
  [6, 10, 10, 0, 0.4],
  [8, 10, 10, 10, 0.5],
  [12, 10, 10, 10, 0.6],
];

const pool = (places: number, before: number, both: number, after: number, perMs: number) =>
  network({
    stations: [station('pool', places)],
    body: [hold('pool', delay(exponential(before)), hold('pool', delay(exponential(both))), ...(after > 0 ? [delay(exponential(after))] : []))],
    rate: perMs,
  });

describe('a pool that is asked for again while it is held', () => {
  it.each(ROWS)('%i places, %i + %i + %i ms, load %d: comes to a standstill as soon as when it is played', (places, before, both, after, load) => {
    const perMs = (load * places) / (before + 2 * both + after);
    const meanMs = 1 / deadlockRate({ places, perMs, aloneMs: before, bothMs: both + after / 2, again: 0 });
    let lived = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = simulate(pool(places, before, both, after, perMs), { seconds: (5 * meanMs) / 1000, warmupSeconds: 0, seed });
      lived += (run.sources[0]?.latencyMs?.count ?? 0) / perMs;
    }
    // 1 / √40 is 16%; random order in the line and exponential times with one place for both parts leave the rest.
    expect(lived / SEEDS / meanMs).toBeGreaterThan(0.55);
    expect(lived / SEEDS / meanMs).toBeLessThan(1.7);
  });

  it('two places, seldom asked for: dies when a second request comes before the first one asks again', () => {
    const perMs = 1e-5;
    expect(deadlockRate({ places: 2, perMs, aloneMs: 7, bothMs: 3, again: 0 }) / (perMs * perMs * 7)).toBeCloseTo(1, 3);
  });

  it('one place dies of the first request', () => {
    expect(deadlockRate({ places: 1, perMs: 0.5, aloneMs: 1, bothMs: 1, again: 0 })).toBe(0.5);
  });

  it('a larger pool lives longer, a busier one dies sooner', () => {
    const rate = (places: number, perMs: number): number => deadlockRate({ places, perMs, aloneMs: 10, bothMs: 10, again: 0.5 });
    for (let places = 2; places < 40; places++) expect(rate(places + 1, 0.1), `${places + 1} places`).toBeLessThanOrEqual(rate(places, 0.1));
    for (const perMs of [0.05, 0.1, 0.2]) expect(rate(10, perMs * 1.2), `${perMs}/ms`).toBeGreaterThan(rate(10, perMs));
  });

  it('solve: stable where no hour brings a standstill, unstable where one is to be expected', () => {
    expect(solve(pool(10, 5, 10, 5, 0.02)).stable).toBe(true);
    // Half of its nominal capacity: dies within seconds.
    expect(solve(pool(10, 5, 10, 5, 0.167)).stable).toBe(false);
  });
});
