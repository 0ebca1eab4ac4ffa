import { deterministic, exponential, law, network, serve, single, station } from '../networks.ts';
import { L, Lq, type Measure, source, T, T_p50, T_p95, T_p99, T_p999, utilisation, varianceInFlight, waited, Wq, Wq_p50, Wq_p95, Wq_p99 } from '../measures.ts';
import { log } from '../../../src/simulator/arithmetic.ts';
import type { Companion, Row } from '../row.ts';
import { anyLaw, relaxed, row } from './make-row.ts';

const QUEUE = { T, Wq, L, Lq };
const MMC = { erlangC: waited, T, Wq, L, Lq, Wq_p95, Wq_p99 };
const MM1 = { T, Wq, L, Lq, Wq_p95, Wq_p99, P_wait: waited, utilisation, T_p50, T_p95, T_p99 };

/**
 * One server as fast as all of M/M/c together, fed by the same customers: while all servers are busy both queues move alike. Its wait is exponential with 1 / (c − λ)
 * behind probability ρ (Kleinrock vol. 1 ch. 3). The slopes are those of forty seeds beyond the judge's (`long/pilot.ts slopes`).
 */
function fastServer(rate: number, servers: number, slopes: Readonly<Record<keyof typeof MMC, number>>): Companion {
  const load = rate / servers;
  const wait = load / (servers - rate);
  const quantile = (tail: number): number => log(load / tail) / (servers - rate);
  const exact = { erlangC: load, T: wait, Wq: wait, L: rate * wait, Lq: rate * wait, Wq_p95: quantile(0.05), Wq_p99: quantile(0.01) };
  const by = { ...MMC, T: Wq, L: Lq };
  const names = Object.keys(MMC) as (keyof typeof MMC)[];
  return {
    make: () => single(rate, 1, exponential(1 / servers)),
    steadies: Object.fromEntries(names.map((name) => [name, { by: by[name], exact: exact[name], slope: slopes[name] }])),
  };
}

const T_of =
  (id: string): Measure =>
  (run) =>
    source(run, id).latencyMs?.mean ?? Number.NaN;

/** Poisson askers who need no time of the server and leave if it would let them wait longer than a limit: the share that goes on is P(W ≤ limit), and nobody notices them. */
const probe = (limit: number) => ({ id: `within ${limit}`, body: [serve('s', deterministic(0), limit)] });
const probing = (limit: number) => ({
  id: `within ${limit}`,
  program: `within ${limit}`,
  arrivals: 'poisson' as const,
  share: 0,
  phases: [{ fromMs: 0, perSecond: 800 }],
  patienceMs: null,
});
const within =
  (limit: number): Measure =>
  (run) =>
    source(run, `within ${limit}`).goodputPerSecond / source(run, `within ${limit}`).offeredPerSecond;

function md1Probed() {
  const alone = single(0.8, 1, deterministic());
  const limits = [0, 1, 5];
  return { ...alone, programs: [...alone.programs, ...limits.map(probe)], sources: [...alone.sources, ...limits.map(probing)] };
}

/** Load 0.8 and mean 1 in all, a tenth of the jobs of each of two known sizes. */
function sharedBySize() {
  const sizes = { 'size 0.1': 0.1, 'size 3': 3 };
  const often = 0.08;
  const rest = 0.8 - 2 * often;
  const alone = single(rest, 1, exponential((0.8 - often * 3.1) / rest), { discipline: 'processorSharing' });
  return {
    ...alone,
    programs: [...alone.programs, ...Object.entries(sizes).map(([id, size]) => ({ id, body: [serve('s', deterministic(size))] }))],
    sources: [
      ...alone.sources,
      ...Object.keys(sizes).map((id) => ({ id, program: id, arrivals: 'poisson' as const, share: 0, phases: [{ fromMs: 0, perSecond: often * 1000 }], patienceMs: null })),
    ],
  };
}

export const QUEUES: readonly Row[] = [
  ...(
    [
      [0.5, 150_000],
      [0.8, 800_000],
      [0.95, 6_000_000],
    ] as const
  ).map(([rate, requests]) => row(`mm1-${rate}`, () => single(rate, 1), MM1, requests, relaxed(rate, 1))),
  ...(
    [
      [2, 0.8, 1_200_000],
      [4, 0.9, 2_200_000],
      [10, 0.9, 2_500_000],
      [16, 0.7875, 2_400_000],
    ] as const
  ).map(([servers, load, requests]) => row(`mmc-${servers}-${load}`, () => single(servers * load, servers), MMC, requests, relaxed(servers * load, servers))),
  ...(
    [
      [50, 0.95, 600_000, { erlangC: 6.28, T: 0.969, Wq: 0.95, L: 1, Lq: 0.946, Wq_p95: 1.02, Wq_p99: 0.978 }],
      [500, 0.99, 2_000_000, { erlangC: 23.6, T: 0.986, Wq: 0.98, L: 1, Lq: 0.98, Wq_p95: 1.01, Wq_p99: 0.997 }],
    ] as const
  ).map(([servers, load, requests, slopes]) =>
    row(`mmc-${servers}-${load}`, () => single(servers * load, servers), MMC, requests, relaxed(servers * load, servers), {
      companion: fastServer(servers * load, servers, slopes),
      ...(servers === 500 && { onlyLong: 'a short run sees one state of the queue, whose quantiles are not those of the law' }),
    }),
  ),
  row('md1-0.8', () => single(0.8, 1, deterministic()), QUEUE, 400_000, relaxed(0.8, 1, { cs2: 0 })),
  row('md1-0.95', () => single(0.95, 1, deterministic()), QUEUE, 2_200_000, relaxed(0.95, 1, { cs2: 0 })),
  row('mh21-0.8', () => single(0.8, 1, law('hyperexponential', 4)), QUEUE, 1_500_000, relaxed(0.8, 1, { cs2: 4 })),
  row('mg1-gamma-0.9', () => single(0.9, 1, law('gamma', 0.25)), QUEUE, 1_600_000, relaxed(0.9, 1, { cs2: 0.25 })),
  row('md1-dist-0.8', () => single(0.8, 1, deterministic()), { W_p50: Wq_p50, W_p95: Wq_p95, W_p99: Wq_p99 }, 300_000, relaxed(0.8, 1, { cs2: 0 })),
  row('md1-dist-0.8', md1Probed, { P_W0: within(0), P_W_le_1: within(1), P_W_le_5: within(5) }, 100_000, relaxed(0.8, 1, { cs2: 0 }), { variant: 'probed' }),
  row('mdc-4', () => single(3.6, 4, deterministic()), { L, Wq, Lq }, 1_300_000, relaxed(3.6, 4, { cs2: 0 })),
  row('mdc-10', () => single(9, 10, deterministic()), { L, Wq, Lq }, 1_600_000, relaxed(9, 10, { cs2: 0 })),
  ...anyLaw.map(([variant, service]) =>
    row('mg1ps-0.8', () => single(0.8, 1, service, { discipline: 'processorSharing' }), { T, L }, variant === 'lognormal' ? 2_900_000 : 700_000, relaxed(0.8, 1, { cs2: 4 }), {
      variant,
    }),
  ),
  row('mg1ps-0.8', sharedBySize, { 'T_of_job_size_0.1': T_of('size 0.1'), T_of_job_size_3: T_of('size 3') }, 700_000, relaxed(0.8, 1), { variant: 'by size', rate: 0.8 }),
  ...anyLaw.map(([variant]) =>
    row(
      'mginf',
      () =>
        network({
          stations: [station('s', null)],
          body: [serve('s', variant === 'lognormal' ? law('lognormal', 4, 2) : variant === 'deterministic' ? deterministic(2) : exponential(2))],
          rate: 50,
        }),
      { L, var_in_system: varianceInFlight },
      500_000,
      100,
      { variant },
    ),
  ),
  row(
    'lognormal-quantiles',
    () => network({ stations: [], body: [{ op: 'delay', duration: law('lognormal', 4, 20) }], rate: 1 }),
    { p50: T_p50, p95: T_p95, p99: T_p99, p999: T_p999 },
    300_000,
    0,
    {
      tolerance: 0.01,
    },
  ),
];
