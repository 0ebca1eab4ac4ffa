import type { Place } from './known.ts';
import { mapSteps, type Step, type Topology, walkSteps } from './topology.ts';

/** A collection that from now on holds so many entries at most; `place`: where entries are put in. */
export interface Bound {
  place: Place;
  most: number;
}

const isAt = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line;

export function boundCollection(topology: Topology, { place, most }: Bound): Topology {
  // The bound holds for the collection, wherever else something is put into it.
  const bounded = new Set<string>();
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (step.kind === 'cache' && step.operation === 'write' && isAt(step.place, place)) bounded.add(`${step.target} ${step.key}`);
    });
  const bind = (step: Step): Step => {
    if (step.kind !== 'cache' || step.operation !== 'write' || !step.keeping || !bounded.has(`${step.target} ${step.key}`)) return step;
    return { ...step, keeping: { ...step.keeping, upkeep: 'some', most } };
  };
  return { ...topology, endpoints: topology.endpoints.map((it) => ({ ...it, steps: mapSteps(it.steps, (step) => [bind(step)]) })) };
}
