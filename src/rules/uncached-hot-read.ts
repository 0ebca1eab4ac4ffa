import type { ComponentId, Endpoint, QueryStep } from '../model/topology.ts';
import type { Evidence, Rule, Weakness } from '../model/weakness.ts';
import { bindingDatabase, bindingStation, fails, undecided } from './binding.ts';
import { cacheBetween } from './cache-remedy.ts';
import { repeatedCalls } from './repeated-calls.ts';
import { sumOf, workAt } from './store-work.ts';
import unboundedQuery from './unbounded-query.ts';
import { routeOf } from './route-of.ts';

/** Share of the database's work from which a read is what has to go. */
const DOMINATES = 0.5;
/** Below this a pool is what is small, not the database. */
const BUSY = 0.7;

/** One read in the code, with all that the load makes of it. */
interface Read {
  step: QueryStep;
  endpoints: Endpoint[];
  work: number;
  isCached: boolean;
}

/** Work that the load brings to a database, by the place of the read; writes, and reads inside transactions, count to the total alone. */
function readsAt(evidence: Evidence, database: ComponentId): { reads: readonly Read[]; total: number } {
  const reads = new Map<string, Read>();
  const all = workAt(evidence, database);
  for (const { step, endpoint, enclosing, perSecond } of all) {
    const isRepeatable = endpoint.trigger.kind === 'http' && endpoint.role === 'read' && step.operation === 'read';
    if (!isRepeatable || step.usesHeld || !step.awaited || enclosing.some((it) => it.kind === 'hold')) continue;
    const isCached = enclosing.some((it) => it.kind === 'cache');
    const key = `${endpoint.component} ${step.label} ${step.place.file}:${step.place.line}`;
    const before = reads.get(key);
    reads.set(key, { step, endpoints: [...(before?.endpoints ?? []), endpoint], work: (before?.work ?? 0) + perSecond, isCached });
  }
  return { reads: [...reads.values()].sort((a, b) => b.work - a.work), total: sumOf(all) };
}

/** What reads all rows is cured by a page; kept for a minute it stays as long as it is. */
const readsAll = (evidence: Evidence, { place }: QueryStep): boolean =>
  unboundedQuery.find(evidence).some((it) => it.state === 'weak' && it.place.file === place.file && it.place.line === place.line);

function judge(evidence: Evidence): Weakness[] {
  const { topology, scenario, outcome } = evidence;
  const database = bindingDatabase(topology, outcome);
  if (database === undefined) return [];
  const { reads, total } = readsAt(evidence, database);
  const [first] = reads;
  const endpoint = first?.endpoints[0];
  if (!first || !endpoint || total <= 0) return [];
  const base = { rule: 'uncached-hot-read', place: first.step.place, component: endpoint.component, ...(outcome.binding && { station: outcome.binding }), certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  if (first.isCached) return [{ ...silent, state: 'sound' }];
  const share = first.work / total;
  const isDatabase = bindingStation(outcome)?.kind === 'store' || (outcome.stations.find((it) => it.kind === 'store' && it.component === database)?.utilisation ?? 0) >= BUSY;
  const matters = isDatabase && share >= DOMINATES && (fails(scenario, outcome) || undecided(scenario, outcome));
  if (!matters || readsAll(evidence, first.step)) return [{ ...silent, state: 'unknown' }];
  const routes = [...new Set(first.endpoints.map(routeOf))];
  return [
    {
      ...base,
      state: 'weak',
      facts: {
        label: first.step.label,
        share,
        // Which read is most of the work hangs on how long each of them takes.
        assumed: first.step.holdMs.state === 'known' && first.step.holdMs.basis === 'assumed',
        store: topology.components.find((it) => it.id === database)?.name ?? database,
        storeId: database,
        route: routes.length > 1 ? `${routes[0]} and ${routes.length - 1} more` : (routes[0] ?? ''),
      },
      related: first.endpoints.slice(0, 4).map((it) => ({ place: it.place, says: `${routeOf(it)} asks for it` })),
      remedies: [cacheBetween(topology, { from: endpoint.component, to: database, label: first.step.label, place: first.step.place, endpoints: first.endpoints })],
    },
  ];
}

export default {
  id: 'uncached-hot-read',
  number: 11,
  layer: 'cache',
  title: 'One read that no cache answers is most of what the database does',
  find: (evidence) => [...judge(evidence), ...repeatedCalls(evidence)],
} satisfies Rule;
