import { describe, expect, it } from 'vitest';
import type { Instruction, Network, Program } from '../../../src/model/network.ts';
import { simulate, solve } from '../../../src/simulator/index.ts';
import { delay, deterministic, exponential, law, serve, station } from '../../theory/networks.ts';

const SLICE_MS = 0.5;
const LONG_MS = 200;

interface Setting {
  visits: number;
  gapMs: number;
  longWork: number;
  shortWork: number;
}

/** Beside it nothing keeps its order (`folded.ts`). */
const LARGE: Program = { id: 'large', body: Array.from({ length: 420 }, (_, index) => delay(deterministic(index + 1))) };

/** Requests of many short slices of an event loop with gaps between them, and rare jobs that keep it for long. Loads are shares of the loop's time. */
function withRareLong({ visits, gapMs, longWork, shortWork }: Setting, more: readonly Program[] = []): { network: Network; perSecond: number } {
  const round: Instruction[] = [serve('loop', law('gamma', 0.25, SLICE_MS)), delay(exponential(gapMs))];
  const long = (longWork / LONG_MS) * 1000;
  const short = (shortWork / (visits * SLICE_MS)) * 1000;
  const sources = (['short', 'long'] as const).map(
    (id) => ({ id, program: id, arrivals: 'poisson', share: (id === 'short' ? short : long) / (short + long), patienceMs: null }) as const,
  );
  const network: Network = {
    version: 1,
    groups: [],
    stations: [station('loop', 1)],
    programs: [{ id: 'short', body: [{ op: 'loop', times: visits, body: round }] }, { id: 'long', body: [serve('loop', law('gamma', 0.25, LONG_MS))] }, ...more],
    sources,
  };
  return { network, perSecond: short + long };
}

/** Visits, gap, the loads of both; mean and p95 of the short requests and mean of the long ones, ms, as played for 3,000 long jobs or 40,000 requests and more. */
const PLAYED: readonly (readonly [number, number, number, number, number, number, number])[] = [
  [1, 20, 0.02, 0.05, 23.2, 67.8, 205],
  [1, 2, 0.1, 0.4, 28.1, 190.9, 227],
  [5, 20, 0.02, 0.4, 109.6, 204.2, 206],
  [5, 20, 0.1, 0.05, 125.9, 298.7, 216],
  [30, 20, 0.1, 0.4, 703, 1072, 216],
  [30, 20, 0.4, 0.05, 1086, 2201, 283],
  [200, 2, 0.02, 0.4, 568, 739, 201],
  [200, 20, 0.4, 0.4, 7087, 10_120, 292],
];

describe('rare long jobs beside requests of many short visits', () => {
  it.each(PLAYED)('%i visits, %i ms apart, the loop %f busy by long and %f by short ones', (visits, gapMs, longWork, shortWork, mean, p95, longMean) => {
    // Whether or not the order of visits is known.
    for (const more of [[], [LARGE]]) {
      const { network, perSecond } = withRareLong({ visits, gapMs, longWork, shortWork }, more);
      const [short, long] = solve(network, perSecond).sources;
      expect(Math.abs((short?.latencyMs?.mean ?? 0) / mean - 1)).toBeLessThan(0.05);
      expect(Math.abs((short?.latencyMs?.p95 ?? 0) / p95 - 1)).toBeLessThan(0.1);
      expect(Math.abs((long?.latencyMs?.mean ?? 0) / longMean - 1)).toBeLessThan(0.05);
    }
  });

  it('is what playing says', () => {
    const { network, perSecond } = withRareLong({ visits: 60, gapMs: 10, longWork: 0.1, shortWork: 0.1 });
    const run = simulate(network, { seconds: 6000, warmupSeconds: 20, seed: 1, perSecond }).sources[0]?.latencyMs;
    const told = solve(network, perSecond).sources[0]?.latencyMs;
    expect(Math.abs((told?.mean ?? 0) / (run?.mean ?? 0) - 1)).toBeLessThan(0.03);
    expect(Math.abs((told?.p95 ?? 0) / (run?.p95 ?? 0) - 1)).toBeLessThan(0.1);
  });

  it('nobody waits for more than what others bring while he is in the system, and what he finds', () => {
    for (const visits of [10, 100, 1000]) {
      const { network, perSecond } = withRareLong({ visits, gapMs: 2, longWork: 0.1, shortWork: 0.02 }, [LARGE]);
      const mean = solve(network, perSecond).sources[0]?.latencyMs?.mean ?? Number.POSITIVE_INFINITY;
      const own = visits * (SLICE_MS + 2);
      expect(mean).toBeLessThan((own + LONG_MS) / (1 - 0.12));
    }
  });

  it('with exponential services of one mean a network stays what it is in product form, however often requests return', () => {
    const body = (times: number, gapMs: number): Instruction[] => [{ op: 'loop', times, body: [serve('loop', exponential(1)), delay(exponential(gapMs))] }];
    const network: Network = {
      version: 1,
      groups: [],
      stations: [station('loop', 1)],
      programs: [{ id: 'often', body: body(20, 3) }, { id: 'seldom', body: body(2, 50) }, LARGE],
      sources: ['often', 'seldom'].map((id) => ({ id, program: id, arrivals: 'poisson', share: 0.5, patienceMs: null })),
    };
    // 700 visits a second of 1 ms.
    const { sources, stations } = solve(network, 700 / 11);
    expect(stations[0]?.meanWaitMs).toBeCloseTo(0.7 / 0.3, 3);
    expect(sources[0]?.latencyMs?.mean).toBeCloseTo(20 * (1 / 0.3 + 3), 1);
    expect(sources[1]?.latencyMs?.mean).toBeCloseTo(2 * (1 / 0.3 + 50), 1);
  });
});
