import { isAssumed, valueIn } from '../model/known.ts';
import { type CacheStep, type Endpoint, type Topology, walkSteps } from '../model/topology.ts';
import { instancesOf } from '../model/uses.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { eachStep } from './each-step.ts';
import { stationOfPool } from './binding.ts';
import { isLocked, type Load, loadMs, loadsOf } from './missed-loads.ts';
import { oncePerPlace } from './once.ts';
import { routeOf } from './route-of.ts';

/** Share of the rate at which the system breaks: the load under which the key runs out. */
export const PLANNED_SHARE = 0.8;
/** One load too many is no stampede. */
const LEAST_LOADS = 2;

interface Written {
  step: CacheStep;
  endpoint: Endpoint;
}

/** Where the key is written or deleted. */
function writesOf(topology: Topology, cache: CacheStep): Written[] {
  return topology.endpoints.flatMap((endpoint) => {
    const found: Written[] = [];
    walkSteps(endpoint.steps, (step) => {
      if (step.kind === 'cache' && step.operation !== 'read' && step.target === cache.target && step.key === cache.key) found.push({ step, endpoint });
    });
    return found;
  });
}

/** Loads at once when the key runs out: requests a second × the time that one load takes, at 0.8 × what the system carries. */
function loadsAtOnce({ scenario, outcome }: Evidence, endpoint: Endpoint, ms: number): number {
  const offered = outcome.endpoints.find((it) => it.id === endpoint.id)?.offeredPerSecond ?? 0;
  const carried = outcome.breaksAtPerSecond.value ?? scenario.targetPerSecond;
  const share = offered / Math.max(scenario.targetPerSecond, 1e-9);
  return (share * PLANNED_SHARE * carried * ms) / 1000;
}

function judge(evidence: Evidence, endpoint: Endpoint, cache: CacheStep): Weakness | undefined {
  const { topology, outcome } = evidence;
  const loads = loadsOf(cache);
  if (cache.operation !== 'read' || cache.onMiss.length === 0) return undefined;
  const pool = topology.pools.find((it) => loads.some((load) => load.kind === 'query' && load.pool === it.id));
  const station = pool && stationOfPool(outcome, pool);
  const base = { rule: 'cache-stampede', place: cache.place, component: endpoint.component, ...(station && { station: station.id }), certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  // One value for all: a key of a request's own is missed by that request alone.
  if (cache.keyVaries || endpoint.trigger.kind !== 'http' || endpoint.role === 'excluded') return { ...quiet, state: 'unknown' };
  if (loads.length === 0 || cache.loadsOnce || isLocked(cache)) return { ...quiet, state: 'sound' };
  const writes = writesOf(topology, cache);
  const isFilled = writes.some((it) => it.step.operation === 'write' && it.endpoint.id === endpoint.id);
  // Who fills it from outside keeps it from running out.
  const isRefreshed = writes.some((it) => it.step.operation === 'write' && it.endpoint.trigger.kind !== 'http');
  const ms = loadMs(loads);
  const ttlMs = valueIn(cache.ttlMs);
  if (!isFilled || isRefreshed || ms === undefined || ttlMs === undefined || loads.some((it) => it.mayShare || isWrite(it))) return { ...quiet, state: 'unknown' };
  const atOnce = loadsAtOnce(evidence, endpoint, ms);
  if (atOnce < LEAST_LOADS) return { ...quiet, state: 'unknown' };
  const [first] = loads as [Load];
  return {
    ...base,
    state: 'weak',
    facts: {
      key: cache.key,
      label: first.label,
      more: loads.length - 1,
      store: topology.components.find((it) => it.id === first.target)?.name ?? first.target,
      ttlMs,
      atOnce,
      endpointId: endpoint.id,
      route: routeOf(endpoint),
      // How long a load takes decides how many there are at once.
      ...(loads.some(isTimeAssumed) && { assumed: true }),
    },
    related: loads.map((it) => ({ place: it.place, says: `${it.label} fills it` })),
    remedies: [loadOnce(topology, endpoint, cache, loads)],
  };
}

const isWrite = (it: Load): boolean => it.kind === 'query' && it.operation !== 'read';

const isTimeAssumed = (it: Load): boolean => isAssumed(it.kind === 'query' ? it.holdMs : it.serviceMs);

function loadOnce(topology: Topology, endpoint: Endpoint, cache: CacheStep, loads: readonly Load[]): RemedyIdea {
  const component = topology.components.find((it) => it.id === endpoint.component);
  const processes = component ? instancesOf(component) : 1;
  const { file, line, column } = loads[0]?.place ?? cache.place;
  const isOne = loads.length === 1 && file !== '';
  return {
    id: 'load-once',
    effort: 3,
    does: `Load ${cache.key} once for all who wait for it`,
    change: { id: `load-once ${cache.place.file}:${cache.place.line}`, operations: [{ kind: 'loadOnce', place: cache.place }] },
    edit: isOne ? { recipe: 'load-once', args: { file, line, column: column ?? 1, key: cache.key } } : null,
    price: `${processes > 1 ? `one load for each of ${processes} processes` : 'one load per process'}; who waits for it gets its error too`,
    guidance:
      'Keep the promise of a load that is under way and give it to everybody who asks meanwhile. Across many processes: a lock in Redis (SET key NX PX) whose losers serve the old value, or a time to live whose last part answers with the old value while one request renews it (stale-while-revalidate).',
  };
}

export default {
  id: 'cache-stampede',
  number: 12,
  layer: 'cache',
  title: 'A key for all that everybody loads again when it runs out',
  find: (evidence) => oncePerPlace(eachStep(evidence.topology, ['cache'], (endpoint, step) => judge(evidence, endpoint, step))),
} satisfies Rule;
