import type { Network } from '../../model/network.ts';
import type { SeriesPoint } from '../../model/outcome.ts';
import { Play, type Progress } from './play.ts';
import { report } from './report.ts';
import type { Run } from './run.ts';

export interface SimulateOptions {
  seconds: number;
  seed?: number;
  /** Left out of every measure but the series; default a tenth of the run. `auto`: found by MSER-5 on the slowest station, at most half of the run. */
  warmupSeconds?: number | 'auto';
  /** Requests a second over all sources by their shares; without it the sources' own phases hold. */
  perSecond?: number;
  /** Width of a point of the time series; absent: no series. */
  seriesMs?: number;
  /** After `seconds` no more arrivals, and the run goes on until the system is empty or this much longer. */
  drainSeconds?: number;
  /** Times (ms) for which the share of shorter ones is reported with every distribution. */
  withinMs?: readonly number[];
  /** For each source, which waits and services its mean response and its slowest hundredth are made of; about a quarter more work. */
  attribution?: boolean;
  /** Asked between slices: true where the series so far says all that is asked for, and the run ends there. */
  isEnough?: (series: readonly SeriesPoint[]) => boolean;
  /** 95% intervals of means and quantiles; default true. Without them a run that is asked for many times is a little cheaper. */
  intervals?: boolean;
}

/** Plays a network request by request. Same network, options and seed: same run, bit for bit, in every engine. */
export function simulate(network: Network, options: SimulateOptions): Run {
  const steps = simulateInSlices(network, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * The same run in slices: yields how far it has come after each (some milliseconds of work) and returns the run.
 * The caller decides what to do between slices (show it, let messages in, stop by `return()`); whatever it does, the bits are those of `simulate`.
 */
export function* simulateInSlices(network: Network, options: SimulateOptions): Generator<Progress, Run, void> {
  const play = begin(network, options);
  while (play.advance() && !options.isEnough?.(play.series)) yield play.progress();
  play.engine.countOverdue();
  return report(network, play, options.seed ?? 1, options.withinMs ?? []);
}

/** Watching and stopping a run; the shapes are those of the platform's `AbortSignal` and timers, which the simulator doesn't know. */
export interface Watch {
  onProgress?: (progress: Progress) => void;
  signal?: { readonly aborted: boolean };
  /** Lets other work in between two slices (`setImmediate`, a message to oneself); default: promises only. */
  pause?: () => Promise<void>;
}

/** Plays slice by slice without blocking; null when the signal was aborted. Same bits as the blocking form. */
export async function inTime<T>(steps: Generator<Progress, T, void>, watch: Watch = {}): Promise<T | null> {
  for (;;) {
    if (watch.signal?.aborted) {
      steps.return(undefined as never);
      return null;
    }
    const step = steps.next();
    if (step.done) return step.value;
    watch.onProgress?.(step.value);
    await (watch.pause?.() ?? Promise.resolve());
  }
}

/** `simulate` without blocking, with progress and cancelling; null when it was cancelled. */
export const simulateAsync = (network: Network, options: SimulateOptions, watch: Watch = {}): Promise<Run | null> => inTime(simulateInSlices(network, options), watch);

function begin(network: Network, options: SimulateOptions): Play {
  return new Play(network, {
    seconds: options.seconds,
    seed: options.seed ?? 1,
    warmupSeconds: options.warmupSeconds ?? options.seconds / 10,
    intervals: options.intervals !== false,
    ...(options.perSecond !== undefined && { perSecond: options.perSecond }),
    ...(options.attribution && { attribution: true }),
    ...(options.seriesMs !== undefined && { seriesMs: options.seriesMs }),
    ...(options.drainSeconds !== undefined && { drainSeconds: options.drainSeconds }),
  });
}
