import type { Place } from './known.ts';
import { mapSteps, type Step } from './topology.ts';

/** The step that enqueues, and the loop that looks for its result where the library does not wait for it. */
export interface EarlyAnswer {
  publish: Place;
  polls?: Place | undefined;
}

const isAt = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line && a.column === b.column;

/** A program that answers as soon as its job is enqueued: what waited for the job is gone. Programs that enqueue elsewhere stay as they are. */
export function answerEarly(steps: readonly Step[], { publish, polls }: EarlyAnswer): readonly Step[] {
  let enqueues = false;
  const answered = mapSteps(steps, (step) => {
    if (step.kind !== 'publish' || !isAt(step.place, publish)) return [step];
    enqueues = true;
    const { waitsForJob: _before, ...rest } = step;
    return [rest, { kind: 'respond', place: step.place }];
  });
  if (!enqueues) return steps;
  return mapSteps(answered, (step) => (polls && step.kind === 'wait' && step.polls && isAt(step.polls, polls) ? [] : [step]));
}
