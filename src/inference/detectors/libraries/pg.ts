import { firstTold, isCallable, NOTHING, object, propertyOf, type Resource, text, textOf, textWith, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';
import { readSql } from './sql.ts';

/** What a session keeps for itself: no pool can share it. */
const DEDICATED = /^\s*(un)?listen\b|\bpg_(try_)?advisory_lock\b|^\s*copy\b/i;

/** node-postgres: pools, single clients, transactions on a checked-out client. */
export default {
  id: 'pg',
  packages: ['pg', 'pg-pool', '@neondatabase/serverless', '@vercel/postgres'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.package === '@vercel/postgres') return onVercel(it, run);
    if (name === 'neon') return overHttp(it, run);
    if (!it.isNew || !(name === 'Pool' || name === 'Client' || (name === '' && it.package === 'pg-pool'))) return undefined;
    const [options] = it.args;
    const client = run.make(name === 'Client' ? 'Client' : 'Pool', it.place, {
      engine: 'postgres',
      library: 'pg',
      single: name === 'Client',
      address: addressIn(options),
      max: toldNumber(options, 'max'),
      acquireTimeoutMs: toldNumber(options, 'connectionTimeoutMillis'),
      statementTimeoutMs: firstTold(toldNumber(options, 'statement_timeout'), toldNumber(options, 'query_timeout')),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

/** Every query is a request by itself: the service pools behind it. */
function overHttp(it: LibraryCall, run: CodeRun): Value {
  const client = run.make('Http', it.place, { engine: 'postgres', library: '@neondatabase/serverless', address: addressIn(it.args[0]) });
  run.claim({ kind: 'client', client });
  return client;
}

/** `sql` and `db` are one pool for all, made of POSTGRES_URL; `createPool` makes another. */
function onVercel(it: LibraryCall, run: CodeRun): Value | undefined {
  const [name, method] = it.name.split('.');
  if (name === 'createPool' || name === 'createClient')
    return run.use('pg', name === 'createPool' ? 'Pool' : 'Client', [it.args[0] ?? object([['connectionString', fromVariable('POSTGRES_URL', run)]])], it.place, true);
  if (name !== 'sql' && name !== 'db') return undefined;
  const shared = run.shared<{ pool?: Value }>('@vercel/postgres', () => ({}));
  shared.pool ??= run.use('pg', 'Pool', [object([['connectionString', fromVariable('POSTGRES_URL', run)]])], it.place, true);
  if (name === 'sql' && method === undefined && it.args[0]?.t !== 'text') return shared.pool;
  return run.call(run.property(shared.pool, method ?? 'query'), it.args);
}

function fromVariable(name: string, run: CodeRun): Value {
  const said = run.env(name);
  return said ? text(said.value, said.place) : { t: 'unset', name };
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const hold = of.data.hold as DraftHold | undefined;
  const pool = (of.data.pool as Resource | undefined) ?? of;
  const callback = it.args.find(isCallable);
  switch (it.name) {
    case '':
    case 'query': {
      if (DEDICATED.test(textWith(propertyOf(it.args[0], 'text') ?? it.args[0], '?'))) pool.data.dedicated = true;
      run.record({ kind: 'query', client: pool, ...readSql(it.args[0]), orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
      if (callback) run.call(callback, [NOTHING, UNKNOWN]);
      return { t: 'data' };
    }
    case 'connect': {
      if (of.type === 'Client' || !run.isTracing()) return callback ? run.call(callback, [NOTHING, of, UNKNOWN]) : of;
      const opened = run.hold(pool, 'connection', it.place);
      const client = run.make('PoolClient', it.place, { pool, hold: opened });
      if (callback) run.call(callback, [NOTHING, client, releasing(opened, run)]);
      return client;
    }
    case 'release':
      if (hold) run.release(hold);
      return NOTHING;
    case 'on':
      if (textOf(it.args[0]) === 'notification') pool.data.dedicated = true;
      return UNKNOWN;
    case 'end':
      return UNKNOWN;
    default:
      return undefined;
  }
}

/** The `done` callback of the older style. */
const releasing = (hold: DraftHold, run: CodeRun): Value => ({
  t: 'native',
  call: () => {
    run.release(hold);
    return NOTHING;
  },
});
