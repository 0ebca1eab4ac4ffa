import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../../src/model/network.ts';
import { simulate, solve } from '../../../src/simulator/index.ts';
import { attemptsOf } from '../../../src/simulator/solve/attempts.ts';
import { delay, deterministic, exponential, hold, network, serve, station } from '../../theory/networks.ts';

const fails = (probability: number): Instruction => ({ op: 'branch', probability, taken: [{ op: 'fail', cause: 'broken' }], otherwise: [] });
const T = (it: Network): number => solve(it).sources[0]?.latencyMs?.mean ?? Number.NaN;
const lost = (it: Network): number => solve(it).sources[0]?.errorShare ?? Number.NaN;

describe('attempts of a call', () => {
  const tried = (more: Partial<Parameters<typeof attemptsOf>[0]>) => {
    const into = { mean: 0, variance: 0, fails: 0, attempts: 0, spent: 0, spentVariance: 0 };
    attemptsOf({ mean: 10, variance: 0, fails: 0, failedMs: 4, late: 0, limit: Number.POSITIVE_INFINITY, retries: 0, pausesMs: [1], ...more }, into);
    return into;
  };
  it.each<[string, ReturnType<typeof tried>, Partial<ReturnType<typeof tried>>]>([
    ['none fails', tried({ retries: 3 }), { mean: 10, variance: 0, fails: 0, attempts: 1, spent: 10 }],
    ['no retry', tried({ fails: 0.25 }), { mean: 10, fails: 0.25, attempts: 1, spent: 8.5 }],
    // Of those that succeed 0.5 / 0.75 at once, the others after one failure and one pause.
    ['one retry', tried({ fails: 0.5, retries: 1 }), { mean: 10 + 5 / 3, variance: 25 * (1 / 3) * (2 / 3) + 16 / 3, fails: 0.25, attempts: 1.5, spent: 1.5 * 7 + 0.5 }],
    ['late ones wait for the limit', tried({ late: 0.5, limit: 20, retries: 1 }), { mean: 10 + 21 / 3, fails: 0.25, attempts: 1.5, spent: 1.5 * 15 + 0.5 }],
    // 2/7 and 1/7 of the successes come after one and after two failures: pauses of 1, then of 1 + 6.
    ['pauses that grow', tried({ fails: 0.5, retries: 2, pausesMs: [1, 6] }), { mean: 10 + (2 / 7) * 5 + (1 / 7) * 15, attempts: 1.75, spent: 1.75 * 7 + 0.5 * 1 + 0.25 * 6 }],
    ['always', tried({ fails: 1, retries: 2 }), { fails: 1, attempts: 3, spent: 14 }],
  ])('%s', (_, found, expected) => {
    for (const [field, value] of Object.entries(expected)) expect(found[field as 'mean'], field).toBeCloseTo(value, 9);
  });
});

describe('programs that fail', () => {
  const stations = [station('a', 1), station('b', 1), station('pool', 20)];
  it('who fails leaves out the rest, and has no response time', () => {
    const net = network({ stations, body: [serve('a'), fails(0.4), serve('b')], rate: 0.5 });
    const solved = solve(net);
    // M/M/1 with 0.5 and with 0.3 a ms, visited by those who come through.
    expect(T(net)).toBeCloseTo(1 / 0.5 + 1 / 0.7, 6);
    expect(lost(net)).toBeCloseTo(0.4, 9);
    expect(solved.stations[1]?.utilisation).toBeCloseTo(0.3, 9);
  });
  it('what is held is held until the failure', () => {
    const net = network({ stations, body: [hold('pool', delay(deterministic(2)), fails(0.5), delay(deterministic(6)))], rate: 0.5 });
    expect(T(net)).toBeCloseTo(8, 4);
    expect(solve(net).stations[2]).toMatchObject({ utilisation: expect.closeTo((0.5 * 5) / 20, 9), meanHoldMs: expect.closeTo(5, 9) });
  });
  it('a loop ends at the first failure', () => {
    const net = network({ stations, body: [{ op: 'loop', times: 3, body: [serve('a', exponential(0.1)), fails(0.5)] }], rate: 1 });
    expect(solve(net).stations[0]?.utilisation).toBeCloseTo(0.1 * 1.75, 9);
    expect(lost(net)).toBeCloseTo(7 / 8, 9);
  });
  it('an answer that has been given stays given', () => {
    const net = network({ stations, body: [serve('a'), { op: 'respond' }, fails(0.5), serve('b')], rate: 0.4 });
    expect(lost(net)).toBe(0);
    expect(solve(net).stations[1]?.utilisation).toBeCloseTo(0.2, 9);
  });
  it('branches side by side all end before the failure shows', () => {
    const branch = (p: number): Instruction[] => [delay(deterministic(5)), fails(p)];
    const net = network({ stations, body: [hold('pool', { op: 'parallel', branches: [branch(0.5), branch(0.2)] }, delay(deterministic(3)))], rate: 1 });
    expect(lost(net)).toBeCloseTo(0.6, 9);
    expect(solve(net).stations[2]?.meanHoldMs).toBeCloseTo(5 + 0.4 * 3, 6);
  });
  it.each<[string, Network]>([
    [
      'a call that is tried again while its caller holds a place',
      network({
        stations: [station('pool', 10), station('db', 2)],
        body: [hold('pool', { op: 'call', program: 'ask', timeoutMs: null, retry: { times: 2, backoff: deterministic(2) } })],
        programs: [{ id: 'ask', body: [serve('db', exponential(2)), fails(0.3), serve('db', exponential(1))] }],
        rate: 0.4,
      }),
    ],
    [
      'pauses that grow to their cap, by chance shorter',
      network({
        stations: [station('db', 3)],
        body: [{ op: 'call', program: 'ask', timeoutMs: null, retry: { times: 4, backoff: { kind: 'growing', initialMs: 2, factor: 3, maxMs: 20, jitter: 'full' } } }],
        programs: [{ id: 'ask', body: [serve('db', exponential(2)), fails(0.4)] }],
        rate: 0.4,
      }),
    ],
    [
      'messages that are tried again',
      network({
        stations: [station('workers', 6), station('db', 3)],
        body: [serve('db', exponential(1)), { op: 'spawn', program: 'job' }],
        programs: [{ id: 'job', job: { attempts: 3, backoff: exponential(20) }, body: [hold('workers', serve('db', exponential(2)), fails(0.4), delay(deterministic(3)))] }],
        rate: 0.4,
      }),
    ],
  ])('%s: as it is played', (_, net) => {
    const solved = solve(net);
    expect(solved.validity.kind).toBe('approximate');
    const run = simulate(net, { seconds: 300 });
    const mean = run.sources[0]?.latencyMs?.mean ?? Number.NaN;
    expect(Math.abs(T(net) / mean - 1)).toBeLessThan(0.04);
    run.stations.forEach((it, at) => {
      expect(Math.abs((solved.stations[at]?.utilisation ?? 0) / it.utilisation - 1), it.id).toBeLessThan(0.02);
    });
  });
});

describe('a loop in which hardly anything ever fails', () => {
  // Whoever waits 10 s for the one connection gives up: at these loads once in 10 to the 20th, 60th, 120th and so on.
  it.each([18, 14, 8, 2, 0.1])('makes all its rounds at %d a second', (perSecond) => {
    const held: Instruction = { op: 'hold', station: 'pool', waitLimitMs: 10_000, body: [serve('db', exponential(12))] };
    const body: Instruction[] = [{ op: 'loop', times: 4, body: [held] }];
    const it = network({ stations: [station('pool', 1), station('db', 64)], body, rate: perSecond / 1000 });
    const served = solve(it).stations.find((one) => one.id === 'db')?.arrivalsPerSecond ?? 0;
    expect(served / (4 * perSecond)).toBeCloseTo(1, 3);
  });
});
