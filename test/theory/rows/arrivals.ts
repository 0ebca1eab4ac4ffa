import type { Network } from '../../../src/model/network.ts';
import { exponential, network, serve, single, station } from '../networks.ts';
import { busy, L, T, T_p99, waited, Wq } from '../measures.ts';
import type { Row } from '../row.ts';
import { fastServer, ownLoad } from './companions.ts';
import { relaxed, row } from './make-row.ts';

/** `instances` M/M/1 behind a balancer. */
export const split = (balancer: Network['groups'][number]['balancer'], instances: number, rate: number): Network =>
  network({ groups: [{ id: 'g', instances, balancer }], stations: [station('s', 1, { group: 'g' })], group: 'g', body: [serve('s')], rate });

/** The root σ of GI/M/1 is the share of customers who find the server busy. */
export const ARRIVALS: readonly Row[] = [
  row('dm1-0.8', () => single(0.8, 1, exponential(), {}, undefined, { arrivals: 'deterministic' }), { sigma: waited, Wq, T, T_p99 }, 400_000, relaxed(0.8, 1, { ca2: 0 })),
  row('e2m1-0.8', () => split('roundRobin', 2, 1.6), { sigma: waited, Wq, T, T_p99 }, 900_000, relaxed(0.8, 1), {
    companion: ownLoad(1.6, { Wq: 10.7, T: 11.1, T_p99: 74.7 }, busy),
  }),
  row('split-2', () => split('random', 2, 1.8), { T_random: T }, 2_000_000, relaxed(0.9, 1), { variant: 'random', companion: ownLoad(1.8, { T_random: 86.2 }, busy) }),
  row('split-2', () => single(1.8, 2), { T_pooled: T }, 100_000, relaxed(1.8, 2), { variant: 'pooled', companion: fastServer(1.8, 2, { T_pooled: 1 }) }),
  row('split-3', () => split('random', 3, 2.7), { T_random: T }, 2_000_000, relaxed(0.9, 1), { variant: 'random', companion: ownLoad(2.7, { T_random: 35.8 }, busy) }),
  row('split-3', () => single(2.7, 3), { T_pooled: T }, 100_000, relaxed(2.7, 3), { variant: 'pooled', companion: fastServer(2.7, 3, { T_pooled: 1 }) }),
  row(
    'h2m1-0.8',
    () => single(0.8, 1, exponential(), {}, undefined, { arrivals: { kind: 'renewal', cv2: 4 } }),
    { sigma: waited, Wq, T, T_p99 },
    2_000_000,
    relaxed(0.8, 1, { ca2: 4 }),
  ),
  row(
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
    { L, T, P_empty: (run) => 1 - (run.stations[0]?.utilisation ?? Number.NaN) },
    2_800_000,
    20_000,
    { companion: ownLoad(0.8, { L: 220, T: 219 }) },
  ),
  row('jsq2-0.9', () => split('powerOfTwo', 500, 450), { T }, 200_000, 100, {
    variant: 'two choices',
    tolerance: 0.015,
    note: 'the case is the limit of many servers',
  }),
  row('jsq2-0.9', () => split('random', 20, 18), { T_random_d1: T }, 1_500_000, relaxed(0.9, 1), {
    variant: 'random',
    companion: ownLoad(18, { T_random_d1: 5.82 }, busy),
    onlyLong: 'slow to fill; split-2 and split-3 ask the same of two and three',
    note: 'dealt at random, any number of servers has the same response',
  }),
];
