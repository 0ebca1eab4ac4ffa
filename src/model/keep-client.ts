import type { Place } from './known.ts';
import { mapSteps, type Pool, type Step, type Topology, walkSteps } from './topology.ts';

const isAt = (a: Place | undefined, b: Place): boolean => a !== undefined && a.file === b.file && a.line === b.line && a.column === b.column;

/** The topology in which the client that is made at a place is made once per process: nothing is set up for a request, and its queries share a pool. */
export function keepClient(topology: Topology, { place }: { place: Place }): Topology {
  const pools = new Map<string, Pool>();
  const endpoints = topology.endpoints.map((endpoint) => {
    const pool = poolAt(endpoint.steps, place);
    if (!pool) return endpoint;
    const kept = pools.get(pool.client) ?? { ...pool, id: unique(topology, pool.id) };
    pools.set(pool.client, kept);
    return { ...endpoint, steps: mapSteps(endpoint.steps, (step) => onPool(step, place, kept)) };
  });
  return pools.size === 0 ? topology : { ...topology, endpoints, pools: [...topology.pools, ...pools.values()] };
}

function poolAt(steps: readonly Step[], place: Place): Pool | undefined {
  let found: Pool | undefined;
  walkSteps(steps, (step) => {
    if (step.kind === 'query' && step.opens && isAt(step.opens.pool.place, place)) found ??= step.opens.pool;
  });
  return found;
}

function onPool(step: Step, place: Place, pool: Pool): readonly Step[] {
  if (step.kind === 'wait' && isAt(step.place, place) && step.label.startsWith('wait for a new connection')) return [];
  if (step.kind !== 'query') return [step];
  if (step.opens && isAt(step.opens.pool.place, place)) return [];
  if (!isAt(step.madeAt, place)) return [step];
  const { madeAt: _made, ...rest } = step;
  return [pool.multiplexed ? rest : { ...rest, pool: pool.id }];
}

function unique(topology: Topology, wanted: string): string {
  let id = wanted;
  for (let n = 2; topology.pools.some((it) => it.id === id); n += 1) id = `${wanted} ${n}`;
  return id;
}
