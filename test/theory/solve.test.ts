import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/model/network.ts';
import { hash } from '../../src/simulator/draw.ts';
import { PUBLISHED_ERRORS } from '../../src/simulator/solve/published-errors.ts';
import { type Solution, solve } from '../../src/simulator/index.ts';
import { errorsOf } from './network-errors.ts';
import playedNetworks from './played.json' with { type: 'json' };
import playedBefore from './played-before.json' with { type: 'json' };
import type { Played } from './played.ts';
import { FIRST_JUDGED, randomNetwork } from './random-networks.ts';
import book from './cases.json' with { type: 'json' };
import { delay, deterministic, exponential, hold, law, network, serve, single, station } from './networks.ts';

const expected = new Map(book.cases.map((it) => [it.id, it.expected as unknown as Record<string, number>]));
type Measure = (solution: Solution) => number | null | undefined;
const T: Measure = (it) => it.sources[0]?.latencyMs?.mean;
const p95: Measure = (it) => it.sources[0]?.latencyMs?.p95;
const p99: Measure = (it) => it.sources[0]?.latencyMs?.p99;
const Wq: Measure = (it) => it.stations[0]?.meanWaitMs;
const Lq: Measure = (it) => it.stations[0]?.meanQueue;
const refused: Measure = (it) => it.stations[0]?.refusedShare;
const expired: Measure = (it) => it.stations[0]?.expiredShare;

/** Relative error allowed: 1e-6 where the formula is exact, else what is published for the approximation. */
const EXACT = 1e-6;
const ROWS: readonly [string, () => Network, Readonly<Record<string, Measure>>, number][] = [
  ['mm1-0.5', () => single(0.5, 1), { T, Wq, Lq, T_p95: p95, T_p99: p99 }, EXACT],
  ['mm1-0.8', () => single(0.8, 1), { T, Wq, Lq, T_p95: p95, T_p99: p99 }, EXACT],
  ['mm1-0.95', () => single(0.95, 1), { T, Wq, Lq, T_p95: p95, T_p99: p99 }, EXACT],
  ['mmc-2-0.8', () => single(1.6, 2), { T, Wq, Lq }, EXACT],
  ['mmc-10-0.9', () => single(9, 10), { T, Wq, Lq }, EXACT],
  ['mmc-50-0.95', () => single(47.5, 50), { T, Wq, Lq }, EXACT],
  ['mmc-500-0.99', () => single(495, 500), { T, Wq, Lq }, EXACT],
  ['md1-0.8', () => single(0.8, 1, deterministic()), { T, Wq, Lq }, EXACT],
  ['mh21-0.8', () => single(0.8, 1, law('hyperexponential', 4)), { T, Wq, Lq }, EXACT],
  ['mg1-gamma-0.9', () => single(0.9, 1, law('gamma', 0.25)), { T, Wq, Lq }, EXACT],
  ['mdc-4', () => single(3.6, 4, deterministic()), { Wq, Lq }, 0.01],
  ['mdc-10', () => single(9, 10, deterministic()), { Wq, Lq }, 0.01],
  ['mg1ps-0.8', () => single(0.8, 1, law('lognormal', 4), { discipline: 'processorSharing' }), { T }, 1e-3],
  ['erlb-5-3', () => single(3, 5, law('lognormal', 4), { room: 0 }), { reject: refused }, EXACT],
  ['erlb-100-120', () => single(120, 100, exponential(), { room: 0 }), { reject: refused }, EXACT],
  ['mm1k-0.9-11', () => single(0.9, 1, exponential(), { room: 10 }), { reject: refused, Wq }, EXACT],
  ['mmck-10-20-9', () => single(9, 10, exponential(), { room: 10 }), { reject: refused, Wq, T }, EXACT],
  ['timeout-queue-1-0.9-5', () => single(0.9, 1, exponential(), {}, 5), { P_timeout: expired }, EXACT],
  ['timeout-queue-10-9.5-0.5', () => single(9.5, 10, exponential(), {}, 0.5), { P_timeout: expired }, EXACT],
  ['timeout-queue-50-55-0.2', () => single(55, 50, exponential(), {}, 0.2), { P_timeout: expired }, EXACT],
  ['timeout-wasted-0.8', () => single(0.8, 1, exponential(), {}, undefined, { patienceMs: 10 }), { P_timeout: (it) => it.sources[0]?.errorShare }, EXACT],
  [
    'tandem-3',
    () => network({ stations: ['a', 'b', 'c'].map((id) => station(id, 1)), body: [serve('a'), serve('b', exponential(1 / 1.25)), serve('c', exponential(1 / 0.9))], rate: 0.7 }),
    { T },
    EXACT,
  ],
  [
    'split-2',
    () => network({ groups: [{ id: 'g', instances: 2, balancer: 'random' }], stations: [station('s', 1, { group: 'g' })], group: 'g', body: [serve('s')], rate: 1.8 }),
    { T_random: T },
    EXACT,
  ],
  ['fanout-max', () => network({ stations: [], body: [{ op: 'parallel', branches: [[delay(exponential())], [delay(exponential())]] }], rate: 0.001 }), { T_2: T }, EXACT],
  ['fanout-max', () => network({ stations: [], body: [{ op: 'parallel', branches: Array.from({ length: 10 }, () => [delay(exponential())]) }], rate: 0.001 }), { T_10: T }, 0.1],
  [
    'nested-5-2-0.4',
    () => network({ stations: [station('threads', 5), station('db', 2)], body: [hold('threads', delay(exponential(2)), serve('db', exponential(4)))], rate: 0.4 }),
    { T, wait_for_thread: Wq },
    0.03,
  ],
  [
    'nested-20-4-3.5',
    () => network({ stations: [station('threads', 20), station('db', 4)], body: [hold('threads', delay(exponential(3)), serve('db', exponential(1)))], rate: 3.5 }),
    { T },
    0.03,
  ],
];

describe('queueing theory against exact values', () => {
  it.each(ROWS)('%s', (id, make, measures, tolerance) => {
    const solution = solve(make());
    for (const [name, measure] of Object.entries(measures)) {
      const exact = expected.get(id)?.[name] as number;
      expect(exact, `${id} has no ${name}`).toBeDefined();
      // Loss settles to 1e-7 in share, not in value.
      expect(Math.abs((measure(solution) ?? Number.NaN) / exact - 1), `${name}: ${measure(solution)} for ${exact}`).toBeLessThanOrEqual(Math.max(tolerance, 3e-6));
    }
  });

  it('says where it is exact', () => {
    expect(solve(single(0.8, 1)).validity).toEqual({ kind: 'exact' });
    expect(solve(single(3.6, 4)).validity).toEqual({ kind: 'exact' });
    expect(solve(single(3.6, 4, deterministic())).validity).toEqual({ kind: 'approximate', errorShare: PUBLISHED_ERRORS['stations, up to 90% busy'] });
    expect(solve(single(3.8, 4, deterministic())).validity.kind).toBe('throughputOnly');
  });

  it('an overloaded station has no steady state: no latency, offered work above 1', () => {
    const solution = solve(single(1.5, 1));
    expect(solution.stable).toBe(false);
    expect(solution.sources[0]?.latencyMs).toBeNull();
    expect(solution.stations[0]).toMatchObject({ utilisation: expect.closeTo(1.5, 9), meanWaitMs: null });
  });
});

const judged = (playedNetworks as unknown as readonly Played[]).map((played) => ({ played, errors: errorsOf(played) }));
const sorted = (of: readonly number[]): number[] => [...of].sort((a, b) => a - b);
const madeWith = (playedBefore as unknown as readonly Played[]).map((played) => ({ played, errors: errorsOf(played) }));
const COUNT = 500;

describe('random networks, played beforehand (`npm run errors`)', () => {
  it('are those that the generator makes', () => {
    for (const { played } of [...judged, ...madeWith]) expect(hash(JSON.stringify(randomNetwork(played.index).network)), `network ${played.index}`).toBe(played.hash);
    expect(Math.min(...judged.map((it) => it.played.index))).toBe(FIRST_JUDGED);
    expect(Math.max(...madeWith.map((it) => it.played.index))).toBeLessThan(FIRST_JUDGED);
  });

  it.each([
    ['those that nothing was made with', judged.slice(0, COUNT)],
    ['those that the approximations were made with', madeWith],
  ])('mean response of %s: within 5%% in the median, within 20%% for 95%%', (_, networks) => {
    const means = sorted(networks.map((it) => it.errors.mean));
    expect(means).toHaveLength(COUNT);
    expect(means[COUNT / 2]).toBeLessThan(0.05);
    expect(means[0.95 * COUNT]).toBeLessThan(0.2);
  });

  it('each kind stays within the error that is published for it', () => {
    for (const [kind, errorShare] of Object.entries(PUBLISHED_ERRORS)) {
      const means = sorted(judged.filter((it) => it.errors.kind === kind).map((it) => it.errors.mean));
      expect(means.length, kind).toBeGreaterThan(0);
      expect(means[Math.min(means.length - 1, Math.floor(0.95 * means.length))], kind).toBeLessThanOrEqual(errorShare);
    }
  });

  it('messages that a loop publishes are a kind of their own, and no better known for being few', () => {
    const told = (times: number) =>
      solve(
        network({
          stations: [station('db', 2)],
          body: [serve('db'), { op: 'loop', times, body: [{ op: 'spawn', program: 'job' }] }],
          programs: [{ id: 'job', body: [serve('db')] }],
          rate: 0.2,
        }),
      ).validity;
    expect(told(1)).toEqual({ kind: 'approximate', errorShare: PUBLISHED_ERRORS['stations, up to 50% busy'] });
    expect(told(3)).toEqual({ kind: 'approximate', errorShare: PUBLISHED_ERRORS['messages in bursts, up to 50% busy'] });
    expect(told(6)).toEqual({ kind: 'approximate', errorShare: PUBLISHED_ERRORS['messages in bursts, up to 70% busy'] });
  });

  it('a solution carries the error of its kind, or no times where that is too large', () => {
    const stations = judged.find(
      (it) => it.errors.kind === 'stations, up to 50% busy' && solve(randomNetwork(it.played.index).network, it.played.perSecond).validity.kind !== 'exact',
    );
    const told = (it: (typeof judged)[number] | undefined) => solve(randomNetwork(it?.played.index ?? 0).network, it?.played.perSecond).validity;
    expect(told(stations)).toEqual({ kind: 'approximate', errorShare: PUBLISHED_ERRORS['stations, up to 50% busy'] });
    for (const [kind, errorShare] of Object.entries(PUBLISHED_ERRORS))
      if (errorShare > 0.5) expect(told(judged.find((it) => it.errors.kind === kind)).kind, kind).toBe('throughputOnly');
  });
});
