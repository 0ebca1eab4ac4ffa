import { valueIn } from '../model/known.ts';
import { walkRuns } from '../model/often.ts';
import type { ComponentId, Endpoint, QueryStep, Step } from '../model/topology.ts';
import type { Evidence } from '../model/weakness.ts';

/** What the load makes of one query of one program. */
export interface Work {
  step: QueryStep;
  endpoint: Endpoint;
  enclosing: readonly Step[];
  /** Milliseconds of the store a second. */
  perSecond: number;
}

/** The work that the load brings to a store: the rate of each route × how long a query keeps the store busy × how often each request asks for it: rounds of loops, shares of branches, misses of caches. */
export function workAt({ topology, outcome }: Evidence, store: ComponentId): Work[] {
  const found: Work[] = [];
  for (const endpoint of topology.endpoints) {
    const offered = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
    walkRuns(endpoint.steps, (step, often, enclosing) => {
      if (step.kind !== 'query' || step.target !== store) return;
      found.push({ step, endpoint, enclosing, perSecond: offered * often * (valueIn(step.holdMs) ?? 0) });
    });
  }
  return found;
}

export const sumOf = (all: readonly Work[]): number => all.reduce((sum, it) => sum + it.perSecond, 0);
