import { valueIn } from './known.ts';
import { type CacheStep, innerSteps, type Step } from './topology.ts';

/** An arm whose share nobody knows is taken as often as not. */
const UNKNOWN_SHARE = 0.5;

/** Reads that find nothing, of all of them; all of them where the share is not known. */
const missed = (step: CacheStep): number => 1 - (valueIn(step.hitRatio) ?? 0);

/** The programs inside a step with how often each of them runs for one run of the step, on average: rounds of a loop, misses of a cache, the share of an arm. */
export function innerRuns(step: Step, misses: (step: CacheStep) => number = missed): [steps: readonly Step[], times: number][] {
  switch (step.kind) {
    case 'loop':
      return [[step.steps, valueIn(step.times) ?? 1]];
    case 'cache':
      return [[step.onMiss, misses(step)]];
    case 'branch': {
      const taken = valueIn(step.probability) ?? UNKNOWN_SHARE;
      return [
        [step.taken, taken],
        [step.otherwise, 1 - taken],
      ];
    }
    default:
      return innerSteps(step).map((it) => [it, 1]);
  }
}

/** A step as it is met: how often it runs for one run of the whole program, and the steps around it, outermost first. */
export type Met = (step: Step, often: number, enclosing: readonly Step[]) => void;

/**
 * Calls `met` for every step of a program, outer steps first, with how often it runs for one run of the program.
 * `misses` stands for the share of cache reads whose inner program runs, where something else than the hit ratio tells.
 */
export function walkRuns(steps: readonly Step[], met: Met, misses: (step: CacheStep) => number = missed): void {
  walk(steps, 1, [], met, misses);
}

function walk(steps: readonly Step[], often: number, enclosing: readonly Step[], met: Met, misses: (step: CacheStep) => number): void {
  for (const step of steps) {
    met(step, often, enclosing);
    for (const [inner, times] of innerRuns(step, misses)) walk(inner, often * times, [...enclosing, step], met, misses);
  }
}
