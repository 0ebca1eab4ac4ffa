import { describe, expect, it } from 'vitest';
import { known, none, unknown } from '../../src/model/known.ts';
import { EMPTY_TOPOLOGY } from '../../src/model/topology.ts';
import { insertOn } from '../../webview/insert.ts';
import { positionOf, rateAt } from '../../webview/load-control.tsx';
import { millisText, objectiveText, rangeText, valueText } from '../../webview/words.ts';

describe('figures in words', () => {
  it.each([
    [{ value: 877, low: 831, high: 879 }, false, '880 req/s (830–880)'],
    [{ value: 1372, low: 402, high: 1446 }, true, '400–1,400 req/s (1,400 at typical values)'],
    [{ value: 500, low: 499, high: 501 }, false, '500 req/s'],
    [{ value: null, low: 180, high: 420 }, true, '180–420 req/s'],
    [{ value: null, low: null, high: null }, true, 'no limit found'],
    [{ value: 0.5, low: 0.5, high: 0.5 }, false, '0.5 req/s'],
  ])('%j', (range, isAssumed, text) => expect(rangeText(range, isAssumed)).toBe(text));

  it.each([
    [[50, 500], 'assumed', 'p95 within 50–500 ms by route, errors ≤ 1%, messages ≤ 60 s old (assumed)'],
    [[300, 300], 'declared', 'p95 within 300 ms, errors ≤ 1%, messages ≤ 60 s old'],
    [[], 'assumed', 'errors ≤ 1%, messages ≤ 60 s old (assumed)'],
  ] as const)('an objective of %j, %s', (limits, basis, text) => {
    const endpoints = limits.map((objectiveP95Ms) => ({ id: '', offeredPerSecond: 1, goodputPerSecond: 1, errorShare: 0, latencyMs: null, objectiveP95Ms, unloadedP95Ms: 1 }));
    expect(objectiveText({ objective: { p95Ms: null, errorShare: 0.01, messageAgeSeconds: 60, basis }, endpoints })).toBe(text);
  });

  it.each([
    [null, 'no steady state'],
    [0.054, '0.054 ms'],
    [19.4, '19 ms'],
    [7344, '7.3 s'],
  ])('%s ms', (ms, text) => expect(millisText(ms)).toBe(text));

  it.each([
    [known(0.8, 'ratio', 'assumed'), 'ratio', '80%'],
    [known(12, 'ms', 'measured'), 'ms', '12 ms'],
    [none(), 'ms', 'none'],
    [unknown('why'), 'ms', 'not known'],
  ] as const)('%j', (value, unit, text) => expect(valueText(value, unit)).toBe(text));
});

describe('the slider', () => {
  it.each([1, 10, 50, 463, 1000, 1234, 100_000])('%d req/s keeps its place', (rate) => {
    expect(Math.abs(rateAt(positionOf(rate)) / rate - 1)).toBeLessThan(0.02);
  });
  it('stays on its scale', () => expect([positionOf(0.1), positionOf(1e6), rateAt(0), rateAt(500)]).toEqual([0, 500, 1, 100_000]));
});

it.each(['bullmq', 'kafka', 'redis'] as const)('%s on an arrow without calls says why not', (part) => {
  expect(insertOn(EMPTY_TOPOLOGY, { id: 'a→b', from: 'a', to: 'b' }, part)).toMatchObject({ kind: 'say', tone: 'bad' });
  expect(insertOn(EMPTY_TOPOLOGY, undefined, part)).toMatchObject({ kind: 'say', tone: 'bad', text: expect.stringContaining('arrow') });
});
