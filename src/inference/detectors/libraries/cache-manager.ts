import { isCallable, list, NOTHING, numberOf, propertyOf, type Resource, saidNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftCache, LibraryCall, LibraryDetector } from '../../detector.ts';
import { asyncOptions, libraryModule } from './nestjs/library-module.ts';
import { itemsOf } from './nestjs/tokens.ts';

const KEY = '@nestjs/cache-manager CACHE_MANAGER';
const REDIS_STORES = /^(@keyv\/redis|@keyv\/valkey|cache-manager-(io)?redis(-store|-yet)?|@tirke\/node-cache-manager-ioredis|cacheable-redis)$/;

/** cache-manager and Keyv, alone and in Nest: one interface before Redis or before memory. What lies in memory costs nothing that is drawn. */
export default {
  id: 'cache-manager',
  packages: [
    'cache-manager',
    '@nestjs/cache-manager',
    'keyv',
    'cacheable',
    '@keyv/redis',
    '@keyv/valkey',
    'cacheable-redis',
    'cache-manager-redis-store',
    'cache-manager-redis-yet',
    'cache-manager-ioredis',
    'cache-manager-ioredis-yet',
    '@tirke/node-cache-manager-ioredis',
  ],
  call(it, run) {
    if (it.receiver) return it.receiver.type === 'Cache' ? onCache(it, it.receiver, run) : UNKNOWN;
    const name = it.name.split('.').at(-1) ?? '';
    if (REDIS_STORES.test(it.package)) return makesStore(it, name) ? storeOf(it, run) : UNKNOWN;
    if (it.name.startsWith('CacheModule.')) {
      const make = (inject: (token: Value) => Value): Value =>
        cacheOf(name === 'registerAsync' ? asyncOptions(it.args[0], 'createCacheOptions', inject, run) : (it.args[0] ?? NOTHING), it, run);
      return libraryModule(it, run, { isGlobal: true, gives: [{ key: KEY, make }] });
    }
    if (/^(caching|createCache|multiCaching)$/.test(name) || (it.isNew && /^(|default|Keyv|Cacheable)$/.test(name))) return cacheOf(it.args[0] ?? NOTHING, it, run, it.args[1]);
    return UNKNOWN;
  },
  member: (of, name): Value | undefined => (of.type === 'Cache' && name === 'stores' ? list([of]) : of.type === 'Cache' && /^(store|primary)$/.test(name) ? of : undefined),
} satisfies LibraryDetector;

const makesStore = (it: LibraryCall, name: string): boolean => it.isNew || /^(create\w*|redisStore|redisInsStore|ioRedisStore|create|default|)$/.test(name);

/** A store is its Redis client. */
function storeOf(it: LibraryCall, run: CodeRun): Value {
  const [first, second] = it.args;
  if (first?.t === 'resource') return run.make('Store', it.place, { redis: first });
  return run.make('Store', it.place, { redis: run.use('redis', 'createClient', first === undefined ? [] : [second ? first : optionsOf(first)], it.place) });
}

const optionsOf = (it: Value): Value => propertyOf(it, 'url') ?? propertyOf(it, 'socket') ?? it;

function cacheOf(options: Value, it: LibraryCall, run: CodeRun, more?: Value): Value {
  const given = [options, more, propertyOf(options, 'store'), propertyOf(options, 'secondary'), ...itemsOf(propertyOf(options, 'stores'))];
  let redis: Value | undefined;
  for (const one of given) {
    if (one?.t === 'resource' && (one.type === 'Store' || one.type === 'Cache')) redis ??= one.data.redis as Value | undefined;
    // `{ store: redisStore, host, port }`: the package is the store and the options are its own.
    if (one?.t === 'package' && REDIS_STORES.test(one.name)) redis ??= run.use('redis', 'createClient', [optionsOf(options)], it.place);
  }
  const ttl = saidNumber(options, 'ttl') ?? saidNumber(more, 'ttl');
  if (ttl && redis) run.claim({ kind: 'setting', type: 'cache_ttl', about: 'cache', value: ttl.value, unit: 'ms', place: ttl.place });
  return run.make('Cache', it.place, { redis, ttl: propertyOf(options, 'ttl') ?? propertyOf(more, 'ttl') });
}

function onCache(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const redis = of.data.redis as Value | undefined;
  const fallback = of.data.ttl as Value | undefined;
  const [key = UNKNOWN, second, third] = it.args;
  switch (it.name) {
    case 'get':
      return command(redis, 'get', [key], it, run);
    case 'mget':
    case 'has':
      return command(redis, 'get', [itemsOf(key)[0] ?? key], it, run);
    case 'set':
      return command(redis, 'set', [key, second ?? UNKNOWN, ...lifetime(third, fallback)], it, run);
    case 'del':
    case 'delete':
    case 'mdel':
      return command(redis, 'del', [key], it, run);
    case 'wrap':
      return wrapped(it, redis, [key, second, lifetime(third, fallback)], run);
    default:
      return it.name === 'on' || it.name === 'once' ? of : UNKNOWN;
  }
}

/** `set(k, v, 5000)`, `set(k, v, { ttl: 5 })`: a number counts milliseconds, in options of old versions seconds. */
function lifetime(given: Value | undefined, fallback: Value | undefined): Value[] {
  const inOptions = propertyOf(given, 'ttl');
  const ms = inOptions ?? (given?.t === 'number' || numberOf(given) !== undefined ? given : given === undefined || given.t === 'nothing' ? fallback : undefined);
  const value = numberOf(ms);
  return value === undefined || !ms || value === 0
    ? []
    : [{ t: 'text', parts: ['PX'] }, inOptions ? { t: 'number', v: value * 1000, ...('place' in inOptions && inOptions.place && { place: inOptions.place }) } : ms];
}

function command(redis: Value | undefined, name: string, args: readonly Value[], it: LibraryCall, run: CodeRun): Value {
  if (redis?.t !== 'resource' || !run.isTracing()) return { t: 'data' };
  const method = run.property(redis, name);
  return method.t === 'native' ? method.call(args, it.place) : { t: 'data' };
}

/** Read, and on a miss make and write. */
function wrapped(it: LibraryCall, redis: Value | undefined, [key, make, ttl]: readonly [Value, Value | undefined, Value[]], run: CodeRun): Value {
  const found = command(redis, 'get', [key], it, run);
  const hit = found.t === 'data' ? found.hit : undefined;
  if (!isCallable(make)) return { t: 'data' };
  let value: Value = UNKNOWN;
  const body = (): void => {
    value = run.call(make);
    command(redis, 'set', [key, value, ...ttl], it, run);
  };
  if (hit) (hit.step as DraftCache).onMiss.push(...run.apart(body));
  else body();
  return value.t === 'nothing' ? { t: 'data' } : value;
}
