import { known, type Place } from './known.ts';
import { type Component, type ComponentId, type Endpoint, mapSteps, type Pool, type PoolId, type QueryStep, type Step, type Topology, walkSteps } from './topology.ts';

/** Reads that come to `store` through `pools` go to its replica, of which there are `copies` where there is none yet. */
export interface ReadRoute {
  store: ComponentId;
  pools: readonly PoolId[];
  copies: number;
}

/** One query in the code. */
export const queryKey = ({ label, place }: Pick<QueryStep, 'label' | 'place'>): string => `${label} ${place.file}:${place.line}:${place.column ?? 0}`;

/** Reads of a store by where they stand: who may have an old answer, and who must not. */
export interface ReadsOf {
  mayBeOld: ReadonlyMap<string, Place>;
  mustBeNew: ReadonlyMap<string, Place>;
}

/**
 * What may be read from a copy: reads of requests that write nothing to the store, outside of transactions.
 * A read that another program makes beside its own writes must be new there, and so everywhere; so must one of a consumer, whose message may come from who has just written.
 */
export function readsOf(topology: Topology, store: ComponentId): ReadsOf {
  const mayBeOld = new Map<string, Place>();
  const mustBeNew = new Map<string, Place>();
  for (const endpoint of topology.endpoints) {
    const isRead = onlyReads(endpoint, store);
    walkSteps(endpoint.steps, (step, enclosing) => {
      if (step.kind !== 'query' || step.target !== store || step.operation !== 'read') return;
      const isFree = isRead && !step.usesHeld && step.madeAt === undefined && !enclosing.some((it) => it.kind === 'hold' && it.pool === step.pool);
      (isFree ? mayBeOld : mustBeNew).set(queryKey(step), step.place);
    });
  }
  for (const key of mustBeNew.keys()) mayBeOld.delete(key);
  return { mayBeOld, mustBeNew };
}

function onlyReads(endpoint: Endpoint, store: ComponentId): boolean {
  if (endpoint.trigger.kind !== 'http' || endpoint.role === 'write' || endpoint.unread !== undefined) return false;
  let writes = false;
  walkSteps(endpoint.steps, (step) => {
    writes ||= step.kind === 'query' && step.target === store && step.operation !== 'read';
  });
  return !writes;
}

export const replicaOf = (topology: Topology, store: ComponentId): Component | undefined => topology.components.find((it) => it.replicaOf === store && it.scope === 'runtime');

export function routeReads(topology: Topology, { store, pools, copies }: ReadRoute): Topology {
  const primary = topology.components.find((it) => it.id === store);
  const mine = topology.pools.filter((it) => it.target === store && pools.includes(it.id));
  const { mayBeOld } = readsOf(topology, store);
  if (!primary || mine.length === 0 || mayBeOld.size === 0) return topology;
  const replica = replicaOf(topology, store) ?? copyOf(topology, primary, copies);
  const beside = new Map(mine.map((it) => [it.id, poolBeside(topology, it, replica.id)]));
  const moved = (step: Step): Step => {
    const pool = step.kind === 'query' && step.pool !== undefined ? beside.get(step.pool) : undefined;
    if (step.kind !== 'query' || !pool || step.operation !== 'read' || !mayBeOld.has(queryKey(step))) return step;
    return { ...step, target: replica.id, primary: store, pool: pool.id };
  };
  const clients = new Set(mine.map((it) => it.client));
  const at = mine.map((it) => it.place);
  return {
    ...topology,
    components: topology.components.includes(replica) ? topology.components : [...topology.components, replica],
    pools: [...topology.pools, ...[...beside.values()].filter((it) => !topology.pools.includes(it))],
    calls: [
      ...topology.calls,
      ...[...clients]
        .filter((from) => !topology.calls.some((it) => it.from === from && it.to === replica.id))
        .map((from) => ({ from, to: replica.id, kind: 'query' as const, sync: true, scope: 'runtime' as const, places: at })),
    ],
    endpoints: topology.endpoints.map((it) => ({ ...it, steps: mapSteps(it.steps, (step) => [moved(step)]) })),
  };
}

/** As large as what it copies. */
function copyOf(topology: Topology, primary: Component, copies: number): Component {
  const taken = new Set(topology.components.map((it) => it.id));
  let id = `${primary.id}-replica`;
  for (let n = 2; taken.has(id); n += 1) id = `${primary.id}-replica-${n}`;
  return { ...primary, id, name: id, aliases: [], replicaOf: primary.id, replicas: known(copies, 'replicas', 'override') };
}

/** The pool that its client has there already, or one of the same size. */
function poolBeside(topology: Topology, pool: Pool, replica: ComponentId): Pool {
  const there = topology.pools.find((it) => it.client === pool.client && it.target === replica);
  if (there) return there;
  // A pooler leads to the primary alone.
  const { through: _through, ...own } = pool;
  return { ...own, id: `${pool.client}→${replica} pool`, target: replica };
}
