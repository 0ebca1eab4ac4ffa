import { innerSteps, type QueryStep, type Step } from '../model/topology.ts';

/** Visits every step of a program with the writes that are done before it, in order. */
export function afterWrites(steps: readonly Step[], visit: (step: Step, written: readonly QueryStep[]) => void): void {
  afterSteps(steps, isAwaitedWrite, visit);
}

/**
 * The same with steps of any kind.
 * What stands on another branch, or beside it, comes before nothing; after a branch both of its ways count.
 */
export function afterSteps<First extends Step>(
  steps: readonly Step[],
  isFirst: (step: Step) => step is First,
  visit: (step: Step, before: readonly First[]) => void,
  outer: readonly First[] = [],
): readonly First[] {
  let before = outer;
  for (const step of steps) {
    visit(step, before);
    if (isFirst(step)) before = [...before, step];
    const known = before;
    before = [...known, ...innerSteps(step).flatMap((inner) => afterSteps(inner, isFirst, visit, known).filter((it) => !known.includes(it)))];
  }
  return before;
}

const isAwaitedWrite = (step: Step): step is QueryStep => step.kind === 'query' && step.operation === 'write' && step.awaited;
