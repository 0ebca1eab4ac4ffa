import type { Place } from '../model/known.ts';
import type { FlatValue, StepRow } from './check-report.ts';

/** Something that an endpoint does, in words that survive a move of its lines. */
export interface StepUse {
  /** `asks db for SELECT orders in a loop`. */
  says: string;
  place?: Place;
  /** The innermost loop around it, and how often it goes round as far as that is told: the words are the same for any number and any line. */
  loop?: Loop;
}

export interface Loop {
  rounds?: FlatValue;
  place?: Place;
}

/** What goes on around a step. */
type Around = 'loop' | 'allAtOnce' | 'held' | 'onMiss';

/** What an endpoint's program does, in its order. Takes steps as `check --format json` prints them; a kind that it does not know is left out. */
export function stepUses(steps: readonly StepRow[], around: readonly Around[] = [], loop?: Loop): StepUse[] {
  return steps.flatMap((step) => {
    const what = wordsOf(step);
    const own = what === undefined ? [] : [{ says: `${what}${contextOf(step, around)}`, ...(step.place && { place: step.place }), ...(loop && { loop }) }];
    const inside = step.kind === 'loop' ? loopOf(step) : loop;
    return [...own, ...innerOf(step).flatMap(([inner, now]) => stepUses(inner, now === undefined ? around : [...around, now], inside))];
  });
}

function loopOf({ times, place }: StepRow): Loop {
  const isTold = typeof times === 'object' && times !== null;
  return { ...(isTold && { rounds: times as FlatValue }), ...(place && { place }) };
}

function wordsOf(step: StepRow): string | undefined {
  const label = step.label ?? '';
  switch (step.kind) {
    case 'query':
      return `asks ${step.target} for ${label}`;
    case 'request':
      return `calls ${step.target} (${label})`;
    case 'cache':
      return `${{ read: 'reads', write: 'writes', delete: 'deletes' }[String(step.operation)] ?? 'uses'} ${String(step.key ?? label)} in ${step.target}`;
    case 'publish':
      return `publishes to ${step.channel}`;
    case 'compute':
      // What each request costs anyway says nothing about a change: `request handling in api`.
      return /^(request handling|handling a request|ORM hydration) in /.test(label) ? undefined : `computes ${label}`;
    case 'wait':
      return `waits (${label})`;
    default:
      return undefined;
  }
}

function contextOf(step: StepRow, around: readonly Around[]): string {
  const inLoop = around.filter((it) => it === 'loop' || it === 'allAtOnce').at(-1);
  return [
    inLoop === 'loop' ? ' in a loop' : inLoop === 'allAtOnce' ? ' in a loop, all rounds at once' : '',
    around.includes('onMiss') ? ' when the cache misses' : '',
    around.includes('held') ? ' while a connection is held' : '',
    step.awaited === false ? ', not awaited' : '',
  ].join('');
}

const stepsIn = (it: unknown): readonly StepRow[] => (Array.isArray(it) ? it.filter((step): step is StepRow => typeof step === 'object' && step !== null && 'kind' in step) : []);

function innerOf(step: StepRow): [readonly StepRow[], Around | undefined][] {
  switch (step.kind) {
    case 'cache':
      return [[stepsIn(step.onMiss), 'onMiss']];
    case 'hold':
      return [[stepsIn(step.steps), 'held']];
    case 'loop':
      return [[stepsIn(step.steps), step.concurrent === true ? 'allAtOnce' : 'loop']];
    case 'parallel':
      return Array.isArray(step.branches) ? step.branches.map((it) => [stepsIn(it), undefined]) : [];
    case 'branch':
      return [
        [stepsIn(step.taken), undefined],
        [stepsIn(step.otherwise), undefined],
      ];
    default:
      return [];
  }
}
