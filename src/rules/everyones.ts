import { type ComponentId, type Step, type Topology, walkSharedSteps } from '../model/topology.ts';

/** Routes that do the same, before what some do counts as what all do. */
const FEWEST_ALIKE = 4;

const known = new WeakMap<Topology, (component: ComponentId, step: Step) => boolean>();

/** Whether most routes of a component come by a step: who asks is looked up there, a key is made, a visit noted down. Such work is no part of what one of them is for. */
export function everyones(topology: Topology): (component: ComponentId, step: Step) => boolean {
  const before = known.get(topology);
  if (before) return before;
  const routes = new Map<ComponentId, number>();
  const counts = new Map<string, number>();
  for (const { component, trigger, steps } of topology.endpoints) {
    if (trigger.kind !== 'http') continue;
    routes.set(component, (routes.get(component) ?? 0) + 1);
    const seen = new Set<string>();
    walkSharedSteps(steps, (step) => seen.add(keyOf(component, step)), new Set());
    for (const key of seen) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const isShared = (component: ComponentId, step: Step): boolean => {
    const count = counts.get(keyOf(component, step)) ?? 0;
    return count >= FEWEST_ALIKE && count * 2 > (routes.get(component) ?? 0);
  };
  known.set(topology, isShared);
  return isShared;
}

const keyOf = (component: ComponentId, { kind, place }: Step): string => `${component} ${kind} ${place.file}:${place.line}:${place.column ?? ''}`;
