import type { Place } from './known.ts';
import { known } from './known.ts';
import { type CacheStep, mapSteps, type Topology } from './topology.ts';

const isAt = (a: Place, b: Place): boolean => a.file === b.file && a.line === b.line && a.column === b.column;

function atCache(topology: Topology, place: Place, change: (it: CacheStep) => CacheStep): Topology {
  return {
    ...topology,
    endpoints: topology.endpoints.map((it) => ({ ...it, steps: mapSteps(it.steps, (step) => [step.kind === 'cache' && isAt(step.place, place) ? change(step) : step]) })),
  };
}

/** Whoever misses the key that is read at a place while it is being loaded waits for that load. */
export const loadOnce = (topology: Topology, { place }: { place: Place }): Topology => atCache(topology, place, (it) => (it.onMiss.length > 0 ? { ...it, loadsOnce: true } : it));

/** The lock that is taken at a place is kept for so long. */
export const setLockTtl = (topology: Topology, { place, ttlMs }: { place: Place; ttlMs: number }): Topology =>
  atCache(topology, place, (it) => (it.ifAbsent ? { ...it, ttlMs: known(ttlMs, 'ms', 'override', { place: it.place }) } : it));
