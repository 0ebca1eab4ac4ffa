import { valueIn } from '../model/known.ts';
import { type CacheStep, type Endpoint, type QueryStep, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { oncePerPlace } from './once.ts';
import { routeOf } from './route-of.ts';

/** A read that a cache answers, with the tables that fill it: where it misses, it is written. A flag or a version that is only looked at is no copy of anything. */
interface Cached {
  step: CacheStep;
  tables: ReadonlySet<string>;
}

/** What one program writes, and which keys it touches outside of a miss. */
interface Writer {
  endpoint: Endpoint;
  writes: readonly QueryStep[];
  touches: readonly CacheStep[];
  /** It tells others, who may do the rest. */
  tells: boolean;
}

const tableOf = (step: QueryStep): string | undefined => step.statement && `${step.target} ${step.statement.table.toLowerCase()}`;

function cachedReads(topology: Topology): Cached[] {
  const found = new Map<string, { step: CacheStep; tables: Set<string> }>();
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step, enclosing) => {
      const cache = enclosing.find((it): it is CacheStep => it.kind === 'cache' && it.operation === 'read');
      const table = step.kind === 'query' && step.operation === 'read' ? tableOf(step) : undefined;
      if (!cache || !table || !isNamed(cache.key) || !isFilled(cache)) return;
      const before = found.get(`${cache.target} ${cache.key}`) ?? { step: cache, tables: new Set<string>() };
      before.tables.add(table);
      found.set(`${cache.target} ${cache.key}`, before);
    });
  return [...found.values()];
}

/** A counter that goes up, or a key that lasts longer, is not filled from a table. */
const COUNTS = /^(incr|decr|expire|pexpire|persist|hincr)/i;

function isFilled({ target, key, onMiss }: CacheStep): boolean {
  let found = false;
  walkSteps(onMiss, (step) => void (found ||= step.kind === 'cache' && step.operation === 'write' && step.target === target && mayMeet(step.key, key) && !COUNTS.test(step.label)));
  return found;
}

function writerOf(endpoint: Endpoint): Writer {
  const writes: QueryStep[] = [];
  const touches: CacheStep[] = [];
  let tells = endpoint.unread !== undefined;
  walkSteps(endpoint.steps, (step, enclosing) => {
    const isMiss = enclosing.some((it) => it.kind === 'cache' && it.operation === 'read');
    if (step.kind === 'query' && step.operation === 'write' && step.statement) writes.push(step);
    if (step.kind === 'cache' && step.operation !== 'read' && !isMiss) touches.push(step);
    tells ||= step.kind === 'publish';
  });
  return { endpoint, writes, touches, tells };
}

/** Two keys with `*` for what varies may be the same one. */
function mayMeet(a: string, b: string): boolean {
  const asPattern = (it: string): RegExp =>
    new RegExp(
      `^${it
        .split('*')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    );
  return asPattern(a).test(b) || asPattern(b).test(a);
}

/** Of what its letters name no more than that it varies nobody knows what lies under it. */
const isNamed = (key: string): boolean => /[A-Za-z]/.test(key);

/** An insert changes lists, not what is kept of another row. */
const isFelt = (write: QueryStep, { step }: Cached): boolean => !(write.statement?.adds && step.keyVaries);

function judge({ topology }: Evidence, cached: Cached, writers: readonly Writer[]): Weakness[] {
  const { step } = cached;
  const touched = ({ touches }: Writer): CacheStep | undefined => touches.find((it) => it.target === step.target && mayMeet(it.key, step.key));
  const felt = (it: Writer): QueryStep | undefined => it.writes.find((write) => cached.tables.has(tableOf(write) ?? '') && isFelt(write, cached));
  const concerned = writers.filter((it) => felt(it) !== undefined);
  const careful = concerned.find((it) => touched(it) !== undefined);
  return concerned.map((it): Weakness => {
    const write = felt(it) as QueryStep;
    const base = { rule: 'stale-cache-write', place: write.place, component: it.endpoint.component, certain: false };
    const silent = { ...base, facts: {}, related: [], remedies: [] };
    if (touched(it)) return { ...silent, state: 'sound' };
    // Nobody drops the key: that it grows old is a choice.
    const drop = careful && touched(careful);
    if (!careful || !drop || it.tells || it.endpoint.role === 'excluded') return { ...silent, state: 'unknown' };
    const ttlMs = valueIn(step.ttlMs);
    return {
      ...base,
      state: 'weak',
      facts: { label: write.label, key: step.key, store: nameOf(topology, step.target), ttlMs: ttlMs ?? null, other: routeOf(careful.endpoint) },
      related: [
        { place: step.place, says: 'reads are answered from here' },
        { place: drop.place, says: `${routeOf(careful.endpoint)} drops the key` },
      ],
      remedies: [drops(drop)],
    };
  });
}

const nameOf = (topology: Topology, id: string): string => topology.components.find((it) => it.id === id)?.name ?? id;

function drops({ label, operation }: CacheStep): RemedyIdea {
  return {
    id: 'drop-key',
    effort: 3,
    does: operation === 'delete' ? 'Drop the key after this write too' : 'Write the key after this write too',
    change: null,
    edit: null,
    price: 'one more command for each write',
    guidance: `${label} behind this write, once it is committed; best in the one function through which all writes of the table go.`,
  };
}

export default {
  id: 'stale-cache-write',
  number: 16,
  layer: 'cache',
  title: 'A write that leaves an old answer in the cache',
  find: (evidence) => {
    const writers = evidence.topology.endpoints.map(writerOf).filter((it) => it.writes.length > 0);
    return oncePerPlace(cachedReads(evidence.topology).flatMap((it) => judge(evidence, it, writers)));
  },
} satisfies Rule;
