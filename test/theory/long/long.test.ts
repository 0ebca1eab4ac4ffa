import { afterAll, describe, expect, it } from 'vitest';
import playedNetworks from '../played.json' with { type: 'json' };
import { COVERED } from '../coverage.ts';
import { disagreements } from '../exactness.ts';
import type { Played } from '../played.ts';
import { judge, knownOf, nameOf } from '../row.ts';
import { ROWS } from '../rows.ts';
import { lengthOf, playForVerdict } from './play-rows.ts';
import { startPool } from './pool.ts';

// Everything is asked for at once, so that no core is idle before the last piece of work is done; the tests wait for their part.
const pool = await startPool();
afterAll(() => pool.end());

const RUNS = 200;
const RUNS_AT_ONCE = 20;
const REQUESTS_COVERED = 100_000;
/** 95% of 200 give or take three standard deviations. */
const LEAST = 181;
const MOST = 199;
const hits = COVERED.map(async (_, of) => {
  const parts = Array.from({ length: RUNS / RUNS_AT_ONCE }, (_, part) => ({ of, first: 1 + part * RUNS_AT_ONCE, runs: RUNS_AT_ONCE, requests: REQUESTS_COVERED }));
  const found = await Promise.all(parts.map((it) => pool.ask('covered', it, it.runs * it.requests)));
  return found.reduce((sum, it) => sum + it.answer, 0);
});

const FROM = 1000;
const NETWORKS = 150;
const REQUESTS_EXACT = 8000;
const RUNS_EXACT = 12;
const compared = Array.from({ length: NETWORKS }, (_, index) => pool.ask('exactness', { network: FROM + index, requests: REQUESTS_EXACT }, RUNS_EXACT * REQUESTS_EXACT));

const EVERY = 50;
/** An event of a random network is about a request of a row. */
const EVENTS = 4e6;
const again = (playedNetworks as unknown as readonly Played[])
  .filter((_, at) => at % EVERY === 7)
  .map((before) => ({ before, played: pool.ask('network', { index: before.index, mostEvents: 1, perSecond: before.perSecond }, EVENTS) }));

const verdicts = ROWS.map((_, place) => {
  const verdict = playForVerdict(pool, place);
  verdict.catch(() => {});
  return verdict;
});

describe('events against theory, as long as the bar on the standard error asks for', () => {
  ROWS.forEach((row, place) => {
    it(`${nameOf(row)}: ${Object.keys(row.measures).join(' ')} — ${knownOf(row).source}`, async () => {
      expect(judge(row, (await (verdicts[place] as (typeof verdicts)[number])).played, false)).toEqual([]);
    });
  });

  it('a name has one row, or a length would be that of another', () => expect(new Set(ROWS.map(nameOf)).size).toBe(ROWS.length));
  it('a pilot has told the length of each', () => expect(ROWS.filter((row) => lengthOf(row) === undefined).map(nameOf)).toEqual([]));
});

describe('95% intervals cover the exact value as often as they say', () => {
  it.each(COVERED.map((it, of) => [it.name, of] as const))(`%s: ${LEAST} to ${MOST} of ${RUNS}`, async (_, of) => {
    const found = await hits[of];
    expect(found).toBeGreaterThanOrEqual(LEAST);
    expect(found).toBeLessThanOrEqual(MOST);
  });
  it('93 to 97% of all', async () => {
    const share = (await Promise.all(hits)).reduce((sum, found) => sum + found, 0) / (RUNS * COVERED.length);
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.97);
  });
});

it('what solve calls exact is what is played, in many more networks and more closely', async () => {
  const all = (await Promise.all(compared)).map((it) => it.answer);
  expect(disagreements(all.flat())).toEqual([]);
  expect(all.filter((it) => it.length > 0).length).toBeGreaterThan(0.8 * NETWORKS);
});

describe('random networks that the closed form is judged by come out as they did when they are played again', () => {
  it.each(again.map((it) => [it.before.index, it] as const))('network %i', async (_, { before, played }) => {
    const { answer } = await played;
    expect(answer.hash).toBe(before.hash);
    expect(Math.abs(answer.meanMs / before.meanMs - 1)).toBeLessThan(4 * Math.hypot(answer.error, before.error) + 0.005);
    answer.stations.forEach(([utilisation], at) => {
      expect(Math.abs(utilisation - (before.stations[at]?.[0] ?? 0))).toBeLessThan(0.03);
    });
  });
});
