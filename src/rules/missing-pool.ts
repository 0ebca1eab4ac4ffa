import { valueIn } from '../model/known.ts';
import type { Endpoint, Pool, QueryStep, Topology } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { eachStep } from './each-step.ts';
import { stationOfPool } from './binding.ts';
import { oncePerPlace } from './once.ts';

const routeOf = ({ trigger }: Endpoint): string =>
  trigger.kind === 'http' ? `${trigger.method} ${trigger.path}` : `each ${trigger.kind === 'message' ? `message on ${trigger.channel}` : 'round'}`;

/** Only what a request or a message starts counts: a timer or a probe that connects for itself is fine. */
const isServing = (it: Endpoint): boolean => it.role !== 'excluded' && it.trigger.kind !== 'schedule';

function judge({ topology, outcome }: Evidence, endpoint: Endpoint, step: QueryStep): Weakness | undefined {
  const pool = step.opens?.pool ?? topology.pools.find((it) => it.id === step.pool);
  if (!pool) return undefined;
  const station = stationOfPool(outcome, pool);
  const base = { rule: 'missing-pool', place: pool.place, component: endpoint.component, ...(station && { station: station.id }), certain: true };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  if (!step.opens) return { ...quiet, state: 'sound' };
  if (!step.opens.isCertain || !isServing(endpoint)) return { ...quiet, state: 'unknown' };
  const store = topology.components.find((it) => it.id === step.target);
  return {
    ...base,
    state: 'weak',
    facts: { route: routeOf(endpoint), endpointId: endpoint.id, storeId: step.target, store: store?.name ?? step.target, library: pool.library, poolId: pool.id },
    related: [{ place: endpoint.place, says: `${routeOf(endpoint)} comes here` }],
    remedies: [keep(topology, endpoint, pool, step)],
  };
}

function keep(topology: Topology, endpoint: Endpoint, pool: Pool, step: QueryStep): RemedyIdea {
  const { file, line } = pool.place;
  const size = valueIn(pool.max);
  const processes = instances(topology, endpoint.component);
  const beside = topology.pools.find((it) => it.client === endpoint.component && it.target === step.target && !it.multiplexed);
  const each = pool.multiplexed
    ? 'one connection per process stays open'
    : size === undefined
      ? 'a pool per process stays open'
      : `up to ${size} connections per process stay open`;
  const all = !pool.multiplexed && size !== undefined && processes !== undefined && processes > 1 ? `, ${size * processes} in all` : '';
  return {
    id: 'keep-client',
    effort: 1,
    does: pool.multiplexed || pool.library === 'prisma' ? 'Make the client once per process' : 'Share one pool per process',
    change: { id: `keep-client ${file}:${line}`, operations: [{ kind: 'keepClient', place: pool.place }] },
    edit: file === '' ? null : { recipe: 'keep-client', args: { file, line, library: pool.library } },
    price: `${each}${all}`,
    guidance: beside
      ? `The workspace has a pool for ${step.target} already (${beside.place.file}:${beside.place.line}): use that one.`
      : 'Make the pool at the top of a module, import it where it is needed, and give connections back (release) instead of closing them.',
  };
}

function instances(topology: Topology, id: string): number | undefined {
  const component = topology.components.find((it) => it.id === id);
  const [replicas, processes] = [component && valueIn(component.replicas), component && valueIn(component.processes)];
  return replicas === undefined || processes === undefined ? undefined : replicas * processes;
}

/** One construction is one defect; the routes that come to it are related. */
function onePerConstruction(all: readonly Weakness[]): Weakness[] {
  return oncePerPlace(all).map((it) => {
    if (it.state !== 'weak') return it;
    const key = (one: Weakness): string => `${one.place.file}:${one.place.line}:${one.place.column ?? 0}`;
    const routes = all.filter((one) => one.state === 'weak' && key(one) === key(it)).flatMap((one) => one.related);
    const distinct = routes.filter((one, at) => routes.findIndex((other) => other.says === one.says) === at);
    return { ...it, facts: { ...it.facts, routes: distinct.length }, related: distinct.slice(0, 5) };
  });
}

export default {
  id: 'missing-pool',
  number: 2,
  layer: 'data',
  title: 'A new connection for every request',
  find: (evidence) => onePerConstruction(eachStep(evidence.topology, ['query'], (endpoint, step) => judge(evidence, endpoint, step))),
} satisfies Rule;
