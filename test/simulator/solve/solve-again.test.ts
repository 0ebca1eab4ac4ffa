import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatten } from '../../../src/simulator/solve/flatten.ts';
import { solveAt } from '../../../src/simulator/solve/solve-at.ts';
import { stateFor } from '../../../src/simulator/solve/state.ts';
import { policyNetworks } from '../policy-networks.ts';

/** What a solution says of stations and of whole requests. */
const told = (flat: ReturnType<typeof flatten>, state: ReturnType<typeof stateFor>): number[] => [
  ...state.utilisation,
  ...state.wait,
  ...state.lost,
  ...Array.from(flat.rootNode, (node) => state.answered[node] as number),
  ...Array.from(flat.rootNode, (node) => state.answeredVariance[node] as number),
  Number(state.overloaded),
];

describe('one state solved again and again', () => {
  it('tells nothing but numbers at any load that it can bear, and the same at a light load whatever was solved before', () => {
    let overloads = 0;
    fc.assert(
      fc.property(policyNetworks, (network) => {
        const flat = flatten(network);
        const state = stateFor(flat);
        const at = (perSecond: number, stops = false): number[] => {
          solveAt(flat, state, perSecond, stops);
          return told(flat, state);
        };
        const first = at(1);
        for (const perSecond of [100, 1000, 10_000, 1e6]) {
          const values = at(perSecond);
          if (state.overloaded) overloads++;
          else for (const value of values) expect(value).not.toBeNaN();
          at(perSecond, true);
        }
        expect(at(1)).toEqual(first);
      }),
      { numRuns: 200, seed: 1 },
    );
    expect(overloads).toBeGreaterThan(50);
  });
});
