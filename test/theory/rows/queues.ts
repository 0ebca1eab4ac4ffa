import { deterministic, exponential, law, network, serve, single, station } from '../networks.ts';
import { L, Lq, type Measure, source, T, T_p50, T_p95, T_p99, T_p999, utilisation, varianceInFlight, waited, Wq, Wq_p50, Wq_p95, Wq_p99 } from '../measures.ts';
import type { Row } from '../row.ts';
import { fastConstantServer, fastServer, ownLoad } from './companions.ts';
import { anyLaw, relaxed, row } from './make-row.ts';

const QUEUE = { T, Wq, L, Lq };
const MMC = { erlangC: waited, T, Wq, L, Lq, Wq_p95, Wq_p99 };
const MM1 = { T, Wq, L, Lq, Wq_p95, Wq_p99, P_wait: waited, utilisation, T_p50, T_p95, T_p99 };

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

/** Slopes by the law of service. */
const SHARED: Readonly<Record<string, Record<string, number>>> = {
  exponential: { T: 35.6, L: 30.6 },
  deterministic: { T: 35.2, L: 33.2 },
  lognormal: { T: 29.6, L: 24.8 },
};

export const QUEUES: readonly Row[] = [
  ...(
    [
      [0.5, 150_000, {}],
      [0.8, 800_000, {}],
      [0.95, 3_600_000, { T: 566, Wq: 566, L: 553, Lq: 552, T_p50: 352, T_p95: 1580, T_p99: 2950, Wq_p95: 1580, Wq_p99: 2960 }],
    ] as const
  ).map(([rate, requests, slopes]) =>
    row(`mm1-${rate}`, () => single(rate, 1), MM1, requests, relaxed(rate, 1), Object.keys(slopes).length > 0 ? { companion: ownLoad(rate, slopes) } : {}),
  ),
  ...(
    [
      [2, 0.8, 40_000, { erlangC: 1.22, T: 0.998, Wq: 0.975, L: 1.02, Lq: 0.972, Wq_p95: 0.992, Wq_p99: 0.972 }],
      [4, 0.9, 50_000, { erlangC: 1.98, T: 0.993, Wq: 0.987, L: 1, Lq: 0.987, Wq_p95: 0.978, Wq_p99: 0.983 }],
      [10, 0.9, 60_000, { erlangC: 2.86, T: 0.996, Wq: 0.977, L: 1.01, Lq: 0.975, Wq_p95: 0.953, Wq_p99: 0.995 }],
      [16, 0.7875, 260_000, { erlangC: 2.28, T: 0.93, Wq: 0.76, L: 1.07, Lq: 0.749, Wq_p95: 0.881, Wq_p99: 1.04 }],
      [50, 0.95, 400_000, { erlangC: 6.28, T: 0.969, Wq: 0.95, L: 1, Lq: 0.946, Wq_p95: 1.02, Wq_p99: 0.978 }],
      [500, 0.99, 2_000_000, { erlangC: 23.6, T: 0.986, Wq: 0.98, L: 1, Lq: 0.98, Wq_p95: 1.01, Wq_p99: 0.997 }],
    ] as const
  ).map(([servers, load, requests, slopes]) =>
    row(`mmc-${servers}-${load}`, () => single(servers * load, servers), MMC, requests, relaxed(servers * load, servers), {
      companion: fastServer(servers * load, servers, slopes),
      // A shorter run has too few busy periods of sixteen servers for a quantile to have its expectation.
      ...(servers === 16 && { quick: 40_000 }),
      ...(servers === 500 && { onlyLong: 'a short run sees one state of the queue, whose quantiles are not those of the law' }),
    }),
  ),
  row('md1-0.8', () => single(0.8, 1, deterministic()), QUEUE, 400_000, relaxed(0.8, 1, { cs2: 0 })),
  row('md1-0.95', () => single(0.95, 1, deterministic()), QUEUE, 1_300_000, relaxed(0.95, 1, { cs2: 0 }), { companion: ownLoad(0.95, { T: 254, Wq: 254, L: 252, Lq: 251 }) }),
  row('mh21-0.8', () => single(0.8, 1, law('hyperexponential', 4)), QUEUE, 1_500_000, relaxed(0.8, 1, { cs2: 4 }), {
    companion: ownLoad(0.8, { T: 80.6, Wq: 79.7, L: 67.1, Lq: 66.1 }),
  }),
  row('mg1-gamma-0.9', () => single(0.9, 1, law('gamma', 0.25)), QUEUE, 1_600_000, relaxed(0.9, 1, { cs2: 0.25 }), {
    companion: ownLoad(0.9, { T: 71.5, Wq: 71.3, L: 69.9, Lq: 68.9 }),
  }),
  row('md1-dist-0.8', () => single(0.8, 1, deterministic()), { W_p50: Wq_p50, W_p95: Wq_p95, W_p99: Wq_p99 }, 300_000, relaxed(0.8, 1, { cs2: 0 })),
  row('md1-dist-0.8', md1Probed, { P_W0: within(0), P_W_le_1: within(1), P_W_le_5: within(5) }, 100_000, relaxed(0.8, 1, { cs2: 0 }), { variant: 'probed' }),
  row('mdc-4', () => single(3.6, 4, deterministic()), { L, Wq, Lq }, 1_300_000, relaxed(3.6, 4, { cs2: 0 }), {
    companion: fastConstantServer(3.6, 4, { L: 1.03, Wq: 0.993, Lq: 0.988 }),
  }),
  row('mdc-10', () => single(9, 10, deterministic()), { L, Wq, Lq }, 1_600_000, relaxed(9, 10, { cs2: 0 }), {
    companion: fastConstantServer(9, 10, { L: 1.09, Wq: 0.986, Lq: 0.975 }),
  }),
  ...anyLaw.map(([variant, service]) =>
    row('mg1ps-0.8', () => single(0.8, 1, service, { discipline: 'processorSharing' }), { T, L }, variant === 'lognormal' ? 800_000 : 350_000, relaxed(0.8, 1, { cs2: 4 }), {
      variant,
      companion: ownLoad(0.8, SHARED[variant] as Record<string, number>),
    }),
  ),
  row('mg1ps-0.8', sharedBySize, { 'T_of_job_size_0.1': T_of('size 0.1'), T_of_job_size_3: T_of('size 3') }, 350_000, relaxed(0.8, 1), {
    variant: 'by size',
    rate: 0.8,
    companion: ownLoad(0.8, { 'T_of_job_size_0.1': 2.84, T_of_job_size_3: 56 }),
  }),
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
