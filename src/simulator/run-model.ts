import type { Network } from '../model/network.ts';
import type { Run, Times } from './run.ts';
import { type SimulateOptions, simulate } from './simulate.ts';
import { type Solution, solve } from './solve.ts';
import { validateNetwork } from './validate.ts';

export interface ModelOptions {
  engine: 'solve' | 'events';
  seconds: number;
  seed: number;
  series: boolean;
}

const SERIES_MS = 1000;

/** Runs a `MODEL.json`: the result as data and as text for people, or one line that says what is wrong with the model. */
export function runModel(value: unknown, options: ModelOptions): { error: string } | { result: Run | Solution; text: string } {
  const valid = validateNetwork(value);
  if ('error' in valid) return valid;
  const { network } = valid;
  if (options.engine === 'solve') {
    if (network.sources.some((it) => (it.phases ?? []).length > 1)) return { error: 'sources: the analytic engine needs one steady rate; phases want --engine events' };
    const solution = solve(network);
    return { result: solution, text: solutionText(solution) };
  }
  const run = simulate(network, settings(network, options));
  return { result: run, text: runText(run) };
}

/** Phases and bursts are stories, told from their first moment; a steady load is measured after a warm-up. */
function settings(network: Network, options: ModelOptions): SimulateOptions {
  const isStory = network.sources.some((it) => (it.phases ?? []).length > 1 || it.burst);
  return { seconds: options.seconds, seed: options.seed, ...(isStory && { warmupSeconds: 0 }), ...(options.series && { seriesMs: SERIES_MS }) };
}

const short = (value: number): string => (value === 0 ? '0' : value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(4));
const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
const timesText = (it: Times | null): string => (it ? `mean ${short(it.mean)} ms, p50 ${short(it.p50)}, p95 ${short(it.p95)}, p99 ${short(it.p99)}` : 'nothing finished');

function runText(run: Run): string {
  const lines = run.sources.map((it) => `${it.id}: ${short(it.offeredPerSecond)}/s offered, ${short(it.goodputPerSecond)}/s answered in time, ${timesText(it.latencyMs)}`);
  for (const it of run.stations) lines.push(`  ${it.id}: ${percent(it.utilisation)} busy, ${short(it.meanQueue)} waiting, wait ${it.wait ? short(it.wait.mean) : '0'} ms`);
  for (const [cause, count] of Object.entries(run.errorsByCause)) lines.push(`  ${count} × ${cause}`);
  if (run.stuck) lines.push('  deadlock: work is under way that nothing can finish');
  return `${lines.join('\n')}\n`;
}

function solutionText(solution: Solution): string {
  const lines = solution.sources.map((it) =>
    it.latencyMs
      ? `${it.id}: ${short(it.offeredPerSecond)}/s offered, ${percent(it.errorShare)} errors, mean ${short(it.latencyMs.mean)} ms, p50 ${short(it.latencyMs.p50)}, p95 ${short(it.latencyMs.p95)}, p99 ${short(it.latencyMs.p99)}`
      : `${it.id}: ${short(it.offeredPerSecond)}/s offered, ${solution.stable ? 'times are not known' : 'no steady state'}`,
  );
  for (const it of solution.stations)
    lines.push(
      `  ${it.id}: ${percent(it.utilisation)} busy, ${it.meanQueue === null ? (solution.stable ? 'wait not known' : 'queue grows') : `${short(it.meanQueue)} waiting, wait ${short(it.meanWaitMs ?? 0)} ms`}`,
    );
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
