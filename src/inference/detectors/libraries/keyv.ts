import { isCallable, propertyOf, type Resource, toldNumber, toldValue, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn } from './address.ts';
import { cacheCommand, claimUsualLifetime, found, processCache } from './cache-steps.ts';

/** Keyv and its stores: what holds the keys is a connection, or the memory of the process where none is given. */
export default {
  id: 'keyv',
  packages: ['keyv', '@keyv/redis', '@keyv/valkey', '@keyv/memcache', 'cacheable'],
  call(it, run) {
    if (it.receiver) return onKeyv(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (/^@keyv\//.test(it.package)) return it.isNew || /^createKeyv/.test(name) ? remote(it, run) : UNKNOWN;
    if (/^(CacheableMemory|KeyvCacheableMemory)$/.test(name) && it.isNew) {
      const [options] = it.args;
      return processCache(it, 'cacheable', { ttlMs: toldNumber(options, 'ttl'), max: toldNumber(options, 'lruSize') }, run);
    }
    if (it.package !== 'keyv' || !it.isNew) return UNKNOWN;
    return keyv(it, run);
  },
} satisfies LibraryDetector;

/** A store on a server: its connection is made here, or given. */
function remote(it: LibraryCall, run: CodeRun): Resource {
  const [first] = it.args;
  const isMemcache = it.package === '@keyv/memcache';
  const client =
    first?.t === 'resource'
      ? first
      : run.make('Connection', it.place, {
          engine: isMemcache ? 'memcached' : 'redis',
          library: it.package,
          multiplexed: true,
          address: addressIn(propertyOf(first, 'socket') && !propertyOf(first, 'url') ? propertyOf(first, 'socket') : first),
        });
  if (client !== first) run.claim({ kind: 'client', client });
  return run.make('Keyv', it.place, { client });
}

function keyv(it: LibraryCall, run: CodeRun): Resource {
  const [first, second] = it.args;
  const options = second ?? (first?.t === 'object' ? first : undefined);
  const ttlMs = toldNumber(options, 'ttl');
  const given = propertyOf(options, 'store') ?? (first?.t === 'resource' ? first : undefined);
  claimUsualLifetime('keyv', ttlMs, run);
  if (given?.t === 'resource' && given.library !== 'collections') return run.make('Keyv', it.place, { client: given.data.client ?? given, ttlMs });
  const url = first?.t === 'text' || first?.t === 'unset' ? first : propertyOf(options, 'uri');
  const { scheme } = addressIn(url);
  const isRedis = scheme === 'redis' || scheme === 'rediss' || url?.t === 'unset';
  if (isRedis) {
    const made = remote({ ...it, package: '@keyv/redis', args: [url as Value] }, run);
    made.data.ttlMs = ttlMs;
    return made;
  }
  // A store that can't be read is no cache of the process.
  if (given && truth(given) !== false && given.t !== 'object' && given.t !== 'instance' && !isMap(given)) return run.make('Unread', it.place, {});
  return processCache(it, 'keyv', { ttlMs }, run);
}

const isMap = (it: Value): boolean => (it.t === 'package' && it.name === 'global') || (it.t === 'resource' && it.library === 'collections');

function onKeyv(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = of.data.client as Resource | undefined;
  if (!client) {
    if (run.isTracing() && /^(get|set|delete|clear|has)$/.test(it.name)) run.record({ kind: 'unread', package: 'keyv', place: it.place });
    return { t: 'data' };
  }
  const ttlMs = of.data.ttlMs as Told | undefined;
  switch (it.name) {
    case 'get':
    case 'has':
    case 'getMany':
      return found(cacheCommand(it, client, 'read', it.name === 'getMany' ? undefined : it.args[0], ttlMs, run));
    case 'set':
      cacheCommand(it, client, 'write', it.args[0], toldValue(it.args[2], it.place) ?? ttlMs, run);
      return { t: 'boolean', v: true };
    case 'iterator':
      cacheCommand(it, client, 'read', undefined, undefined, run).scans = true;
      return { t: 'data' };
    case 'delete':
    case 'deleteMany':
    case 'clear':
      cacheCommand(it, client, 'delete', it.name === 'delete' ? it.args[0] : undefined, undefined, run);
      return { t: 'data' };
    default:
      return it.args.some(isCallable) && !/^on(ce)?$/.test(it.name) ? undefined : of;
  }
}
