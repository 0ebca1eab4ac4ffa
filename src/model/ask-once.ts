import { known, type Place } from './known.ts';
import { mapSteps, type Step } from './topology.ts';

/** One question for all rows of a page: an assumption, replaced as soon as it is measured. */
const BATCH_MS = known(5, 'ms', 'assumed', { range: [1, 30], source: 'one query for the rows of a page' });

const isAt = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line && a.column === b.column;

/** A program in which the query, command or request at `step` runs once before the loop instead of in each round of it. */
export function askOnce(steps: readonly Step[], { loop, step }: { loop: Place; step: Place }): readonly Step[] {
  const taken: Step[] = [];
  const without = (it: Step): readonly Step[] => {
    if (!isAt(it.place, step)) return [it];
    // What a client computes with an answer goes with the question.
    const isAsked = it.kind === 'query' || it.kind === 'cache' || it.kind === 'request';
    if (!isAsked && it.kind !== 'compute') return [it];
    if (!taken.some((one) => one.kind === it.kind)) taken.push(isAsked ? asBatch(it) : it);
    return [];
  };
  return mapSteps(steps, (it) => {
    if (it.kind !== 'loop' || !isAt(it.place, loop)) return [it];
    taken.length = 0;
    const inner = mapSteps(it.steps, without);
    if (taken.every((one) => one.kind === 'compute')) return [it];
    return inner.length > 0 ? [...taken, { ...it, steps: inner }] : taken;
  });
}

/** It belongs to no round any more, and it is another question: what was measured of the old one says nothing of it. */
function asBatch(it: Extract<Step, { kind: 'query' | 'cache' | 'request' }>): Step {
  const { roundsOf: _rounds, ...rest } = it;
  if (rest.kind !== 'query') return { ...rest, awaited: true };
  return { ...rest, label: `${rest.label} for all rows`, holdMs: { ...BATCH_MS, place: rest.place }, awaited: true };
}
