import { describe, expect, it } from 'vitest';
import { COVERED, hitsOf } from './coverage.ts';

const RUNS = 20;
const REQUESTS = 20_000;

describe('95% intervals cover the exact value', () => {
  const hits = new Map<string, number>();
  // Of 20 honest intervals fewer than 15 cover once in three thousand times, and of 100 fewer than 88 once in four hundred; `long/` counts 200 of each.
  it.each(COVERED)(`$name: most of ${RUNS}`, (row) => {
    const found = hitsOf(row, RUNS, REQUESTS);
    hits.set(row.name, found);
    expect(found).toBeGreaterThanOrEqual(15);
  });
  it('all together', () => expect([...hits.values()].reduce((sum, found) => sum + found, 0)).toBeGreaterThanOrEqual(88));
});
