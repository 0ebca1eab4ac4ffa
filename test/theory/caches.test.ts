import { describe, expect, it } from 'vitest';
import type { Cache } from '../../src/model/network-policies.ts';
import type { Instruction, Network } from '../../src/model/network.ts';
import { clear, entriesFor, has, remove, store } from '../../src/simulator/engine/cache.ts';
import { simulate } from '../../src/simulator/index.ts';
import { streamsFor } from '../../src/simulator/engine/streams.ts';
import { drawKey, zipfOf } from '../../src/simulator/engine/zipf.ts';
import { expectHonest, expectKnown, expectLaws, type Known } from './against.ts';
import { at, callsOf, lost, source } from './measures.ts';
import { delay, deterministic, exponential, hold, network, serve, station } from './networks.ts';
import { cached, hitShare } from './rows/caches.ts';

const popularity = (keys: number, zipf: number): number[] => {
  const weights = Array.from({ length: keys }, (_, index) => (index + 1) ** -zipf);
  const total = weights.reduce((sum, it) => sum + it, 0);
  return weights.map((it) => it / total);
};

/** An entry lives for its TTL from the store, then the next read misses: h = rT / (1 + rT) for each key, weighed by its reads. */
const byTtl = (rate: number, ttl: number, keys: number, zipf: number): number => popularity(keys, zipf).reduce((sum, p) => sum + (p * p * rate * ttl) / (1 + p * rate * ttl), 0);

/** King (1971) for a cache of two: the last key and the last other one are there. */
const ofTwo = (keys: number, zipf: number): number => {
  const p = popularity(keys, zipf);
  let sum = 0;
  for (const [i, a] of p.entries()) for (const [j, b] of p.entries()) if (i !== j) sum += ((a * b) / (1 - a)) * (a + b);
  return sum;
};

/** Reads of rate r against removals of rate w at random, one key: the last thing that happened was a read. */
const againstWrites = (r: number, w: number): number => r / (r + w);

/** Reads beside requests that remove a key. */
const written = (reads: number, writes: number, cache: Partial<Cache>): Network => {
  const net = cached(cache, reads);
  return {
    ...net,
    programs: [...net.programs, { id: 'write', body: [{ op: 'invalidate', cache: 'c' }] }],
    sources: [...net.sources, { id: 'writes', program: 'write', arrivals: 'poisson', share: 1, phases: [{ fromMs: 0, perSecond: writes * 1000 }], patienceMs: null }],
  };
};

const ROWS: readonly Known[] = [
  { name: 'one key with a TTL', theory: 'renewal', make: () => cached({ ttlMs: 4 }, 0.5), units: 200_000, expected: { h: [byTtl(0.5, 4, 1, 0), hitShare] } },
  { name: 'ten keys with a TTL', theory: 'renewal', make: () => cached({ ttlMs: 4, keys: 10, zipf: 1 }, 5), units: 20_000, expected: { h: [byTtl(5, 4, 10, 1), hitShare] } },
  { name: 'room for two of five', theory: 'King 1971', make: () => cached({ keys: 5, zipf: 0.8, capacity: 2 }, 1), units: 100_000, expected: { h: [ofTwo(5, 0.8), hitShare] } },
  { name: 'room for two of three alike', theory: 'symmetry', make: () => cached({ keys: 3, capacity: 2 }, 1), units: 100_000, expected: { h: [2 / 3, hitShare] } },
  { name: 'no room', theory: 'definition', make: () => cached({ keys: 3, capacity: 0, warm: 1 }, 1), units: 4000, expected: { h: [0, hitShare] } },
  { name: 'room for all, for ever', theory: 'definition', make: () => cached({ keys: 3, warm: 1 }, 1), units: 4000, expected: { h: [1, hitShare] } },
  { name: 'a key that is written', theory: 'competing Poisson streams', make: () => written(0.8, 0.2, {}), units: 100_000, expected: { h: [againstWrites(0.8, 0.2), hitShare] } },
  {
    name: 'keys that are written as often as they are popular',
    theory: 'competing Poisson streams: the same share for each key',
    make: () => written(0.6, 0.2, { keys: 50, zipf: 1 }),
    units: 100_000,
    expected: { h: [againstWrites(0.6, 0.2), hitShare] },
  },
  {
    // Each of four instances sees a quarter of the reads.
    name: 'a cache in each of four instances',
    theory: 'Poisson thinning; renewal',
    make: () => {
      const net = cached({ ttlMs: 10, group: 'g' }, 0.8);
      return { ...net, groups: [{ id: 'g', instances: 4, balancer: 'random' }], programs: net.programs.map((it) => ({ ...it, group: 'g' })) };
    },
    units: 150_000,
    expected: { h: [byTtl(0.2, 10, 1, 0), hitShare] },
  },
  {
    // A miss of 3 on average, in which all others miss or wait: cycles of miss time and TTL. Without flights: misses of a cycle = 1 + r·m.
    name: 'lookups that join a miss are neither hits nor misses',
    theory: 'renewal reward: 1 miss, 0.5·3 joined, 0.5·4 hits a cycle',
    make: () => cached({ ttlMs: 4, singleFlight: true }, 0.5, [delay(exponential(3))]),
    units: 200_000,
    expected: { h: [2 / 4.5, hitShare], joined: [1.5 / 4.5, (run) => (run.caches?.[0]?.joined ?? Number.NaN) / (run.caches?.[0]?.lookups ?? Number.NaN)] },
  },
];

describe('caches against theory', () => {
  it.each(ROWS.map((it) => [`${it.name}: ${Object.keys(it.expected).join(' ')} — ${it.theory}`, it] as const))('%s', (_, row) => expectKnown(row));
  it('theory knows them, or says that it does not', () => expectHonest(cached({ ttlMs: 4 }, 0.5, [delay(exponential(3))])));
});

describe('keys', () => {
  it.each([
    [5, 0],
    [5, 0.5],
    [5, 1],
    [20, 1.00001],
    [5, 3],
    [1, 1],
    [1000, 0.99],
  ])('%d keys with exponent %d come as often as they are popular', (keys, exponent) => {
    const streams = streamsFor(1, ['keys']);
    const zipf = zipfOf(keys, exponent);
    const draws = 100_000;
    const seen = new Array<number>(keys + 1).fill(0);
    for (let n = 0; n < draws; n++) {
      const key = drawKey(zipf, streams, 0);
      seen[key] = (seen[key] as number) + 1;
    }
    popularity(keys, exponent)
      .slice(0, 20)
      .forEach((p, index) => {
        const share = (seen[index + 1] as number) / draws;
        expect(Math.abs(share - p), `key ${index + 1}: ${share} for ${p}`).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / draws));
      });
  });
});

describe('entries', () => {
  const cache = (more: Partial<Cache>): Cache => ({ id: 'c', keys: 9, zipf: 0, capacity: 3, ttlMs: 10, ...more });
  const present = (it: ReturnType<typeof entriesFor>, now: number): number[] =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((key) => (it.place[key] as number) >= 0 && (it.diesAt[it.place[key] as number] as number) > now);
  it('the one not used for longest leaves; a look is a use', () => {
    const it = entriesFor(cache({}));
    for (const key of [1, 2, 3]) store(it, key, 0);
    expect(has(it, 1, 1)).toBe(true);
    store(it, 4, 1);
    expect(present(it, 1)).toEqual([1, 3, 4]);
    store(it, 3, 2);
    store(it, 5, 2);
    expect(present(it, 2)).toEqual([3, 4, 5]);
    expect(it.evicted).toBe(2);
  });
  it('dies at its time and not before, counted from the last store', () => {
    const it = entriesFor(cache({}));
    store(it, 1, 0);
    store(it, 1, 5);
    expect([has(it, 1, 14.999), has(it, 1, 15), it.size]).toEqual([true, false, 0]);
  });
  it('is removed alone or with all; places are used again', () => {
    const it = entriesFor(cache({ warm: 1 }));
    expect(present(it, 0)).toEqual([1, 2, 3]);
    remove(it, 2);
    remove(it, 2);
    expect(present(it, 0)).toEqual([1, 3]);
    clear(it);
    for (const key of [7, 8, 9, 6]) store(it, key, 0);
    expect(present(it, 0)).toEqual([6, 8, 9]);
    expect(it.size).toBe(3);
  });
});

describe('a hot key dies', () => {
  const hot = (singleFlight: boolean): Network => ({
    ...network({ stations: [station('db', 4)], body: [{ op: 'lookup', cache: 'c', hit: [delay(deterministic(1))], miss: [serve('db', deterministic(20))] }], rate: 1 }),
    caches: [{ id: 'c', keys: 1, zipf: 0, capacity: null, ttlMs: 500, singleFlight }],
  });
  const [herd, one] = [false, true].map((it) => simulate(hot(it), { seconds: 20 }));
  it('everybody asks the database, and the slowest wait in line for it', () => {
    // Until the first answer 20 requests come, of which four are served.
    expect(herd?.caches?.[0]?.misses).toBeGreaterThan(36 * 15);
    expect(herd && source(herd).latencyMs?.p99).toBeGreaterThan(50);
    expect(herd && source(herd).latencyMs?.p50).toBeCloseTo(1, 1);
  });
  it('one asks, the others wait for its answer', () => {
    expect(one?.caches?.[0]?.misses).toBeLessThanOrEqual(36);
    expect(one && at(one, 'db').waitedShare).toBe(0);
    expect(one && source(one).latencyMs?.max).toBeLessThanOrEqual(21 + 1e-9);
  });
});

describe('a miss that fails', () => {
  const shared = (miss: readonly Instruction[], burst: number): Network => ({
    ...network({ stations: [station('db', 1), station('pool', 2)], body: [{ op: 'lookup', cache: 'c', hit: [], miss }] }),
    caches: [{ id: 'c', keys: 1, zipf: 0, capacity: null, ttlMs: null, singleFlight: true }],
    sources: [{ id: 'load', program: 'main', arrivals: 'poisson', share: 0, phases: [], burst, patienceMs: null }],
  });
  const words = 'the lookup in c that was waited for failed';
  it('fails all who wait for it, and the next one tries again', () => {
    const net = shared([serve('db', deterministic(5)), { op: 'fail', cause: 'no such row' }], 3);
    const run = simulate(
      { ...net, sources: net.sources.map((it) => ({ ...it, arrivals: 'deterministic', phases: [{ fromMs: 0, perSecond: 100 }] })) },
      { seconds: 0.012, warmupSeconds: 0, drainSeconds: 1 },
    );
    expect(source(run).errorsByCause).toEqual({ 'no such row': 2, [words]: 2 });
    expect(run.inFlightAtEnd).toBe(0);
  });
  it('gives back what was held around it', () => {
    const run = simulate(shared([hold('pool', serve('db', deterministic(5)), { op: 'parallel', branches: [[delay(deterministic(1))], [{ op: 'fail', cause: 'broken' }]] })], 3), {
      seconds: 1,
      warmupSeconds: 0,
    });
    expect(source(run).errorsByCause).toEqual({ broken: 1, [words]: 2 });
    expectLaws(run);
  });
  it('that was ended by the very call whose other attempt waits for it: the call fails once', () => {
    const hedged: Instruction = { op: 'call', program: 'read', timeoutMs: 20, cancels: true, hedge: { afterMs: 5 }, retry: { times: 1, backoff: deterministic(1) } };
    const net: Network = {
      ...shared([], 1),
      programs: [
        { id: 'main', body: [hedged] },
        { id: 'read', body: [{ op: 'lookup', cache: 'c', hit: [], miss: [serve('db', deterministic(50))] }] },
      ],
    };
    const run = simulate(net, { seconds: 1, warmupSeconds: 0 });
    // Both tries: the first attempt reads, the second looks on from 5 ms on, at 20 ms the first is ended and the second with it; 1 ms lies between the tries.
    expect(source(run).errorsByCause).toEqual({ [words]: 1 });
    expect(callsOf(run, 'read')).toMatchObject({ calls: 1, attempts: 4, timeouts: 2, retries: 1, hedges: 2, failed: 1 });
    expect(run.endedAtMs).toBeLessThanOrEqual(1000);
    expect(run.inFlightAtEnd).toBe(0);
    expectLaws(run);
  });
  it('that was ended from outside fails them too; who is ended while waiting is forgotten', () => {
    const net: Network = {
      ...shared([serve('db', deterministic(50))], 1),
      programs: [
        { id: 'main', body: [{ op: 'call', program: 'read', timeoutMs: 20, cancels: true }] },
        { id: 'read', body: [{ op: 'lookup', cache: 'c', hit: [], miss: [serve('db', deterministic(50))] }] },
      ],
      sources: [
        { id: 'first', program: 'read', arrivals: 'poisson', share: 0, phases: [], burst: 1, patienceMs: null },
        { id: 'hasty', program: 'main', arrivals: 'poisson', share: 0, phases: [], burst: 2, patienceMs: null },
        { id: 'last', program: 'read', arrivals: 'deterministic', share: 0, phases: [{ fromMs: 0, perSecond: 33 }], patienceMs: null },
      ],
    };
    const run = simulate(net, { seconds: 0.06, warmupSeconds: 0, drainSeconds: 1 });
    // The first reads for 50 ms, the hasty give up after 20, the last comes at 30 and has the answer of the first.
    expect(run.sources.map((it) => it.latencyMs?.max ?? null)).toEqual([50, null, expect.closeTo(50 - 1000 / 33, 9)]);
    expect(lost(run)).toBe(0);
    const crashed = simulate({ ...net, sources: [...net.sources.slice(1, 2), ...net.sources.slice(2)] }, { seconds: 0.05, warmupSeconds: 0, drainSeconds: 1 });
    // Without the first, one of the hasty reads: with it ends whoever waits.
    expect(crashed.inFlightAtEnd).toBe(0);
    expectLaws(crashed);
  });
});
