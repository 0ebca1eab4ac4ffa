import { valueIn } from '../model/known.ts';
import { type ComponentId, type Endpoint, type QueryStep, type Step, walkSteps } from '../model/topology.ts';
import type { Evidence } from '../model/weakness.ts';

/** What the load makes of one query of one program. */
export interface Work {
  step: QueryStep;
  endpoint: Endpoint;
  enclosing: readonly Step[];
  /** Milliseconds of the store a second. */
  perSecond: number;
}

/** The work that the load brings to a store: the rate of each route × how long a query keeps the store busy × the rounds of the loops around it, less what caches answer. */
export function workAt({ topology, outcome }: Evidence, store: ComponentId): Work[] {
  const found: Work[] = [];
  for (const endpoint of topology.endpoints) {
    const offered = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
    walkSteps(endpoint.steps, (step, enclosing) => {
      if (step.kind !== 'query' || step.target !== store) return;
      found.push({ step, endpoint, enclosing, perSecond: offered * (valueIn(step.holdMs) ?? 0) * enclosing.reduce((times, it) => times * timesOf(it), 1) });
    });
  }
  return found;
}

export const sumOf = (all: readonly Work[]): number => all.reduce((sum, it) => sum + it.perSecond, 0);

function timesOf(it: Step): number {
  if (it.kind === 'loop') return valueIn(it.times) ?? 1;
  if (it.kind === 'cache') return 1 - (valueIn(it.hitRatio) ?? 0);
  return 1;
}
