import type { Distribution } from '../../../src/model/network.ts';
import { erlangA, erlangB, erlangGaps, gim1, mg1, mmc, mmck, pacedGaps } from '../formulas.ts';
import { busy, expired, L, Lq, lost, reject, T, T_p99, throughput, utilisation, waited, Wq, Wq_p95, Wq_p99 } from '../measures.ts';
import { exponential, law, single } from '../networks.ts';
import type { Row } from '../row.ts';
import { fastServer, offeredWork, ownLoad } from './companions.ts';
import { anyLaw, relaxed } from './make-row.ts';

import { beyond } from './beyond.ts';

const QUEUE = { T, Wq, L, Lq };
const MMC = { ...QUEUE, P_wait: waited, Wq_p95, Wq_p99 };

const singles: readonly Row[] = [
  ...(
    [
      [1, 0.3, 60_000, {}],
      [1, 0.7, 300_000, {}],
      [3, 0.5, 200_000, {}],
      [8, 0.85, 60_000, { P_wait: 2.41, T: 0.974, Wq: 0.958, L: 1.02, Lq: 0.959, Wq_p95: 0.99, Wq_p99: 0.99 }],
      [20, 0.6, 300_000, {}],
    ] as const
  ).map(([servers, load, requests, slopes]) =>
    beyond(
      `M/M/${servers} at ${load}`,
      'Erlang C',
      () => single(servers * load, servers),
      () => mmc(servers * load, servers),
      load * servers > 11 ? { T, L } : MMC,
      requests,
      relaxed(servers * load, servers),
      Object.keys(slopes).length > 0 ? { companion: fastServer(servers * load, servers, slopes) } : {},
    ),
  ),
  ...(
    [
      ['gamma, cv² 0.5', 0.6, law('gamma', 0.5), 0.5, 120_000],
      ['gamma, cv² 3', 0.5, law('gamma', 3), 3, 400_000],
      ['lognormal, cv² 2', 0.5, law('lognormal', 2), 2, 500_000],
      ['hyperexponential, cv² 9', 0.4, law('hyperexponential', 9), 9, 900_000],
      ['uniform', 0.7, { kind: 'uniform', lowMs: 0, highMs: 2 }, 1 / 3, 200_000],
      ['listed times', 0.7, { kind: 'empirical', timesMs: [0.5, 1, 4], weights: [6, 3, 1] }, 0.25 * 0.6 + 0.3 + 1.6 - 1, 300_000],
    ] as readonly (readonly [string, number, Distribution, number, number])[]
  ).map(([name, load, service, cv2, requests]) =>
    beyond(
      `M/G/1 at ${load}, ${name}`,
      'Pollaczek-Khinchine',
      () => single(load, 1, service),
      () => mg1(load, cv2),
      QUEUE,
      requests,
      relaxed(load, 1, { cs2: cv2 }),
    ),
  ),
  ...([0.3, 0.9] as const).map((load) =>
    beyond(
      `M/M/1 processor sharing at ${load}`,
      'Kleinrock: as M/M/1',
      () => single(load, 1, exponential(), { discipline: 'processorSharing' }),
      () => mmc(load, 1),
      { T, L },
      load === 0.9 ? 1_500_000 : 40_000,
      relaxed(load, 1),
      load === 0.9 ? { companion: ownLoad(0.9, { T: 143, L: 134 }) } : {},
    ),
  ),
  // Exponential sharing of several cores has the numbers of M/M/c; nobody waits, so they are all in the response.
  beyond(
    'M/M/4 processor sharing at 0.8',
    'birth and death as M/M/c',
    () => single(3.2, 4, exponential(), { discipline: 'processorSharing' }),
    () => mmc(3.2, 4),
    { T, L },
    300_000,
    relaxed(3.2, 4),
    { companion: ownLoad(3.2, { T: 2.02, L: 7.24 }, busy) },
  ),
  beyond(
    'D/M/1 at 0.6',
    'GI/M/1',
    () => single(0.6, 1, exponential(), {}, undefined, { arrivals: 'deterministic' }),
    () => gim1(pacedGaps(0.6)),
    { sigma: waited, Wq, T, T_p99 },
    150_000,
    relaxed(0.6, 1, { ca2: 0 }),
  ),
  beyond(
    'E4/M/1 at 0.8',
    'GI/M/1',
    () => single(0.8, 1, exponential(), {}, undefined, { arrivals: { kind: 'renewal', cv2: 0.25 } }),
    () => gim1(erlangGaps(0.8, 4)),
    { sigma: waited, Wq, T, T_p99 },
    500_000,
    relaxed(0.8, 1),
    { companion: ownLoad(0.8, { Wq: 19.2, T: 20.3, T_p99: 128 }) },
  ),
];

const losses: readonly Row[] = [
  ...anyLaw.map(([variant, service]) =>
    beyond(
      'M/G/20/20 at 15',
      'Erlang B, insensitive',
      () => single(15, 20, service, { room: 0 }),
      () => ({ reject: erlangB(20, 15) }),
      { reject },
      500_000,
      100,
      { variant },
    ),
  ),
  ...(
    [
      [3, 8, 4, 80_000, null],
      [1, 5, 1.5, 60_000, null],
      [20, 30, 18, 900_000, 0.014],
    ] as const
  ).map(([servers, capacity, rate, requests, slope]) =>
    beyond(
      `M/M/${servers}/${capacity} at ${rate}`,
      'birth and death',
      () => single(rate, servers, exponential(), { room: capacity - servers }),
      () => mmck(rate, servers, capacity),
      { reject, throughput, L, Lq, Wq, T, utilisation },
      requests,
      200,
      slope === null ? {} : { companion: ownLoad(rate, { reject: slope }, offeredWork) },
    ),
  ),
  beyond(
    'M/M/3+M at 4, patience 1',
    'Palm 1957',
    () => single(4, 3, exponential(), {}, exponential()),
    () => erlangA(4, 3, 1),
    { P_abandon: expired, throughput, Lq },
    120_000,
    50,
  ),
  beyond(
    'M/M/1 at 0.6, clients leave after 5',
    'sojourn is Exp(μ − λ)',
    () => single(0.6, 1, exponential(), {}, undefined, { patienceMs: 5 }),
    () => ({ late: Math.exp(-0.4 * 5) }),
    { late: lost },
    700_000,
    relaxed(0.6, 1),
    { companion: ownLoad(0.6, { late: 1.06 }, busy) },
  ),
];

export const BEYOND_QUEUES: readonly Row[] = [...singles, ...losses];
