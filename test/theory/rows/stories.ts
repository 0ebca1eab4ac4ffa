import type { Network } from '../../../src/model/network.ts';
import { type Run, simulate } from '../../../src/simulator/index.ts';
import { caseOf } from '../cases.ts';
import { at, source, T } from '../measures.ts';
import { deterministic, exponential, serve, single, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { row } from './make-row.ts';

/** The case counts seconds, the network milliseconds. */
const inSeconds = (ms: number | undefined): number => (ms ?? Number.NaN) / 1000;
const SPIKE_ENDS_MS = 40_000;

const fluidSpike = (): Network =>
  single(0, 1, deterministic(1), {}, undefined, {
    arrivals: 'deterministic',
    phases: [
      { fromMs: 0, perSecond: 800 },
      { fromMs: 10_000, perSecond: 2000 },
      { fromMs: SPIKE_ENDS_MS, perSecond: 800 },
    ],
  });

export const FIXED: readonly Row[] = [
  row(
    'burst-ddc',
    () => single(0, 8, deterministic(10), {}, undefined, { phases: [], burst: 1000 }),
    { makespan: (run) => inSeconds(run.endedAtMs), mean_T: (run) => inSeconds(T(run)), p99_T: (run) => inSeconds(source(run).latencyMs?.p99) },
    1000,
    0,
    { lasts: 1000, deterministic: true, options: { drainSeconds: Number.POSITIVE_INFINITY } },
  ),
  row(
    'spike-fluid',
    fluidSpike,
    {
      peak_backlog: (run) => Math.max(...run.series.map((it) => it.inFlight)),
      drain_seconds: (run) => inSeconds((run.series.find((it) => it.atMs > SPIKE_ENDS_MS + 1000 && it.inFlight <= 2)?.atMs ?? Number.NaN) - SPIKE_ENDS_MS),
      max_wait_s: (run) => inSeconds(at(run).wait?.max),
      requests_delayed: (run) => at(run).waitedShare * (at(run).wait?.count ?? 0),
    },
    212_000,
    0,
    { lasts: 220_000, deterministic: true, tolerance: 0.01, options: { seriesMs: 1000 } },
  ),
];

/** A case that several runs answer together. */
export interface Story {
  id: string;
  /** Names of the expected values that it speaks to. */
  covers: readonly string[];
  tells: string;
  /** What is wrong, a line each. */
  tell(): string[];
}

/** One retry after a timeout of a second, 300/s served, and a backlog of ten seconds at the start. */
const retriesOnce = (perSecond: number, capacity: number): Network => ({
  version: 1,
  groups: [],
  stations: [station('s', 1)],
  programs: [
    { id: 'main', body: [{ op: 'call', program: 'work', timeoutMs: 1000, retry: { times: 1 } }] },
    { id: 'work', body: [serve('s', exponential(1000 / capacity))] },
  ],
  sources: [
    { id: 'load', program: 'main', arrivals: 'poisson', share: 1, phases: [{ fromMs: 0, perSecond }], patienceMs: null },
    { id: 'trigger', program: 'work', arrivals: 'poisson', share: 0, phases: [], burst: 3000, patienceMs: null },
  ],
});

function bronson(): string[] {
  const { params, expected } = caseOf('metastable-bronson');
  const after = (perSecond: number, seconds: number): Run => simulate(retriesOnce(perSecond, params.capacity as number), { seconds: 1.5 * seconds, warmupSeconds: seconds });
  const wrong: string[] = [];
  const threshold = expected.recovery_threshold as number;
  const down = after(280, 200);
  if (!(source(down).goodputPerSecond < 280 * 0.01)) wrong.push(`280/s: goodput ${source(down).goodputPerSecond} instead of none`);
  const attempts = at(down).arrivals / down.seconds;
  if (!(Math.abs(attempts / (expected.amplified as number) - 1) < 0.01)) wrong.push(`280/s: ${attempts} attempts a second for ${expected.amplified}`);
  // Near the threshold both ways take long: the backlog shrinks by 300 − 2 · load a second.
  for (const [perSecond, recovers] of [
    [140, true],
    [threshold * 0.95, true],
    [threshold * 1.05, false],
  ] as const) {
    const share = source(after(perSecond, 400)).goodputPerSecond / perSecond;
    if (!(recovers ? Math.abs(share - 1) < 0.03 : share < 0.01)) wrong.push(`${perSecond}/s: goodput ${share} of what is offered`);
  }
  return wrong;
}

export const STORIES: readonly Story[] = [
  {
    id: 'metastable-bronson',
    covers: ['amplified', 'recovery_threshold', 'vulnerable_above'],
    tells: 'down at 280/s and 5% above half the capacity, back at 140/s and 5% below it',
    tell: bronson,
  },
];
