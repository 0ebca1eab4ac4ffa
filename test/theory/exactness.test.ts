import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../src/model/network.ts';
import { solve } from '../../src/simulator/index.ts';
import { compare, disagreements } from './exactness.ts';
import { deterministic, exponential, hold, law, network, serve, single, station } from './networks.ts';
import { closed } from './rows/closed.ts';

const NETWORKS = 40;
const REQUESTS = 2500;

describe('what solve calls exact', () => {
  it('is what is played: random single queues, open and closed networks', () => {
    const all = Array.from({ length: NETWORKS }, (_, index) => compare(index, REQUESTS));
    const told = all.flat();
    expect(disagreements(told)).toEqual([]);
    // Most are exact, of every kind; else nothing would have been compared.
    expect(all.filter((it) => it.length > 0).length).toBeGreaterThan(0.8 * NETWORKS);
    expect(new Set(told.map((it) => it.kind)).size).toBeGreaterThanOrEqual(10);
  });

  const early: Instruction = { op: 'respond' };
  it.each<[string, Network]>([
    ['users who think while their program goes on', closed(5, exponential(5), [station('s', 1)], [serve('s'), early, serve('s')])],
    [
      'different laws in one line',
      network({ stations: [station('s', 1), station('t', 1)], body: [serve('s', exponential(1)), serve('t'), serve('s', exponential(2))], rate: 0.2 }),
    ],
    ['constant services in a row', network({ stations: [station('s', 1), station('t', 1)], body: [serve('s', deterministic()), serve('t')], rate: 0.5 })],
    ['places that are held', network({ stations: [station('p', 3), station('s', 1)], body: [hold('p', serve('s'))], rate: 0.5 })],
    ['a client that gives up after a service of any law', single(0.5, 1, law('gamma', 0.3), {}, undefined, { patienceMs: 3 })],
    ['several servers with constant services', single(2, 4, deterministic())],
    ['work left behind', network({ stations: [station('s', 1)], body: [serve('s'), { op: 'spawn', program: 'job' }], programs: [{ id: 'job', body: [serve('s')] }], rate: 0.3 })],
    [
      'a called program that goes on beside its caller',
      network({
        stations: [station('s', 2)],
        body: [{ op: 'call', program: 'early', timeoutMs: null }, serve('s')],
        programs: [{ id: 'early', body: [serve('s'), early, serve('s')] }],
        rate: 0.3,
      }),
    ],
    ['side by side', network({ stations: [station('s', 2)], body: [{ op: 'parallel', branches: [[serve('s')], [serve('s')]] }], rate: 0.3 })],
  ])('%s: is not called so', (_, net) => {
    expect(solve(net).validity.kind).not.toBe('exact');
  });

  it('an answer in one arm of a branch, or in a loop, is one for those who come by', () => {
    const time = (...body: readonly Instruction[]): number => solve(network({ stations: [], body, rate: 1 })).sources[0]?.latencyMs?.mean ?? Number.NaN;
    const wait = (ms: number): Instruction => ({ op: 'delay', duration: deterministic(ms) });
    expect(time({ op: 'branch', probability: 0.25, taken: [wait(1), early, wait(50)], otherwise: [wait(2)] }, wait(8))).toBeCloseTo(0.25 * 1 + 0.75 * 10, 9);
    expect(time({ op: 'loop', times: 3, body: [wait(2), { op: 'branch', probability: 0.5, taken: [early], otherwise: [] }, wait(1)] }, wait(4))).toBeCloseTo(
      2 + 0.5 * 3 + 0.25 * 3 + 0.125 * 5,
      9,
    );
  });

  it('of clients that give up only answers in time count', () => {
    // An exponential response of mean 5 cut at 10.
    const source = solve(single(0.8, 1, exponential(), {}, undefined, { patienceMs: 10 })).sources[0];
    expect(source?.errorShare).toBeCloseTo(Math.exp(-2), 9);
    expect(source?.latencyMs?.mean).toBeCloseTo(5 - (10 * Math.exp(-2)) / (1 - Math.exp(-2)), 6);
    expect(source?.latencyMs?.p50).toBeCloseTo(-5 * Math.log(1 - 0.5 * (1 - Math.exp(-2))), 6);
  });
});
