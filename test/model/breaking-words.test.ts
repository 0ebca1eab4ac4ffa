import { describe, expect, it } from 'vitest';
import { breakingAt, breakingText, rungAt } from '../../src/model/breaking-words.ts';
import type { RateRange } from '../../src/model/outcome.ts';
import { outcome } from '../diagram/sample.ts';

const exactly = (value: number): RateRange => ({ value, low: value, high: value });

describe('where it breaks', () => {
  it.each<[RateRange, boolean, string, string]>([
    [exactly(1701), false, 'at 1,700 req/s', '1,700 req/s'],
    [exactly(877), false, 'at 877 req/s', '877 req/s'],
    [exactly(877), true, 'at 880 req/s', '880 req/s'],
    [exactly(0.5), false, 'at 0.5 req/s', '0.5 req/s'],
    [exactly(0), false, 'at any load', 'at any load'],
    [{ value: 1701, low: 1210, high: 2480 }, false, 'at 1,700 req/s (1,200–2,500)', '1,700 req/s (1,200–2,500)'],
    [{ value: 1701, low: 260, high: 3040 }, true, 'between 260 and 3,000 req/s', '260–3,000 req/s'],
    [{ value: 1701, low: 260, high: null }, true, 'above 260 req/s', 'above 260 req/s'],
    [{ value: null, low: 180, high: 420 }, true, 'nowhere', '180–420 req/s'],
    [{ value: null, low: null, high: null }, true, 'nowhere', 'no limit found'],
  ])('%j', (range, assumed, behind, alone) => expect([breakingAt(range, assumed), breakingText(range, assumed)]).toEqual([behind, alone]));

  const rung = { station: 's', component: 'api', label: 's', breaksAtPerSecond: 312, criterion: 'stability' as const, places: [] };
  it.each([
    ['nothing assumed', exactly(312), 'at 312 req/s', 'at 312 req/s'],
    ['assumed', { value: 312, low: 223, high: 412 }, 'at 310 req/s (220–410)', 'at 310 req/s'],
    ['assumed, far apart', { value: 312, low: 123, high: 812 }, 'between 120 and 810 req/s', 'at 310 req/s'],
    ['no upper end', { value: 312, low: 123, high: null }, 'above 120 req/s', 'at 310 req/s'],
  ])('the first of the ladder carries the range: %s', (_says, breaksAtPerSecond, first, second) => {
    const of = outcome({ breaksAtPerSecond });
    expect([rungAt(rung, 0, of), rungAt(rung, 1, of), rungAt({ ...rung, breaksAtPerSecond: null }, 0, of)]).toEqual([first, second, '']);
  });
});
