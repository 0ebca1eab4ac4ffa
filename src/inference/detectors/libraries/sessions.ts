import { propertyOf, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn } from './address.ts';
import { cacheCommand } from './cache-steps.ts';
import { durationMs } from './durations.ts';

/** Engines of stores that make their own connection. */
const STORES: Record<string, string> = {
  'connect-redis': 'redis',
  'connect-mongo': 'mongodb',
  'connect-mongodb-session': 'mongodb',
  'connect-pg-simple': 'postgres',
  'connect-memcached': 'memcached',
};
const KINDS = new Set(['express-session', '@fastify/session', 'koa-session', 'cookie-session', '@fastify/secure-session']);

/** Sessions: where they lie, how long they live, and what every request asks of their store. */
export default {
  id: 'sessions',
  packages: [...KINDS, ...Object.keys(STORES)],
  call(it, run) {
    if (it.receiver) return it.receiver;
    if (STORES[it.package]) return store(it, run);
    const [options] = it.args;
    const lifetime = propertyOf(propertyOf(options, 'cookie') ?? options, 'maxAge');
    const ttl = durationMs(lifetime, 1);
    if (ttl !== undefined)
      run.claim({ kind: 'fact', type: 'session_ttl', value: ttl, unit: 'ms', place: (lifetime && 'place' in lifetime ? lifetime.place : undefined) ?? it.place });
    const given = propertyOf(options, 'store');
    const inCookie = it.package === 'cookie-session' || it.package === '@fastify/secure-session' || it.package === 'koa-session';
    const known = given?.t === 'resource' && given.type === 'SessionStore' ? given : undefined;
    const isOpen = options !== undefined && (options.t !== 'object' || options.open !== undefined);
    const where = inCookie ? 'cookie' : known ? String(known.data.package) : given || isOpen ? undefined : 'memory';
    if (where !== undefined) run.claim({ kind: 'fact', type: 'session_store', value: where, place: it.place });
    return run.make('Middleware', it.place, { call: { t: 'native', call: () => (known ? ask(it, known, ttl, run) : UNKNOWN) } satisfies Value });
  },
} satisfies LibraryDetector;

/** The client that is given, or one of its own. `connectPgSimple(session)` gives the class. */
function store(it: LibraryCall, run: CodeRun): Value {
  const [options] = it.args;
  if (options?.t === 'package' || options?.t === 'native') return { t: 'package', name: it.package, path: ['Store'] };
  const given = propertyOf(options, 'client') ?? propertyOf(options, 'pool') ?? propertyOf(options, 'clientPromise');
  const engine = STORES[it.package] as string;
  const client =
    given?.t === 'resource'
      ? ((given.data.client as Resource | undefined) ?? given)
      : run.make('Connection', it.place, {
          engine,
          library: it.package,
          multiplexed: engine === 'redis' || engine === 'memcached',
          address: addressIn(options, ['mongoUrl', 'uri', 'conString', 'url']),
        });
  if (client !== given && !given) run.claim({ kind: 'client', client });
  return run.make('SessionStore', it.place, { client, engine, package: it.package });
}

/** Each request reads its session, and writes at its end that it is still in use. */
function ask(it: LibraryCall, { data }: Resource, ttl: number | undefined, run: CodeRun): Value {
  const client = data.client as Resource;
  const place = it.place;
  if (data.engine === 'redis' || data.engine === 'memcached') {
    const key: Value = { t: 'text', parts: ['sess:', { t: 'data' }] };
    const ttlMs: Told | undefined = ttl === undefined ? undefined : { value: ttl, place };
    cacheCommand({ ...it, name: 'get' }, client, 'read', key, ttlMs, run);
    cacheCommand({ ...it, name: 'touch' }, client, 'write', key, ttlMs, run);
    return UNKNOWN;
  }
  run.record({ kind: 'query', client, label: 'session.get', operation: 'read', shape: 'primaryKey', orm: false, awaited: true, place });
  run.record({ kind: 'query', client, label: 'session.touch', operation: 'write', shape: 'write', orm: false, awaited: true, place });
  return UNKNOWN;
}
