import type { Instruction, Network } from '../../../src/model/network.ts';
import { balancedGaps, che, fixedPatience, mdc, modulated, retrialOrbit, retrials, shorterOfTwoPicked, slowestOf, tokenBucket } from '../chains.ts';
import { erlangB, gim1, mg1, mmc, nestedPossession } from '../formulas.ts';
import { at, busy, expired, goodput, L, Lq, lost, reject, T, T_p99, throughput, utilisation, waitAt, waited, waitedAt, Wq } from '../measures.ts';
import { delay, deterministic, exponential, hold, law, network, serve, single, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { split } from './arrivals.ts';
import { beyond } from './beyond.ts';
import { beside, fastConstantServer, offered, ownLoad } from './companions.ts';
import { cached, hitShare } from './caches.ts';
import { relaxed } from './make-row.ts';
import { attempts, limited, orbit, refusedBy, refusedFirst, retrial } from './policies.ts';

/** The book's families once more, with parameters that were written down before anything was played. */

const queues: readonly Row[] = [
  ...(
    [
      [2, 0.7, 200_000, { L: 1.17, Wq: 0.993, Lq: 0.978 }],
      [6, 0.5, 500_000, { L: 2.82, Wq: 0.611, Lq: 0.524 }],
      [30, 0.9, 1_300_000, { L: 1.18, Wq: 0.919, Lq: 0.904 }],
    ] as const
  ).map(([servers, load, requests, slopes]) =>
    beyond(
      `M/D/${servers} at ${load}`,
      'Crommelin 1932',
      () => single(load * servers, servers, deterministic()),
      () => mdc(load * servers, servers),
      { L, Wq, Lq },
      requests,
      relaxed(load * servers, servers, { cs2: 0 }),
      { companion: fastConstantServer(load * servers, servers, slopes) },
    ),
  ),
  ...(
    [
      [50, 0.3, 30_000],
      [50, 0.9, 200_000],
    ] as const
  ).map(([servers, load, requests]) =>
    beyond(
      `M/M/${servers} at ${load}`,
      'Erlang C',
      () => single(load * servers, servers),
      () => mmc(load * servers, servers),
      { T, L },
      requests,
      relaxed(load * servers, servers),
    ),
  ),
  beyond(
    'M/G/1 at 0.05, gamma, cv² 8',
    'Pollaczek-Khinchine',
    () => single(0.05, 1, law('gamma', 8)),
    () => mg1(0.05, 8),
    { T, L },
    300_000,
    relaxed(0.05, 1, { cs2: 8 }),
  ),
  beyond(
    'M/G/1 processor sharing at 0.5, lognormal, cv² 10',
    'insensitive',
    () => single(0.5, 1, law('lognormal', 10), { discipline: 'processorSharing' }),
    () => mmc(0.5, 1),
    { T, L },
    250_000,
    relaxed(0.5, 1, { cs2: 10 }),
  ),
  beyond(
    'H2/M/1 at 0.5, cv² 9',
    'GI/M/1',
    () => single(0.5, 1, exponential(), {}, undefined, { arrivals: { kind: 'renewal', cv2: 9 } }),
    () => gim1(balancedGaps(0.5, 9)),
    { sigma: waited, Wq, T, T_p99 },
    350_000,
    relaxed(0.5, 1, { ca2: 9 }),
    { quick: 60_000 },
  ),
  beyond(
    'MMPP/M/1, rates 0.2 and 1.1',
    'matrix-geometric (Neuts 1981)',
    () =>
      single(0.5, 1, exponential(), {}, undefined, {
        arrivals: {
          kind: 'mmpp',
          states: [
            { factor: 0.4, meanMs: 100 },
            { factor: 2.2, meanMs: 50 },
          ],
        },
      }),
    () => modulated([0.2, 1.1], [0.01, 0.02]),
    { L, T, P_empty: (run) => 1 - utilisation(run) },
    1_200_000,
    5000,
    { companion: ownLoad(0.5, { L: 23.9, T: 29.7 }) },
  ),
  beyond(
    'shorter of two picked of 500, at 0.7',
    'Mitzenmacher 1996',
    () => split('powerOfTwo', 500, 350),
    () => ({ T: shorterOfTwoPicked(0.7) }),
    { T },
    100_000,
    40,
    { tolerance: 0.015, quick: 50_000, note: 'the limit of many servers' },
  ),
];

const patience: readonly Row[] = [
  ...(
    [
      [1, 0.5, 2, 60_000],
      [3, 3.3, 1, 80_000],
      [20, 18, 0.25, 700_000],
    ] as const
  ).map(([servers, rate, limit, requests]) =>
    beyond(
      `M/M/${servers}+D at ${rate}, patience ${limit}`,
      'Barrer 1957',
      () => single(rate, servers, exponential(), {}, limit),
      () => fixedPatience(rate, servers, limit),
      { P_timeout: expired, throughput, utilisation },
      requests,
      50,
    ),
  ),
  ...(['lognormal', 'gamma'] as const).map((kind) =>
    beyond(
      'M/G/4/4 at 3, cv² 10',
      'Erlang B, insensitive',
      () => single(3, 4, law(kind, 10), { room: 0 }),
      () => ({ reject: erlangB(4, 3) }),
      { reject },
      120_000,
      50,
      { variant: kind },
    ),
  ),
  ...(
    [
      [0.5, 3, 250_000, null],
      [0.95, 20, 3_200_000, 0.2],
      [1.2, 8, 60_000, null],
    ] as const
  ).map(([rate, burst, requests, slope]) =>
    beyond(
      `a bucket of ${burst}, ${rate} asked for`,
      'M/D/1 with balking (Erlang 1909)',
      () => limited(rate, { kind: 'tokenBucket', perSecond: 1000, burst } as never),
      () => tokenBucket(rate, burst),
      { P_reject: refusedBy, accepted_rate: goodput },
      requests,
      500,
      slope === null ? {} : { companion: ownLoad(rate, { P_reject: slope }, offered) },
    ),
  ),
  ...(
    [
      [0.3, 0.5, 150_000],
      [0.65, 4, 250_000],
    ] as const
  ).map(([rate, pause, requests]) =>
    beyond(
      `M/M/1 without a queue at ${rate}, tries again after ${pause}`,
      'Falin and Templeton 1997',
      () => retrial(rate, 1, 0, pause, 1),
      () => ({ mean_orbit: retrialOrbit(rate, pause), P_busy: rate }),
      { mean_orbit: orbit, P_busy: busy },
      requests,
      200,
    ),
  ),
  beyond(
    'M/M/3/5 at 2.4, tries again after 2 with probability .7',
    'Markov chain of (there, pausing)',
    () => retrial(2.4, 3, 2, 2, 0.7),
    () => retrials(2.4, 3, 5, 2, 0.7),
    { mean_orbit: orbit, busy, P_full_seen_by_fresh: refusedFirst, attempt_rate: attempts },
    350_000,
    100,
  ),
];

const leaves = (n: number, leaf: readonly Instruction[]): Network =>
  network({ stations: [], body: [{ op: 'parallel', branches: Array.from({ length: n }, () => leaf) }], rate: 0.001, source: { patienceMs: 50 } });

const work: readonly Instruction[] = [delay(exponential()), serve('s', exponential(1.6))];
const released = (): Network => network({ stations: [station('s', 3)], body: work, rate: 1.5 });

const structures: readonly Row[] = [
  beyond(
    'eight threads held around three connections',
    'Markov chain of (present, at the database)',
    () => network({ stations: [station('threads', 8), station('s', 3)], body: [hold('threads', ...work)], rate: 1.5 }),
    () => nestedPossession(1.5, 8, 3, 1, 1.6, 300),
    { T, threads_busy: (run) => at(run, 'threads').meanBusy, wait_for_thread: waitAt('threads'), P_threads_exhausted: waitedAt('threads') },
    600_000,
    relaxed(1.5, 3, { mean: 1.6 }),
    { companion: beside(released, T, mmc(2.4, 3).T * 1.6 + 1, { T: 1, wait_for_thread: 0.816, P_threads_exhausted: 0.0845 }) },
  ),
  beyond(
    'fan-out to 5 idle leaves',
    'harmonic numbers',
    () => leaves(5, [delay(exponential())]),
    () => ({ T: slowestOf(5) }),
    { T },
    1500,
    0,
  ),
  beyond(
    'fan-out to 20, each slow in one of 50 cases',
    'complement of none',
    () => leaves(20, [{ op: 'branch', probability: 0.02, taken: [delay(deterministic(100))], otherwise: [] }]),
    () => ({ P_slow: 1 - 0.98 ** 20 }),
    { P_slow: lost },
    6000,
    0,
  ),
  beyond(
    'LRU of 200 of 2000 keys, Zipf 0.7',
    'Che et al. 2002',
    () => cached({ keys: 2000, zipf: 0.7, capacity: 200 }, 1),
    () => ({ hit_ratio: che(2000, 0.7, 200) }),
    { hit_ratio: hitShare },
    100_000,
    4000,
  ),
];

export const BEYOND_CHAINS: readonly Row[] = [...queues, ...patience, ...structures];
