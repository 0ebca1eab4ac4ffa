import type { Distribution, Instruction, Network, Station } from '../../../src/model/network.ts';
import { caseOf } from '../cases.ts';
import { at, goodput, L, type Measure, T, utilisation, Wq } from '../measures.ts';
import { exponential, serve, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { row } from './make-row.ts';

/** Users who think, send and wait for the answer. */
export const closed = (users: number, think: Distribution, stations: readonly Station[], body: readonly Instruction[]): Network => ({
  version: 1,
  groups: [],
  stations,
  programs: [{ id: 'main', body }],
  sources: [{ id: 'load', program: 'main', arrivals: 'poisson', share: 1, closed: { users, think }, patienceMs: null }],
});

const present =
  (id: string): Measure =>
  (run) =>
    at(run, id).meanBusy + at(run, id).meanQueue;

/** A case in seconds, played in milliseconds. */
const inSeconds =
  (measure: Measure): Measure =>
  (run, net) =>
    measure(run, net) / 1000;
const perSecond =
  (measure: Measure): Measure =>
  (run, net) =>
    measure(run, net) * 1000;

const lazowska = (): Network => {
  const { N, Z, D } = caseOf('mva-lazowska').params as { N: number; Z: number; D: readonly number[] };
  return closed(
    N,
    exponential(Z),
    D.map((_, index) => station(`s${index + 1}`, 1)),
    D.map((demand, index) => serve(`s${index + 1}`, exponential(demand))),
  );
};

export const CLOSED: readonly Row[] = [
  row('mva-lazowska', lazowska, { X: goodput, R: T, Q1: present('s1'), Q2: present('s2'), Q3: present('s3') }, 200_000, 500, { rate: 0.15 }),
  row(
    'finite-source',
    () => closed(60, exponential(1000), [station('s', 5)], [serve('s', exponential(100))]),
    { X: perSecond(goodput), R: inSeconds(T), L, utilisation, Wq: inSeconds(Wq) },
    120_000,
    20_000,
    { rate: 0.048 },
  ),
];
