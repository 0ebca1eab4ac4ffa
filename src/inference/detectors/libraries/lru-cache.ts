import { DATA, firstTold, isCallable, NOTHING, object, propertyOf, type Resource, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { cacheCommand, found, loadThrough, processCache } from './cache-steps.ts';

/** lru-cache: the last used keys in the memory of the process; `fetch` loads what is missing, once for all who wait. */
export default {
  id: 'lru-cache',
  packages: ['lru-cache', 'quick-lru', 'tiny-lru'],
  call(it, run) {
    if (it.receiver) return onCache(it, it.receiver, run);
    const isClass = /^(|default|LRUCache|LRU|QuickLRU|TTLCache)$/.test(it.name.split('.').at(-1) ?? '');
    if (!isClass || (!it.isNew && it.package === 'quick-lru')) return it.name === 'lru' ? made(it, run) : UNKNOWN;
    return made(it, run);
  },
} satisfies LibraryDetector;

function made(it: LibraryCall, run: CodeRun): Value {
  const [options, second] = it.args;
  if (options?.t === 'number') {
    return processCache(it, it.package, { max: toldValue(options, it.place), ttlMs: toldValue(second, it.place) }, run);
  }
  const max = firstTold(toldNumber(options, 'max'), toldNumber(options, 'maxSize'));
  const cache = processCache(it, it.package, { max, ttlMs: firstTold(toldNumber(options, 'ttl'), toldNumber(options, 'maxAge')) }, run);
  cache.data.load = propertyOf(options, 'fetchMethod');
  return cache;
}

function onCache(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const ttlMs = of.data.ttlMs as Told | undefined;
  switch (it.name) {
    case 'get':
    case 'peek':
    case 'has':
      return found(cacheCommand(it, of, 'read', it.args[0], ttlMs, run));
    case 'fetch':
    case 'forceFetch':
      return loadThrough(it, of, it.args[0], of.data.load as Value | undefined, ttlMs, run, [it.args[0] ?? DATA, UNKNOWN, object()], true);
    case 'memo':
      return loadThrough(it, of, it.args[0], UNKNOWN, ttlMs, run);
    case 'set': {
      const own = it.args[2]?.t === 'object' ? firstTold(toldNumber(it.args[2], 'ttl'), toldNumber(it.args[2], 'maxAge')) : undefined;
      const number = it.args[2]?.t === 'number' ? toldValue(it.args[2], it.place) : undefined;
      cacheCommand(it, of, 'write', it.args[0], own ?? number ?? ttlMs, run);
      return of;
    }
    case 'delete':
    case 'del':
    case 'clear':
    case 'reset':
      cacheCommand(it, of, 'delete', /^del/.test(it.name) ? it.args[0] : undefined, undefined, run);
      return NOTHING;
    default:
      return it.args.some(isCallable) ? undefined : UNKNOWN;
  }
}
