import type { Step, Topology } from './topology.ts';
import { mapSharedSteps } from './topology.ts';

/**
 * The same topology with equal steps as one object: a program that was read from code repeats a handful of steps thousands of times, and who maps or compiles it need
 * look at each only once. Equal means equal to the last field, places included.
 */
export function withSharedSteps(topology: Topology): Topology {
  const changed = new Map<Step, Step>();
  const byContent = new Map<string, Step>();
  const ids = new Map<Step, number>();
  const idsOf = (steps: readonly Step[]): string => steps.map((it) => ids.get(it)).join(',');
  const only = (step: Step): Step => {
    const key = keyOf(step, idsOf);
    const known = byContent.get(key);
    if (known) return known;
    ids.set(step, ids.size);
    byContent.set(key, step);
    return step;
  };
  return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: mapSharedSteps(it.steps, only, changed) })) };
}

/** A step in words; the programs inside it, whose steps are known already, by their numbers. */
function keyOf(step: Step, idsOf: (steps: readonly Step[]) => string): string {
  switch (step.kind) {
    case 'cache':
      return `${idsOf(step.onMiss)} ${JSON.stringify({ ...step, onMiss: 0 })}`;
    case 'hold':
    case 'loop':
      return `${idsOf(step.steps)} ${JSON.stringify({ ...step, steps: 0 })}`;
    case 'parallel':
      return `${step.branches.map(idsOf).join('|')} ${JSON.stringify({ ...step, branches: 0 })}`;
    case 'branch':
      return `${idsOf(step.taken)}|${idsOf(step.otherwise)} ${JSON.stringify({ ...step, taken: 0, otherwise: 0 })}`;
    default:
      return JSON.stringify(step);
  }
}
