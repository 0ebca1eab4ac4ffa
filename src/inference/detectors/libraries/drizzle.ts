import { isCallable, object, propertyOf, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, DraftStep, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { addressIn } from './address.ts';
import { columnOfTable, onSchemaPart, refined, schemaPart } from './drizzle-tables.ts';
import { readSql } from './sql.ts';
import { columnsSetBy, sumsOf } from './statements.ts';
import { onHeld } from './on-held.ts';
import { eachOf, markAsReplica } from './replicas.ts';

type QueryDraft = Extract<DraftStep, { kind: 'query' }>;

const STARTS: Record<string, [word: string, operation: 'read' | 'write', shape: QueryShape]> = {
  select: ['SELECT', 'read', 'list'],
  selectDistinct: ['SELECT', 'read', 'list'],
  selectDistinctOn: ['SELECT', 'read', 'list'],
  insert: ['INSERT', 'write', 'write'],
  update: ['UPDATE', 'write', 'write'],
  delete: ['DELETE', 'write', 'write'],
  $count: ['SELECT', 'read', 'aggregate'],
};

/** Drizzle: a thin builder over a driver's pool. The path of the import names the driver. */
export default {
  id: 'drizzle',
  packages: ['drizzle-orm'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (name === 'drizzle') return run.make('Drizzle', it.place, { client: driverOf(it, run) });
    if (name === 'withReplicas') return withReplicas(it, run);
    return name === 'sql' ? (it.args[0] ?? UNKNOWN) : (schemaPart(it, name, run) ?? UNKNOWN);
  },
  member(of, name, run) {
    if (of.type === 'Drizzle' && name === '$primary') return run.make('Drizzle', of.place, { client: of.data.client });
    if (of.type === 'Drizzle' && name === 'query') return run.make('Query', of.place, { ...of.data });
    if (of.type === 'Query') return run.make('Relation', of.place, { ...of.data, table: name });
    return columnOfTable(of, name);
  },
} satisfies LibraryDetector;

/** Reads of the returned database go to the copies, in turns; `$primary` leads past them. */
function withReplicas(it: LibraryCall, run: CodeRun): Value {
  const [primary] = it.args;
  const client = primary?.t === 'resource' ? (primary.data.client as Resource | undefined) : undefined;
  const copies = eachOf(it.args[1]).flatMap((one) => (one.t === 'resource' && one.data.client ? [one.data.client as Resource] : []));
  if (!client || copies.length === 0) return primary ?? UNKNOWN;
  const [replica] = copies.map((one) => markAsReplica(one, client, copies.length));
  return run.make('Drizzle', it.place, { client, replica });
}

/** The pool that is given, or the one that the driver makes of the options. */
function driverOf(it: LibraryCall, run: CodeRun): Resource | undefined {
  const [first, second] = it.args;
  const given = propertyOf(first, 'client') ?? first;
  if (given?.t === 'resource') return given.library === 'sqlite' ? resourceOf(remote(it, UNKNOWN, run)) : given;
  // `sql` of Vercel's client stands for its pool.
  if (given?.t === 'package' && given.name === '@vercel/postgres') return resourceOf(run.use(given.name, 'sql', [], it.place));
  const options = propertyOf(first, 'connection') ?? (first?.t === 'object' ? second : first) ?? UNKNOWN;
  const made = ((): Value => {
    switch (it.name.split('.')[0]) {
      case 'node-postgres':
      case 'neon-serverless':
        return run.use('pg', 'Pool', [options.t === 'text' || options.t === 'unset' ? object([['connectionString', options]]) : options], it.place, true);
      case 'postgres-js':
        return run.use('postgres', '', [options], it.place);
      case 'mysql2':
        return run.use('mysql2', 'createPool', [options], it.place);
      case 'vercel-postgres':
        return run.use('@vercel/postgres', 'sql', [], it.place);
      case 'neon-http':
        return run.use('@neondatabase/serverless', 'neon', [options], it.place);
      default:
        return remote(it, options, run);
    }
  })();
  return resourceOf(made);
}

const resourceOf = (it: Value): Resource | undefined => (it.t === 'resource' ? it : undefined);

/** Drivers that ask a service over HTTP, a platform's binding or a file: no pool of the process. */
const REMOTE: Readonly<Record<string, string>> = {
  'planetscale-serverless': 'mysql',
  'tidb-serverless': 'mysql',
  'xata-http': 'postgres',
  'aws-data-api': 'postgres',
  'bun-sql': 'postgres',
  libsql: 'libsql',
  'better-sqlite3': 'sqlite',
  'bun-sqlite': 'sqlite',
  'expo-sqlite': 'sqlite',
  d1: 'd1',
};

function remote(it: LibraryCall, options: Value, run: CodeRun): Value {
  const driver = it.name.split('.')[0] ?? '';
  const engine = REMOTE[driver];
  if (!engine) return UNKNOWN;
  const client = run.make('Remote', it.place, { engine, library: `drizzle-orm/${driver}`, address: addressIn(options) });
  run.claim({ kind: 'client', client });
  return client;
}

const tableOf = (it: Value | undefined): string => (it?.t === 'resource' && it.type === 'Table' ? String(it.data.name) : '*');

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = of.data.client as Resource | undefined;
  const hold = of.data.hold as DraftHold | undefined;
  const record = (what: { label: string; operation: 'read' | 'write' | 'other'; shape: QueryShape }): QueryDraft | undefined => {
    if (!run.isTracing()) return undefined;
    if (!client) {
      run.record({ kind: 'unread', package: 'drizzle-orm', place: it.place });
      return undefined;
    }
    const replica = what.operation === 'read' && !hold && it.name !== 'execute' ? (of.data.replica as Resource | undefined) : undefined;
    const step: QueryDraft = { kind: 'query', client: replica ?? client, ...what, orm: true, ...(hold && { holds: hold }), awaited: true, place: it.place };
    run.record(step);
    return step;
  };
  if (of.type === 'Relation') {
    if (!/^find(Many|First)$/.test(it.name)) return UNKNOWN;
    record({ label: `${String(of.data.table)}.${it.name}`, operation: 'read', shape: 'list' });
    return { t: 'data' };
  }
  if (of.type === 'Builder') return onBuilder(it, of, run);
  const part = onSchemaPart(it, of, run);
  if (part) return part;
  if (of.type !== 'Drizzle') return UNKNOWN;
  if (it.name === 'execute') {
    const { label, operation, shape } = readSql(it.args[0]);
    record({ label, operation, shape });
    return { t: 'data' };
  }
  if (it.name === 'transaction') return transaction(it, client, hold, run);
  const start = STARTS[it.name];
  if (!start) return UNKNOWN;
  const [word, operation, shape] = start;
  const step = record({ label: `${word} ${tableOf(it.args[0])}`, operation, shape });
  if (step && word !== 'SELECT') step.statement = { table: tableOf(it.args[0]), adds: word === 'INSERT', ...(word !== 'INSERT' && { where: [] }), orderBy: [], limit: 'unknown' };
  return run.make('Builder', it.place, { step, word });
}

/** A chain is one query; the table of a read comes behind `from`. */
function onBuilder(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const step = of.data.step as QueryDraft | undefined;
  for (const arg of it.args) if (arg.t === 'resource' && arg.type === 'Builder' && arg !== of && arg.data.step) run.forget(arg.data.step as DraftStep);
  if (step && it.name === 'from') {
    step.label = `${String(of.data.word)} ${tableOf(it.args[0])}`;
    step.statement = { table: tableOf(it.args[0]), adds: false, where: [], orderBy: [], limit: 'unknown' };
  } else if (step?.statement?.adds && it.name === 'values') step.statement = { ...step.statement, ...columnsSetBy(it.args[0]) };
  else if (step?.statement?.adds && /^onConflict|^onDuplicateKey/.test(it.name)) step.statement = { ...step.statement, keepsOne: true };
  else if (step?.statement && !step.statement.adds) step.statement = refined(step.statement, it);
  if (step && it.name === 'groupBy') step.shape = 'aggregate';
  if (step?.statement && (it.name === 'groupBy' || step.statement.sums)) step.statement = { ...step.statement, sums: sumsOf(step.statement.where) };
  if (it.name !== 'then') return of;
  const callback = it.args.find(isCallable);
  return callback ? run.call(callback, [{ t: 'data' }]) : { t: 'data' };
}

function transaction(it: LibraryCall, client: Resource | undefined, outer: DraftHold | undefined, run: CodeRun): Value {
  const body = it.args.find(isCallable);
  if (!body || !run.isTracing()) return UNKNOWN;
  if (!client || outer) return run.call(body, [run.make('Drizzle', it.place, { client, hold: outer })]);
  return onHeld(run, client, 'transaction', it.place, (hold) => run.call(body, [run.make('Drizzle', it.place, { client, hold })]));
}
