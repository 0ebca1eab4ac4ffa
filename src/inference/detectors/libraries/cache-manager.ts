import { isCallable, list, propertyOf, type Resource, textOf, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn } from './address.ts';
import { cacheCommand, claimUsualLifetime, found, loadThrough, processCache, scaledTold } from './cache-steps.ts';

/** Stores of cache-manager that lie on a server. */
const STORES: Record<string, string> = {
  'cache-manager-redis-store': 'redis',
  'cache-manager-redis-yet': 'redis',
  'cache-manager-ioredis': 'redis',
  'cache-manager-ioredis-yet': 'redis',
  'cache-manager-memcached-store': 'memcached',
};

/** cache-manager: lifetimes are seconds up to version 4 and milliseconds from 5 on; from 6 on its stores are Keyv's. */
export default {
  id: 'cache-manager',
  packages: ['cache-manager', ...Object.keys(STORES)],
  call(it, run) {
    if (it.receiver) return onCache(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    const engine = STORES[it.package];
    if (engine) return store(it, engine, it.args[0], run);
    if (name === 'caching') {
      const [kind, options] = it.args;
      return cacheOf(it, textOf(kind) === undefined && kind?.t !== 'resource' && kind?.t !== 'native' && kind?.t !== 'function' ? kind : undefined, kind, options, run);
    }
    if (name === 'multiCaching') return it.args[0]?.t === 'list' ? (it.args[0].items[0] ?? UNKNOWN) : UNKNOWN;
    if (name === 'unread') return run.make('Unread', it.place, {});
    if (name === 'createCache') return cacheOf(it, it.args[0], undefined, it.args[0]?.t === 'resource' ? it.args[1] : it.args[0], run);
    return UNKNOWN;
  },
  member: (of, name) => (of.type === 'Cache' && name === 'stores' ? storesOf(of) : undefined),
} satisfies LibraryDetector;

/** What lies behind a cache, as far as it is known: code may ask a store itself. */
function storesOf(of: Resource): Value | undefined {
  const stores = of.data.stores as Value | undefined;
  return stores?.t === 'resource' ? list([stores]) : stores;
}

function store(it: LibraryCall, engine: string, options: Value | undefined, run: CodeRun): Resource {
  const socket = propertyOf(options, 'socket');
  const client = run.make('Connection', it.place, {
    engine,
    library: it.package,
    multiplexed: true,
    address: addressIn(socket && !propertyOf(options, 'url') ? socket : (propertyOf(options, 'redisInstance') ?? options)),
  });
  run.claim({ kind: 'client', client });
  return run.make('Store', it.place, { client, ttlMs: toldNumber(options, 'ttl') });
}

/** `caching({ store, ttl })` of old, `caching('memory', options)`, `caching(store)`, `createCache({ stores })`. */
function cacheOf(it: LibraryCall, given: Value | undefined, kind: Value | undefined, options: Value | undefined, run: CodeRun): Value {
  const isOld = it.name.endsWith('caching') && given?.t === 'object';
  const all = isOld ? given : options;
  const ttlMs = scaledTold(toldNumber(all, 'ttl'), isOld ? 1000 : 1);
  const stores = propertyOf(all, 'stores');
  const named =
    propertyOf(all, 'store') ??
    (stores?.t === 'list' ? stores.items[0] : stores) ??
    (kind && textOf(kind) === undefined ? kind : undefined) ??
    (given?.t === 'resource' ? given : undefined);
  if (named?.t === 'resource' || named?.t === 'package') claimUsualLifetime('cache-manager', ttlMs, run);
  if (named?.t === 'resource') return run.make('Cache', it.place, { client: named.data.client ?? named, ttlMs: ttlMs ?? named.data.ttlMs, isOld, stores });
  // A store of a package takes the options of the cache.
  if (named?.t === 'package' && STORES[named.name]) {
    const made = store({ ...it, package: named.name }, STORES[named.name] as string, all, run);
    return run.make('Cache', it.place, { client: made.data.client, ttlMs, isOld });
  }
  const word = textOf(named ?? kind);
  const isMemory = named === undefined ? kind === undefined || word === 'memory' : word === 'memory' || (named.t === 'package' && /memory/i.test(named.path.join('.')));
  if (!isMemory) return run.make('Unread', it.place, {});
  const made = processCache(it, 'cache-manager', { ttlMs, max: toldNumber(all, 'max') }, run);
  made.data.isOld = isOld;
  return made;
}

function onCache(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = of.data.client as Resource | undefined;
  if (!client) {
    if (run.isTracing() && /^(m?get|m?set|m?del|wrap|clear|reset)$/.test(it.name)) run.record({ kind: 'unread', package: 'cache-manager', place: it.place });
    const load = it.name === 'wrap' ? it.args.find(isCallable) : undefined;
    return load ? run.call(load) : { t: 'data' };
  }
  const usual = of.data.ttlMs as Told | undefined;
  const ttlMs = (at: number): Told | undefined => lifetime(it, at, of.data.isOld === true) ?? usual;
  switch (it.name) {
    case 'get':
    case 'ttl':
      return found(cacheCommand(it, client, 'read', it.args[0], usual, run));
    case 'mget':
      return found(cacheCommand(it, client, 'read', undefined, usual, run));
    case 'set':
      cacheCommand(it, client, 'write', it.args[0], ttlMs(2), run);
      return it.args[1] ?? UNKNOWN;
    case 'mset':
      cacheCommand(it, client, 'write', undefined, ttlMs(1), run);
      return UNKNOWN;
    case 'del':
    case 'mdel':
    case 'clear':
    case 'reset':
      cacheCommand(it, client, 'delete', it.name === 'del' ? it.args[0] : undefined, undefined, run);
      return UNKNOWN;
    case 'wrap': {
      const at = it.args.findIndex(isCallable);
      return loadThrough(it, client, it.args[0], it.args[at], ttlMs(at + 1), run, [], true);
    }
    default:
      return it.args.some(isCallable) && !/^on(ce)?$/.test(it.name) ? undefined : of;
  }
}

/** A number or `{ ttl }`; a function of the value can't be read. */
function lifetime(it: LibraryCall, at: number, inSeconds: boolean): Told | undefined {
  const given: Value | undefined = it.args[at];
  if (given?.t === 'function' || given?.t === 'native') return { why: 'the time to live is computed from the value' };
  return scaledTold(given?.t === 'object' ? toldNumber(given, 'ttl') : toldValue(given, it.place), inSeconds ? 1000 : 1);
}
