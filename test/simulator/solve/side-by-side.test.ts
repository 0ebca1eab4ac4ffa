import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../../src/model/network.ts';
import { simulate, solve } from '../../../src/simulator/index.ts';
import { exponential, hold, network, serve, station } from '../../theory/networks.ts';

/** So many queries side by side, each of 2 ms at a store with so many servers and, where there is one, through a pool. */
function queries(many: number, places: number | null, servers: number, perSecond: number): Network {
  const query = serve('db', exponential(2));
  const branch: readonly Instruction[] = places === null ? [query] : [hold('pool', query)];
  return network({
    stations: [station('db', servers), ...(places === null ? [] : [station('pool', places)])],
    body: [{ op: 'parallel', branches: Array.from({ length: many }, () => branch) }],
    rate: perSecond / 1000,
  });
}
const p95Of = (of: { sources: readonly { latencyMs: { p95: number } | null }[] }): number => of.sources[0]?.latencyMs?.p95 ?? Number.NaN;
const meanOf = (of: { sources: readonly { latencyMs: { mean: number } | null }[] }): number => of.sources[0]?.latencyMs?.mean ?? Number.NaN;

describe('queries side by side', () => {
  it.each([
    [10, 5, 4],
    [10, 10, 4],
    [10, 20, 8],
    [10, 5, 8],
    [10, null, 4],
    [10, null, 1],
    [4, null, 4],
    [2, null, 1],
    [2, 2, 4],
  ])('%i through a pool of %s at %i servers: the closed form tells the mean that is played', (many, places, servers) => {
    const most = (Math.min(servers, places ?? servers) / (many * 2)) * 1000;
    for (const load of [0.3, 0.5, 0.7, 0.8]) {
      const net = queries(many, places, servers, load * most);
      const played = meanOf(simulate(net, { seconds: 40_000 / (load * most), seed: 1, intervals: false }));
      expect(Math.abs(meanOf(solve(net)) / played - 1), `${load}: ${meanOf(solve(net))} for ${played}`).toBeLessThan(0.13);
    }
  });

  it.each([
    [3, 1],
    [10, 1],
    [30, 4],
  ])('%i at %i servers: the slowest, too, for whole batches stand before a batch', (many, servers) => {
    const most = (servers / (many * 2)) * 1000;
    for (const load of [0.6, 0.8]) {
      const net = queries(many, null, servers, load * most);
      const played = p95Of(simulate(net, { seconds: 80_000 / (load * most), seed: 1, intervals: false }));
      expect(Math.abs(p95Of(solve(net)) / played - 1), `${load}: ${p95Of(solve(net))} for ${played}`).toBeLessThan(0.08);
    }
  });

  it.each([
    [10, 5, 4],
    [10, 10, 4],
    [10, 20, 8],
    [30, 6, 4],
  ])('%i through a pool of %i: what %i servers can do is borne, for siblings without a place wait before the pool', (many, places, servers) => {
    const most = (servers / (many * 2)) * 1000;
    expect(solve(queries(many, places, servers, 0.98 * most)).stable).toBe(true);
    expect(solve(queries(many, places, servers, 1.02 * most)).stable).toBe(false);
  });

  it('branches that meet nowhere share nothing: the later of two', () => {
    const net = network({
      stations: [station('a', 1), station('b', 1)],
      body: [{ op: 'parallel', branches: [[serve('a')], [serve('b')]] }],
      rate: 0.5,
    });
    // Two M/M/1 with the same arrivals are not independent, yet nearly: exponential responses of 2, the later of which is 3.
    expect(meanOf(solve(net))).toBeCloseTo(3, 6);
  });
});

/**
 * Queries of very different lengths, each on a connection of its own but for a `free` share of them; now and then a transaction asks two of them side by side on the one that it holds.
 * The program is as long as those of workspaces, whose visits are only counted.
 */
function longProgram(free: number, servers: number, places: number, busy: number): Network {
  const query = serve('db', { kind: 'hyperexponential', meanMs: 4.5, cv2: 5 });
  const turn = (meanMs: number): Instruction => serve('loop', { kind: 'gamma', meanMs, cv2: 0.25 });
  const often = 1 / 300;
  const seldom = Array.from({ length: 170 }, (_, at): Instruction => ({ op: 'branch', probability: 1e-9, taken: [turn(0.01 + at / 1e4), hold('pool', query)], otherwise: [] }));
  const plain = Array.from({ length: 8 }, (): Instruction[] => [turn(0.05), { op: 'branch', probability: free, taken: [query], otherwise: [hold('pool', query)] }]).flat();
  const transaction = hold('pool', { op: 'parallel', branches: [[query], [query]] });
  return network({
    stations: [station('loop', 1), station('db', servers), station('pool', places)],
    body: [...seldom, { op: 'branch', probability: often, taken: [transaction], otherwise: plain }],
    rate: (busy * servers) / (4.5 * (8 - 6 * often)),
  });
}

describe('slow queries among quick ones have room at a store only as far as the pools in front of it reach, though some visits hold no place of them', () => {
  const byId = <T extends { id: string }>(of: { stations: readonly T[] }, id: string): T => of.stations.find((it) => it.id === id) as T;

  // Taken to have all the room, they were waited for two to four times as long as they are played, and pools that are three quarters full seemed to overflow.
  it.each([
    [0, 8, 20, 0.85],
    [0, 8, 20, 0.9],
    [0, 4, 10, 0.85],
    [0, 2, 10, 0.8],
    [0.1, 8, 20, 0.9],
    [0.1, 4, 10, 0.85],
    [0.3, 2, 10, 0.8],
  ])('%f without a place, %i servers, pool of %i, %f busy', (free, servers, places, busy) => {
    const net = longProgram(free, servers, places, busy);
    const told = solve(net);
    const played = byId(simulate(net, { seconds: 100, seed: 4, intervals: false }), 'db').wait?.mean ?? Number.NaN;
    expect(told.stable).toBe(true);
    expect(Math.abs((byId(told, 'db').meanWaitMs as number) / played - 1), `${byId(told, 'db').meanWaitMs} for ${played}`).toBeLessThan(0.35);
    expect(byId(told, 'pool').utilisation).toBeLessThan(1);
  });
});
