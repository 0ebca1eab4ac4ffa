import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instruction, Network, WaitLimit } from '../../src/model/network.ts';
import { type Run, simulate } from '../../src/simulator/index.ts';
import { delay, deterministic, network, station } from '../theory/networks.ts';

/** So many requests at once, each of which takes `depth` places of one pool, one inside the other. */
function nested(places: number, depth: number, requests: number, waitLimitMs?: WaitLimit): Network {
  let body: readonly Instruction[] = [delay(deterministic())];
  for (let level = 0; level < depth; level++) body = [{ op: 'hold', station: 'pool', ...(waitLimitMs !== undefined && { waitLimitMs }), body: [delay(deterministic()), ...body] }];
  return network({ stations: [station('pool', places)], body, source: { phases: [], burst: requests } });
}
const play = (net: Network): Run => simulate(net, { seconds: 2, warmupSeconds: 0 });
const answered = (run: Run): number => Math.round((run.sources[0]?.goodputPerSecond ?? 0) * run.seconds);
const setting = fc.record({ places: fc.integer({ min: 2, max: 8 }), depth: fc.integer({ min: 2, max: 4 }), more: fc.integer({ min: 0, max: 20 }) });
const CASES = { seed: 1, numRuns: 40 };

describe('whatever the pool, taking its places one inside the other', () => {
  it('stands still for ever once as many have one each as there are places', () =>
    fc.assert(
      fc.property(setting, ({ places, depth, more }) => {
        const run = play(nested(places, depth, places + more));
        expect(answered(run)).toBe(0);
        expect(run.stuck).toBe(true);
        expect(run.inFlightAtEnd).toBe(places + more);
        expect(run.stations[0]?.utilisation).toBeGreaterThan(0.99);
      }),
      CASES,
    ));

  it('goes on where one of them is sure to get all that it needs', () =>
    fc.assert(
      fc.property(setting, ({ places, depth }) => {
        // Fewer requests than would let every place be held by one that wants another.
        const requests = Math.floor((places - 1) / (depth - 1));
        fc.pre(requests > 0);
        const run = play(nested(places, depth, requests));
        expect(run.stuck).toBe(false);
        expect(answered(run)).toBe(requests);
        expect(run.inFlightAtEnd).toBe(0);
      }),
      CASES,
    ));

  it('ends in failures where waits have a limit, and nobody is left', () =>
    fc.assert(
      fc.property(setting, ({ places, depth, more }) => {
        const run = play(nested(places, depth, places + more, 50));
        expect(run.inFlightAtEnd).toBe(0);
        const failed = Object.values(run.sources[0]?.errorsByCause ?? {}).reduce((sum, it) => sum + it, 0);
        expect(failed).toBeGreaterThan(0);
        expect(answered(run) + failed).toBe(places + more);
      }),
      CASES,
    ));
});
