import { describe, expect, it } from 'vitest';
import { type Drawn, pairedRates } from '../../src/report/paired-rates.ts';

const exactly = (value: number | null): Drawn => ({ breaksAtPerSecond: { value, low: value, high: value } });
const drawn = (draws: readonly (number | null)[], every = 1): Drawn => ({
  breaksAtPerSecond: { value: draws[0] as number, low: Math.min(...draws.map((it) => it ?? 1e6)), high: Math.max(...draws.map((it) => it ?? 1e6)) },
  draws: { every, breaksAtPerSecond: draws },
});
/** Draws far apart: 100 to 740 a second. */
const SPREAD = Array.from({ length: 64 }, (_, at) => 100 + 10 * at);
/** Up and down by a tenth in turn: nothing on the whole. */
const wobbling = SPREAD.map((it, at) => it * (at % 2 === 0 ? 1.1 : 1 / 1.1));

describe('paired rates', () => {
  it.each<[string, Drawn, Drawn, boolean, { ratio: number; draws: number; later: number; earlier: number; isSignificant: boolean }]>([
    ['nothing assumed, twice as much', exactly(300), exactly(600), true, { ratio: 2, draws: 0, later: 0, earlier: 0, isSignificant: true }],
    ['nothing assumed, within the search', exactly(300), exactly(303), true, { ratio: 1.01, draws: 0, later: 0, earlier: 0, isSignificant: false }],
    ['no limit any more', exactly(300), exactly(null), true, { ratio: 1e6 / 300, draws: 0, later: 0, earlier: 0, isSignificant: true }],
    ['the same draws', drawn(SPREAD), drawn(SPREAD), true, { ratio: 1, draws: 64, later: 0, earlier: 0, isSignificant: false }],
    // The ranges overlap nearly wholly; only the pairs can tell.
    ['a tenth less in each draw', drawn(SPREAD), drawn(SPREAD.map((it) => it * 0.9)), true, { ratio: 0.9, draws: 64, later: 0, earlier: 64, isSignificant: true }],
    ['up and down', drawn(SPREAD), drawn(wobbling), true, { ratio: 1, draws: 64, later: 32, earlier: 32, isSignificant: false }],
    [
      'other seeds: overlapping ranges say nothing',
      drawn(SPREAD),
      drawn(SPREAD.map((it) => it * 0.9)),
      false,
      { ratio: 0.9, draws: 0, later: 0, earlier: 0, isSignificant: false },
    ],
    ['other seeds, ranges apart', drawn(SPREAD), drawn(SPREAD.map((it) => it * 9)), false, { ratio: 9, draws: 0, later: 0, earlier: 0, isSignificant: true }],
    ['measured since', drawn(SPREAD), exactly(900), true, { ratio: 2.43, draws: 64, later: 64, earlier: 0, isSignificant: true }],
    [
      'drawn less often',
      drawn(SPREAD),
      drawn(
        SPREAD.filter((_, at) => at % 8 === 0).map((it) => it * 2),
        8,
      ),
      true,
      { ratio: 2, draws: 8, later: 8, earlier: 0, isSignificant: true },
    ],
    ['no limit in any draw', drawn(SPREAD), drawn(SPREAD.map(() => null)), true, { ratio: 2700, draws: 64, later: 64, earlier: 0, isSignificant: true }],
  ])('%s', (_what, before, after, isSameSeed, { ratio, ...expected }) => {
    const found = pairedRates(before, after, isSameSeed);
    expect(found).toMatchObject(expected);
    expect(found.ratio / ratio).toBeCloseTo(1, 1);
  });

  it('the interval is that of a mean of pairs', () => {
    const { interval95 } = pairedRates(drawn(SPREAD), drawn(wobbling), true);
    // A standard deviation of ln 1.1 over 64 pairs, times Student's 1.998.
    const spread = Math.exp((1.9983 * Math.log(1.1) * Math.sqrt(64 / 63)) / 8);
    expect(interval95?.[1]).toBeCloseTo(spread, 4);
    expect(interval95?.[0]).toBeCloseTo(1 / spread, 4);
  });
});
