import { DATA, firstTold, isCallable, NOTHING, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { addressIn, textIn } from './address.ts';
import { readSql } from './sql.ts';
import { onHeld } from './on-held.ts';

const DRIVERS: Readonly<Record<string, string>> = {
  postgresql: 'postgres',
  mysql: 'mysql',
  mariadb: 'mariadb',
  mongodb: 'mongodb',
  mssql: 'mssql',
  sqlite: 'sqlite',
  'better-sqlite': 'sqlite',
  libsql: 'sqlite',
};
const READS: Readonly<Record<string, QueryShape>> = {
  find: 'list',
  findAll: 'list',
  findOne: 'list',
  findOneOrFail: 'list',
  findByCursor: 'aggregate',
  findAndCount: 'aggregate',
  count: 'aggregate',
  refresh: 'primaryKey',
  populate: 'list',
  aggregate: 'aggregate',
};
const WRITES = /^(insert|insertMany|nativeInsert|nativeUpdate|nativeDelete|upsert|upsertMany)$/;
const ENDS: Readonly<Record<string, QueryShape>> = {
  getResult: 'list',
  getResultList: 'list',
  getSingleResult: 'list',
  getResultAndCount: 'aggregate',
  getCount: 'aggregate',
  execute: 'list',
};

/** MikroORM: what is changed in memory is written by `flush`, in a transaction of its own. */
export default {
  id: 'mikro-orm',
  packages: ['@mikro-orm/core', ...Object.keys(DRIVERS).map((it) => `@mikro-orm/${it}`), '@mikro-orm/knex', '@mikro-orm/sql', '@mikro-orm/decorators'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (name === 'defineConfig') return it.args[0] ?? UNKNOWN;
    if (it.name === 'MikroORM.init' || it.name === 'MikroORM.initSync' || (it.isNew && name === 'MikroORM')) return connected(it, run);
    if (it.name === 'RequestContext.create' || it.name === 'RequestContext.createAsync') return run.call(it.args.find(isCallable));
    if (it.isNew && name === 'EntityRepository') return UNKNOWN;
    return /^[A-Z]\w+$/.test(it.name) && !it.isNew ? run.make('Decorator', it.place, { name, args: it.args }) : UNKNOWN;
  },
  member(of, name, run) {
    const client = (of.data.client as Resource | undefined) ?? of;
    if (name === 'em' || name === '_em') return run.make('Manager', of.place, { client, ...(of.data.hold ? { hold: of.data.hold } : {}) });
    return undefined;
  },
} satisfies LibraryDetector;

function engineOf(it: LibraryCall, options: Value | undefined, run: CodeRun): string | undefined {
  const driver = propertyOf(options, 'driver');
  const said = textIn(options, 'type') ?? (driver?.t === 'package' ? driver.name : it.package).replace('@mikro-orm/', '');
  const installed = Object.keys(DRIVERS).filter((one) => run.major(`@mikro-orm/${one}`) !== undefined);
  return DRIVERS[said] ?? DRIVERS[said.replace('mongo', 'mongodb')] ?? (installed.length === 1 ? DRIVERS[installed[0] ?? ''] : undefined);
}

function connected(it: LibraryCall, run: CodeRun): Value {
  const [options] = it.args;
  const engine = engineOf(it, options, run);
  const client = run.make('Orm', it.place, {
    ...(engine && { engine }),
    library: 'mikro-orm',
    address: addressIn(options, ['clientUrl']),
    max: firstTold(toldNumber(options, 'pool', 'max'), toldNumber(options, 'driverOptions', 'maxPoolSize')),
    acquireTimeoutMs: toldNumber(options, 'pool', 'acquireTimeoutMillis'),
  });
  run.claim({ kind: 'client', client });
  return client;
}

const nameOf = (it: Value | undefined): string => (it?.t === 'class' ? (it.c.name ?? 'Entity') : it?.t === 'instance' ? (it.of.c.name ?? 'Entity') : (textOf(it) ?? 'Entity'));

interface Carrier {
  client: Resource;
  hold?: DraftHold;
}

function ask(it: LibraryCall, { client, hold }: Carrier, label: string, operation: 'read' | 'write' | 'other', shape: QueryShape, run: CodeRun): Value {
  run.record({ kind: 'query', client, label, operation, shape, orm: operation !== 'other', ...(hold && { holds: hold }), awaited: true, place: it.place });
  return DATA;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  const by: Carrier = { client, ...(of.data.hold ? { hold: of.data.hold as DraftHold } : {}) };
  if (of.type === 'Builder') return onBuilder(it, of, by, run);
  if (of.type === 'Connection') return it.name === 'execute' ? sql(it, by, run) : UNKNOWN;
  const isRepository = of.type === 'Repository';
  const entity = isRepository ? String(of.data.entity) : nameOf(it.args[0]);
  const shape = READS[it.name];
  if (shape) return ask(it, by, `${entity}.${it.name}`, 'read', shape === 'list' && isById(it.args[isRepository ? 0 : 1]) ? 'primaryKey' : shape, run);
  if (WRITES.test(it.name)) return ask(it, by, `${entity}.${it.name}`, 'write', 'write', run);
  switch (it.name) {
    case 'getRepository':
      return run.make('Repository', it.place, { ...by, entity });
    case 'getEntityManager':
    case 'fork':
    case 'persist':
    case 'remove':
      return it.name === 'fork' || it.name === 'getEntityManager' ? run.make('Manager', it.place, { ...by }) : of;
    case 'flush':
    case 'persistAndFlush':
    case 'removeAndFlush':
      return flush(it, by, run);
    case 'transactional':
      return transaction(it, by, run);
    case 'begin':
      if (run.isTracing() && !by.hold) of.data.hold = run.hold(client, 'transaction', it.place);
      return NOTHING;
    case 'commit':
    case 'rollback':
      ask(it, by, it.name.toUpperCase(), 'other', 'control', run);
      if (by.hold) run.release(by.hold);
      return NOTHING;
    case 'createQueryBuilder':
    case 'qb':
    case 'queryBuilder':
      return run.make('Builder', it.place, { ...by, entity });
    case 'getConnection':
      return run.make('Connection', it.place, { ...by });
    case 'execute':
      return sql(it, by, run);
    // A builder of Kysely or Knex on the ORM's own connections.
    case 'getKysely':
    case 'getKnex':
      return run.make('Builder', it.place, { ...by, entity: '*' });
    default:
      return UNKNOWN;
  }
}

const isById = (it: Value | undefined): boolean =>
  it?.t === 'object' ? it.props.size === 1 && ['id', 'uuid', '_id'].includes([...it.props.keys()][0] ?? '') : it?.t === 'number' || it?.t === 'text';

function sql(it: LibraryCall, by: Carrier, run: CodeRun): Value {
  const { label, operation, shape, statement } = readSql(it.args[0]);
  const { client, hold } = by;
  run.record({ kind: 'query', client, label, operation, shape, ...(statement && { statement }), orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
  return DATA;
}

/** BEGIN, what changed, COMMIT: inside a transaction only what changed. How many rows did is not known: one statement stands for them. */
function flush(it: LibraryCall, by: Carrier, run: CodeRun): Value {
  if (by.hold || by.client.data.engine === 'mongodb' || !run.isTracing()) return ask(it, by, 'flush', 'write', 'write', run);
  const { client } = by;
  return onHeld(run, client, 'transaction', it.place, (hold) => {
    const inside = { client, hold };
    ask(it, inside, 'BEGIN', 'other', 'control', run);
    ask(it, inside, 'flush', 'write', 'write', run);
    ask(it, inside, 'COMMIT', 'other', 'control', run);
    return NOTHING;
  });
}

/** Every call on a builder gives it back, until one asks the database. */
function onBuilder(it: LibraryCall, of: Resource, by: Carrier, run: CodeRun): Value {
  if (/^(update|delete|insert|updateTable|deleteFrom|insertInto)$/.test(it.name)) of.data.writes = it.name;
  if (/^(selectFrom|updateTable|deleteFrom|insertInto|from)$/.test(it.name)) of.data.entity = nameOf(it.args[0]);
  const shape = ENDS[it.name] ?? (/^executeTakeFirst(OrThrow)?$/.test(it.name) ? 'list' : undefined);
  if (!shape) return of;
  const writes = of.data.writes as string | undefined;
  return ask(it, by, `${String(of.data.entity)}.${writes ?? it.name}`, writes ? 'write' : 'read', writes ? 'write' : shape, run);
}

/** A manager of its own on one connection, flushed at the end. */
function transaction(it: LibraryCall, by: Carrier, run: CodeRun): Value {
  const body = it.args.find(isCallable);
  if (!body || !run.isTracing()) return UNKNOWN;
  // A transaction inside another is a savepoint on the same connection.
  if (by.hold) return run.call(body, [run.make('Manager', it.place, { ...by })]);
  const { client } = by;
  return onHeld(run, client, 'transaction', it.place, (hold) => {
    const inside = { client, hold };
    const result = run.call(body, [run.make('Manager', it.place, inside)]);
    ask(it, inside, 'flush', 'write', 'write', run);
    return result;
  });
}
