import { describe, expect, it } from 'vitest';
import { highestHolding } from '../../../src/simulator/solve/search.ts';

const FINE = 1.001;

/** Asks a system that fails from a load on; `margin` says how near a load is to it. */
function searched(
  failsFrom: number,
  { near, nearBound, holds, precision = FINE, bound = Number.POSITIVE_INFINITY, margin = (_: number) => Number.NaN, margins = (it: number) => [margin(it)] } = {} as Setting,
): { found: number | null; asked: number } {
  let asked = 0;
  let last = 0;
  const found = highestHolding({
    fails: (perSecond) => {
      asked++;
      last = perSecond;
      return perSecond >= failsFrom;
    },
    margins: () => margins(last),
    precision,
    bound: () => bound,
    isBound: bound < Number.POSITIVE_INFINITY,
    ...(near !== undefined && { near }),
    ...(nearBound !== undefined && { nearBound }),
    ...(holds !== undefined && { holds }),
  });
  return { found, asked };
}

interface Setting {
  near?: number;
  nearBound?: number;
  holds?: number;
  precision?: number;
  bound?: number;
  margin?: (perSecond: number) => number;
  margins?: (perSecond: number) => readonly number[];
}

const LOADS = [0.11, 0.5, 7, 99.9, 100, 100.1, 1234, 56_789, 999_000];

describe('the highest load that holds', () => {
  it.each(LOADS)('is %d to the precision', (load) => {
    const { found } = searched(load);
    expect(found).toBeLessThan(load);
    expect((found ?? 0) * FINE).toBeGreaterThanOrEqual(load * (1 - 1e-9));
  });

  it.each(LOADS)('is the same for %d from wherever one looks', (load) => {
    const { found } = searched(load);
    for (const near of [0.1, 1, 0.999 * load, load, 1.3 * load, 1e4, 1e6]) expect(searched(load, { near }).found, `near ${near}`).toBe(found);
    for (const bound of [load, 1.01 * load, 50 * load]) expect(searched(load, { bound }).found, `bound ${bound}`).toBe(found);
    for (const margin of [(it: number) => it / load - 1, (it: number) => (it < load ? it / load - 1 : Number.NaN), (it: number) => 1 - load / it, () => -3])
      expect(searched(load, { margin }).found).toBe(found);
  });

  it.each(LOADS)('is the same for %d however far the bounds of something alike lead', (load) => {
    const { found } = searched(load);
    for (const nearBound of [0.2 * load, load, 5 * load, 1e9, Number.POSITIVE_INFINITY])
      expect(searched(load, { near: 0.8 * load, nearBound, bound: 1.2 * load }).found).toBe(found);
  });

  it('is looked for where each limit by itself is reached, not where the one leads that is nearest at first', () => {
    // Work goes straight to its limit at 110, response times to theirs at 100: but from far below.
    const work = (it: number): number => it / 110 - 1;
    const times = (it: number): number => 1 - (110 - it) / 10;
    const both = searched(100, { near: 80, margins: (it) => [work(it), times(it)] });
    const nearest = searched(100, { near: 80, margins: (it) => [Math.max(work(it), times(it))] });
    expect(both.found).toBe(nearest.found);
    expect(both.asked).toBeLessThanOrEqual(5);
    expect(nearest.asked).toBeGreaterThan(both.asked);
  });

  it('is none below the least, and no end beyond the most', () => {
    expect(searched(0.05).found).toBe(0);
    expect(searched(0.05, { near: 40 }).found).toBe(0);
    expect(searched(0.05, { bound: 3 }).found).toBe(0);
    expect(searched(2e6).found).toBeNull();
    expect(searched(2e6, { near: 40 }).found).toBeNull();
    expect(searched(2e6, { near: 1e6 }).found).toBeNull();
  });

  it('is what is known to hold where no more does', () => {
    expect(searched(100, { holds: 99.95, bound: 400 }).found).toBe(99.95);
    const { found } = searched(100, { holds: 60, bound: 400 });
    expect(found).toBe(searched(100).found);
  });

  it('takes two questions where the guess is right', () => {
    const { found } = searched(437);
    expect(searched(437, { near: found ?? 0 }).asked).toBe(2);
  });

  it('takes few where a margin tells the way, and no more than halving takes where it leads astray', () => {
    const straight = searched(437, { bound: 500, margin: (it) => it / 437 - 1 });
    expect(straight.asked).toBeLessThanOrEqual(5);
    const halved = searched(437, { bound: 500 });
    const astray = searched(437, { bound: 500, margin: (it) => (it < 437 ? -1e-6 * (it / 437) : 5) });
    expect(halved.asked).toBeLessThanOrEqual(12);
    expect(astray.asked).toBeLessThanOrEqual(halved.asked + 14);
  });
});
