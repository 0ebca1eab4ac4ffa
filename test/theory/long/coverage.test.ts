import { describe, expect, it } from 'vitest';
import { COVERED, hitsOf } from '../coverage.ts';

const RUNS = 200;
const REQUESTS = 100_000;
/** 95% of 200 give or take three standard deviations. */
const LEAST = 181;
const MOST = 199;

describe('95% intervals cover the exact value as often as they say', () => {
  const hits = new Map<string, number>();
  it.each(COVERED)(
    `$name: ${LEAST} to ${MOST} of ${RUNS}`,
    (row) => {
      const found = hitsOf(row, RUNS, REQUESTS);
      hits.set(row.name, found);
      expect(found).toBeGreaterThanOrEqual(LEAST);
      expect(found).toBeLessThanOrEqual(MOST);
    },
    300_000,
  );
  it('93 to 97% of all', () => {
    const share = [...hits.values()].reduce((sum, found) => sum + found, 0) / (RUNS * COVERED.length);
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.97);
  });
});
