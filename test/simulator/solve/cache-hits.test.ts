import { describe, expect, it } from 'vitest';
import type { Cache } from '../../../src/model/network-policies.ts';
import type { Instruction, Network } from '../../../src/model/network.ts';
import { simulate, solve } from '../../../src/simulator/index.ts';
import { hitShare, popularityOf } from '../../../src/simulator/solve/cache-hits.ts';
import { delay, exponential, network, serve, station } from '../../theory/networks.ts';

const cache = (more: Partial<Cache>): Cache => ({ id: 'c', keys: 1, zipf: 0, capacity: null, ttlMs: null, ...more });
const share = (it: Partial<Cache>, lookups: number, removals = 0, missMs = 0, clearings = 0): number =>
  hitShare(popularityOf(cache(it), 1), { lookups, removals, clearings, missMs });

const zipf = (keys: number, s: number): number[] => {
  const weights = Array.from({ length: keys }, (_, at) => (at + 1) ** -s);
  const total = weights.reduce((sum, it) => sum + it, 0);
  return weights.map((it) => it / total);
};

/** King (1971): of each state the most recent keys in order, by enumeration. */
function lru(keys: number, s: number, room: number): number {
  const p = zipf(keys, s);
  const walk = (chosen: readonly number[], chance: number, left: number): number => {
    if (chosen.length === room) return chance * chosen.reduce((sum, at) => sum + (p[at] as number), 0);
    return p.reduce((sum, one, at) => (chosen.includes(at) ? sum : sum + walk([...chosen, at], (chance * one) / left, left - one)), 0);
  };
  return walk([], 1, 1);
}

describe('hit ratios in closed form', () => {
  it.each<[string, number, number]>([
    ['a TTL: of each life only the lookup before it misses', share({ ttlMs: 4 }, 0.5), 2 / 3],
    ['removals: the last thing that happened was a lookup', share({}, 0.6, 0.2), 0.75],
    ['all keys removed at once do the same to one', share({}, 0.6, 0, 0, 0.2), 0.75],
    ['both: lives are cut by whichever comes first', share({ ttlMs: 5 }, 0.6, 0.2), (3 * (1 - Math.exp(-1))) / (1 + 3 * (1 - Math.exp(-1)))],
    ['keys that end alike', share({ keys: 4, ttlMs: 8 }, 0.5), 0.5],
    ['no room', share({ keys: 9, capacity: 0 }, 1), 0],
    ['nothing ends', share({ keys: 1000, zipf: 1 }, 1), 1],
    ['room for all is no limit', share({ keys: 4, capacity: 4, ttlMs: 8 }, 0.5), 0.5],
    ['room for k of n alike', share({ keys: 200, capacity: 50 }, 3), 0.25],
  ])('%s', (_, found, exact) => expect(found).toBeCloseTo(exact, 5));

  it.each<[number, number, number, number]>([
    [8, 0.8, 3, 0.02],
    [10, 1, 4, 0.02],
    [12, 0.5, 4, 0.01],
    [40, 1, 3, 0.03],
  ])('Che for %i keys of Zipf %f and room for %i: within %f of the exact ratio', (keys, s, room, error) => {
    expect(Math.abs(share({ keys, zipf: s, capacity: room }, 1) - lru(keys, s, room))).toBeLessThan(error);
  });

  it('a million keys in groups come to the same as alone', () => {
    const p = zipf(20_000, 0.9);
    const exact = p.reduce((sum, it) => sum + (it * it * 500) / (1 + it * 500), 0);
    expect(share({ keys: 20_000, zipf: 0.9, ttlMs: 500 }, 1)).toBeCloseTo(exact, 3);
    expect(popularityOf(cache({ keys: 1e6, zipf: 1 }), 1).keys.length).toBeLessThan(300);
  });

  it('grows with room, TTL and load, falls with removals and the time of a miss', () => {
    const base = { keys: 100, zipf: 0.8, capacity: 20, ttlMs: 300 };
    const ratio = (more: Partial<Cache>, lookups = 1, removals = 0.1, missMs = 5): number => share({ ...base, ...more }, lookups, removals, missMs);
    expect(ratio({ capacity: 30 })).toBeGreaterThan(ratio({}));
    expect(ratio({ ttlMs: 600 })).toBeGreaterThan(ratio({}));
    expect(ratio({}, 2, 0.1, 0)).toBeGreaterThan(ratio({}, 1, 0.1, 0));
    expect(ratio({}, 1, 0.2)).toBeLessThan(ratio({}));
    expect(ratio({}, 1, 0.1, 50)).toBeLessThan(ratio({}));
  });
});

/** Lookups at a rate of 1 a ms beside removals at one of their own. */
const looked = (it: Partial<Cache>, miss: readonly Instruction[], removals = 0): Network => {
  const one = network({
    stations: [station('db', 40)],
    body: [{ op: 'lookup', cache: 'c', hit: [], miss }],
    rate: 1,
    programs: [{ id: 'write', body: [{ op: 'invalidate', cache: 'c' }] }],
  });
  const writes = { id: 'writes', program: 'write', arrivals: 'poisson', share: 0, phases: [{ fromMs: 0, perSecond: removals * 1000 }], patienceMs: null } as const;
  return { ...one, caches: [cache(it)], sources: [...one.sources, ...(removals > 0 ? [writes] : [])] };
};

describe('misses in closed form and played', () => {
  it.each<[string, Network, number]>([
    ['a TTL over many keys', looked({ keys: 50, zipf: 1, ttlMs: 40 }, [serve('db', exponential(5))]), 0.02],
    ['room for some', looked({ keys: 500, zipf: 0.9, capacity: 60, warm: 1 }, [serve('db', exponential(5))]), 0.02],
    ['room and TTL', looked({ keys: 500, zipf: 0.9, capacity: 60, ttlMs: 200 }, [serve('db', exponential(5))]), 0.03],
    ['one hot key that is removed while misses are under way', looked({}, [delay(exponential(12))], 0.15), 0.03],
    ['a few hot keys with removals and a TTL', looked({ keys: 4, zipf: 0.7, ttlMs: 60 }, [delay(exponential(15))], 0.1), 0.05],
  ])('%s', (_, net, error) => {
    const solved = solve(net);
    expect(solved.validity.kind).toBe('approximate');
    const run = simulate(net, { seconds: 200 });
    const missed = (mean: number | null | undefined): number => mean ?? Number.NaN;
    // All who miss take time and nobody else: the mean response is the miss ratio times it.
    expect(Math.abs(missed(solved.sources[0]?.latencyMs?.mean) / missed(run.sources[0]?.latencyMs?.mean) - 1)).toBeLessThan(error);
  });

  it('each instance has a cache of its own', () => {
    const make = (group: boolean): Network => {
      const one = looked({ keys: 20, ttlMs: 20, ...(group && { group: 'g' }) }, [serve('db', exponential(2))]);
      return { ...one, groups: [{ id: 'g', instances: 4, balancer: 'random' }], programs: one.programs.map((it) => ({ ...it, group: 'g' })) };
    };
    const misses = (it: Network): number => (solve(it).stations[0]?.arrivalsPerSecond ?? 0) / 1000;
    // 20 keys alike, looked up once in 20 ms, or at each of four instances once in 80.
    expect(misses(make(false))).toBeGreaterThan(0.5);
    expect(misses(make(true))).toBeGreaterThan(0.8);
    const run = simulate(make(true), { seconds: 60 });
    expect(misses(make(true))).toBeCloseTo((run.caches?.[0]?.misses ?? 0) / (run.caches?.[0]?.lookups ?? 1), 2);
  });

  it('lookups that wait for one another are told to be unsolved', () => {
    expect(solve(looked({ ttlMs: 5, singleFlight: true }, [serve('db')])).validity).toEqual({
      kind: 'throughputOnly',
      why: 'lookups that wait for one another (c) is not solved; play it',
    });
  });
});
