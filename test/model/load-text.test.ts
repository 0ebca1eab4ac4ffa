import { describe, expect, it } from 'vitest';
import { parseLoad } from '../../src/model/load-text.ts';

describe('parseLoad', () => {
  it.each([
    ['1000', 1000],
    ['1,000', 1000],
    ['2.5k', 2500],
    ['1M', 1_000_000],
    ['300/s', 300],
    ['10M/day', 463],
    ['10k/day', 0.463],
    ['10M/day x6', 694],
    ['1M/day×10', 116],
    ['1M/day x0.5', null],
    ['1M/day x1000', null],
    ['1000 x4', null],
    [' 50 ', 50],
    ['', null],
    ['fast', null],
    ['0', null],
    ['-5', null],
    ['2M', null],
    ['1e3', null],
  ])('%s is %s req/s', (text, expected) => expect(parseLoad(text)).toBe(expected));
});
