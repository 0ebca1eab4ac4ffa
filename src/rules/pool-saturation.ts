import { valueIn } from '../model/known.ts';
import { walkRuns } from '../model/often.ts';
import { type Component, type Endpoint, type Pool, type QueryStep, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { fails, givesWay, PLANNED_UTILISATION, stationOfPool, undecided } from './binding.ts';
import { cacheBetween } from './cache-remedy.ts';
import { hostOf } from './ledger.ts';
import { madeWith, placeOf, roomForAll, setSizes, sizeEdit, sizePrice } from './shared-pools.ts';

function judge(evidence: Evidence, pool: Pool): Weakness {
  const { topology, scenario, outcome } = evidence;
  const station = stationOfPool(outcome, pool);
  const size = valueIn(pool.max);
  const store = topology.components.find((it) => it.id === pool.target);
  const base = { rule: 'pool-saturation', place: placeOf(pool), component: pool.client, ...(station && { station: station.id }), certain: false };
  const silent: Weakness = { ...base, state: 'unknown', facts: {}, related: [], remedies: [] };
  if (!station || size === undefined || !store) return silent;
  const binds = givesWay(outcome, station.id);
  const weak = binds && (fails(scenario, outcome) || undecided(scenario, outcome));
  // The verdict of another station may hide this one: only a load that it carries with room to spare makes it sound.
  if (!weak) return { ...silent, state: binds || station.utilisation < 1 ? 'sound' : 'unknown' };
  return {
    ...base,
    state: 'weak',
    facts: {
      pool: station.label,
      poolId: pool.id,
      size,
      library: pool.library,
      sizeBasis: pool.max.state === 'known' ? pool.max.basis : null,
      instances: station.instances,
      utilisation: station.utilisation,
      holdMs: station.meanHoldMs,
      arrivalsPerSecond: station.arrivalsPerSecond,
      store: store.name,
    },
    related: related(evidence, pool, store),
    remedies: [...resize(evidence, pool, size), ...cacheReads(evidence, pool)],
  };
}

/**
 * Little's law: connections in use at the target, over the utilisation to plan with; never more than the store's cores and connections allow.
 * Where assumed holding times decide, the size at which the cores bind first is right whatever the times are: both grow with them.
 */
export function resize(evidence: Evidence, pool: Pool, size: number): RemedyIdea[] {
  const { topology } = evidence;
  const pools = madeWith(topology, pool);
  const wanted = Math.max(...pools.map((it) => sizeFor(evidence, it)));
  const value = Math.min(wanted, roomForAll(topology, pools) ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(value) || value <= size || pools.some((it) => waitsForItself(topology, it) || hasOneWriter(topology, it))) return [];
  return [
    {
      id: 'set-pool-max',
      effort: 1,
      does: `Set pool max to ${value}`,
      change: { id: `set-pool-max ${pool.id} ${value}`, operations: setSizes(pools, value) },
      edit: sizeEdit(pool, value),
      price: sizePrice(topology, pools, value),
    },
  ];
}

/** A file that one connection at a time may write: clients have one connection on purpose, and a second one is told that the file is locked. */
const hasOneWriter = ({ components }: Topology, pool: Pool): boolean => components.some((it) => it.id === pool.target && it.engine === 'sqlite');

/** Requests that hold one of its connections wait for another: their holding time is mostly that wait, and no size follows from it. */
function waitsForItself(topology: Topology, pool: Pool): boolean {
  let found = false;
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step, enclosing) => {
      found ||= step.kind === 'query' && step.pool === pool.id && !step.usesHeld && step.awaited && enclosing.some((it) => it.kind === 'hold' && it.pool === pool.id);
    });
  return found;
}

/** The size that one pool needs; 0 where nothing is known of its load. */
function sizeFor({ scenario, outcome }: Evidence, pool: Pool): number {
  const station = stationOfPool(outcome, pool);
  const size = valueIn(pool.max);
  if (!station || size === undefined) return 0;
  const cores = outcome.stations.find((it) => it.kind === 'store' && it.component === pool.target);
  // Beyond the rate at which the store's cores are full, more connections only move the queue into the store.
  const untilCoresBind = cores && cores.utilisation > 0 ? 1 / cores.utilisation : 1;
  const scale = undecided(scenario, outcome) ? untilCoresBind : Math.min(1, untilCoresBind);
  return Math.ceil((station.utilisation * size * scale) / PLANNED_UTILISATION);
}

/** Cache-aside before the read that keeps the most connections busy. */
function cacheReads({ topology, outcome }: Evidence, pool: Pool): RemedyIdea[] {
  const reads = topology.endpoints.filter((it) => it.component === pool.client && it.role === 'read' && it.trigger.kind === 'http');
  const weighed = reads.flatMap((endpoint) => {
    const query = heaviestRead(endpoint, pool);
    const rate = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
    return query && rate > 0 ? [{ endpoint, query, work: rate * (valueIn(query.holdMs) ?? 0) }] : [];
  });
  const [most] = weighed.sort((a, b) => b.work - a.work);
  if (!most) return [];
  const { endpoint, query } = most;
  return [cacheBetween(topology, { from: pool.client, to: pool.target, label: query.label, place: query.place, endpoints: [endpoint] })];
}

function heaviestRead(endpoint: Endpoint, pool: Pool): QueryStep | undefined {
  const found: QueryStep[] = [];
  walkSteps(endpoint.steps, (step, enclosing) => {
    const reads = step.kind === 'query' && step.pool === pool.id && step.operation === 'read' && !step.usesHeld;
    if (reads && !enclosing.some((it) => it.kind === 'cache')) found.push(step);
  });
  return found.sort((a, b) => (valueIn(b.holdMs) ?? 0) - (valueIn(a.holdMs) ?? 0))[0];
}

/** A reader goes through so many; the rest is among the steps of the routes. */
const MOST_NAMED = 8;

/** What keeps the connections busy, most of all first. */
function related({ topology, outcome }: Evidence, pool: Pool, store: Component): Weakness['related'] {
  const held = new Map<string, { step: QueryStep; work: number }>();
  for (const endpoint of topology.endpoints) {
    const rate = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
    walkRuns(endpoint.steps, (step, often) => {
      if (step.kind !== 'query' || step.pool !== pool.id) return;
      const before = held.get(step.label);
      held.set(step.label, { step: before?.step ?? step, work: (before?.work ?? 0) + rate * often * (valueIn(step.holdMs) ?? 0) });
    });
  }
  const most = [...held.values()].sort((a, b) => b.work - a.work).slice(0, MOST_NAMED);
  const queries = most.map(({ step }) => ({ place: step.place, says: `${step.label} holds a connection of this pool` }));
  return [...queries, ...store.places.slice(0, 1).map((place) => ({ place, says: `${store.name}: the store behind the pool` }))];
}

export default {
  id: 'pool-saturation',
  number: 1,
  layer: 'data',
  title: 'A connection pool gives way first',
  find: (evidence) => evidence.topology.pools.filter((it) => !it.multiplexed && hostOf(evidence.topology, it.client)?.scope === 'runtime').map((pool) => judge(evidence, pool)),
} satisfies Rule;
