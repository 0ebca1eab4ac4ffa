import { describe, expect, it } from 'vitest';
import type { Distribution, Network } from '../../src/model/network.ts';
import { simulate } from '../../src/simulator/index.ts';
import { expectHonest, expectKnown, type Known } from './against.ts';
import { at, expired, L, Lq, reject, source, T, throughput, waited } from './measures.ts';
import { deterministic, exponential, hold, law, network, serve, single, station } from './networks.ts';
import { SEEDS } from './row.ts';
import { closed, sent } from './rows/closed.ts';
import { classes, waitOf } from './rows/priorities.ts';

/** Cobham (1954): wait of each class at one server, R / ((1 − σ before)(1 − σ with it)), R = Σ λ·E[S²] / 2. */
function cobham(...each: readonly (readonly [rate: number, mean: number, cv2: number])[]): number[] {
  const residual = each.reduce((sum, [rate, mean, cv2]) => sum + (rate * mean * mean * (1 + cv2)) / 2, 0);
  let before = 0;
  return each.map(([rate, mean]) => {
    const after = before + rate * mean;
    const wait = residual / ((1 - before) * (1 - after));
    before = after;
    return wait;
  });
}

/** Erlang C: share that waits. */
function erlangC(servers: number, work: number): number {
  let block = 1;
  for (let n = 1; n <= servers; n++) block = (work * block) / (n + work * block);
  return block / (1 - (work / servers) * (1 - block));
}

/** M/M/c with a patience of this rate for who waits, by birth and death: share that gives up, mean queue. */
function erlangA(rate: number, servers: number, impatience: number, room = 400): { gone: number; Lq: number; full: number } {
  const weights = [1];
  for (let n = 1; n <= servers + room; n++) weights.push(((weights[n - 1] as number) * rate) / (Math.min(n, servers) + Math.max(0, n - servers) * impatience));
  const total = weights.reduce((sum, it) => sum + it, 0);
  const queue = weights.reduce((sum, it, n) => sum + it * Math.max(0, n - servers), 0) / total;
  return { gone: (queue * impatience) / rate, Lq: queue, full: (weights[servers + room] as number) / total };
}

/** Join the shorter of two M/M/1 queues: mean response by the balance equations on a square, solved by sweeps. */
function shorterOfTwo(rate: number): number {
  const size = 30;
  let p = new Float64Array(size * size).fill(1 / (size * size));
  for (let sweep = 0; sweep < 4000; sweep++) {
    const next = new Float64Array(size * size);
    const step = 1 / (rate + 2);
    for (let a = 0; a < size; a++)
      for (let b = 0; b < size; b++) {
        const here = (p[a * size + b] as number) * step;
        const toA = a < b ? rate : a === b ? rate / 2 : 0;
        const go = (x: number, y: number, flow: number): void => {
          const to = Math.min(x, size - 1) * size + Math.min(y, size - 1);
          next[to] = (next[to] as number) + here * flow;
        };
        go(a + 1, b, toA);
        go(a, b + 1, rate - toA);
        go(Math.max(0, a - 1), b, 1);
        go(a, Math.max(0, b - 1), 1);
      }
    p = next;
  }
  let present = 0;
  for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) present += (p[a * size + b] as number) * (a + b);
  return present / rate;
}

const three = cobham([0.2, 1, 1], [0.2, 1.5, 1], [0.2, 1, 1]);
const uneven = cobham([0.3, 0.5, 0], [0.1, 4, 2]);
const farm = (balancer: Network['groups'][number]['balancer'], instances: number, rate: number, more: Partial<Network['sources'][number]> = {}): Network =>
  network({ groups: [{ id: 'g', instances, balancer }], stations: [station('s', 1, { group: 'g' })], group: 'g', body: [serve('s')], rate, source: more });
const patient = erlangA(6, 5, 1.5);
const crowded = erlangA(8, 4, 0.25, 6);
const limited = (rate: number, servers: number, waitLimitMs: Distribution, room: number | null = null): Network =>
  network({ stations: [station('s', servers, { room })], body: [{ op: 'serve', station: 's', service: exponential(), waitLimitMs }], rate });

const shorter = shorterOfTwo(1.4);

const ROWS: readonly Known[] = [
  {
    name: 'three classes, the middle one slower',
    theory: 'Cobham 1954',
    make: () => classes(1, [0.2, exponential()], [0.2, exponential(1.5)], [0.2, exponential()]),
    units: 40_000,
    expected: { first: [three[0] as number, waitOf(0)], second: [three[1] as number, waitOf(1, 1.5)], third: [three[2] as number, waitOf(2)] },
    short: '1% of the waits needs a million requests',
  },
  {
    name: 'short jobs of one length before long ones that vary',
    theory: 'Cobham 1954',
    make: () => classes(1, [0.3, deterministic(0.5)], [0.1, law('gamma', 2, 4)]),
    units: 60_000,
    expected: { short: [uneven[0] as number, waitOf(0, 0.5)], long: [uneven[1] as number, waitOf(1, 4)] },
    short: '1% of the waits needs a million requests',
  },
  {
    // With one law of service the server's work is that of M/M/c: only who waits changes. Kella and Yechiali 1985.
    name: 'two classes on three servers',
    theory: 'Kella and Yechiali 1985',
    make: () => classes(3, [1, exponential()], [1.4, exponential()]),
    units: 30_000,
    expected: {
      high: [erlangC(3, 2.4) / (3 - 1), waitOf(0)],
      low: [erlangC(3, 2.4) / 3 / (1 - 1 / 3) / (1 - 2.4 / 3), waitOf(1)],
      waited: [erlangC(3, 2.4), waited],
    },
    short: '1% of the waits needs a million requests',
  },
  {
    name: 'classes that lose their patience: who is served first loses less, together as many as without classes',
    theory: 'Erlang A',
    make: () => {
      const net = classes(5, [2, exponential()], [4, exponential()]);
      return { ...net, programs: net.programs.map((it) => ({ ...it, body: it.body.map((step) => ({ ...step, waitLimitMs: exponential(1 / 1.5) }) as never) })) };
    },
    units: 10_000,
    expected: { gone: [patient.gone, expired], Lq: [patient.Lq, Lq] },
  },
  {
    name: 'patience of mean ⅔ at 6 for 5 servers',
    theory: 'Erlang A',
    make: () => limited(6, 5, exponential(1 / 1.5)),
    units: 15_000,
    expected: { gone: [patient.gone, expired], Lq: [patient.Lq, Lq] },
  },
  {
    name: 'long patience and a waiting room of 6',
    theory: 'birth and death',
    make: () => limited(8, 4, exponential(4), 6),
    units: 10_000,
    expected: { gone: [crowded.gone, expired], full: [crowded.full, reject], Lq: [crowded.Lq, Lq], throughput: [8 * (1 - crowded.gone - crowded.full), throughput] },
  },
  {
    name: 'a shared processor with room for 4 more',
    theory: 'as M/M/1/5: the queue length does not know the discipline',
    make: () => single(0.8, 1, law('gamma', 0.5), { discipline: 'processorSharing', room: 4 }),
    units: 80_000,
    expected: { reject: [(0.2 * 0.8 ** 5) / (1 - 0.8 ** 6), reject] },
    short: 'refusals come in clusters',
  },
  {
    // Two servers' worth of capacity, shared by seven users: min(1, 2/7) of the speed, less what they stand in each other's way.
    name: 'seven users on a shared processor of two that scales badly',
    theory: 'Universal Scalability Law',
    make: () => closed(7, deterministic(0), [station('s', 2, { discipline: 'processorSharing', scalability: { contention: 0.1, coherency: 0.02 } })], [serve('s')]),
    units: 30_000,
    expected: { X: [2 / (1 + 0.1 * 6 + 0.02 * 7 * 6), sent] },
  },
  {
    name: 'the less busy of two, where there are only two',
    theory: 'balance equations of the shorter queue',
    make: () => farm('powerOfTwo', 2, 1.4),
    units: 30_000,
    expected: { T: [shorter, T] },
    short: '1% of the mean needs 500,000 requests',
  },
  {
    name: 'least connections to two',
    theory: 'balance equations of the shorter queue',
    make: () => farm('leastConnections', 2, 1.4),
    units: 30_000,
    expected: { T: [shorter, T] },
    short: '1% of the mean needs 500,000 requests',
  },
  {
    // Two connections end at one instance, one at the other: M/M/1 at 2/3 and at 1/3.
    name: 'three connections to two instances',
    theory: 'Poisson thinning',
    make: () => farm('connection', 2, 1, { connections: 3 }),
    units: 40_000,
    expected: { T: [(2 / 3) * 3 + (1 / 3) * 1.5, T] },
    short: '1% of the mean needs 600,000 requests',
  },
  {
    name: 'four connections to two instances',
    theory: 'Poisson thinning',
    make: () => farm('connection', 2, 1, { connections: 4 }),
    units: 40_000,
    expected: { T: [2, T] },
    short: '1% of the mean needs 500,000 requests',
  },
  {
    // Each user keeps its instance: two systems of two and one user.
    name: 'three users with a connection each to two instances',
    theory: 'machine repair, two beside one',
    make: () => {
      const net = closed(3, exponential(2), [station('s', 1, { group: 'g' })], [serve('s')]);
      return { ...net, groups: [{ id: 'g', instances: 2, balancer: 'connection' }], programs: net.programs.map((it) => ({ ...it, group: 'g' })) };
    },
    units: 30_000,
    // Birth and death with two users: weights 1, 1, ½ for 0, 1, 2 present, so 1 − 1/2.5 of the time is busy; with one: weights 1, ½.
    expected: { X: [1 - 1 / 2.5 + 1 / 3, sent], L: [(1 + 1) / 2.5 + 1 / 3, L] },
  },
];

describe('disciplines and balancers against theory', () => {
  it.each(ROWS.map((it) => [`${it.name}: ${Object.keys(it.expected).join(' ')} — ${it.theory}${it.short ? ` [${it.short}]` : ''}`, it] as const))('%s', (_, row) =>
    expectKnown(row),
  );
});

describe('priorities', () => {
  /** Everybody comes at once; each takes a millisecond. */
  const order = (priorities: readonly (number | undefined)[]): number[] => {
    const net: Network = {
      version: 1,
      groups: [],
      stations: [station('s', 1, { discipline: 'priority' })],
      programs: priorities.map((priority, index) => ({
        id: `p${index}`,
        body: [{ op: 'serve', station: 's', service: deterministic(1), ...(priority !== undefined && { priority }) }],
      })),
      sources: priorities.map((_, index) => ({ id: `p${index}`, program: `p${index}`, arrivals: 'poisson', share: 0, phases: [], burst: 1, patienceMs: null })),
    };
    return simulate(net, { seconds: 1, warmupSeconds: 0 }).sources.map((it) => it.latencyMs?.max ?? Number.NaN);
  };
  it('the lowest number first, in order of arrival among equals, none counts as 0; who is served is not interrupted', () =>
    expect(order([9, 2, 1, 2, -1, 1, undefined, 0.5])).toEqual([1, 7, 5, 8, 2, 6, 3, 4]));

  it('a hold is asked for by priority too', () => {
    const net = network({ stations: [station('pool', 1, { discipline: 'priority' }), station('s', 1)], body: [hold('pool', serve('s'))], rate: 0.5 });
    expect(T(simulate(net, { seconds: 100, seed: SEEDS[0] }))).toBeCloseTo(2, 1);
  });

  it('theory knows the waits, or says that it does not', () => expectHonest(classes(1, [0.2, exponential()], [0.4, exponential()])));
});

describe('what theory says of balancers', () => {
  it.each(['random', 'roundRobin', 'leastConnections', 'powerOfTwo', 'connection'] as const)('%s: it is so, or it is not known', (balancer) =>
    expectHonest(farm(balancer, 4, 2.4, { connections: 3 })),
  );
});

describe('connections', () => {
  it('stay with their instance whatever its load', () => {
    const run = simulate(farm('connection', 4, 2, { connections: 2 }), { seconds: 20, warmupSeconds: 0 });
    // Two of four instances never get a request.
    expect(at(run).utilisation).toBeCloseTo(0.5, 1);
    expect(source(run).inFlightDeviation).toBeGreaterThan(20);
  });
});
