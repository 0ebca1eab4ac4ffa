import { describe, expect, it } from 'vitest';
import type { Instruction, Network, Program, Source, Station } from '../../src/model/network.ts';
import { type Run, simulate } from '../../src/simulator/index.ts';
import { erlangB } from '../../src/simulator/solve/waits.ts';
import { delay, deterministic, exponential, hold, network, serve, station } from '../theory/networks.ts';

// What real Node.js services on PostgreSQL, Redis and BullMQ were seen to do under open load, and a model has to do too.
const SECOND = 1000;
const pool = (servers: number, more: Partial<Station> = {}): Station => station('pool', servers, { timeout: 'timeout exceeded when trying to connect', ...more });
const held = (body: readonly Instruction[], waitLimitMs: number | null = null): Instruction => ({ op: 'hold', station: 'pool', waitLimitMs, body });
const ms = (value: number): Instruction => delay(deterministic(value));
const good = (run: Run): number => run.sources[0]?.goodputPerSecond ?? 0;

describe('a pool of 10 with queries of 20 ms that hold their connection for 20.4 to 20.9', () => {
  const query = (perSecond: number, holdMs: number, waitLimitMs: number | null = null) =>
    simulate(network({ stations: [pool(10)], body: [held([ms(holdMs)], waitLimitMs)], rate: perSecond / SECOND }), { seconds: 60, seed: 1 });

  it.each([
    [20.4, 490],
    [20.9, 478],
  ])('held for %d ms it carries %d a second, not 500', (holdMs, most) => expect(Math.abs(good(query(700, holdMs)) - most)).toBeLessThan(2));

  it('overloaded without an acquire timeout it gives no error, only waits that grow', () => {
    const run = query(600, 20.5);
    expect(run.errorsByCause).toEqual({});
    expect(run.sources[0]?.latencyMs?.max).toBeGreaterThan(8000);
  });

  it('with one the successes take about the timeout and their service: first come, first served', () => {
    const run = query(900, 20.5, 300);
    expect(Object.keys(run.errorsByCause)).toEqual(['timeout exceeded when trying to connect']);
    expect(run.sources[0]?.latencyMs?.p50).toBeGreaterThan(290);
    expect(run.sources[0]?.latencyMs?.max).toBeLessThan(321);
    expect(Math.abs(good(run) - 10_000 / 20.5)).toBeLessThan(5);
  });
});

it('max_connections refuses at once: a loss system, no queue', () => {
  const server = station('connections', 20, { room: 0, refusal: 'sorry, too many clients already' });
  const run = simulate(network({ stations: [pool(40), server], body: [held([hold('connections', ms(50))])], rate: 0.35 }), { seconds: 600, seed: 1 });
  const lost = (run.errorsByCause['sorry, too many clients already'] ?? 0) / (run.sources[0]?.offered ?? 1);
  expect(Math.abs(lost - erlangB(20, 0.35 * 50))).toBeLessThan(0.005);
  expect(run.sources[0]?.latencyMs?.max).toBeCloseTo(50, 6);
});

describe('after a spike of ten seconds to three times what a pool carries', () => {
  /** Goodput of the last ten seconds as a share of what is offered: 300/s again, for a minute. */
  const afterwards = (client: Partial<Extract<Instruction, { op: 'call' }>>, acquireTimeoutMs: number | null): number => {
    const programs: Program[] = [{ id: 'server', body: [held([ms(20)], acquireTimeoutMs)] }];
    const phases = [300, 1500, 300].map((perSecond, at) => ({ fromMs: at * 10 * SECOND, perSecond }));
    const run = simulate(network({ stations: [pool(10)], body: [{ op: 'call', program: 'server', timeoutMs: SECOND, ...client }], programs, source: { phases } }), {
      seconds: 80,
      seed: 1,
      warmupSeconds: 70,
    });
    return good(run) / 300;
  };
  const retry = { times: 3, backoff: { kind: 'growing', initialMs: 200, factor: 2, jitter: 'full' } } as const;

  it.each<[string, Parameters<typeof afterwards>, boolean]>([
    ['clients that do not try again: it recovers', [{}, null], true],
    ['clients that try again, pauses and all: what they gave up still burns the pool, and it never recovers', [{ retry }, null], false],
    ["a deadline of the server as long as the clients' patience: no help", [{ retry }, SECOND], false],
    ['half as long: it recovers', [{ retry }, SECOND / 2], true],
  ])('%s', (_name, args, recovers) => {
    const share = afterwards(...args);
    if (recovers) expect(share).toBeGreaterThan(0.95);
    else expect(share).toBeLessThan(0.2);
  });
});

describe('a handler with ten queries of 2 ms', () => {
  const inTime = (body: readonly Instruction[], perSecond: number): number => {
    const run = simulate(network({ stations: [pool(10)], body, rate: perSecond / SECOND, source: { patienceMs: 2 * SECOND } }), { seconds: 20, seed: 1, warmupSeconds: 0 });
    return good(run);
  };
  const each: Instruction = { op: 'loop', times: 10, body: [held([ms(2)])] };
  const once = held([{ op: 'loop', times: 10, body: [ms(2)] }]);

  it('finishes as many either way while there is room', () => expect(Math.abs(inTime([each], 300) / inTime([once], 300) - 1)).toBeLessThan(0.01));
  it('finishes fewer when overloaded if it takes a connection for each: everybody gets on a little', () => expect(inTime([each], 700)).toBeLessThan(0.8 * inTime([once], 700)));
});

describe('a nested checkout of a pool of 10', () => {
  const body = [held([ms(10), held([ms(10)])])];
  // Alone it takes one connection for 20 ms and another for 10 of them: at most 333 a second.
  it.each([
    [0.3, 1],
    [0.6, 0],
  ])('at %d of its nominal load it answers %d of all', (share, answered) => {
    const rate = share * 333;
    for (let seed = 1; seed <= 5; seed++) {
      const run = simulate(network({ stations: [pool(10)], body, rate: rate / SECOND }), { seconds: 60, seed, warmupSeconds: 30 });
      expect(Math.abs(good(run) / rate - answered)).toBeLessThan(0.05);
      expect(run.stuck).toBe(answered === 0);
    }
  });
});

describe('a queue with a worker of 5 places and jobs of 20 ms with 1 ms around them', () => {
  const job: Program = { id: 'job', body: [hold('workers', ms(21))], channel: 'mails' };
  const played = (perSecond: number, backlog: number, seed = 1): { run: Run; drainedMs: number | undefined } => {
    const enqueue: Program = { id: 'enqueue', body: [ms(2), { op: 'spawn', program: 'job' }] };
    const first: Source = { id: 'backlog', program: 'enqueue', arrivals: 'deterministic', share: 0, phases: [], burst: backlog, patienceMs: null };
    const base = network({ stations: [station('workers', 5)], body: enqueue.body, programs: [job, enqueue], rate: perSecond / SECOND });
    const model: Network = { ...base, sources: [...base.sources, first] };
    const run = simulate(model, { seconds: 30, seed, warmupSeconds: 0, seriesMs: 100 });
    return { run, drainedMs: run.series.find((it) => it.atMs > SECOND && (it.queues[0] ?? 0) <= 5)?.atMs };
  };

  it('answers a sign-up in a tenth of the time that the mail takes', () => {
    const inline = simulate(network({ stations: [], body: [ms(2), delay(exponential(20))], rate: 0.1 }), { seconds: 30, seed: 1 });
    expect((played(100, 0).run.sources[0]?.latencyMs?.mean ?? 0) / (inline.sources[0]?.latencyMs?.mean ?? 1)).toBeLessThan(0.11);
  });

  it.each([0, 100, 180])('drains at 5 ÷ 21 ms less the %d that come', (perSecond) => {
    const backlog = 1000;
    const drained = Array.from({ length: 10 }, (_, seed) => played(perSecond, backlog, seed + 1).drainedMs ?? 0).reduce((sum, it) => sum + it / 10, 0);
    const rate = 5 / 0.021 - perSecond;
    expect(Math.abs(drained / ((backlog * SECOND) / rate) - 1)).toBeLessThan(0.05);
  });
});

it('thousands who wait for a stalled database keep no event loop busy', () => {
  const loop = (milliseconds: number): Instruction => serve('loop', deterministic(milliseconds));
  const run = simulate(
    network({ stations: [station('loop', 1), pool(10)], body: [loop(0.1), held([ms(60 * SECOND)])], programs: [{ id: 'other', body: [loop(0.1)] }], rate: 0.5 }),
    { seconds: 20, seed: 1 },
  );
  expect(run.inFlightAtEnd).toBeGreaterThan(5000);
  expect(run.stations.find((it) => it.id === 'loop')?.wait?.p99 ?? 0).toBeLessThan(4);
});
