import type { Network } from '../../src/model/network.ts';
import { type Checks, type SimulateOptions, simulate } from '../../src/simulator/index.ts';
import { type Case, caseOf } from './cases.ts';
import type { Measure } from './measures.ts';

/** Fixed once and for all, never chosen: a case that fails is looked into, not run with others. */
export const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
export const MEAN_TOLERANCE = 0.01;
export const QUANTILE_TOLERANCE = 0.02;

/** One model that a case's numbers are held against. */
export interface Row {
  id: string;
  /** The expected values and where they come from, where the row asks something that no case of the book does. */
  known?: Pick<Case, 'expected' | 'source'>;
  /** Which variant of the case, where it has several. */
  variant?: string;
  /** `scale`: what share of the requests is played, for a model that makes itself smaller instead of playing for a shorter time (`lasts`). */
  make: (scale: number) => Network;
  /** Expected value by its name in the case, and how it is read from a run. */
  measures: Readonly<Record<string, Measure>>;
  /** Measured requests per seed at scale 1, about as many as are needed. A pilot plays a sixteenth of them and says how many the row is judged by (`long/pilot.ts`, `long/lengths.json`). */
  requests: number;
  /** Requests per unit of time, where the first source's first phase does not say. */
  rate?: number;
  /** Time, in the case's unit, after which the empty start is forgotten; it comes before what is measured. */
  settle: number;
  options?: Partial<SimulateOptions>;
  companion?: Companion;
  /** Tolerance that the case states instead of the usual one; a share of the expected value. */
  tolerance?: number;
  /** The run ends then, in the case's unit, whatever the number of requests; it is measured from the start. `scale` as in `make`. */
  lasts?: number | ((scale: number) => number);
  /** Nothing random in it: one run, and without a tolerance of its own equal to the last bit of the expected number. */
  deterministic?: true;
  /** Fewest requests in the quick suite, where its usual number is too few for standard errors to mean anything. */
  quick?: number;
  /** Why the quick suite leaves the row out. */
  onlyLong?: string;
  /** Anything a reader should know about how the case is posed. */
  note?: string;
}

/**
 * A model whose answers are known and that is played with the same draws (the k-th customer comes and needs as much in both): by what it has missed
 * its own answer, times a slope fixed beforehand from other seeds, the row's estimate is corrected. Its expectation stays what it is; its luck is taken out.
 * The companion is held against theory by rows of its own.
 */
export interface Companion {
  /** Absent: the row's own run; the companion is then a number of it that theory knows as well and that a row holds against theory as it comes (a control variate). */
  make?: () => Network;
  /** By measure: the companion's, its exact value, and by how much the row's follows it. */
  steadies: Readonly<Record<string, { by: Measure; exact: number; slope: number }>>;
}

/** What the judge needs of one run. */
export interface Played {
  values: Readonly<Record<string, number>>;
  checks: Checks;
}

export const nameOf = (row: Row): string => `${row.id}${row.variant ? ` (${row.variant})` : ''}`;

export const knownOf = (row: Row): Pick<Case, 'expected' | 'source'> => row.known ?? caseOf(row.id);

export const seedsOf = (row: Row): readonly number[] => (row.deterministic ? SEEDS.slice(0, 1) : SEEDS);

const rateOf = (row: Row, net: Network): number => row.rate ?? (net.sources[0]?.phases?.[0]?.perSecond ?? 0) / 1000;

/** Requests that come while the empty start is being forgotten. */
export const settlingRequestsOf = (row: Row): number => row.settle * rateOf(row, row.make(1));

/** Plays one seed of a row with so many measured requests. */
export function play(row: Row, seed: number, requests = row.requests): Played {
  const scale = requests / row.requests;
  const net = row.make(scale);
  const warmupSeconds = row.settle / 1000;
  const lasts = typeof row.lasts === 'function' ? row.lasts(scale) : row.lasts;
  const seconds = warmupSeconds + (lasts === undefined ? requests / (rateOf(row, net) * 1000) : lasts / 1000);
  const options: SimulateOptions = { seconds, warmupSeconds, seed, intervals: false, ...row.options };
  const run = simulate(net, options);
  const values = Object.fromEntries(Object.entries(row.measures).map(([name, measure]) => [name, measure(run, net)]));
  if (row.companion) {
    const other = row.companion.make?.() ?? net;
    const beside = row.companion.make ? simulate(other, options) : run;
    for (const [name, { by, exact, slope }] of Object.entries(row.companion.steadies)) values[name] = (values[name] as number) - slope * (by(beside, other) - exact);
  }
  return { values, checks: run.checks };
}

export const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;
export const standardError = (values: readonly number[]): number => {
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, it) => sum + (it - m) * (it - m), 0) / (values.length - 1) / values.length);
};
export const isQuantile = (name: string): boolean => /p\d+$/.test(name);
export const toleranceOf = (row: Row, name: string): number => row.tolerance ?? (row.deterministic ? 0 : isQuantile(name) ? QUANTILE_TOLERANCE : MEAN_TOLERANCE);

/**
 * What is wrong with the runs of a row, a line each; empty where it passes.
 * A mean over the seeds passes within 1% (a quantile 2%) or three standard errors, and only if the standard error is within 1% (2%) itself.
 * `isShort`: the runs are too short for the second half, which is then not asked for.
 */
export function judge(row: Row, played: readonly Played[], isShort: boolean): string[] {
  const wrong: string[] = [];
  for (const { checks } of played) {
    if (!(checks.little < 1e-9)) wrong.push(`Little's law is off by ${checks.little}`);
    if (!(checks.utilisation < 1e-9)) wrong.push(`the utilisation law is off by ${checks.utilisation}`);
    if (checks.flow !== 0) wrong.push(`${checks.flow} askers are unaccounted for`);
  }
  const { expected } = knownOf(row);
  for (const name of Object.keys(row.measures)) {
    const exact = expected[name];
    if (exact === undefined) {
      wrong.push(`the case has no ${name}`);
      continue;
    }
    const values = played.map((it) => it.values[name] as number);
    const estimate = mean(values);
    const error = row.deterministic ? 0 : standardError(values);
    const tolerance = toleranceOf(row, name) * Math.abs(exact);
    if (!(Math.abs(estimate - exact) <= Math.max(tolerance, 3 * error))) wrong.push(`${name}: ${estimate} for ${exact}, standard error ${error}`);
    if (!isShort && !(error <= tolerance)) wrong.push(`${name}: the standard error ${error} of ${estimate} is more than ${tolerance}`);
  }
  return wrong;
}
