import { isCallable, NOTHING, patternOf, propertyOf, type Resource, saidNumber, textOf, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftCache, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn, addressOf } from './address.ts';
import { scaledTold } from './cache-steps.ts';

const named = (words: string): RegExp => new RegExp(`^(${words.trim().split(/\s+/).join('|')})$`, 'i');
const READS = named(`
  get getex mget getrange getbit bitcount bitpos strlen getbuffer exists type ttl pttl expiretime keys scan scaniterator scanstream dbsize randomkey
  hget hgetall hmget hexists hkeys hvals hlen hstrlen hrandfield hscan smembers sismember smismember scard srandmember sunion sinter sdiff sscan
  lrange lindex llen lpos zrange zrevrange zrangebyscore zrevrangebyscore zrangebylex zscore zmscore zcard zcount zlexcount zrank zrevrank zscan
  pfcount geopos geodist geohash geosearch georadius georadiusbymember xrange xrevrange xlen xpending json\\.get json\\.mget ft\\.search ft\\.aggregate`);
const DEDICATED = /^(p|s)?subscribe$|^(blpop|brpop|blmove|brpoplpush|bzpopmin|bzpopmax|xread|xreadgroup|monitor)$/i;
/** They look at every key of the database, whatever the pattern. */
const SCANS = /^(keys|scaniterator|scanstream)$/i;
/** One page of it; all of them in a loop, until the cursor is back where it began. */
const PAGES = /^scan$/i;
const WRITES = named(`
  set setex psetex setnx mset msetnx setrange setbit append getset incr incrby incrbyfloat decr decrby expire pexpire expireat pexpireat persist rename renamenx copy touch
  hset hmset hsetnx hincrby hincrbyfloat lpush rpush lpushx rpushx lpop rpop lset lrem ltrim linsert lmove rpoplpush sadd srem spop smove sunionstore sinterstore sdiffstore
  zadd zrem zincrby zpopmin zpopmax zremrangebyscore zremrangebyrank zremrangebylex zunionstore zinterstore zrangestore pfadd pfmerge geoadd geosearchstore bitop
  eval evalsha fcall publish spublish xadd xack xdel xtrim xclaim xautoclaim json\\.set json\\.merge json\\.numincrby json\\.arrappend`);
const DELETES = /^(del|unlink|flushall|flushdb|hdel|getdel|json\.del)$/i;

/** ioredis and node-redis: one multiplexed connection; Upstash's own client: a request for each command. Commands by their names, keys as patterns. */
export default {
  id: 'redis',
  packages: ['ioredis', 'redis', '@redis/client', '@upstash/redis', '@vercel/kv'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (OVER_HTTP[it.package]) return overHttp(it, name, run);
    const makes = it.package === 'ioredis' ? it.isNew && /^(|Redis|Cluster|default)$/.test(name) : /^create(Client|Cluster)$/.test(name);
    if (!makes) return UNKNOWN;
    const [first, second] = it.args;
    const options = second?.t === 'object' ? second : first;
    const socket = propertyOf(options, 'socket');
    const address = second && first?.t !== 'object' && first?.t !== 'number' ? addressOf(first) : addressIn(socket?.t === 'object' && !propertyOf(options, 'url') ? socket : first);
    const client = run.make('Redis', it.place, {
      engine: 'redis',
      library: it.package === 'ioredis' ? 'ioredis' : 'redis',
      multiplexed: true,
      address,
      commandTimeoutMs: saidNumber(options, 'commandTimeout'),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
  // Commands of a module stand under its name: `client.json.get`.
  member: (of, name, run): Value | undefined => (/^(json|ft)$/.test(name) ? run.make('Module', of.place, { client: of.data.client ?? of, module: name }) : undefined),
} satisfies LibraryDetector;

/** The variable with the address, where code names none. */
const OVER_HTTP: Readonly<Record<string, string>> = { '@upstash/redis': 'UPSTASH_REDIS_REST_URL', '@vercel/kv': 'KV_REST_API_URL' };

/** `new Redis({ url, token })`, `Redis.fromEnv()`, `createClient({ url, token })`; `kv` of Vercel's is a client that is there already. */
function overHttp(it: LibraryCall, name: string, run: CodeRun): Value | undefined {
  const make = (options: Value | undefined): Resource => {
    const variable = OVER_HTTP[it.package] ?? '';
    const said = run.env(variable);
    const usual: Value = said ? { t: 'text', parts: [said.value], place: said.place } : { t: 'unset', name: variable };
    const client = run.make('Redis', it.place, { engine: 'redis', library: it.package, overHttp: true, address: addressIn(options ?? usual) });
    run.claim({ kind: 'client', client });
    return client;
  };
  if (name === 'fromEnv') return make(undefined);
  if (it.isNew ? name === 'Redis' : name === 'createClient') return make(it.args[0]);
  if (it.package !== '@vercel/kv' || it.isNew) return UNKNOWN;
  const ready = run.shared<{ client?: Resource }>('vercel kv', () => ({}));
  ready.client ??= make(undefined);
  return onResource({ ...it, name }, ready.client, run);
}

function onResource(given: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const it = of.type === 'Module' ? { ...given, name: `${String(of.data.module)}.${given.name}` } : given;
  const client = (of.data.client as Resource | undefined) ?? of;
  const callback = it.args.find(isCallable);
  // Whoever listens, or waits for what comes, has the connection to himself.
  if (DEDICATED.test(it.name)) client.data.dedicated = true;
  if (it.name === 'on' || it.name === 'once' || it.name === 'subscribe') return of;
  if (it.name === 'connect' || it.name === 'duplicate' || it.name === 'multi' || it.name === 'pipeline')
    return it.name === 'connect' ? client : run.make('Commands', it.place, { client });
  if (of.type === 'Commands' && /^exec/.test(it.name)) sendAll(of, run);
  const operation = READS.test(it.name) ? 'read' : WRITES.test(it.name) ? 'write' : DELETES.test(it.name) ? 'delete' : null;
  if (!operation) return callback ? undefined : UNKNOWN;
  const { pattern, varies } = patternOf(it.args[0]);
  const ttlMs = timeToLive(it);
  const step: DraftCache = {
    kind: 'cache',
    client,
    label: `${it.name.toLowerCase()} ${pattern}`,
    operation,
    key: pattern,
    keyVaries: varies,
    ...(ttlMs && { ttlMs }),
    ...((SCANS.test(it.name) || (PAGES.test(it.name) && run.isInRounds())) && { scans: true }),
    ...(isExclusive(it) && { ifAbsent: true as const }),
    // All commands of a pipeline go in one request.
    ...(of.type === 'Commands' && stepsIn(of).length > 0 && { isBatched: true as const }),
    onMiss: [],
    awaited: true,
    place: it.place,
  };
  run.record(step);
  if (of.type === 'Commands') of.data.steps = [...stepsIn(of), step];
  const result: Value = operation === 'read' ? { t: 'data', hit: { step, negated: false } } : of.type === 'Commands' ? of : { t: 'data' };
  if (callback) run.call(callback, [NOTHING, result]);
  return result;
}

const stepsIn = (commands: Resource): readonly DraftCache[] => (commands.data.steps as readonly DraftCache[] | undefined) ?? [];

/** Commands that were gathered go out where they are sent: whoever waits for that waits for them. */
function sendAll(commands: Resource, run: CodeRun): void {
  for (const step of run.take(stepsIn(commands))) run.record('awaited' in step ? Object.assign(step, { awaited: true }) : step);
  commands.data.steps = [];
}

/** `set k v NX`, `set(k, v, { NX: true })`, `setnx k v`. */
function isExclusive(it: LibraryCall): boolean {
  if (/^setnx$/i.test(it.name)) return true;
  if (!/^set$/i.test(it.name)) return false;
  const options = it.args[2];
  const flag = options?.t === 'object' ? (propertyOf(options, 'NX') ?? propertyOf(options, 'nx')) : undefined;
  return (flag?.t === 'boolean' && flag.v) || textOf(propertyOf(options, 'condition')) === 'NX' || it.args.slice(2).some((arg) => /^nx$/i.test(textOf(arg) ?? ''));
}

/** `set k v EX 60`, `setex k 60 v`, `set(k, v, { EX: 60 })`, of Upstash's client `{ ex: 60 }`. */
function timeToLive(it: LibraryCall): Told | undefined {
  const said = (value: Value | undefined, factor: number): Told | undefined => scaledTold(toldValue(value, it.place), factor);
  const name = it.name.toLowerCase();
  if (name === 'setex') return said(it.args[1], 1000);
  // `expire(key, 60)` behind the `set` says the same.
  if (name === 'expire') return said(it.args[1], 1000);
  if (name === 'psetex' || name === 'pexpire') return said(it.args[1], 1);
  if (name !== 'set') return undefined;
  const at = it.args.findIndex((arg) => /^(ex|px)$/i.test(textOf(arg) ?? ''));
  if (at > 0) return said(it.args[at + 1], textOf(it.args[at])?.toLowerCase() === 'px' ? 1 : 1000);
  const options = it.args[2];
  const option = (option: string): Value | undefined => propertyOf(options, option) ?? propertyOf(options, option.toLowerCase());
  return options?.t === 'object' ? (said(option('EX'), 1000) ?? said(option('PX'), 1)) : undefined;
}
