import type { Keeping, Upkeep } from '../../../model/topology.ts';
import { isCallable, patternOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftCache, LibraryCall, Told } from '../../detector.ts';

/** A cache in the memory of the process: it asks nobody, and every process fills its own. `max`: what it holds at most; absent: it grows. */
export function processCache(it: Pick<LibraryCall, 'place'>, library: string, options: { ttlMs?: Told | undefined; max?: Told | undefined }, run: CodeRun): Resource {
  const made = run.make('Cache', it.place, { engine: 'memory', library, local: true, ttlMs: options.ttlMs, max: options.max });
  made.data.client = made;
  claimUsualLifetime(library, options.ttlMs, run);
  const max = options.max;
  if (max && 'value' in max && max.value > 0) run.claim({ kind: 'fact', type: 'cache_size', subject: library, value: max.value, unit: 'entries', place: max.place });
  return made;
}

/** How long a cache keeps what says no lifetime of its own: said where the cache is made, whether or not a traced command relies on it. */
export function claimUsualLifetime(subject: string, ttlMs: Told | undefined, run: CodeRun): void {
  if (ttlMs && 'value' in ttlMs && ttlMs.value > 0) run.claim({ kind: 'fact', type: 'cache_ttl', subject, value: ttlMs.value, unit: 'ms', place: ttlMs.place });
}

/** Records one command on a key. `client` is what holds the keys: a connection, or a cache in the process. */
export function cacheCommand(it: LibraryCall, client: Resource, operation: DraftCache['operation'], key: Value | undefined, ttlMs: Told | undefined, run: CodeRun): DraftCache {
  const { pattern, varies } = patternOf(key);
  const step: DraftCache = {
    kind: 'cache',
    client,
    label: `${it.name || 'get'} ${pattern}`,
    operation,
    key: pattern,
    keyVaries: varies,
    ...(ttlMs && operation !== 'delete' && { ttlMs }),
    ...(operation === 'write' && client.data.local === true && { keeping: { upkeep: upkeepOf(client, ttlMs, run), keys: keysOf(key) } }),
    onMiss: [],
    awaited: true,
    place: it.place,
  };
  run.record(step);
  return step;
}

/** What a read gives back: the value is there exactly on a hit. */
export const found = (step: DraftCache): Value => ({ t: 'data', hit: { step, negated: false } });

/** `wrap`, `fetch` and the like: on a miss the value is loaded and kept; `once`: the library lets others wait for a load that is under way. */
export function loadThrough(
  it: LibraryCall,
  client: Resource,
  key: Value | undefined,
  load: Value | undefined,
  ttlMs: Told | undefined,
  run: CodeRun,
  args: readonly Value[] = [],
  once = false,
): Value {
  const step = cacheCommand(it, client, 'read', key, ttlMs, run);
  if (!isCallable(load)) return found(step);
  if (once) step.loadsOnce = true;
  let result: Value = UNKNOWN;
  step.onMiss = run.apart(() => {
    result = run.call(load, args);
    cacheCommand({ ...it, name: 'set' }, client, 'write', key, ttlMs, run);
  });
  return result.t === 'unknown' || result.t === 'nothing' ? { t: 'data' } : result;
}

/** A number of another unit as milliseconds; a text, a function or the like can't be read. */
export const scaledTold = (it: Told | undefined, factor: number): Told | undefined => (it && 'value' in it ? { ...it, value: it.value * factor } : it);

/** These push entries out by their number, whatever they are told. */
const PUSH_OUT = /^(lru-cache|quick-lru|tiny-lru|cache-manager)$/;

function upkeepOf(client: Resource, ttlMs: Told | undefined, run: CodeRun): Upkeep {
  if (PUSH_OUT.test(String(client.data.library))) return 'some';
  const limits = [ttlMs, client.data.max as Told | undefined].filter((it) => it !== undefined);
  if (limits.some((it) => 'value' in it && it.value > 0)) return 'some';
  return limits.some((it) => !('value' in it)) ? 'unknown' : run.upkeepOf(client.place);
}

/** Data of a request, and what is made anew each time, never ends; what rows and messages hold may be few. */
export function keysOf(key: Value | undefined): Keeping['keys'] {
  if (textOf(key) !== undefined || key?.t === 'boolean') return 'few';
  if (key?.t === 'data' && key.isLookedUp) return 'unknown';
  if (key?.t === 'data') return key.request || key.isNew ? 'endless' : 'unknown';
  if (key?.t !== 'text') return 'unknown';
  return key.parts.some((it) => typeof it !== 'string' && keysOf(it) === 'endless') ? 'endless' : 'unknown';
}
