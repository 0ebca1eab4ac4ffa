import { type Known, type Place, valueIn } from '../model/known.ts';
import { type CacheStep, type Endpoint, type Step, type Topology, walkSteps } from '../model/topology.ts';
import type { Evidence, RemedyIdea, Rule, Weakness } from '../model/weakness.ts';
import { oncePerPlace } from './once.ts';

/** Added to what the guarded work may take, and rounded up to: a lock that ends with it would be as short. */
const SECOND = 1000;

/** A lock with what is waited for while it is held. */
interface Guarded {
  lock: CacheStep;
  steps: readonly Step[];
  /** It is given back in this program: a key that only runs out keeps others from doing the same again, no more. */
  isReleased: boolean;
}

function guardedIn(endpoint: Endpoint): Guarded[] {
  const all: Step[] = [];
  walkSteps(endpoint.steps, (step) => {
    all.push(step);
  });
  return all.flatMap((lock, at) => {
    if (lock.kind !== 'cache' || !lock.ifAbsent) return [];
    const isOwn = (it: Step): it is CacheStep => it.kind === 'cache' && it.target === lock.target && it.key === lock.key;
    const rest = all.slice(at + 1);
    const end = rest.findIndex((it) => isOwn(it) && it.operation === 'delete');
    const script = rest.findIndex((it) => it.kind === 'cache' && it.target === lock.target && /^eval/.test(it.label));
    const last = end >= 0 ? end : script;
    return [{ lock, steps: last < 0 ? rest : rest.slice(0, last), isReleased: last >= 0 }];
  });
}

interface Bound {
  label: string;
  ms: number;
  known: Extract<Known, { state: 'known' }>;
  place: Place;
}

/** What a step may take at most, where something says so: its timeout, what was measured, the time that it waits. */
function boundOf(step: Step, topology: Topology): Bound | undefined {
  const bound = (label: string, it: Known | undefined, times = 1): Bound | undefined =>
    it?.state === 'known' ? { label, ms: it.value * times, known: it, place: step.place } : undefined;
  if (step.kind === 'request' && step.awaited) return bound(step.label, step.timeoutMs, 1 + (valueIn(step.retries) ?? 0));
  if (step.kind === 'wait') return bound(step.label, step.ms);
  if (step.kind !== 'query' || !step.awaited) return undefined;
  const limit = bound(step.label, topology.pools.find((it) => it.id === step.pool)?.statementTimeoutMs);
  return limit ?? (step.holdMs.state === 'known' && step.holdMs.basis === 'measured' ? bound(step.label, step.holdMs) : undefined);
}

const isWork = (it: Step): boolean => (it.kind === 'query' || it.kind === 'request') && it.awaited && !(it.kind === 'query' && it.label.startsWith('connect to '));

function judge({ topology }: Evidence, endpoint: Endpoint, { lock, steps, isReleased }: Guarded): Weakness {
  const base = { rule: 'lock-shorter-than-query', place: lock.place, component: endpoint.component, certain: false };
  const quiet = { ...base, facts: {}, related: [], remedies: [] };
  const ttlMs = valueIn(lock.ttlMs);
  const isProlonged = lock.isExtended === true || steps.some((it) => it.kind === 'cache' && it.key === lock.key && it.operation === 'write');
  if (isProlonged) return { ...quiet, state: 'sound' };
  if (ttlMs === undefined || !isReleased || endpoint.role === 'excluded' || !steps.some(isWork)) return { ...quiet, state: 'unknown' };
  const bounds = steps.flatMap((it) => boundOf(it, topology) ?? []);
  const isBounded = steps.filter(isWork).every((it) => boundOf(it, topology) !== undefined);
  const most = bounds.reduce((sum, it) => sum + it.ms, 0);
  if (most <= ttlMs) return { ...quiet, state: isBounded ? 'sound' : 'unknown' };
  const longest = bounds.reduce((a, b) => (b.ms > a.ms ? b : a));
  const needed = Math.ceil((most + SECOND) / SECOND) * SECOND;
  return {
    ...base,
    state: 'weak',
    facts: {
      key: lock.key,
      ttlMs,
      workMs: most,
      label: longest.label,
      measured: longest.known.basis === 'measured',
      // A default of the library is nobody's decision.
      ...(longest.known.basis !== 'declared' && longest.known.basis !== 'measured' && { assumed: true }),
    },
    related: bounds.map((it) => ({ place: it.place, says: `${it.label} may take ${it.ms} ms` })),
    remedies: [lengthen(lock, ttlMs, needed)],
  };
}

function lengthen(lock: CacheStep, ttlMs: number, needed: number): RemedyIdea {
  const at = lock.ttlMs.state === 'known' ? lock.ttlMs.place : undefined;
  return {
    id: 'set-lock-ttl',
    effort: 1,
    does: `Keep the lock for ${needed / SECOND} s`,
    change: { id: `set-lock-ttl ${lock.place.file}:${lock.place.line} ${needed}`, operations: [{ kind: 'setLockTtl', place: lock.place, ttlMs: needed }] },
    edit: at && at.file !== '' ? { recipe: 'set-lock-ttl', args: { file: at.file, line: at.line, fromMs: ttlMs, toMs: needed } } : null,
    price: `after a crash others wait up to ${needed / SECOND} s`,
    guidance:
      'A longer lifetime where the lock is taken; or prolong it while the work goes on (redlock.using, lock.extend), or give the work a deadline that is shorter than the lock.',
  };
}

export default {
  id: 'lock-shorter-than-query',
  number: 13,
  layer: 'cache',
  title: 'A lock that runs out before the work it guards',
  find: (evidence) => oncePerPlace(evidence.topology.endpoints.flatMap((endpoint) => guardedIn(endpoint).map((it) => judge(evidence, endpoint, it)))),
} satisfies Rule;
