import { describe, expect, it } from 'vitest';
import { parseLoad } from '../../src/editor/load-text.ts';

describe('parseLoad', () => {
  it.each([
    ['1000', 1000],
    ['1,000', 1000],
    ['2.5k', 2500],
    ['1M', 1_000_000],
    ['300/s', 300],
    ['10M/day', 463],
    ['10k/day', 0.463],
    [' 50 ', 50],
    ['', null],
    ['fast', null],
    ['0', null],
    ['-5', null],
    ['2M', null],
    ['1e3', null],
  ])('%s is %s req/s', (text, expected) => expect(parseLoad(text)).toBe(expected));
});
