import { isCallable, NOTHING, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, DraftStep, LibraryCall, LibraryDetector, QueryShape, Told } from '../../detector.ts';
import { addressIn, addressOf, textIn } from './address.ts';
import { readSql } from './sql.ts';
import { onHeld } from './on-held.ts';

type QueryDraft = Extract<DraftStep, { kind: 'query' }>;

const ENGINES: Record<string, string> = {
  pg: 'postgres',
  postgres: 'postgres',
  'pg-native': 'postgres',
  cockroachdb: 'cockroachdb',
  redshift: 'postgres',
  mysql: 'mysql',
  mysql2: 'mysql',
  mssql: 'mssql',
  sqlite3: 'sqlite',
  sqlite: 'sqlite',
  'better-sqlite3': 'sqlite',
};
/** What the last verb of a chain makes of its query. */
const VERBS: Record<string, [word: string, operation: 'read' | 'write', shape: QueryShape]> = {
  insert: ['INSERT', 'write', 'write'],
  upsert: ['INSERT', 'write', 'write'],
  batchInsert: ['INSERT', 'write', 'write'],
  update: ['UPDATE', 'write', 'write'],
  increment: ['UPDATE', 'write', 'write'],
  decrement: ['UPDATE', 'write', 'write'],
  del: ['DELETE', 'write', 'write'],
  delete: ['DELETE', 'write', 'write'],
  truncate: ['DELETE', 'write', 'write'],
  count: ['SELECT', 'read', 'aggregate'],
  countDistinct: ['SELECT', 'read', 'aggregate'],
  sum: ['SELECT', 'read', 'aggregate'],
  avg: ['SELECT', 'read', 'aggregate'],
  min: ['SELECT', 'read', 'aggregate'],
  max: ['SELECT', 'read', 'aggregate'],
  groupBy: ['SELECT', 'read', 'aggregate'],
};
const STARTS = new Set(['select', 'from', 'table', 'into', 'with', 'distinct', 'column', 'columns', 'first', 'pluck', 'queryBuilder', 'insert', 'count', 'batchInsert']);

/** Knex: one pool per instance; a chain is one query, whose table and verb may come in any order. */
export default {
  id: 'knex',
  packages: ['knex'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (!/^(|default|knex|Knex)$/.test(name)) return UNKNOWN;
    const [options] = it.args;
    const connection = propertyOf(options, 'connection') ?? options;
    const url = connection?.t === 'text' || connection?.t === 'unset' ? addressOf(connection) : addressIn(connection);
    const engine = ENGINES[textIn(options, 'client') ?? ''] ?? ENGINES[(url.scheme ?? '').replace(/ql$/, '')];
    const client = run.make('Knex', it.place, {
      ...(engine && { engine }),
      library: 'knex',
      address: url,
      max: toldNumber(options, 'pool', 'max'),
      acquireTimeoutMs: shortest(toldNumber(options, 'acquireConnectionTimeout'), toldNumber(options, 'pool', 'acquireTimeoutMillis')),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

/** Both may be set; the shorter one strikes. */
function shortest(a: Told | undefined, b: Told | undefined): Told | undefined {
  if (!a || !b) return a ?? b;
  return 'value' in a && 'value' in b ? (a.value <= b.value ? a : b) : 'value' in a ? b : a;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Builder') return onBuilder(it, of, run);
  const client = (of.data.client as Resource | undefined) ?? of;
  const hold = of.data.hold as DraftHold | undefined;
  if (it.name === 'transaction') return transaction(it, client, hold, run);
  // The connection is taken when the provider is asked, not when it is made.
  if (it.name === 'transactionProvider') return { t: 'native', call: run.keep(() => transaction({ ...it, args: [] }, client, hold, run)) };
  if ((it.name === 'commit' || it.name === 'rollback') && hold) {
    run.record({ kind: 'query', client, label: it.name.toUpperCase(), operation: 'other', shape: 'control', orm: false, holds: hold, awaited: true, place: it.place });
    run.release(hold);
    return UNKNOWN;
  }
  if (it.name === 'raw') {
    const { label, operation, shape } = readSql(it.args[0]);
    // `knex.raw('count(*)')` is a part of another query.
    if (shape === 'unknown' && operation === 'other' && it.args[0]?.t === 'text') return UNKNOWN;
    run.record({ kind: 'query', client, label, operation, shape, orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
    return { t: 'data' };
  }
  if (it.name !== '' && !STARTS.has(it.name)) return UNKNOWN;
  const step: QueryDraft = { kind: 'query', client, label: 'SELECT *', operation: 'read', shape: 'list', orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place };
  const builder = run.make('Builder', it.place, { step, verb: 'SELECT', table: it.name === '' ? textOf(it.args[0]) : undefined });
  if (run.isTracing()) run.record(step);
  name(builder);
  return it.name === '' ? builder : onBuilder(it, builder, run);
}

function name(builder: Resource): void {
  const table = /^\w+/.exec(String(builder.data.table ?? ''))?.[0];
  (builder.data.step as QueryDraft).label = `${String(builder.data.verb)} ${table ?? '*'}`;
}

function onBuilder(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const step = of.data.step as QueryDraft;
  // A query inside another asks nobody by itself.
  for (const arg of it.args) if (arg.t === 'resource' && arg.type === 'Builder' && arg !== of) run.forget(arg.data.step as DraftStep);
  if (/^(from|into|table)$/.test(it.name)) of.data.table = textOf(it.args[0]);
  if (it.name === 'batchInsert') of.data.table = textOf(it.args[0]);
  const verb = VERBS[it.name];
  if (verb) {
    [of.data.verb, step.operation, step.shape] = verb;
  }
  if (it.name === 'first' && step.shape === 'list' && of.data.byId) step.shape = 'primaryKey';
  if (it.name === 'where' && isById(it.args)) of.data.byId = true;
  if (it.name === 'transacting') {
    const [given] = it.args;
    const hold = given?.t === 'resource' ? (given.data.hold as DraftHold | undefined) : undefined;
    if (hold) step.holds = hold;
  }
  name(of);
  if (it.name !== 'then' && it.name !== 'asCallback') return of;
  const callback = it.args.find(isCallable);
  return callback ? run.call(callback, it.name === 'then' ? [{ t: 'data' }] : [NOTHING, { t: 'data' }]) : { t: 'data' };
}

const isById = ([first]: readonly Value[]): boolean =>
  textOf(first) === 'id' || (first?.t === 'object' && first.props.size === 1 && ['id', 'uuid', '_id'].includes([...first.props.keys()][0] ?? ''));

function transaction(it: LibraryCall, client: Resource, outer: DraftHold | undefined, run: CodeRun): Value {
  if (!run.isTracing()) return UNKNOWN;
  const body = it.args.find(isCallable);
  if (outer) return body ? run.call(body, [run.make('Knex', it.place, { client, hold: outer })]) : UNKNOWN;
  if (!body) return run.make('Knex', it.place, { client, hold: run.hold(client, 'transaction', it.place) });
  return onHeld(run, client, 'transaction', it.place, (hold) => run.call(body, [run.make('Knex', it.place, { client, hold })]));
}
