import { expect } from 'vitest';
import type { Network } from '../../src/model/network.ts';
import { type Run, simulate, solve } from '../../src/simulator/index.ts';
import type { Measure } from './measures.ts';
import { isQuantile, MEAN_TOLERANCE, mean, QUANTILE_TOLERANCE, SEEDS, standardError } from './row.ts';

/** A network of our own whose answer a formula gives, for what no case of the book asks; and what is compared: the exact value and how it is read from a run. */
export interface Known {
  name: string;
  /** Where the exact values come from. */
  theory: string;
  make: () => Network;
  /** Length of a run in units of time (ms), ten runs. */
  units: number;
  expected: Readonly<Record<string, readonly [exact: number, measure: Measure]>>;
  /** The standard error that the bar asks for needs a longer run than this: only 3 standard errors are demanded. */
  short?: string;
  /** Share of the run that is left out; a tenth unless given. */
  warmup?: number;
}

/** The laws that hold whatever the network. */
export function expectLaws(run: Run): void {
  expect(run.checks.little).toBeLessThan(1e-9);
  expect(run.checks.utilisation).toBeLessThan(1e-9);
  expect(run.checks.flow).toBe(0);
}

/** The quick suite plays this share of a row's units, which is enough for three standard errors only; the slower suite sets another. */
const SHARE = Number(process.env.THEORY_SHARE ?? 0.25);

/** Plays a row with all seeds: within 1% (quantiles 2%) or 3 standard errors; at full length and unless `short` the standard error itself is that small. */
export function expectKnown(known: Known, share = SHARE): void {
  const net = known.make();
  const seconds = (known.units / 1000) * share;
  const runs = SEEDS.map((seed) => simulate(net, { seconds, seed, intervals: false, ...(known.warmup !== undefined && { warmupSeconds: known.warmup * seconds }) }));
  for (const run of runs) expectLaws(run);
  for (const [name, [exact, measure]] of Object.entries(known.expected)) {
    const values = runs.map((run) => measure(run, net));
    const estimate = mean(values);
    const error = standardError(values);
    const tolerance = (isQuantile(name) ? QUANTILE_TOLERANCE : MEAN_TOLERANCE) * Math.abs(exact);
    expect(Math.abs(estimate - exact), `${name}: ${estimate} for ${exact}, standard error ${error}`).toBeLessThanOrEqual(Math.max(tolerance, 3 * error));
    if (!known.short && share >= 1) expect(error, `standard error of ${name} (${estimate} for ${exact})`).toBeLessThanOrEqual(tolerance);
  }
}

/** Spread of a mean response over the ten runs that `expectHonest` plays, and some. */
const NOISE = 0.06;

/** What `solve` says of a network is what is played, within its own bounds; or it says that it does not know, and tells no times. */
export function expectHonest(net: Network, seconds = 10): void {
  const { validity, sources } = solve(net);
  if (validity.kind === 'throughputOnly') {
    expect(sources.map((it) => it.latencyMs)).toEqual(sources.map(() => null));
    return;
  }
  const runs = SEEDS.map((seed) => simulate(net, { seconds, seed, intervals: false }));
  sources.forEach((it, index) => {
    const played = mean(runs.map((run) => run.sources[index]?.latencyMs?.mean ?? Number.NaN));
    const bound = NOISE + (validity.kind === 'approximate' ? validity.errorShare : 0);
    expect(Math.abs((it.latencyMs?.mean ?? Number.NaN) / played - 1), `${it.id}: ${it.latencyMs?.mean} for ${played}, ${validity.kind}`).toBeLessThanOrEqual(bound);
  });
}
