import { isCallable, NOTHING, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { readSql } from './sql.ts';

/** What asks the database: of the database itself (`exec` takes many statements), or of a prepared statement. */
const ASKS = new Set(['get', 'all', 'run', 'each', 'iterate', 'values', 'exec', 'map']);

/**
 * SQLite is a file and a library: no server, no pool. better-sqlite3 and Node's own work on the event loop until they are done, sqlite3 (and the promises of `sqlite` around it) in the
 * thread pool.
 */
export default {
  id: 'sqlite',
  packages: ['better-sqlite3', 'sqlite3', 'sqlite'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.package === 'sqlite3' && name === 'verbose') return { t: 'package', name: 'sqlite3', path: [] };
    const where = it.package === 'better-sqlite3' || name === 'DatabaseSync' ? 'eventLoop' : 'threadPool';
    const opens = it.package === 'better-sqlite3' ? name === '' || it.isNew : name === 'open' || (it.isNew && /^(Database|DatabaseSync)$/.test(name));
    return opens ? run.make('Database', it.place, { where }) : UNKNOWN;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const [first] = it.args;
  const { where } = of.data;
  if (of.type === 'Statement') return ASKS.has(it.name) ? ask(it, of.data.sql as Value | undefined, where, run) : of;
  if (it.name === 'prepare') return run.make('Statement', it.place, { where, sql: first });
  // A transaction of better-sqlite3 is a function that does the work of another one.
  if (it.name === 'transaction' && first) return { t: 'native', call: (args) => run.call(first, args) };
  return ASKS.has(it.name) ? ask(it, first, where, run) : UNKNOWN;
}

function ask(it: LibraryCall, sql: Value | undefined, where: unknown, run: CodeRun): Value {
  const { label, operation } = readSql(sql);
  run.record({
    kind: 'compute',
    label: `${label} (SQLite)`,
    work: operation === 'write' ? 'localWrite' : 'localRead',
    where: where === 'eventLoop' ? 'eventLoop' : 'threadPool',
    place: it.place,
  });
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, { t: 'data' }]);
  return { t: 'data' };
}
