import { innerSteps, type QueryStep, type Step } from '../model/topology.ts';

/**
 * Visits every step of a program with the writes that are done before it, in order.
 * What stands on another branch, or beside it, comes before nothing; after a branch both of its ways count.
 */
export function afterWrites(steps: readonly Step[], visit: (step: Step, written: readonly QueryStep[]) => void, before: readonly QueryStep[] = []): readonly QueryStep[] {
  let written = before;
  for (const step of steps) {
    visit(step, written);
    if (step.kind === 'query' && step.operation === 'write' && step.awaited) written = [...written, step];
    const inside = innerSteps(step).flatMap((inner) => afterWrites(inner, visit, written).filter((it) => !written.includes(it)));
    written = [...written, ...inside];
  }
  return written;
}
