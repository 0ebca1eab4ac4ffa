import { isAssumed } from '../model/known.ts';
import type { ComponentId, Endpoint, QueryStep, Topology } from '../model/topology.ts';
import type { Evidence, Rule, Weakness } from '../model/weakness.ts';
import { bindingDatabase, bindingStation, fails, undecided } from './binding.ts';
import { cacheBetween } from './cache-remedy.ts';
import { tableNamed } from './few-rows.ts';
import { coverOf } from './index-cover.ts';
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

/** No index serves the question: it goes through its table. */
function goesThrough(topology: Topology, { target, statement }: QueryStep): boolean {
  const table = statement && tableNamed(topology, statement.table);
  const engine = topology.components.find((it) => it.id === target)?.engine ?? '';
  return statement !== undefined && table?.isWhole === true && coverOf(table, statement, engine) === 'none';
}

/**
 * Reads of the same table and the same routes that go through all of its rows as `first` does.
 * Which of them takes longer nobody knows who has not measured: only of all together it can be said how large a part they are.
 */
function likeIt({ topology }: Evidence, reads: readonly Read[], first: Read): readonly Read[] {
  if (!isAssumed(first.step.holdMs) || !goesThrough(topology, first.step)) return [];
  const isOfSame = (it: Read): boolean => it.step.statement?.table === first.step.statement?.table && it.endpoints.every((one) => first.endpoints.includes(one));
  return reads.filter((it) => it !== first && !it.isCached && isOfSame(it) && isAssumed(it.step.holdMs) && goesThrough(topology, it.step));
}

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
  const alike = likeIt(evidence, reads, first);
  const share = [first, ...alike].reduce((sum, it) => sum + it.work, 0) / total;
  const isDatabase = bindingStation(outcome)?.kind === 'store' || (outcome.stations.find((it) => it.kind === 'store' && it.component === database)?.utilisation ?? 0) >= BUSY;
  const matters = isDatabase && share >= DOMINATES && (fails(scenario, outcome) || undecided(scenario, outcome));
  if (!matters || readsAll(evidence, first.step)) return [{ ...silent, state: 'unknown' }];
  const routes = [...new Set(first.endpoints.map(routeOf))];
  return [
    {
      ...base,
      state: 'weak',
      facts: {
        label: [first, ...alike].map((it) => it.step.label).join(' and '),
        reads: 1 + alike.length,
        share,
        // Which read is most of the work hangs on how long each of them takes.
        assumed: isAssumed(first.step.holdMs),
        store: topology.components.find((it) => it.id === database)?.name ?? database,
        storeId: database,
        route: routes.length > 1 ? `${routes[0]} and ${routes.length - 1} more` : (routes[0] ?? ''),
      },
      related: [
        ...alike.map(({ step }) => ({ place: step.place, says: `${step.label} goes through the same rows, and may take as long` })),
        ...first.endpoints.slice(0, 4).map((it) => ({ place: it.place, says: `${routeOf(it)} asks for it` })),
      ],
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
