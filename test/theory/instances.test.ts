import { describe, expect, it } from 'vitest';
import type { Memory, OnDemand } from '../../src/model/network-faults.ts';
import type { Distribution, Group, Network } from '../../src/model/network.ts';
import { type Run, simulate } from '../../src/simulator/index.ts';
import { expectHonest, expectKnown, expectLaws, type Known } from './against.ts';
import { lost, source, T } from './measures.ts';
import { delay, deterministic, exponential, law, network } from './networks.ts';

const group = (instances: number, more: Partial<Group>): Group => ({ id: 'g', instances, balancer: 'random', ...more });
const lambda = (rate: number, instances: number, service: Distribution, onDemand: Omit<OnDemand, 'cause'>): Network =>
  network({ groups: [group(instances, { onDemand: { cause: 'throttled', ...onDemand } })], group: 'g', stations: [], body: [delay(service)], rate });
const coldShare = (run: Run): number => (run.instances?.[0]?.coldStarts ?? Number.NaN) / (source(run).offered - (run.instances?.[0]?.noneFree ?? Number.NaN));

/** Erlang B. */
function erlangB(servers: number, work: number): number {
  let block = 1;
  for (let n = 1; n <= servers; n++) block = (work * block) / (n + work * block);
  return block;
}

/** One instance: after a call the next one that is served comes an exponential time later, and is cold where that is longer than the idle time. */
const cold = (rate: number, idleMs: number): number => Math.exp(-rate * idleMs);
const oneInstance = (rate: number, service: number, start: number, idleMs: number): number => {
  const busy = service + cold(rate, idleMs) * start;
  return (rate * busy) / (1 + rate * busy);
};

/** M/M/∞ that crashes when it has n + 1 customers and is away for a while: share of the requests that fail. First passage upward: h(k) = (1 + k·μ·h(k − 1)) / λ. */
function outOfMemory(rate: number, most: number, away: number): { lost: number; crashes: number } {
  let step = 1 / rate;
  let up = step;
  for (let n = 1; n <= most; n++) {
    step = (1 + n * step) / rate;
    up += step;
  }
  return { lost: (most + 1 + rate * away) / (rate * (up + away)), crashes: 1 / (up + away) };
}
const small = (memory: Partial<Memory>, instances = 1): Group => group(instances, { memory: { baseMb: 20, limitMb: 100, restartMs: 5, cause: 'heap', ...memory } });
const leaky = (rate: number, memoryMb: number, one: Group): Network => {
  const net = network({ groups: [one], group: 'g', stations: [], body: [delay(exponential())], rate });
  return { ...net, programs: net.programs.map((it) => ({ ...it, memoryMb })) };
};
const crashing = outOfMemory(2, 4, 5);

const ROWS: readonly Known[] = [
  {
    name: 'instances that start at once',
    theory: 'Erlang B',
    make: () => lambda(3, 5, law('gamma', 2), { coldStart: deterministic(0), idleMs: 10 }),
    units: 20_000,
    expected: { lost: [erlangB(5, 3), lost] },
  },
  {
    name: 'instances that are gone after each call',
    theory: 'Erlang B: insensitive, start and service together',
    make: () => lambda(2, 4, exponential(), { coldStart: law('lognormal', 1, 0.5), idleMs: 0 }),
    units: 25_000,
    expected: { lost: [erlangB(4, 3), lost], cold: [1, coldShare] },
  },
  {
    name: 'one instance that stays for a while',
    theory: 'renewal reward',
    make: () => lambda(0.5, 1, exponential(), { coldStart: deterministic(3), idleMs: 2 }),
    units: 60_000,
    expected: {
      lost: [oneInstance(0.5, 1, 3, 2), lost],
      cold: [cold(0.5, 2), coldShare],
      T: [1 + 3 * cold(0.5, 2), T],
    },
  },
  {
    name: 'room for four of 20 MB in 100 MB less 20',
    theory: 'first passage of M/M/∞; renewal reward',
    make: () => leaky(2, 20, small({})),
    units: 60_000,
    expected: { lost: [crashing.lost, lost], crashes: [crashing.crashes, (run) => (run.instances?.[0]?.crashes ?? Number.NaN) / (run.seconds * 1000)] },
  },
];

describe('instances against theory', () => {
  it.each(ROWS.map((it) => [`${it.name}: ${Object.keys(it.expected).join(' ')} — ${it.theory}`, it] as const))('%s', (_, row) => expectKnown(row));
  it.each([lambda(1, 2, exponential(), { coldStart: deterministic(1), idleMs: 1 }), leaky(1, 1, small({}))])('theory knows them, or says that it does not (%#)', (net) =>
    expectHonest(net),
  );
});

/** Requests at these times, each a burst of its own program that runs for so long. */
const story = (groups: readonly Group[], each: readonly (readonly [atMs: number, runsMs: number, memoryMb?: number])[]): Run =>
  simulate(
    {
      version: 1,
      groups,
      stations: [],
      programs: each.flatMap(([atMs, runsMs, memoryMb = 0], index) => [
        { id: `r${index}`, group: 'g', body: [delay(deterministic(runsMs))], memoryMb },
        { id: `s${index}`, body: [delay(deterministic(atMs)), { op: 'call' as const, program: `r${index}` }] },
      ]),
      sources: each.map((_, index) => ({ id: `s${index}`, program: `s${index}`, arrivals: 'poisson', share: 0, phases: [], burst: 1, patienceMs: null })),
    },
    { seconds: 1, warmupSeconds: 0 },
  );
const ends = (run: Run): (number | string)[] => run.sources.map((it) => it.latencyMs?.max ?? (Object.keys(it.errorsByCause)[0] as string));

describe('on demand', () => {
  const two = group(2, { onDemand: { coldStart: deterministic(10), idleMs: 50, cause: 'throttled' } });
  it('starts one, starts another, refuses; takes the one used last; lets those go that nobody used', () => {
    const run = story(
      [two],
      [
        [0, 20],
        [5, 20],
        [8, 20],
        [40, 5],
        [90, 5],
        [100, 5],
        [200, 5],
      ],
    );
    // 40: the second instance, idle since 35, is warm. 90: it is again (idle since 45); 100 too, but the first (idle since 30) is gone by then.
    expect(ends(run)).toEqual([30, 35, 'throttled', 45, 95, 105, 215]);
    expect(run.instances).toEqual([{ id: 'g', coldStarts: 3, noneFree: 1, crashes: 0 }]);
  });
  it('what crashes is cold afterwards', () => {
    const run = simulate(
      {
        ...lambda(0, 1, deterministic(5), { coldStart: deterministic(10), idleMs: 1e6 }),
        sources: [{ id: 'load', program: 'main', arrivals: 'deterministic', share: 1, phases: [{ fromMs: 0, perSecond: 10 }], patienceMs: null }],
        faults: [{ kind: 'down', group: 'g', instances: 'all', cause: 'gone', fromMs: 250, untilMs: 350 }],
      },
      { seconds: 1.05, warmupSeconds: 0 },
    );
    expect(run.instances?.[0]?.coldStarts).toBe(2);
    expect(source(run).errorsByCause).toEqual({ gone: 1 });
  });
});

describe('memory', () => {
  it('one too many crashes the instance, and all it runs; calls fail until it is back', () =>
    expect(
      ends(
        story(
          [small({})],
          [
            [0, 50, 30],
            [1, 50, 30],
            [2, 50, 30],
            [3, 50, 30],
            [6.5, 50, 30],
            [8, 50, 80],
          ],
        ),
      ),
    ).toEqual(['heap', 'heap', 'heap', 'heap', 'heap', 58]));
  it('exactly all of it is enough', () =>
    expect(
      ends(
        story(
          [small({})],
          [
            [0, 5, 40],
            [1, 5, 40],
            [5.5, 5, 40],
          ],
        ),
      ),
    ).toEqual([5, 6, 10.5]));
  it('the other instance takes the calls meanwhile', () => {
    const run = story(
      [small({}, 2)].map((it) => ({ ...it, balancer: 'roundRobin' as const })),
      [
        [0, 50, 30],
        [1, 50, 30],
        [2, 50, 80],
        [3, 50, 30],
        [4, 50, 20],
        [9, 50, 1],
      ],
    );
    expect(ends(run)).toEqual(['heap', 51, 'heap', 53, 54, 59]);
    expectLaws(run);
  });
});
