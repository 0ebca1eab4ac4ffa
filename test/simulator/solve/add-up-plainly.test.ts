import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addUpPlainly, isPlain } from '../../../src/simulator/solve/add-up-plainly.ts';
import { addUpTimes } from '../../../src/simulator/solve/add-up-times.ts';
import { flatten } from '../../../src/simulator/solve/flatten.ts';
import { CALL, HOLD, LOOP, PARALLEL } from '../../../src/simulator/solve/node-kinds.ts';
import { solveAt } from '../../../src/simulator/solve/solve-at.ts';
import { stateFor } from '../../../src/simulator/solve/state.ts';
import { policyNetworks } from '../policy-networks.ts';

const WRITTEN = ['mean', 'variance', 'fails', 'spent', 'spentVariance', 'attempts', 'holdMean', 'answered', 'answeredVariance', 'unanswered'] as const;

describe('times of plain networks', () => {
  it('come out to the bit as those of all networks do, at light loads and overloaded', () => {
    const met = new Map<string, number>();
    const count = (what: string, isThere: boolean): unknown => isThere && met.set(what, (met.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(policyNetworks, fc.constantFrom(1, 30, 300, 10_000), (network, perSecond) => {
        const given = flatten(network);
        // What visits know of each other is left out: of larger networks nobody looks at it.
        const flat = { ...given, returns: null, siblings: null };
        if (!isPlain(flat)) return;
        const state = stateFor(flat);
        solveAt(flat, state, perSecond);
        const all = (): number[][] => WRITTEN.map((field) => [...state[field]]);
        addUpPlainly(flat, state);
        const plainly = all();
        addUpTimes(flat, state);
        expect(plainly).toEqual(all());
        for (const [what, kind] of [
          ['calls', CALL],
          ['holds', HOLD],
          ['loops', LOOP],
          ['branches side by side', PARALLEL],
        ] as const)
          count(what, flat.kind.includes(kind));
        count(
          'failures',
          state.fails.some((it) => it > 0),
        );
        count(
          'wait limits',
          state.expired.some((it) => it > 0),
        );
        count(
          'refusals',
          state.refused.some((it) => it > 0),
        );
      }),
      { numRuns: 300 },
    );
    for (const what of ['calls', 'holds', 'loops', 'branches side by side', 'failures', 'wait limits', 'refusals']) expect(met.get(what) ?? 0, what).toBeGreaterThan(5);
  });
});
