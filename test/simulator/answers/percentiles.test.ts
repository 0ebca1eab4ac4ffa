import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bounded, enoughFor, percentile } from '../../../src/simulator/answers/percentiles.ts';

const SHARES = [0.1, 0.9];

/** Values between bounds, of which some are the value itself; each notes when it is found. */
const bounded = (values: readonly (readonly [value: number | null, below: number, above: number])[], found: Set<number>): Bounded[] =>
  values.map(([value, below, above], index) => {
    const at = value ?? Number.POSITIVE_INFINITY;
    const find = (): number | null => {
      found.add(index);
      return value;
    };
    return { atLeast: value === null && below > 0 ? 100 : at - below, atMost: at + above, find };
  });

describe('percentiles of values that cost something to find', () => {
  it('are those of all of them', () => {
    const value = fc.tuple(fc.option(fc.integer({ min: 0, max: 60 }), { freq: 8 }), fc.constantFrom(0, 1, 7, 30), fc.constantFrom(0, 1, 7, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 64 }), (values) => {
        const enough = enoughFor(SHARES, bounded(values, new Set()));
        const all = values.map(([it]) => it);
        for (const share of SHARES) expect(percentile(enough, share)).toBe(percentile(all, share));
      }),
      { numRuns: 500 },
    );
  });

  it('leave out what cannot stand there', () => {
    const found = new Set<number>();
    enoughFor(
      SHARES,
      bounded(
        Array.from({ length: 64 }, (_, index) => [index * 10, 12, 12] as const),
        found,
      ),
    );
    expect(found.size).toBeGreaterThan(4);
    expect(found.size).toBeLessThan(20);
    expect(found.has(32)).toBe(false);
  });
});
