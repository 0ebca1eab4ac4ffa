import { isCallable, NOTHING, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn, flagIn } from './address.ts';
import { readSql } from './sql.ts';

/** mysql2, mysql and MariaDB's connector: pools, single connections, transactions on a checked-out one. */
export default {
  id: 'mysql2',
  packages: ['mysql2', 'mysql', 'mariadb'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (!/^create(Pool|Connection)$/.test(name)) return UNKNOWN;
    const [options] = it.args;
    const client = run.make(name === 'createPool' ? 'Pool' : 'Connection', it.place, {
      engine: it.package === 'mariadb' ? 'mariadb' : 'mysql',
      library: it.package,
      single: name !== 'createPool',
      address: addressIn(options, ['uri', 'url']),
      max: toldNumber(options, 'connectionLimit'),
      queueLimit: toldNumber(options, 'queueLimit'),
      ...(it.package === 'mariadb' && { acquireTimeoutMs: toldNumber(options, 'acquireTimeout') }),
      refuses: flagIn(options, 'waitForConnections') === false,
    });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const hold = of.data.hold as DraftHold | undefined;
  const pool = (of.data.pool as Resource | undefined) ?? of;
  const callback = it.args.find(isCallable);
  const control = { beginTransaction: 'BEGIN', commit: 'COMMIT', rollback: 'ROLLBACK' }[it.name];
  if (it.name === 'query' || it.name === 'execute' || (it.name === 'batch' && pool.data.library === 'mariadb') || control) {
    const reading = control ? { label: control, operation: 'other' as const, shape: 'control' as const } : readSql(it.args[0]);
    run.record({ kind: 'query', client: pool, ...reading, orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
    if (callback) run.call(callback, [NOTHING, UNKNOWN]);
    return { t: 'data' };
  }
  if (it.name === 'getConnection' && run.isTracing()) {
    const opened = run.hold(pool, 'connection', it.place);
    const client = run.make('PoolConnection', it.place, { pool, hold: opened });
    if (callback) run.call(callback, [NOTHING, client]);
    return client;
  }
  // A connection of MariaDB's pool is given back by `end` as well.
  if ((it.name === 'release' || (it.name === 'end' && pool.data.library === 'mariadb')) && hold) run.release(hold);
  if (it.name === 'promise') return of;
  return UNKNOWN as Value;
}
