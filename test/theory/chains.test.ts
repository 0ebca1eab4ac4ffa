import { describe, expect, it } from 'vitest';
import { caseOf } from './cases.ts';
import { balancedGaps, che, fixedPatience, fromEmpty, mdc, modulated, retrialOrbit, retrials, shorterOfTwoPicked, slowestOf, tokenBucket } from './chains.ts';
import { gim1 } from './formulas.ts';

const orbit = retrials(4.5, 5, 10, 5, 0.9);

/** What is worked out numerically for other parameters, with the book's. */
const ROWS: readonly [id: string, found: Readonly<Record<string, number>>][] = [
  ['mdc-4', mdc(3.6, 4)],
  ['mdc-10', mdc(9, 10)],
  ['timeout-queue-1-0.9-5', fixedPatience(0.9, 1, 5)],
  ['timeout-queue-10-9.5-0.5', fixedPatience(9.5, 10, 0.5)],
  ['timeout-queue-50-55-0.2', fixedPatience(55, 50, 0.2)],
  ['token-bucket-0.8-5', tokenBucket(0.8, 5)],
  ['token-bucket-0.9-10', tokenBucket(0.9, 10)],
  ['retrial-0.5', { mean_orbit: retrialOrbit(0.5, 2) }],
  ['retrial-0.8', { mean_orbit: retrialOrbit(0.8, 1) }],
  ['orbit-4.5-5-10', { ...orbit, goodput: orbit.busy }],
  ['mmpp-m1', modulated([0.2, 1.4], [0.02, 0.02])],
  ['transient-mm1', fromEmpty(1, [[0, 0.8]], [1, 5, 10, 20, 50, 100])],
  [
    'spike-mmc',
    fromEmpty(
      10,
      [
        [0, 7],
        [50, 15],
        [60, 7],
      ],
      [50, 55, 60, 65, 70, 80, 100],
    ),
  ],
  ['jsq2-0.9', { T: shorterOfTwoPicked(0.9) }],
  ['h2m1-0.8', gim1(balancedGaps(0.8, 4))],
  ['fanout-max', { T_10: slowestOf(10), T_100: slowestOf(100) }],
  ['lru-10000-1.0-1000', { hit_ratio: che(10_000, 1, 1000) }],
];

describe('numerical answers of the tests', () => {
  it.each(ROWS)('%s', (id, found) => {
    const { expected } = caseOf(id);
    const names = Object.keys(found).filter((name) => name in expected);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(Math.abs((found[name] as number) / (expected[name] as number) - 1), name).toBeLessThan(1e-6);
  });
});
