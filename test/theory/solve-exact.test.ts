import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution, Instruction, Network, Station } from '../../src/model/network.ts';
import { type Solution, simulate, solve } from '../../src/simulator/index.ts';
import { caseOf } from './cases.ts';
import { deterministic, exponential, law, network, serve, single, station } from './networks.ts';
import { closed } from './rows/closed.ts';
import { breaking } from './rows/faults.ts';
import { classes } from './rows/priorities.ts';

type Measure = (solution: Solution) => number | null | undefined;
const T: Measure = (it) => it.sources[0]?.latencyMs?.mean;
const T_p99: Measure = (it) => it.sources[0]?.latencyMs?.p99;
const Wq: Measure = (it) => it.stations[0]?.meanWaitMs;
const X: Measure = (it) => (it.sources[0]?.offeredPerSecond ?? 0) / 1000;
const present =
  (at: number): Measure =>
  (it) =>
    (it.stations[at]?.meanQueue ?? 0) + (it.stations[at]?.utilisation ?? 0);

const { N, Z, D } = caseOf('mva-lazowska').params as { N: number; Z: number; D: readonly number[] };
const usl = caseOf('usl-specsdm91').params as { alpha: number; beta: number; gamma: number };
const scalable = (users: number): Network =>
  closed(
    users,
    deterministic(0),
    [station('s', null, { discipline: 'processorSharing', scalability: { contention: usl.alpha, coherency: usl.beta } })],
    [serve('s', exponential(1000 / usl.gamma))],
  );

const ROWS: readonly [string, () => Network, Readonly<Record<string, Measure>>][] = [
  ['dm1-0.8', () => single(0.8, 1, exponential(), {}, undefined, { arrivals: 'deterministic' }), { Wq, T, T_p99 }],
  [
    'e2m1-0.8',
    () => network({ groups: [{ id: 'g', instances: 2, balancer: 'roundRobin' }], stations: [station('s', 1, { group: 'g' })], group: 'g', body: [serve('s')], rate: 1.6 }),
    { Wq, T, T_p99 },
  ],
  ['h2m1-0.8', () => single(0.8, 1, exponential(), {}, undefined, { arrivals: { kind: 'renewal', cv2: 4 } }), { Wq, T, T_p99 }],
  [
    'mmpp-m1',
    () =>
      single(0.8, 1, exponential(), {}, undefined, {
        arrivals: {
          kind: 'mmpp',
          states: [
            { factor: 0.25, meanMs: 50 },
            { factor: 1.75, meanMs: 50 },
          ],
        },
      }),
    { T },
  ],
  ['breakdown-m1', () => breaking(0.6, 0.01, 0.1), { T }],
  ['prio-2class', () => classes(1, [0.3, exponential()], [0.5, exponential()]), { Wq_high: (it) => (T(it) ?? 0) - 1, Wq_low: (it) => (it.sources[1]?.latencyMs?.mean ?? 0) - 1 }],
  [
    'erlang-a-10-12',
    () => ({ ...single(12, 10), programs: [{ id: 'main', body: [patient('s', exponential(2))] }] }),
    { P_abandon: (it) => it.stations[0]?.expiredShare, Lq: (it) => it.stations[0]?.meanQueue },
  ],
  [
    'mva-lazowska',
    () =>
      closed(
        N,
        exponential(Z),
        D.map((_, index) => station(`s${index + 1}`, 1)),
        D.map((demand, index) => serve(`s${index + 1}`, exponential(demand))),
      ),
    { X, R: T, Q1: present(0), Q2: present(1), Q3: present(2) },
  ],
  [
    'finite-source',
    () => closed(60, exponential(1000), [station('s', 5)], [serve('s', exponential(100))]),
    { X: (it) => it.sources[0]?.offeredPerSecond, R: (it) => (T(it) ?? 0) / 1000, utilisation: (it) => it.stations[0]?.utilisation, Wq: (it) => (Wq(it) ?? 0) / 1000 },
  ],
  ...[1, 18, 72, 216].map((users): [string, () => Network, Readonly<Record<string, Measure>>] => [
    'usl-specsdm91',
    () => scalable(users),
    { [`X(${users})`]: (it) => it.sources[0]?.offeredPerSecond },
  ]),
];

function patient(id: string, patience: Distribution): Instruction {
  return { op: 'serve', station: id, service: exponential(), waitLimitMs: patience };
}

describe('single queues and closed networks against exact values', () => {
  it.each(ROWS)('%s', (id, make, measures) => {
    const solution = solve(make());
    const expected = caseOf(id).expected as Readonly<Record<string, number>>;
    expect(solution.validity).toEqual({ kind: 'exact' });
    for (const [name, measure] of Object.entries(measures)) {
      const exact = expected[name] as number;
      expect(exact, `${id} has no ${name}`).toBeDefined();
      expect(Math.abs((measure(solution) ?? Number.NaN) / exact - 1), `${name}: ${measure(solution)} for ${exact}`).toBeLessThan(1e-6);
    }
  });

  it('GI/M/c with Poisson arrivals is M/M/c, with batches of one M/M/1, with a modulated stream of one rate M/M/1', () => {
    const renewal = (cv2: number, rate: number, servers: number) => T(solve(single(rate, servers, exponential(), {}, undefined, { arrivals: { kind: 'renewal', cv2 } })));
    expect(renewal(1, 3, 4)).toBeCloseTo(T(solve(single(3, 4))) ?? 0, 5);
    expect(renewal(1, 9, 10)).toBeCloseTo(T(solve(single(9, 10))) ?? 0, 5);
    expect(T(solve(single(0.7, 1, exponential(), {}, undefined, { arrivals: { kind: 'batch', meanSize: 1 } })))).toBeCloseTo(T(solve(single(0.7, 1))) ?? 0, 9);
    expect(
      T(
        solve(
          single(0.7, 1, exponential(), {}, undefined, {
            arrivals: {
              kind: 'mmpp',
              states: [
                { factor: 1, meanMs: 5 },
                { factor: 1, meanMs: 9 },
              ],
            },
          }),
        ),
      ),
    ).toBeCloseTo(T(solve(single(0.7, 1))) ?? 0, 6);
  });

  it('without a steady state there is no latency', () => {
    expect(solve(single(1.2, 1, exponential(), {}, undefined, { arrivals: { kind: 'renewal', cv2: 4 } }))).toMatchObject({ stable: false, sources: [{ latencyMs: null }] });
    expect(solve(classes(1, [0.7, exponential()], [0.5, exponential()]))).toMatchObject({ stable: false, validity: { kind: 'throughputOnly' } });
  });
});

const RUNS = 5;
const REQUESTS = 8000;
/** Student's t for 4 degrees of freedom at 99%, and a little for what is left of the warm-up. */
const INTERVAL = 4.6;
const BIAS = 0.01;

/** The mean response of a network that `solve` calls exact, played: within the 99% interval? */
function agrees(net: Network, perSecond?: number): void {
  const solution = solve(net, perSecond);
  expect(solution.validity).toEqual({ kind: 'exact' });
  const rate = solution.sources.reduce((sum, it) => sum + it.offeredPerSecond, 0);
  const means = Array.from({ length: RUNS }, (_, run) => {
    const played = simulate(net, { seconds: REQUESTS / rate, seed: run + 1, ...(perSecond !== undefined && { perSecond }) });
    return played.sources[0]?.latencyMs?.mean ?? Number.NaN;
  });
  const mean = means.reduce((sum, it) => sum + it, 0) / RUNS;
  const error = Math.sqrt(means.reduce((sum, it) => sum + (it - mean) * (it - mean), 0) / (RUNS - 1) / RUNS);
  expect(Math.abs((T(solution) ?? Number.NaN) - mean), `${T(solution)} for ${mean} ± ${error}`).toBeLessThan(INTERVAL * error + BIAS * mean);
}

describe('what solve calls exact is what is played', () => {
  const stations = fc.array(
    fc.record({
      servers: fc.integer({ min: 1, max: 5 }),
      shares: fc.boolean(),
      load: fc.double({ min: 0.2, max: 0.7, noNaN: true }),
      fed: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  it('networks of Jackson and BCMP: several stations, feedback, branches', () =>
    fc.assert(
      fc.property(stations, (list) => {
        const body = list.flatMap((it, at): Instruction[] => {
          const visits = 1 + it.fed;
          const mean = (it.load * it.servers) / visits;
          const visit = serve(`s${at}`, it.shares ? law('lognormal', 2, mean) : exponential(mean));
          return [visit, { op: 'branch', probability: it.fed, taken: [visit], otherwise: [] }];
        });
        const all: Station[] = list.map((it, at) => station(`s${at}`, it.servers, it.shares ? { discipline: 'processorSharing' } : {}));
        agrees(network({ stations: all, body, rate: 1 }));
      }),
      { seed: 1, numRuns: 6 },
    ));

  it('single queues: other arrivals, other laws, little room, patience', () => {
    agrees(single(2.2, 3, exponential(), {}, undefined, { arrivals: 'deterministic' }));
    agrees(single(1.4, 2, exponential(), {}, undefined, { arrivals: { kind: 'renewal', cv2: 3 } }));
    agrees(single(0.6, 1, exponential(), {}, undefined, { arrivals: { kind: 'batch', meanSize: 3 } }));
    agrees(single(0.6, 1, law('gamma', 0.3)));
    agrees(single(3, 3, exponential(), { room: 4 }));
    agrees({ ...single(5, 4), programs: [{ id: 'main', body: [patient('s', exponential(1.5))] }] });
    agrees(classes(2, [0.6, exponential()], [0.8, exponential()]));
    agrees(classes(1, [0.3, deterministic()], [0.2, law('hyperexponential', 2, 2)]));
  });
});
