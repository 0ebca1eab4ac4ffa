import type { Network } from '../model/network.ts';
import type { Interval } from '../model/outcome.ts';
import { type PrecisionOptions, runToPrecision } from './experiment/precision.ts';
import { replicate } from './experiment/replicate.ts';
import type { Attribution, Run, Times } from './engine/run.ts';
import { ENDLESS } from './engine/endless.ts';
import type { SimulateOptions } from './engine/simulate.ts';
import type { Solution } from './solve/solution.ts';
import { solve } from './solve/solve.ts';
import { validateNetwork } from './check/validate.ts';

/** What `faultline simulate` is asked for; what is absent follows from the model (`planModel`). */
export interface ModelOptions {
  engine: 'solve' | 'events';
  seconds?: number;
  seed: number;
  series: boolean;
  replications?: number;
  /** Relative half-width of the 95% interval of the mean response. */
  precision?: number;
  warmupSeconds?: number;
  withinMs?: readonly number[];
}

/** How a model is going to be run. */
export type ModelPlan =
  | { kind: 'solve'; network: Network }
  | { kind: 'replications'; network: Network; options: SimulateOptions; replications: number }
  | { kind: 'precision'; network: Network; options: PrecisionOptions };

const SERIES_MS = 1000;
const DEFAULT_SECONDS = 60;
/** Of a burst nothing comes after its first moment: the run ends when all of it is gone. */
const A_MOMENT = 1e-3;
/** A story is told so often, for one telling is an anecdote. */
const STORIES = 20;

/** Runs a `MODEL.json`: the result as data and as text for people, or one line that says what is wrong with the model or the options. */
export function runModel(value: unknown, options: ModelOptions): { error: string } | { result: Run | Solution; text: string } {
  const plan = planModel(value, options);
  if ('error' in plan) return plan;
  try {
    const result = resultOf(plan);
    return { result, text: runText(result) };
  } catch (error) {
    // Only playing it shows that a model never comes to an end.
    if (error instanceof Error && error.message === ENDLESS) return { error: ENDLESS };
    throw error;
  }
}

/** Runs a plan here and now; replications one after the other. */
export function resultOf(plan: ModelPlan): Run | Solution {
  if (plan.kind === 'solve') return solve(plan.network);
  return plan.kind === 'precision' ? runToPrecision(plan.network, plan.options) : replicate(plan.network, plan.options, plan.replications);
}

/**
 * What a model asks for. A story (phases, a burst, faults, a network that begins with something under way) is told from its first moment, 20 times.
 * A steady load runs once: for the given time after a warm-up that MSER-5 finds, or without one until its mean response is precise to 1%.
 */
export function planModel(value: unknown, options: ModelOptions): { error: string } | ModelPlan {
  const valid = validateNetwork(value);
  if ('error' in valid) return valid;
  const { network } = valid;
  if (options.engine === 'solve') {
    if (network.sources.some((it) => (it.phases ?? []).length > 1)) return { error: 'sources: the analytic engine needs one steady rate; phases want --engine events' };
    return { kind: 'solve', network };
  }
  const told = isStory(network);
  if (options.precision !== undefined && told) return { error: 'sources: a precision is for a steady load; a story with phases, bursts or faults wants --replications' };
  if (options.precision !== undefined && (options.seconds !== undefined || options.replications !== undefined))
    return { error: '--precision decides how long the run is; leave --seconds and --replications out' };
  const common = { seed: options.seed, attribution: true, ...(options.withinMs && { withinMs: options.withinMs }) };
  const isOpen = options.seconds === undefined && options.replications === undefined && options.warmupSeconds === undefined && !options.series;
  if (options.precision !== undefined || (!told && isOpen && hasSteadyState(network)))
    return { kind: 'precision', network, options: { ...common, ...(options.precision !== undefined && { relativeHalfWidth: options.precision }) } };
  return {
    kind: 'replications',
    network,
    replications: options.replications ?? (told ? STORIES : 1),
    options: {
      ...common,
      seconds: options.seconds ?? (isBurst(network) ? A_MOMENT : DEFAULT_SECONDS),
      warmupSeconds: options.warmupSeconds ?? (told ? 0 : 'auto'),
      ...(options.series && { seriesMs: SERIES_MS }),
      ...(isBurst(network) && options.seconds === undefined && { drainSeconds: Number.POSITIVE_INFINITY }),
    },
  };
}

/** Something happens at a certain moment. */
const isStory = (network: Network): boolean =>
  network.sources.some((it) => (it.phases ?? []).length > 1 || (it.phases ?? []).some((phase) => phase.toPerSecond !== undefined || phase.fromMs > 0) || it.burst !== undefined) ||
  (network.faults ?? []).some((it) => 'fromMs' in it);

/** Nothing comes but what is there at the start: the run ends when it is gone. */
const isBurst = (network: Network): boolean =>
  network.sources.length > 0 && network.sources.every((it) => !it.closed && (it.phases ?? []).every((phase) => phase.perSecond === 0 && !phase.toPerSecond));

/** As far as theory knows; without one a run to a precision would only grow. */
const hasSteadyState = (network: Network): boolean => solve(network).stable;
const short = (value: number): string => (value === 0 ? '0' : value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(4));
/** Half the width of a 95% interval. */
const spread = (it: Interval | null): string => (it === null ? '' : ` ± ${short((it[1] - it[0]) / 2)}`);
const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
const timesText = (it: Times | null): string =>
  it ? `mean ${short(it.mean)}${spread(it.interval95.mean)} ms, p50 ${short(it.p50)}, p95 ${short(it.p95)}, p99 ${short(it.p99)}` : 'nothing finished';

/** A result for people. */
export const runText = (it: Run | Solution): string => ('validity' in it ? solutionText(it) : playedText(it));

/** The three largest parts of a response. */
function partsText(it: Attribution): string {
  const parts = [
    ...it.stations.flatMap((part) => [
      { what: `waiting at ${part.id}`, ms: part.waitMs },
      { what: `service at ${part.id}`, ms: part.serviceMs },
    ]),
    { what: 'delays', ms: it.delayMs },
    { what: 'attempts that came to nothing', ms: it.lostMs },
  ];
  const largest = parts.filter((part) => part.ms > 0).sort((a, b) => b.ms - a.ms);
  return largest
    .slice(0, 3)
    .map((part) => `${percent(part.ms / it.responseMs)} ${part.what}`)
    .join(', ');
}

function playedText(run: Run): string {
  const lines = run.sources.map((it) => `${it.id}: ${short(it.offeredPerSecond)}/s offered, ${short(it.goodputPerSecond)}/s answered in time, ${timesText(it.latencyMs)}`);
  for (const it of run.sources) if (it.attribution) lines.push(`  slowest hundredth of ${it.id}: ${partsText(it.attribution.p99)}`);
  for (const it of run.stations) lines.push(`  ${it.id}: ${percent(it.utilisation)} busy, ${short(it.meanQueue)} waiting, wait ${it.wait ? short(it.wait.mean) : '0'} ms`);
  lines.push(...policyLines(run));
  for (const [cause, count] of Object.entries(run.errorsByCause)) lines.push(`  ${count} × ${cause}`);
  if (run.replications > 1) lines.push(`  mean of ${run.replications} runs of ${short(run.seconds)} s each`);
  else lines.push(`  measured for ${short(run.seconds)} s after ${short(run.warmupSeconds)} s of warm-up${run.isSettled ? '' : ', which did not settle'}`);
  if (run.precision && !run.precision.isReached)
    lines.push(
      `  not as precise as asked: ${run.precision.relativeHalfWidth === null ? 'no interval' : `± ${percent(run.precision.relativeHalfWidth)}`} after ${run.precision.requests} requests`,
    );
  if (run.stuck) lines.push('  deadlock: work is under way that nothing can finish');
  return `${lines.join('\n')}\n`;
}

/** A line for each call, breaker, limiter, group and kind of message about which there is anything to tell. */
function policyLines(run: Run): string[] {
  const counted = (parts: readonly (readonly [number | undefined, string])[]): string =>
    parts
      .filter(([count]) => count !== undefined && count > 0)
      .map(([count, words]) => `${count} ${words}`)
      .join(', ');
  const lines = (run.calls ?? []).map(
    (it) =>
      `  calls of ${it.program}: ${counted([
        [it.calls, 'calls'],
        [it.attempts, 'attempts'],
        [it.retries, 'retries'],
        [it.timeouts, 'timeouts'],
        [it.hedges, 'hedges'],
        [it.fallbacks, 'fallbacks'],
      ])}`,
  );
  for (const it of run.breakers ?? [])
    lines.push(`  breaker ${it.id}: opened ${it.opened} times, closed ${it.closed} times, open ${percent(it.openShare)} of the time, ${it.refused} calls refused`);
  for (const it of run.limiters ?? []) lines.push(`  limiter ${it.id}: ${percent(it.refusedShare)} refused, ${it.delayed} delayed by ${short(it.meanDelayMs)} ms on average`);
  for (const it of run.caches ?? [])
    lines.push(`  cache ${it.id}: ${percent(it.hitShare)} hits of ${it.lookups} lookups${it.joined > 0 ? `, ${it.joined} waited for the miss of another` : ''}`);
  for (const it of run.replicatedData ?? [])
    lines.push(`  replicas of ${it.id}: ${percent(it.staleShare)} of ${it.reads} reads stale, a write shows after ${short(it.meanLagMs)} ms`);
  for (const it of run.instances ?? [])
    lines.push(
      `  instances of ${it.id}: ${
        counted([
          [it.coldStarts, 'cold starts'],
          [it.noneFree, 'calls found none free'],
          [it.crashes, 'crashes for want of memory'],
        ]) || 'nothing to tell'
      }`,
    );
  for (const it of run.groups ?? [])
    lines.push(`  group ${it.id}: ${short(it.meanInstances)} instances on average, ${it.leastInstances} to ${it.mostInstances}, ${it.instancesAtEnd} at the end`);
  for (const it of run.programs)
    if (it.retries !== undefined)
      lines.push(
        `  messages ${it.id}: ${counted([
          [it.started, 'published'],
          [it.finished, 'done'],
          [it.retries, 'further attempts'],
          [it.deadLettered, 'dead letters'],
          [it.dropped, 'dropped'],
        ])}`,
      );
  return lines;
}

function solutionText(solution: Solution): string {
  const lines = solution.sources.map((it) =>
    it.latencyMs
      ? `${it.id}: ${short(it.offeredPerSecond)}/s offered, ${it.errorShare === null ? 'unknown' : percent(it.errorShare)} errors, mean ${short(it.latencyMs.mean)} ms, p50 ${short(it.latencyMs.p50)}, p95 ${short(it.latencyMs.p95)}, p99 ${short(it.latencyMs.p99)}`
      : `${it.id}: ${short(it.offeredPerSecond)}/s offered, ${solution.stable ? 'times are not known' : 'no steady state'}`,
  );
  for (const it of solution.stations)
    lines.push(
      `  ${it.id}: ${percent(it.utilisation)} busy, ${it.meanQueue === null ? (solution.stable ? 'wait not known' : 'queue grows') : `${short(it.meanQueue)} waiting, wait ${short(it.meanWaitMs ?? 0)} ms`}`,
    );
  for (const it of solution.replicatedData ?? [])
    lines.push(`  replicas of ${it.id}: ${it.staleShare === null ? 'share of stale reads not known' : `${percent(it.staleShare)} of ${short(it.readsPerSecond)} reads/s stale`}`);
  const { validity } = solution;
  lines.push(
    validity.kind === 'exact'
      ? '  exact'
      : validity.kind === 'approximate'
        ? `  approximate, means within about ${percent(validity.errorShare)}`
        : `  throughput only: ${validity.why}`,
  );
  return `${lines.join('\n')}\n`;
}
