import { firstTold, isCallable, NOTHING, propertyOf, type Resource, textOf, textWith, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';
import { readSql } from './sql.ts';

/** What a session keeps for itself: no pool can share it. */
const DEDICATED = /^\s*(un)?listen\b|\bpg_(try_)?advisory_lock\b|^\s*copy\b/i;

/** node-postgres: pools, single clients, transactions on a checked-out client. */
export default {
  id: 'pg',
  packages: ['pg', 'pg-pool', '@neondatabase/serverless'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
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

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const hold = of.data.hold as DraftHold | undefined;
  const pool = (of.data.pool as Resource | undefined) ?? of;
  const callback = it.args.find(isCallable);
  switch (it.name) {
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
