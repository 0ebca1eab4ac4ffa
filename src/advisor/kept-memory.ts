import { valueIn } from '../model/known.ts';
import { walkRuns } from '../model/often.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Step, Topology } from '../model/topology.ts';
import { instancesOf } from '../model/uses.ts';
import type { Evidence, Weakness } from '../model/weakness.ts';
import type { After, Shown } from './effect.ts';

const DAY_SECONDS = 86_400;
/** Less than this much of a heap is no matter. */
const LEAST_BYTES = 1e6;

/** Heap of one process that a collection takes after a day at the target, before and after. */
export function dayOfGrowth({ topology, outcome }: Evidence, after: After, weakness: Weakness): Shown {
  const heap = (of: Topology): number => heapAfterDay(of, outcome, String(weakness.facts.target), String(weakness.facts.key));
  const [before, remaining] = [heap(topology), heap(after.topology)];
  if (before <= 0) return { effect: { kind: 'unplayed', why: 'the route takes no load' }, helps: true, gain: 0 };
  if (before < LEAST_BYTES) return { effect: { kind: 'none' }, helps: false, gain: 0 };
  return { effect: { kind: 'heap', before, after: remaining }, helps: remaining < before, gain: before / Math.max(1, remaining) };
}

/** Bytes that writes under a key leave in a process: rate × share of new keys × size, up to the bound, divided among its processes. */
export function heapAfterDay(topology: Topology, outcome: Outcome, target: string, key: string): number {
  let entries = 0;
  let most = Number.POSITIVE_INFINITY;
  let size = 0;
  for (const endpoint of topology.endpoints) {
    const perSecond = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
    const keep = (step: Step, often: number): void => {
      if (step.kind !== 'cache' || step.target !== target || step.key !== key || step.operation !== 'write' || !step.keeping) return;
      entries += perSecond * DAY_SECONDS * often * (valueIn(step.keeping.newShare) ?? 0);
      size = Math.max(size, valueIn(step.keeping.entrySize) ?? 0);
      if (step.keeping.most !== undefined) most = Math.min(most, step.keeping.most);
    };
    // Keys that bring a miss are the new ones already: what is left out on a hit is counted by their share.
    walkRuns(endpoint.steps, keep, () => 1);
  }
  const host = topology.components.find((it) => it.id === target);
  return Math.min(entries / (host ? instancesOf(host) : 1), most) * size;
}
