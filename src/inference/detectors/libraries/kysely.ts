import type { Statement } from '../../../model/topology.ts';
import { isCallable, numberOf, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { readSql } from './sql.ts';
import { columnsSetBy } from './statements.ts';
import { onHeld } from './on-held.ts';

const STARTS: Record<string, [word: string, operation: 'read' | 'write']> = {
  selectFrom: ['SELECT', 'read'],
  insertInto: ['INSERT', 'write'],
  updateTable: ['UPDATE', 'write'],
  deleteFrom: ['DELETE', 'write'],
  replaceInto: ['INSERT', 'write'],
  mergeInto: ['UPDATE', 'write'],
};

/** Kysely: a typed query builder over a driver's pool; a query runs where `execute` stands. */
export default {
  id: 'kysely',
  packages: ['kysely', 'kysely-postgres-js'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.isNew && it.name.endsWith('Dialect')) {
      const given = ['pool', 'database', 'postgres'].map((name) => propertyOf(it.args[0], name)).find((one) => one !== undefined);
      const pool = given && isCallable(given) ? run.call(given) : given;
      return run.make('Dialect', it.place, { pool });
    }
    if (it.isNew && it.name === 'Kysely') {
      const dialect = propertyOf(it.args[0], 'dialect');
      const pool = dialect?.t === 'resource' ? (dialect.data.pool as Value | undefined) : undefined;
      return run.make('Kysely', it.place, { client: pool?.t === 'resource' ? pool : undefined });
    }
    return it.name === 'sql' || it.name.startsWith('sql.') ? run.make('Raw', it.place, { sql: it.args[0] }) : UNKNOWN;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Raw') return it.name === 'execute' ? raw(it, of, run) : of;
  if (of.type === 'Builder') return onBuilder(it, of, run);
  if (of.type === 'Transaction') return it.name === 'execute' ? transaction(it, of, run) : of;
  if (it.name === 'transaction') return run.make('Transaction', it.place, { client: of.data.client });
  const start = STARTS[it.name];
  if (start) return run.make('Builder', it.place, { ...of.data, verb: start[0], operation: start[1], table: textOf(it.args[0]?.t === 'list' ? it.args[0].items[0] : it.args[0]) });
  return /^(with|withRecursive|withSchema|withPlugin)$/.test(it.name) ? of : UNKNOWN;
}

/** Records a query, or that one runs on a server that could not be read. */
function record(it: LibraryCall, of: Resource, what: { label: string; operation: 'read' | 'write' | 'other'; shape: QueryShape; statement?: Statement }, run: CodeRun): Value {
  const client = of.data.client as Resource | undefined;
  const hold = of.data.hold as DraftHold | undefined;
  if (client) run.record({ kind: 'query', client, ...what, orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
  else if (run.isTracing()) run.record({ kind: 'unread', package: 'kysely', place: it.place });
  return { t: 'data' };
}

function onBuilder(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'groupBy') of.data.groups = true;
  if (it.name === 'where' && /^(\w+\.)?(id|uuid)$/.test(textOf(it.args[0]) ?? '') && textOf(it.args[1]) === '=') of.data.byId = true;
  if (it.name === 'limit' || it.name === 'top' || it.name === 'fetch') of.data.limit = it.args[0];
  if (it.name === 'values') of.data.values = it.args[0];
  if (it.name === 'onConflict' || it.name === 'onDuplicateKeyUpdate' || it.name === 'ignore') of.data.keepsOne = true;
  if (!/^(execute|executeTakeFirst|executeTakeFirstOrThrow|stream)$/.test(it.name)) return of;
  const operation = of.data.operation as 'read' | 'write';
  const table = /^\w+/.exec(String(of.data.table ?? ''))?.[0] ?? '*';
  const isOne = it.name.startsWith('executeTakeFirst');
  const shape = operation === 'write' ? 'write' : of.data.groups ? 'aggregate' : isOne && of.data.byId ? 'primaryKey' : 'list';
  const most = numberOf(of.data.limit as Value | undefined);
  // The first row is taken after all of them have come: only conditions, which branches may add, tell how many those are.
  const limit = of.data.limit ? 'some' : operation === 'write' || isOne || it.name === 'stream' ? 'unknown' : 'none';
  const adds = of.data.verb === 'INSERT';
  const added = adds && { ...columnsSetBy(of.data.values as Value | undefined), ...(of.data.keepsOne === true && { keepsOne: true as const }) };
  const statement: Statement = { table, adds, ...added, limit, ...(most !== undefined && { most }) };
  return record(it, of, { label: `${String(of.data.verb)} ${table}`, operation, shape, ...(table !== '*' && { statement }) }, run);
}

/** `sql…execute(db)` names the database last. */
function raw(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const [db] = it.args;
  const { label, operation, shape } = readSql(of.data.sql as Value | undefined);
  return db?.t === 'resource' ? record(it, db, { label, operation, shape }, run) : UNKNOWN;
}

function transaction(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const body = it.args.find(isCallable);
  const client = of.data.client as Resource | undefined;
  if (!body || !run.isTracing()) return UNKNOWN;
  if (!client) return run.call(body, [run.make('Kysely', it.place, {})]);
  return onHeld(run, client, 'transaction', it.place, (hold) => run.call(body, [run.make('Kysely', it.place, { client, hold })]));
}
