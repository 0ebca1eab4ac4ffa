import type { CacheStep, Endpoint } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { eachStep } from './each-step.ts';
import { oncePerPlace } from './once.ts';

/** Entries that a bound leaves: 10 MB at 1 KB each. */
const MOST_ENTRIES = 10_000;

/** What is put into a collection of the process, which nothing may ever take out again. */
function judge({ topology }: Evidence, endpoint: Endpoint, step: CacheStep): Weakness | undefined {
  const { keeping } = step;
  if (!keeping || step.operation !== 'write' || endpoint.role === 'excluded') return undefined;
  // An instance that a platform starts for its calls does not live long enough.
  if (topology.components.find((it) => it.id === endpoint.component)?.onDemand) return undefined;
  const base = { rule: 'unbounded-cache', place: step.place, component: endpoint.component, certain: false };
  const silent = { ...base, facts: {}, related: [], remedies: [] };
  if (keeping.upkeep === 'some' || keeping.keys === 'few') return { ...silent, state: 'sound' };
  if (keeping.upkeep === 'unknown' || keeping.keys === 'unknown') return { ...silent, state: 'unknown' };
  const route = endpoint.trigger.kind === 'http' ? `${endpoint.trigger.method} ${endpoint.trigger.path}` : endpoint.id;
  return {
    ...base,
    state: 'weak',
    facts: { label: step.label, route, target: step.target, key: step.key },
    related: [{ place: endpoint.place, says: `${route} adds entries` }],
    remedies: [bound(step)],
  };
}

/** Only the language's own collections know which entry is the oldest. */
const isOrdered = (step: CacheStep): boolean => / a (Map|Set) in memory$/.test(step.label);

function bound(step: CacheStep): RemedyIdea {
  const { place } = step;
  const { file, line } = place;
  return {
    id: 'bound-collection',
    effort: 1,
    does: `Hold at most ${MOST_ENTRIES} entries`,
    change: { id: `bound-collection ${file}:${line}`, operations: [{ kind: 'boundCollection', place, most: MOST_ENTRIES }] },
    edit: file === '' || !isOrdered(step) ? null : { recipe: 'bound-collection', args: { file, line, most: MOST_ENTRIES } },
    price: `the oldest of more than ${MOST_ENTRIES} entries is gone when it is asked for`,
    guidance: `new LRUCache({ max: ${MOST_ENTRIES} }) of lru-cache in place of the map; or delete each entry where its work ends.`,
  };
}

export default {
  id: 'unbounded-cache',
  number: 14,
  layer: 'cache',
  title: 'A collection in memory that only grows',
  find: (evidence) => oncePerPlace(eachStep(evidence.topology, ['cache'], (endpoint, step) => judge(evidence, endpoint, step))),
} satisfies Rule;
