import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/known.ts';
import type { Instruction, Network } from '../../../src/model/network.ts';
import {
  assess,
  breakEven,
  breaksAt,
  compare,
  compareNetworks,
  decidedBy,
  drainOf,
  ladder,
  marginal,
  metastabilityOf,
  poolSizeFor,
  recoveryOf,
  saturatesAt,
} from '../../../src/simulator/index.ts';
import { erlangC } from '../../../src/simulator/solve/waits.ts';
import { caseOf } from '../../theory/cases.ts';
import { deterministic, exponential, network, serve, single, station } from '../../theory/networks.ts';
import { apiAndDatabase, at, compute, endpoint, guess, ms, query } from '../topologies.ts';

describe('saturation, ladder, break-even: the same as in the outcome', () => {
  const topology = apiAndDatabase({ pool: 5, holdMs: ms(5), database: { parallelism: known(8, 'cores', 'declared') } });
  const outcome = assess(topology, at(500));
  it('saturatesAt', () => expect(saturatesAt(topology, at(500))).toBe(outcome.saturatesAtPerSecond.value));
  it('ladder', () => expect(ladder(topology, at(500))).toEqual(outcome.ladder));
  it('breakEven', () => {
    const guessed = apiAndDatabase({ pool: 5, holdMs: guess(2, 0.5, 10), cpuMs: ms(0.1) });
    expect(breakEven(guessed, at(1000))).toEqual(assess(guessed, at(1000)).breakEven);
  });
});

describe('decidedBy: what to measure first', () => {
  it('the one guess explains all of it', () => {
    const [first, ...others] = decidedBy(apiAndDatabase({ holdMs: guess(2, 0.5, 10) }), at(1000));
    expect(first?.input).toBe('hold db SELECT users');
    expect(first?.share).toBeGreaterThan(0.9);
    expect(others).toEqual([]);
  });

  it('of two queries in one pool, the one that is asked ten times as often', () => {
    const steps = [compute(ms(0.1)), ...Array.from({ length: 10 }, () => query('SELECT often', guess(1, 0.3, 3))), query('SELECT once', guess(1, 0.3, 3))];
    const found = decidedBy(apiAndDatabase({ steps }), at(100));
    expect(found[0]?.input).toBe('hold db SELECT often');
    expect(found[0]?.share).toBeGreaterThan(0.8);
    expect(found.find((it) => it.input === 'hold db SELECT once')?.share ?? 0).toBeLessThan(0.15);
  });

  it('nothing is guessed: nothing to measure', () => expect(decidedBy(apiAndDatabase(), at(1000))).toEqual([]));
});

describe('marginal: one more of each', () => {
  const topology = apiAndDatabase({ pool: 5, holdMs: ms(5), database: { parallelism: known(8, 'cores', 'declared') } });
  const found = marginal(topology, at(500));
  it('a replica, which brings a pool of its own, then a connection of the binding pool', () => {
    expect(found[0]).toMatchObject({ station: 'event loop of api', adds: 'replica' });
    expect(found[1]).toMatchObject({ station: assess(topology, at(500)).binding, adds: 'connection' });
  });
  it('more is never worse', () => {
    for (const it of found) {
      expect(it.breaksAtAfter ?? 1e6).toBeGreaterThanOrEqual((it.breaksAtBefore ?? 1e6) * 0.998);
      expect(it.p95AfterMs ?? 0).toBeLessThanOrEqual((it.p95BeforeMs ?? Number.POSITIVE_INFINITY) * 1.001);
    }
  });
  it('is what the topology says when it is changed so', () => {
    const six = apiAndDatabase({ pool: 6, holdMs: ms(5), database: { parallelism: known(8, 'cores', 'declared') } });
    expect(found.find((it) => it.adds === 'connection')?.breaksAtAfter).toBeCloseTo(breaksAt(six, at(500)) ?? 0, 0);
  });
});

describe('poolSizeFor against Erlang C', () => {
  // A database without a queue of its own: the pool is M/M/c with the hold as service.
  const topology = (maxConnections: number | null, size = 5) =>
    apiAndDatabase({
      pool: size,
      holdMs: ms(20),
      cpuMs: ms(0.01),
      database: { parallelism: known(4000, 'cores', 'declared'), ...(maxConnections !== null && { maxConnections: known(maxConnections, 'connections', 'declared') }) },
    });
  const scenario = at(400, { objective: { p95Ms: 80, errorShare: null, messageAgeSeconds: null } });

  it('the smallest pool whose p95 holds is within one of theory', () => {
    const answer = poolSizeFor(topology(null), scenario, 'api→db pool');
    expect(answer?.because).toBeNull();
    expect(answer?.busyOnAverage).toBeGreaterThan(8);
    expect(answer?.busyOnAverage).toBeLessThan(8.6);
    // P(sojourn > t) of M/M/c with c − a ≠ 1.
    const slow = (c: number): number => {
      const hold = 20.25;
      const a = (400 * hold) / 1000;
      const waits = erlangC(c, a);
      const t = 80 / hold;
      return Math.exp(-t) * (1 + (waits * (1 - Math.exp(-t * (c - 1 - a)))) / (c - 1 - a));
    };
    let exact = 9;
    while (slow(exact) > 0.05) exact++;
    expect(Math.abs((answer?.connections ?? 0) - exact)).toBeLessThanOrEqual(1);
  });

  it('holds with it and not with one less', () => {
    const size = poolSizeFor(topology(null), scenario, 'api→db pool')?.connections ?? 0;
    const verdict = (connections: number) => assess(topology(null, connections), scenario, { ranges: false, ladder: false, breakEven: false }).verdict;
    expect(verdict(size)).not.toBe('fails');
    expect(verdict(size - 1)).toBe('fails');
  });

  it.each([
    ['the server accepts too few', topology(6), scenario, 'budget'],
    ['the objective is shorter than the query', topology(null), at(400, { objective: { p95Ms: 15, errorShare: null, messageAgeSeconds: null } }), 'elsewhere'],
  ] as const)('none: %s', (_name, given, asked, because) => expect(poolSizeFor(given, asked, 'api→db pool')).toMatchObject({ connections: null, because }));

  it('no such pool', () => expect(poolSizeFor(topology(null), scenario, 'other pool')).toBeNull());
});

describe('drain', () => {
  const { expected } = caseOf('spike-fluid');
  const server = single(0.8, 1, deterministic(1), {}, undefined, { arrivals: 'deterministic' });
  it('spike-fluid: the backlog of a spike, by rates and played', () => {
    const answer = drainOf(server, 'main', 's', expected.peak_backlog as number);
    expect(answer.fluidSeconds).toBeCloseTo(expected.drain_seconds as number, 6);
    expect(Math.abs((answer.seconds ?? 0) / (expected.drain_seconds as number) - 1)).toBeLessThan(0.01);
  });
  it('random arrivals and services: within 5%', () => {
    const answer = drainOf(single(0.8, 1), 'main', 's', 20_000);
    expect(Math.abs((answer.seconds ?? 0) / (answer.fluidSeconds ?? 1) - 1)).toBeLessThan(0.05);
  });
  it('more comes than goes: never', () => expect(drainOf(single(1.1, 1), 'main', 's', 100)).toMatchObject({ fluidSeconds: null, seconds: null }));
  it('nothing to drain', () => expect(drainOf(server, 'main', 's', 0).seconds).toBe(0));
});

/** 100 servers of 100 ms; callers give up after a second and try again at once, and the servers finish what nobody waits for. */
function retrying(times: number, room: number | null): Network {
  const call: Instruction = { op: 'call', program: 'work', timeoutMs: 1000, retry: { times } };
  return network({
    stations: [station('s', 100, { room })],
    body: [call],
    programs: [{ id: 'work', body: [serve('s', exponential(100))] }],
  });
}

describe('metastability and recovery', () => {
  it.each([
    ['metastable-retry3-unbounded', 3, null],
    ['metastable-retry3-bounded', 3, 500],
    ['metastable-retry1-unbounded', 1, null],
  ] as const)('%s', (id, times, room) => {
    const known = caseOf(id);
    const offered = (known.params as unknown as { offered: number }).offered;
    const back = known.expected.goodput_after as number;
    const answer = recoveryOf(retrying(times, room), { kind: 'outage', seconds: 10 }, { perSecond: offered, watchSeconds: 60 });
    expect(answer.seconds === null).toBe(back === 0);
    expect(Math.abs(answer.goodputAfterPerSecond - back)).toBeLessThanOrEqual(back === 0 ? 0.01 * offered : 0.03 * offered);
    expect(Math.abs(answer.goodputBeforePerSecond / offered - 1)).toBeLessThan(0.03);
  });

  it('metastable-bronson: recovers below the load that its retries can double', () => {
    const { expected, params } = caseOf('metastable-bronson') as unknown as { expected: Record<string, number>; params: { capacity: number; offered: number } };
    const bronson = network({
      stations: [station('s', 1)],
      body: [{ op: 'call', program: 'work', timeoutMs: 1000, retry: { times: 1 } }],
      programs: [{ id: 'work', body: [serve('s', exponential(1000 / params.capacity))] }],
    });
    const answer = metastabilityOf(bronson, params.offered);
    expect(answer.recovers).toBe(false);
    expect(Math.abs((answer.recoversBelowPerSecond ?? 0) / (expected.recovery_threshold as number) - 1)).toBeLessThan(0.1);
  });

  it('without retries it comes back from anywhere, in the time that the backlog needs', () => {
    const answer = metastabilityOf(single(0.8, 1, exponential(1), {}, undefined, { patienceMs: 10_000 }), 800);
    expect(answer).toMatchObject({ recovers: true, recoversBelowPerSecond: null });
    // Ten seconds of 800 drain at 200 a second.
    expect(answer.recovery.seconds).toBeGreaterThan(34);
    expect(answer.recovery.seconds).toBeLessThan(42);
  });

  it('close to saturation it takes minutes, and comes back all the same', () => {
    const answer = metastabilityOf(single(0.95, 1, exponential(1), {}, undefined, { patienceMs: 5000 }), 950);
    expect(answer).toMatchObject({ recovers: true, recoversBelowPerSecond: null });
    expect(answer.recovery.watchedSeconds).toBeGreaterThan(90);
  });

  it('a topology says below which load it recovers where somebody asks, and not in a frame of the slider', () => {
    const topology = apiAndDatabase({ pool: 5, holdMs: ms(10) });
    const outcome = assess(topology, at(300), { ranges: false, ladder: false, breakEven: false, recovery: true });
    expect(outcome.recoversBelowPerSecond).toBeNull();
    expect(assess(topology, at(300), { ranges: false, ladder: false, breakEven: false })).not.toHaveProperty('recoversBelowPerSecond');
  });

  it('a spike of twice the capacity for 10 s: as long as its backlog of 10,000 takes at 200 a second', () => {
    const answer = recoveryOf(single(0.8, 1), { kind: 'spike', factor: 2.5, seconds: 10 });
    expect(Math.abs((answer.seconds ?? 0) / 50 - 1)).toBeLessThan(0.1);
    expect(Math.abs(answer.peakInFlight / 10_000 - 1)).toBeLessThan(0.05);
  });
});

describe('compare, in pairs under the same luck', () => {
  it('the same system twice: not a hair of difference', () => {
    const answer = compareNetworks(single(0.8, 1), single(0.8, 1), { seconds: 1, replications: 5 });
    expect(answer.meanMs).toMatchObject({ difference: 0, isSignificant: false });
  });

  it('a server that is 2% faster is told apart, and by the right amount', () => {
    const answer = compareNetworks(single(0.8, 1), single(0.8, 1, exponential(0.98)), { seconds: 20, replications: 20 });
    // Means are 5 and 0.98 / (1 − 0.784).
    const exact = 0.98 / (1 - 0.784) - 5;
    expect(answer.meanMs?.isSignificant).toBe(true);
    expect(answer.meanMs?.interval95[0]).toBeLessThan(exact);
    expect(answer.meanMs?.interval95[1]).toBeGreaterThan(exact);
    // Both answer all that comes, but for the last few.
    expect(Math.abs(answer.goodputPerSecond.difference)).toBeLessThan(0.2);
  });

  it('two topologies: a larger pool answers more of an overload', () => {
    const [five, ten] = [5, 10].map((pool) => apiAndDatabase({ pool, holdMs: ms(10) }));
    const answer = compare(five!, ten!, at(700, { clientPatienceMs: 1000 }), { seconds: 10, replications: 5 });
    expect(answer.goodputPerSecond).toMatchObject({ isSignificant: true });
    expect(answer.goodputPerSecond.difference).toBeGreaterThan(100);
    expect(answer.errorShare.difference).toBeLessThan(0);
  });
});

describe('a break-even does not hang on which guesses are drawn', () => {
  it('queries of one pool: the same factor whatever the seed, told for the one that fills the pool most', () => {
    // Which of them are worth a try at the ends of their ranges depends on the draws.
    const routes = Array.from({ length: 12 }, (_, index) => {
      const often = index === 3 ? [3, 3, 3].map(() => query('SELECT 3', guess(3.5, 1, 30))) : [];
      return endpoint(`/${index}`, [compute(ms(0.1)), query(`SELECT ${index}`, guess(2 + index / 2, 1, index < 6 ? 4 + index : 30)), ...often]);
    });
    const topology = { ...apiAndDatabase({ pool: 10 }), endpoints: routes };
    const values = [1, 2, 3].map((seed) => assess(topology, at(600, { seed }), { ladder: false }).breakEven.map((it) => [it.input, it.value]));
    expect(values[0]?.[0]?.[0]).toBe('hold db SELECT 3');
    for (const it of values) expect(it).toEqual(values[0]);
  });
});
