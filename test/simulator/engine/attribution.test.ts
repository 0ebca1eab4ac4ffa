import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../../src/model/network.ts';
import { type Run, replicate, simulate } from '../../../src/simulator/index.ts';
import { delay, deterministic, exponential, hold, network, serve, station, topology8 } from '../../theory/networks.ts';
import { randomNetwork } from '../../theory/random-networks.ts';

type Parts = NonNullable<Run['sources'][number]['attribution']>['mean'];

const played = (net: Network, requests: number) => {
  const perSecond = net.sources[0]?.phases?.[0]?.perSecond ?? 1;
  const run = simulate(net, { seconds: requests / perSecond, attribution: true, intervals: false });
  const [source] = run.sources;
  if (!source?.attribution || !source.latencyMs) throw new Error('nothing was answered');
  return { run, latency: source.latencyMs, ...source.attribution };
};
const at = (it: Parts, id: string) => it.stations.find((part) => part.id === id) ?? { id, waitMs: 0, serviceMs: 0 };
const sumOf = (it: Parts): number => it.stations.reduce((sum, part) => sum + part.waitMs + part.serviceMs, 0) + it.delayMs + it.lostMs;

describe('whose wait and whose service a response is made of', () => {
  it('three M/M/1 in a row: each its own wait ρs/(1 − ρ) and service, most of the tail at the slowest', () => {
    const means = { a: 1, b: 1 / 1.25, c: 1 / 0.9 };
    const { mean, p99 } = played(
      network({ stations: Object.keys(means).map((id) => station(id, 1)), body: Object.entries(means).map(([id, ms]) => serve(id, exponential(ms))), rate: 0.7 }),
      400_000,
    );
    for (const [id, ms] of Object.entries(means)) {
      const load = 0.7 * ms;
      expect(Math.abs(at(mean, id).serviceMs / ms - 1)).toBeLessThan(0.01);
      expect(Math.abs(at(mean, id).waitMs / ((load * ms) / (1 - load)) - 1)).toBeLessThan(0.08);
    }
    expect(mean.stations.map((it) => it.id)).toEqual(['c', 'a', 'b']);
    expect(p99.stations[0]?.id).toBe('c');
    expect(at(p99, 'c').waitMs / p99.responseMs).toBeGreaterThan(at(mean, 'c').waitMs / mean.responseMs);
  });

  it('a pool around a database: the wait is in front of the pool, the service at the database', () => {
    const { run, mean } = played(network({ stations: [station('pool', 2), station('db', 8)], body: [hold('pool', serve('db'))], rate: 1.5 }), 50_000);
    expect(at(mean, 'db').waitMs).toBe(0);
    expect(Math.abs(at(mean, 'db').serviceMs - 1)).toBeLessThan(0.02);
    expect(at(mean, 'pool')).toMatchObject({ serviceMs: 0 });
    expect(Math.abs(at(mean, 'pool').waitMs / (run.stations[0]?.wait?.mean ?? 0) - 1)).toBeLessThan(0.01);
  });

  it('branches side by side: the last to end is what the response is made of', () => {
    const body: readonly Instruction[] = [
      {
        op: 'parallel',
        branches: [[serve('slow', deterministic(10))], [serve('quick', deterministic(1)), { op: 'parallel', branches: [[delay(deterministic(2))], [delay(deterministic(3))]] }]],
      },
      delay(deterministic(5)),
    ];
    const { mean } = played(network({ stations: [station('slow', null), station('quick', null)], body, rate: 0.01 }), 1000);
    expect(mean).toMatchObject({ responseMs: 15, stations: [{ id: 'slow', waitMs: 0, serviceMs: 10 }], delayMs: 5, lostMs: 0 });
  });

  it('a call counts as what it called did; attempts that were given up and pauses are lost', () => {
    // Half of the attempts hang; the caller waits 4 ms for each, pauses 2, and never gives up.
    const attempt: readonly Instruction[] = [{ op: 'branch', probability: 0.5, taken: [delay(deterministic(1000))], otherwise: [serve('s', deterministic(3))] }];
    const call: Instruction = { op: 'call', program: 'attempt', timeoutMs: 4, retry: { times: null, backoff: { kind: 'deterministic', meanMs: 2 } } };
    const { mean } = played(network({ stations: [station('s', null)], body: [call], programs: [{ id: 'attempt', body: attempt }], rate: 0.01 }), 20_000);
    expect(at(mean, 's').serviceMs).toBeCloseTo(3, 9);
    // One failed attempt on average.
    expect(Math.abs(mean.lostMs / 6 - 1)).toBeLessThan(0.03);
    expect(mean.delayMs).toBe(0);
  });

  it('a fallback is told from the call that it stands in for', () => {
    const call: Instruction = { op: 'call', program: 'hangs', timeoutMs: 4, fallback: [serve('s', deterministic(1))] };
    const { mean } = played(network({ stations: [station('s', null)], body: [call], programs: [{ id: 'hangs', body: [delay(deterministic(1000))] }], rate: 0.01 }), 1000);
    expect(at(mean, 's').serviceMs).toBeCloseTo(1, 6);
    expect(mean.lostMs).toBeCloseTo(4, 6);
    expect(mean.responseMs).toBeCloseTo(5, 6);
  });

  it('who answers early is not charged for what comes after', () => {
    const { mean } = played(network({ stations: [station('s', null)], body: [serve('s', deterministic(2)), { op: 'respond' }, serve('s', deterministic(7))], rate: 0.01 }), 1000);
    expect(mean.responseMs).toBeCloseTo(2, 6);
    expect(at(mean, 's').serviceMs).toBeCloseTo(2, 6);
  });

  it('the parts add up to the response, in the mean and in the tail', () => {
    const networks: [string, Network, number | undefined][] = [
      ['topology-8', topology8(), undefined],
      ...[0, 1, 2, 3, 4, 5].map((index): [string, Network, number] => {
        const made = randomNetwork(index);
        return [`random ${index}`, made.network, 50];
      }),
    ];
    for (const [name, net, perSecond] of networks) {
      const run = simulate(net, { seconds: perSecond === undefined ? 10 : 200, attribution: true, intervals: false, ...(perSecond !== undefined && { perSecond }) });
      for (const source of run.sources) {
        if (!source.attribution || !source.latencyMs) continue;
        const { mean, p99 } = source.attribution;
        expect(mean.responses, name).toBe(source.latencyMs.count);
        expect(Math.abs(sumOf(mean) / source.latencyMs.mean - 1), name).toBeLessThan(1e-9);
        expect(Math.abs(sumOf(p99) / p99.responseMs - 1), name).toBeLessThan(1e-9);
        expect(p99.responseMs, name).toBeGreaterThanOrEqual(source.latencyMs.p99 * 0.97);
        expect(p99.responses, name).toBeLessThan(0.05 * mean.responses + 50);
      }
    }
  });

  it('a lookup that waits for the miss of another is delayed, and the parts still add up', () => {
    const lookup: Instruction = { op: 'lookup', cache: 'c', hit: [], miss: [serve('db', exponential(5))] };
    const net = network({ stations: [station('api', 1), station('db', 4)], body: [serve('api', exponential(0.5)), lookup, serve('api', exponential(0.5))], rate: 0.5 });
    const { mean, latency } = played({ ...net, caches: [{ id: 'c', keys: 5, zipf: 1, capacity: null, ttlMs: 20, singleFlight: true }] }, 20_000);
    expect(Math.abs(sumOf(mean) / latency.mean - 1)).toBeLessThan(1e-9);
    expect(mean.delayMs).toBeGreaterThan(0.1);
    // Two visits of half a millisecond.
    expect(Math.abs(at(mean, 'api').serviceMs - 1)).toBeLessThan(0.03);
  });

  it('over replications, too, where some never saw a station', () => {
    const rare: Instruction = { op: 'branch', probability: 0.02, taken: [serve('rare', deterministic(9))], otherwise: [] };
    const run = replicate(network({ stations: [station('s', 1), station('rare', 1)], body: [serve('s'), rare], rate: 0.5 }), { seconds: 0.1, attribution: true }, 20);
    const parts = run.sources[0]?.attribution?.mean as Parts;
    expect(Math.abs(sumOf(parts) / parts.responseMs - 1)).toBeLessThan(1e-9);
    expect(Math.abs(parts.responseMs / (run.sources[0]?.latencyMs?.mean ?? 0) - 1)).toBeLessThan(1e-9);
  });

  it('changes nothing else, and is absent where nobody asked', () => {
    const plain = simulate(topology8(), { seconds: 2 });
    const { sources, ...rest } = simulate(topology8(), { seconds: 2, attribution: true });
    expect(plain.sources[0]?.attribution).toBeUndefined();
    expect({ ...rest, sources: sources.map(({ attribution: _, ...it }) => it) }).toEqual(plain);
  });
});
