import { describe, expect, it } from 'vitest';
import { caseOf } from './cases.ts';
import { cobham, erlangA, erlangB, erlangC, erlangGaps, finiteSource, gim1, mg1, mmc, mmck, mva, nestedPossession, pacedGaps } from './formulas.ts';

/** The formulas of the tests against the book, so that what they say of other parameters can be believed. */
const ROWS: readonly [string, Readonly<Record<string, number>>][] = [
  ['mm1-0.8', mmc(0.8, 1)],
  ['mmc-16-0.7875', { erlangC: erlangC(16, 12.6), ...mmc(12.6, 16) }],
  ['mmc-500-0.99', mmc(495, 500)],
  ['erlb-100-90', { reject: erlangB(100, 90) }],
  ['mmck-10-20-9', mmck(9, 10, 20)],
  ['mg1-gamma-0.9', mg1(0.9, 0.25)],
  ['mh21-0.8', mg1(0.8, 4)],
  ['dm1-0.8', gim1(pacedGaps(0.8))],
  ['e2m1-0.8', gim1(erlangGaps(0.8, 2))],
  ['prio-2class', { Wq_high: cobham([0.3, 0.5])[0] as number, Wq_low: cobham([0.3, 0.5])[1] as number }],
  ['erlang-a-10-12', erlangA(12, 10, 2)],
  ['finite-source', { X: finiteSource(60, 10, 5).X * 10, L: finiteSource(60, 10, 5).L, R: finiteSource(60, 10, 5).T / 10, utilisation: finiteSource(60, 10, 5).utilisation }],
  ['nested-5-2-0.4', nestedPossession(0.4, 5, 2, 2, 4)],
  ['mva-lazowska', mva(3, 15, [0.605, 2.1, 1.35])],
];

describe('the formulas of the tests', () => {
  it.each(ROWS)('%s', (id, found) => {
    const { expected } = caseOf(id);
    const names = Object.keys(found).filter((name) => name in expected);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(Math.abs((found[name] as number) / (expected[name] as number) - 1), name).toBeLessThan(1e-8);
  });
});
