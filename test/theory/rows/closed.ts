import type { Distribution, Instruction, Network, Station } from '../../../src/model/network.ts';
import { caseOf } from '../cases.ts';
import { at, L, type Measure, source, T, utilisation, Wq } from '../measures.ts';
import { simulate } from '../../../src/simulator/index.ts';
import { deterministic, exponential, serve, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { row } from './make-row.ts';
import type { Story } from './stories.ts';

/** Users who think, send and wait for the answer. */
export const closed = (users: number, think: Distribution, stations: readonly Station[], body: readonly Instruction[]): Network => ({
  version: 1,
  groups: [],
  stations,
  programs: [{ id: 'main', body }],
  sources: [{ id: 'load', program: 'main', arrivals: 'poisson', share: 1, closed: { users, think }, patienceMs: null }],
});

/** What a closed source sends per unit of time: answers of a cut-off run would miss those under way. */
export const sent: Measure = (run) => source(run).offeredPerSecond / 1000;

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

/** Users without think time on a processor that they share under the Universal Scalability Law. */
const scalable = (users: number): Network => {
  const { alpha, beta, gamma } = caseOf('usl-specsdm91').params as { alpha: number; beta: number; gamma: number };
  const scalability = { contention: alpha, coherency: beta };
  return closed(users, deterministic(0), [station('s', null, { discipline: 'processorSharing', scalability })], [serve('s', exponential(1000 / gamma))]);
};

export const CLOSED: readonly Row[] = [
  row('mva-lazowska', lazowska, { X: sent, R: T, Q1: present('s1'), Q2: present('s2'), Q3: present('s3') }, 60_000, 500, { rate: 0.15 }),
  row(
    'finite-source',
    () => closed(60, exponential(1000), [station('s', 5)], [serve('s', exponential(100))]),
    { X: perSecond(sent), R: inSeconds(T), L, utilisation, Wq: inSeconds(Wq) },
    200_000,
    20_000,
    { rate: 0.048 },
  ),
  ...[1, 18, 72, 216].map((n) =>
    row('usl-specsdm91', () => scalable(n), { [`X(${n})`]: perSecond(sent) }, 15_000, 200, {
      variant: `${n} users`,
      rate: (caseOf('usl-specsdm91').expected[`X(${n})`] as number) / 1000,
    }),
  ),
];

/** Played throughputs lead back to the law's two coefficients, and those to the number of users with the most throughput, √((1 − α) / β) (Gunther). */
function peakOfLaw(): string[] {
  const { expected } = caseOf('usl-specsdm91');
  const played = [1, 72, 216].map((n) => sent(simulate(scalable(n), { seconds: 60, warmupSeconds: 1 }), scalable(n)));
  // N·X(1) / X(N) − 1 = (N − 1)·(α + β·N), so two of them give both.
  const [at72, at216] = [72, 216].map((n, index) => ((n * (played[0] as number)) / (played[index + 1] as number) - 1) / (n - 1)) as [number, number];
  const beta = (at216 - at72) / (216 - 72);
  const peak = Math.sqrt((1 - (at72 - 72 * beta)) / beta);
  // 5,400 requests of a single user make 1.4% of X(1), to which α + β·N are about as sensitive.
  return Math.abs(peak / (expected.N_peak as number) - 1) < 0.05 ? [] : [`the peak is at ${peak} users, not ${expected.N_peak}`];
}

export const CLOSED_STORIES: readonly Story[] = [{ id: 'usl-specsdm91', covers: ['N_peak'], tells: 'throughputs of 1, 72 and 216 users say where the peak is', tell: peakOfLaw }];
