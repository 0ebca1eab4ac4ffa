import { describe, expect, it } from 'vitest';
import type { Distribution, Instruction, Network, Station } from '../../src/model/network.ts';
import type { ArrivalProcess, Phase } from '../../src/model/network-arrivals.ts';
import { simulate } from '../../src/simulator/index.ts';
import { expectHonest, expectKnown, type Known } from './against.ts';
import { L, Lq, lost, source as sourceOf, T, T_p99, Wq } from './measures.ts';
import { mean, SEEDS, standardError } from './row.ts';
import { caseOf } from './cases.ts';
import { delay, deterministic, exponential, law, network, serve, single, station } from './networks.ts';
import { closed as closedNetwork, sent } from './rows/closed.ts';

const value = (id: string, name: string): number => caseOf(id).expected[name] as number;

const arriving = (arrivals: ArrivalProcess, rate: number, servers = 1): Network => single(rate, servers, exponential(), {}, undefined, { arrivals });
const closed = (users: number, think: Distribution, stations: readonly Station[], body: readonly Instruction[], patienceMs: number | null = null): Network => {
  const net = closedNetwork(users, think, stations, body);
  return { ...net, sources: net.sources.map((it) => ({ ...it, patienceMs })) };
};

/** GI/M/1 with mean service 1: the root of σ = A*(1 − σ), by repeated substitution from below 1. */
function responseOf(transform: (s: number) => number): number {
  let sigma = 0.5;
  for (let round = 0; round < 10_000; round++) sigma = transform(1 - sigma);
  return 1 / (1 - sigma);
}
const gammaGaps = (rate: number, cv2: number): number => responseOf((s) => (1 + (s * cv2) / rate) ** (-1 / cv2));
const hyperGaps = (rate: number, cv2: number): number => {
  const p = (1 + Math.sqrt((cv2 - 1) / (cv2 + 1))) / 2;
  return responseOf((s) => (p * 2 * p * rate) / (2 * p * rate + s) + ((1 - p) * 2 * (1 - p) * rate) / (2 * (1 - p) * rate + s));
};

/** Machine repair, M/M/c//N by birth and death: throughput and mean number at the servers. Think and service exponential. */
function repair(users: number, think: number, servers: number, service: number): { X: number; L: number } {
  const weights = [1];
  for (let n = 1; n <= users; n++) weights.push(((weights[n - 1] as number) * (users - n + 1) * service) / (think * Math.min(n, servers)));
  const total = weights.reduce((sum, it) => sum + it, 0);
  const number = weights.reduce((sum, it, n) => sum + n * it, 0) / total;
  return { X: (users - number) / think, L: number };
}
/** Exact mean value analysis of single-server stations with these demands. */
function meanValues(users: number, think: number, demands: readonly number[]): { X: number; R: number } {
  let queues = demands.map(() => 0);
  let [X, R] = [0, 0];
  for (let n = 1; n <= users; n++) {
    const times = demands.map((demand, index) => demand * (1 + (queues[index] as number)));
    R = times.reduce((sum, it) => sum + it, 0);
    X = n / (think + R);
    queues = times.map((it) => X * it);
  }
  return { X, R };
}
const small = repair(6, 4, 1, 1);
const many = meanValues(12, 20, [1, 2, 0.5, 1.5]);

const ROWS: readonly Known[] = [
  {
    name: 'e2m1-0.8, as a renewal stream',
    theory: 'Kleinrock vol.1 ch.6',
    make: () => arriving({ kind: 'renewal', cv2: 0.5 }, 0.8),
    units: 30_000,
    expected: { T: [value('e2m1-0.8', 'T'), T], Wq: [value('e2m1-0.8', 'Wq'), Wq], T_p99: [value('e2m1-0.8', 'T_p99'), T_p99] },
    short: '1% of the mean wait needs 3 million requests',
  },
  {
    name: 'gaps with cv² 0.3 (a gamma law of no whole shape) at 70%',
    theory: 'GI/M/1',
    make: () => arriving({ kind: 'renewal', cv2: 0.3 }, 0.7),
    units: 30_000,
    expected: { T: [gammaGaps(0.7, 0.3), T] },
    short: '1% of the mean needs a million requests',
  },
  { name: 'gaps with cv² 2 at 50%', theory: 'GI/M/1', make: () => arriving({ kind: 'renewal', cv2: 2 }, 0.5), units: 70_000, expected: { T: [hyperGaps(0.5, 2), T] } },
  {
    name: 'gaps with cv² 1 are Poisson',
    theory: 'M/M/1',
    make: () => arriving({ kind: 'renewal', cv2: 1 }, 0.5),
    units: 20_000,
    expected: { T: [2, T] },
    short: '1% of the mean needs 400,000 requests',
  },
  {
    name: 'gaps with cv² 0 are paced',
    theory: 'D/M/1',
    make: () => arriving({ kind: 'renewal', cv2: 0 }, 0.8),
    units: 20_000,
    expected: { T: [value('dm1-0.8', 'T'), T] },
    short: '1% of the mean needs 600,000 requests',
  },
  {
    // A group's work counts whole for whoever comes in it: T = m / (1 − ρ) for a geometric size of mean m.
    name: 'groups of 3 on average at 60%',
    theory: 'M^[X]/M/1',
    make: () => arriving({ kind: 'batch', meanSize: 3 }, 0.6),
    units: 30_000,
    expected: { T: [3 / 0.4, T], L: [(0.6 * 3) / 0.4, L] },
    short: '1% of the mean needs 2 million requests',
  },
  {
    name: 'groups of 1 are Poisson',
    theory: 'M/M/1',
    make: () => arriving({ kind: 'batch', meanSize: 1 }, 0.5),
    units: 20_000,
    expected: { T: [2, T] },
    short: '1% of the mean needs 400,000 requests',
  },
  {
    // With servers for all, the number present has the mean of its rate whatever the modulation.
    name: 'three states in turn keep the mean rate',
    theory: 'Little',
    make: () =>
      network({
        stations: [],
        body: [delay(deterministic(3))],
        rate: 2,
        source: {
          arrivals: {
            kind: 'mmpp',
            states: [
              { factor: 0, meanMs: 2 },
              { factor: 3, meanMs: 1 },
              { factor: 1.5, meanMs: 2 },
            ],
          },
        },
      }),
    units: 10_000,
    expected: { L: [(2 * 3 * (3 + 3)) / 5, L] },
  },
  {
    name: '12 users on four stations',
    theory: 'exact MVA',
    make: () =>
      closed(
        12,
        exponential(20),
        ['a', 'b', 'c', 'd'].map((id) => station(id, 1)),
        [serve('a'), serve('b', exponential(2)), serve('c', exponential(0.5)), serve('d', exponential(1.5))],
      ),
    units: 40_000,
    expected: { X: [many.X, sent], R: [many.R, T] },
  },
  {
    name: '6 machines, one repairman',
    theory: 'machine repair by birth and death',
    make: () => closed(6, exponential(4), [station('s', 1)], [serve('s')]),
    units: 30_000,
    expected: { X: [small.X, sent], L: [small.L, L] },
  },
  {
    // Without waiting the cycle is think + service whatever their laws.
    name: 'users who meet no queue',
    theory: 'Little',
    make: () => closed(10, law('lognormal', 3, 7), [station('s', null)], [serve('s', law('gamma', 0.5, 3))]),
    units: 20_000,
    expected: { X: [1, sent], L: [3, L] },
  },
  {
    // Each waits its patience or the exponential service, whichever is shorter: 1 − e^(−1).
    name: 'users who give up do not wait for the answer',
    theory: 'minimum of a constant and an exponential time',
    make: () => closed(10, exponential(4), [station('s', null)], [serve('s')], 1),
    units: 20_000,
    expected: { sent: [10 / (4 + 1 - Math.exp(-1)), sent], lost: [Math.exp(-1), lost] },
  },
];

describe('arrivals against theory', () => {
  it.each(ROWS.map((it) => [`${it.name}: ${Object.keys(it.expected).join(' ')} — ${it.theory}${it.short ? ` [${it.short}]` : ''}`, it] as const))('%s', (_, row) =>
    expectKnown(row),
  );
});

describe('rates that change', () => {
  const phases: readonly Phase[] = [
    { fromMs: 0, perSecond: 0, toPerSecond: 4000 },
    { fromMs: 100, perSecond: 4000, toPerSecond: 1000 },
    { fromMs: 200, perSecond: 1000 },
  ];
  /** Servers for all, service 5 ms: m' = λ(t) − m / 5, piece by piece (λ = a + b·t gives m = c + 5b·t + (m₀ − c)·e^(−t/5) with c = 5a − 25b). */
  const presentAfter = (start: number, a: number, b: number, t: number): number => {
    const c = 5 * a - 25 * b;
    return c + 5 * b * t + (start - c) * Math.exp(-t / 5);
  };
  const at100 = presentAfter(0, 0, 0.04, 100);
  const at200 = presentAfter(at100, 4, -0.03, 100);
  const exact = new Map([
    [50, presentAfter(0, 0, 0.04, 50)],
    [100, at100],
    [150, presentAfter(at100, 4, -0.03, 50)],
    [200, at200],
    [230, presentAfter(at200, 1, 0, 30)],
  ]);
  it.each([
    ['poisson', 'poisson'],
    ['renewal', { kind: 'renewal', cv2: 0.25 }],
    ['batch', { kind: 'batch', meanSize: 2 }],
  ] as const)('%s arrivals on a ramp up and down: the number present, within 3 standard errors of 200 runs', (_, arrivals) => {
    const net = network({ stations: [station('s', null)], body: [serve('s', exponential(5))], source: { arrivals, phases } });
    const found = new Map<number, number[]>([...exact.keys()].map((time) => [time, []]));
    for (let seed = 1; seed <= 200; seed++) {
      const { series } = simulate(net, { seconds: 0.23, seed, warmupSeconds: 0, seriesMs: 10 });
      for (const time of exact.keys()) (found.get(time) as number[]).push(series[time / 10 - 1]?.inFlight ?? Number.NaN);
    }
    for (const [time, values] of found) {
      const m = exact.get(time) as number;
      // A renewal stream does not begin in equilibrium: its first gap is a whole one, worth up to half a request.
      const start = typeof arrivals === 'object' && arrivals.kind === 'renewal' ? 0.01 * m : 0;
      expect(Math.abs(mean(values) - m), `${time}: ${mean(values)} for ${m}`).toBeLessThanOrEqual(start + 3 * standardError(values));
    }
  });

  it('a paced stream on a ramp comes when the integral of the rate passes whole numbers', () => {
    const net = network({
      stations: [],
      body: [],
      source: {
        arrivals: 'deterministic',
        phases: [
          { fromMs: 0, perSecond: 0, toPerSecond: 200 },
          { fromMs: 1000, perSecond: 0 },
        ],
      },
    });
    // 100 t² requests after t seconds.
    const { series } = simulate(net, { seconds: 1.5, warmupSeconds: 0, seriesMs: 100 });
    let sum = 0;
    series.forEach((point, index) => {
      sum += point.offeredPerSecond / 10;
      const t = Math.min(1, (index + 1) / 10);
      expect(Math.abs(sum - 100 * t * t)).toBeLessThanOrEqual(1);
    });
  });
});

describe('what goes with arrivals', () => {
  it('a plain stream is the same with and without a closed source beside it', () => {
    const alone = single(0.5, 1);
    const [load] = alone.sources;
    const beside: Network = {
      ...alone,
      stations: [...alone.stations, station('other', 1)],
      programs: [...alone.programs, { id: 'other', body: [serve('other')] }],
      sources: [load as never, { id: 'users', program: 'other', arrivals: 'poisson', share: 0, closed: { users: 3, think: exponential(5) }, patienceMs: null }],
    };
    for (const seed of SEEDS.slice(0, 2)) expect(simulate(beside, { seconds: 5, seed }).sources[0]).toEqual(simulate(alone, { seconds: 5, seed }).sources[0]);
  });

  it('users stop when the run is closed, and the system empties', () => {
    const run = simulate(closed(50, exponential(10), [station('s', 1)], [serve('s')]), { seconds: 1, drainSeconds: Number.POSITIVE_INFINITY });
    expect(run.inFlightAtEnd).toBe(0);
    expect(run.endedAtMs).toBeGreaterThanOrEqual(1000);
    expect(run.endedAtMs).toBeLessThan(1200);
  });

  it('users who neither think nor wait do not stop the clock', () => {
    const run = simulate(closed(2, deterministic(0), [station('s', 1, { room: 0 })], [serve('s', deterministic(10))]), { seconds: 1, warmupSeconds: 0 });
    expect(sourceOf(run).errorsByCause['s refused']).toBeGreaterThan(500);
  });

  it.each([
    ['renewal', arriving({ kind: 'renewal', cv2: 4 }, 0.5)],
    ['paced alone', arriving('deterministic', 0.5)],
    ['batch', arriving({ kind: 'batch', meanSize: 2 }, 0.5)],
  ])('theory knows the waits of %s arrivals, or says that it does not', (_, net) => expectHonest(net));
});

describe('laws of times', () => {
  const played = (duration: Distribution): { mean: number; cv2: number } => {
    const runs = SEEDS.map((seed) => sourceOf(simulate(network({ stations: [], body: [delay(duration)], rate: 1 }), { seconds: 5, seed })).latencyMs);
    const m = mean(runs.map((it) => it?.mean ?? Number.NaN));
    const square = mean(runs.map((it) => (it ? it.deviation * it.deviation + it.mean * it.mean : Number.NaN)));
    return { mean: m, cv2: square / (m * m) - 1 };
  };
  it.each([
    ['uniform', { kind: 'uniform', lowMs: 2, highMs: 6 }, 4, 16 / 12 / 16],
    ['uniform of no width', { kind: 'uniform', lowMs: 5, highMs: 5 }, 5, 0],
    ['empirical', { kind: 'empirical', timesMs: [1, 2, 9] }, 4, (1 + 4 + 81) / 3 / 16 - 1],
    ['empirical with weights', { kind: 'empirical', timesMs: [1, 2, 9, 100], weights: [5, 3, 2, 0] }, 2.9, (5 + 12 + 162) / 10 / 8.41 - 1],
    ['empirical of one', { kind: 'empirical', timesMs: [7] }, 7, 0],
  ] as const)('%s: mean and variation', (_, duration, exactMean, cv2) => {
    const found = played(duration);
    // 50,000 draws: three standard errors of the mean are 1.5%.
    expect(Math.abs(found.mean / exactMean - 1)).toBeLessThan(0.015);
    expect(Math.abs(found.cv2 - cv2)).toBeLessThan(0.03 * Math.max(1, cv2));
  });
  it('M/G/1 with listed services waits as Pollaczek and Khinchine say', () => {
    const service: Distribution = { kind: 'empirical', timesMs: [0.5, 2], weights: [2, 1] };
    expectKnown({
      name: '',
      theory: '',
      make: () => single(0.6, 1, service),
      units: 30_000,
      short: '1% of the wait needs 600,000 requests',
      expected: { Wq: [(0.6 * 1.5) / 2 / 0.4, Wq], Lq: [(0.36 * 1.5) / 2 / 0.4, Lq] },
    });
  });
});
