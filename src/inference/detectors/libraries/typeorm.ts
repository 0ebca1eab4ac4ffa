import type { Statement } from '../../../model/topology.ts';
import { firstTold, isCallable, NOTHING, object, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { addressIn, addressOf, textIn } from './address.ts';
import { readSql } from './sql.ts';
import { columnsSetBy, statementOf } from './statements.ts';
import { claimEntity, DESCRIBES, type Naming } from './typeorm-entities.ts';
import { onHeld } from './on-held.ts';
import { eachOf, replicaFor, sideFor } from './replicas.ts';

const READS: Record<string, QueryShape> = {
  find: 'list',
  findBy: 'list',
  findOne: 'list',
  findOneBy: 'list',
  findOneOrFail: 'list',
  findOneByOrFail: 'list',
  findOneById: 'primaryKey',
  findByIds: 'list',
  findAndCount: 'aggregate',
  findAndCountBy: 'aggregate',
  count: 'aggregate',
  countBy: 'aggregate',
  sum: 'aggregate',
  average: 'aggregate',
  minimum: 'aggregate',
  maximum: 'aggregate',
  exist: 'list',
  exists: 'list',
  existsBy: 'list',
};
const WRITES = /^(save|insert|update|updateAll|upsert|delete|deleteAll|remove|softDelete|softRemove|restore|recover|increment|decrement|clear)$/;
const ENDS: Record<string, QueryShape> = {
  getMany: 'list',
  getOne: 'list',
  getOneOrFail: 'list',
  getRawMany: 'list',
  getRawOne: 'list',
  getRawAndEntities: 'list',
  getCount: 'aggregate',
  getManyAndCount: 'aggregate',
  getExists: 'list',
  stream: 'list',
  execute: 'write',
};
const ENGINES: Record<string, string> = {
  postgres: 'postgres',
  'aurora-postgres': 'postgres',
  cockroachdb: 'cockroachdb',
  mysql: 'mysql',
  mariadb: 'mariadb',
  'aurora-mysql': 'mysql',
  mongodb: 'mongodb',
  mssql: 'mssql',
  sqlite: 'sqlite',
  'better-sqlite3': 'sqlite',
};

/** TypeORM: data sources, repositories, managers, query builders; transactions hold a connection of the driver's pool. */
export default {
  id: 'typeorm',
  packages: ['typeorm'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.onClass) {
      const client = defaultSource(run);
      noteEntity(it.onClass, client, run);
      return named(it, name, { client }, it.onClass.c.name ?? 'Entity', run) ?? UNKNOWN;
    }
    if ((it.isNew && name === 'DataSource') || name === 'createConnection') return source(it, run);
    if (it.isNew && name === 'EntitySchema') return run.make('EntitySchema', it.place, { options: it.args[0] ?? UNKNOWN });
    if (!it.isNew && DESCRIBES.test(name)) return run.make('Decorator', it.place, { name, args: it.args });
    if (it.isNew && name === 'Repository') return repository(it, it.args[0], it.args[1], run);
    const client = defaultSource(run);
    if (!client) return /^[A-Z]/.test(name) && !it.isNew ? run.make('Decorator', it.place, { name, args: it.args }) : UNKNOWN;
    if (name === 'getConnection') return client;
    if (name === 'getManager') return run.make('Manager', it.place, { client });
    if (name === 'getRepository') return repository(it, it.args[0], client, run);
    return UNKNOWN;
  },
  member(of, name, run) {
    const { client = of, hold, onPrimary } = of.data as { client?: Resource; hold?: DraftHold; onPrimary?: true };
    if (name === 'manager') return run.make('Manager', of.place, { client, ...(hold && { hold }), ...(onPrimary && { onPrimary }) });
    return name === 'connection' || name === 'dataSource' ? (client as Value) : undefined;
  },
} satisfies LibraryDetector;

const isTrue = (it: Value | undefined): boolean => it?.t === 'boolean' && it.v;
const defaultSource = (run: CodeRun): Resource | undefined => run.shared<{ first?: Resource }>('typeorm', () => ({})).first;

function source(it: LibraryCall, run: CodeRun): Value {
  const [options] = it.args;
  const replication = propertyOf(options, 'replication');
  const master = propertyOf(replication, 'master');
  const url = propertyOf(master ?? options, 'url');
  const said = textIn(options, 'type') ?? addressOf(url).scheme ?? '';
  const engine = ENGINES[said] ?? ENGINES[said.replace(/ql$/, '')];
  const client = run.make('DataSource', it.place, {
    ...(engine && { engine }),
    library: 'typeorm',
    address: addressIn(master ?? options, ['url']),
    max: firstTold(toldNumber(options, 'extra', 'max'), toldNumber(options, 'extra', 'connectionLimit'), toldNumber(options, 'poolSize')),
    acquireTimeoutMs: toldNumber(options, 'extra', 'connectionTimeoutMillis'),
    naming: namingOf(options),
    isSynced: isTrue(propertyOf(options, 'synchronize')),
  });
  run.claim({ kind: 'client', client });
  // In this mode only what asks for a slave by its query runner gets one.
  if (textIn(replication, 'defaultMode') !== 'master') client.data.replica = replicaFor(client, eachOf(propertyOf(replication, 'slaves')), it, run);
  const shared = run.shared<{ first?: Resource }>('typeorm', () => ({}));
  shared.first ??= client;
  return client;
}

/** `of` is a data source, a manager or a query runner. */
function repository(it: LibraryCall, entity: Value | undefined, of: Value | undefined, run: CodeRun): Value {
  const base = of?.t === 'instance' ? of.base : of?.t === 'resource' ? of : undefined;
  const client = (base?.data.client as Resource | undefined) ?? base ?? defaultSource(run);
  noteEntity(entity, client, run);
  return client
    ? run.make('Repository', it.place, {
        client,
        entity: nameOf(entity),
        ...(base?.data.hold ? { hold: base.data.hold } : {}),
        ...(base?.data.onPrimary ? { onPrimary: true } : {}),
      })
    : UNKNOWN;
}

/** A naming strategy of somebody's own names tables and columns in ways that are not known. */
function noteEntity(entity: Value | undefined, client: Resource | undefined, run: CodeRun): void {
  const naming = client?.data.naming as Naming | undefined;
  if (naming) claimEntity(entity, { naming, isSynced: client?.data.isSynced === true }, run);
}

function namingOf(options: Value | undefined): Naming | undefined {
  const prefix = propertyOf(options, 'entityPrefix');
  const strategy = propertyOf(options, 'namingStrategy');
  if (options?.t !== 'object' || (prefix && textOf(prefix) !== '')) return undefined;
  if (!strategy) return options.open ? undefined : 'default';
  const name = strategy.t === 'instance' ? strategy.of.c.name : strategy.t === 'resource' ? strategy.type : '';
  return name === 'SnakeNamingStrategy' ? 'snake' : undefined;
}

const nameOf = (it: Value | undefined): string =>
  it?.t === 'resource' && it.type === 'EntitySchema' ? (textOf(propertyOf(it.data.options as Value, 'name')) ?? 'Entity') : nameOfClass(it);
const nameOfClass = (it: Value | undefined): string => (it?.t === 'class' ? (it.c.name ?? 'Entity') : it?.t === 'instance' ? (it.of.c.name ?? 'Entity') : (textOf(it) ?? 'Entity'));

interface Carrier {
  client: Resource | undefined;
  /** A query runner's: its connection leads to the primary. */
  onPrimary?: true;
  hold?: DraftHold;
}

function record(
  it: LibraryCall,
  { client, hold, onPrimary }: Carrier,
  what: { label: string; operation: 'read' | 'write' | 'other'; shape: QueryShape; statement?: Statement },
  orm: boolean,
  run: CodeRun,
): Value {
  // What `query` is given goes to the primary, whatever it says.
  const side = client && sideFor(client, orm && what.operation === 'read' && !hold && !onPrimary);
  if (side) run.record({ kind: 'query', client: side, ...what, orm, ...(hold && { holds: hold }), awaited: true, place: it.place });
  return { t: 'data' };
}

/** A method that is one query, by its name. */
function named(it: LibraryCall, method: string, by: Carrier, entity: string, run: CodeRun): Value | undefined {
  const shape = READS[method];
  const writes = WRITES.test(method);
  if (!shape && !writes) return undefined;
  return record(
    it,
    by,
    {
      label: `${entity}.${method}`,
      operation: writes ? 'write' : 'read',
      shape: /^findOne/.test(method) && byId(it.args) ? 'primaryKey' : (shape ?? 'write'),
      statement: statementIn(it, method, entity),
    },
    true,
    run,
  );
}

/** On a manager the entity comes first; `findBy` takes the conditions themselves. */
function statementIn(it: LibraryCall, method: string, entity: string): Statement {
  const adds = /^(save|insert)$/.test(method);
  const isOne = !/^find(By|AndCount|AndCountBy)?$/.test(method);
  const options = it.args.find((arg) => arg.t !== 'class' && arg.t !== 'text');
  const isConditions = /By(OrFail)?$/.test(method);
  const given: Value | undefined = isConditions && options ? object([['where', options]]) : options;
  const asked = statementOf(entity, adds, isOne, given, { where: 'where', order: 'order', limit: ['take'] });
  return adds ? { ...asked, ...columnsSetBy(options) } : asked;
}

const byId = (args: readonly Value[]): boolean =>
  args.some((it) => {
    const where = propertyOf(it, 'where') ?? it;
    return where.t === 'object' && where.props.size === 1 && ['id', 'uuid', '_id'].includes([...where.props.keys()][0] ?? '');
  });

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const by: Carrier = {
    client: (of.data.client as Resource | undefined) ?? of,
    ...(of.data.hold ? { hold: of.data.hold as DraftHold } : {}),
    ...(of.data.onPrimary ? { onPrimary: true } : {}),
  };
  if (of.type === 'Builder') return onBuilder(it, of, by, run);
  if (of.type === 'QueryRunner') {
    const own = onRunner(it, of, by, run);
    if (own) return own;
  }
  const entity = of.type === 'Repository' ? String(of.data.entity) : nameOf(it.args[0]);
  if (of.type === 'Manager' || of.type === 'DataSource') noteEntity(it.args[0], by.client, run);
  switch (it.name) {
    case 'getRepository':
    case 'getMongoRepository':
    case 'getTreeRepository':
      return repository(it, it.args[0], of, run);
    case 'withRepository':
      return run.make('Repository', it.place, { ...(it.args[0]?.t === 'resource' ? it.args[0].data : {}), ...by });
    case 'query':
      return record(it, by, readSql(it.args[0]), false, run);
    case 'createQueryBuilder':
      return run.make('Builder', it.place, { ...by, entity: it.args[0] && of.type !== 'Repository' ? nameOf(it.args[0]) : entity });
    case 'createQueryRunner':
      return run.make('QueryRunner', it.place, { client: by.client, ...(textOf(it.args[0]) !== 'slave' && { onPrimary: true }) });
    case 'transaction':
      return transaction(it, by, run);
    case 'synchronize':
      return NOTHING;
    case 'extend':
    case 'initialize':
    case 'connect':
      return of;
    case 'create':
    case 'merge':
    case 'preload':
      return { t: 'data' };
    default:
      return named(it, it.name, by, entity, run) ?? UNKNOWN;
  }
}

/** Every call on a builder gives it back, until one asks the database. */
function onBuilder(it: LibraryCall, of: Resource, by: Carrier, run: CodeRun): Value {
  if (/^(update|delete|insert|softDelete|restore)$/.test(it.name)) {
    of.data.writes = it.name;
    if (it.args[0]?.t === 'class') of.data.entity = nameOf(it.args[0]);
  }
  if (/^(from|into)$/.test(it.name)) of.data.entity = nameOf(it.args[0]);
  if (it.name === 'groupBy' || it.name === 'addGroupBy') of.data.groups = true;
  if (/where/i.test(it.name)) of.data.picks = true;
  const shape = ENDS[it.name];
  if (!shape) return of;
  const writes = of.data.writes as string | undefined;
  return record(
    it,
    by,
    {
      label: `${String(of.data.entity)}.${writes ?? it.name}`,
      operation: writes ? 'write' : 'read',
      shape: writes ? 'write' : of.data.groups ? 'aggregate' : shape === 'write' ? 'unknown' : shape,
      // Conditions of a builder are text that is not read: nobody knows of which rows they are.
      ...(of.data.groups && !writes
        ? { statement: { table: String(of.data.entity), adds: false, sums: of.data.picks ? ('part' as const) : ('whole' as const), limit: 'unknown' as const } }
        : {}),
    },
    true,
    run,
  );
}

/** `connect`, work, `release`: the runner keeps one connection, as a manager of its own. */
function onRunner(it: LibraryCall, of: Resource, by: Carrier, run: CodeRun): Value | undefined {
  const hold = of.data.hold as DraftHold | undefined;
  const control = { startTransaction: 'BEGIN', commitTransaction: 'COMMIT', rollbackTransaction: 'ROLLBACK' }[it.name];
  if (!run.isTracing()) return it.name === 'connect' || it.name === 'release' || control ? NOTHING : undefined;
  if ((it.name === 'connect' || it.name === 'startTransaction') && !hold && by.client) of.data.hold = run.hold(by.client, control ? 'transaction' : 'connection', it.place);
  if (control) record(it, { client: by.client, hold: of.data.hold as DraftHold }, { label: control, operation: 'other', shape: 'control' }, false, run);
  if (it.name === 'release' && hold) run.release(hold);
  return it.name === 'connect' || it.name === 'release' || control ? NOTHING : undefined;
}

function transaction(it: LibraryCall, by: Carrier, run: CodeRun): Value {
  const body = it.args.find(isCallable);
  if (!body || !by.client || !run.isTracing()) return UNKNOWN;
  // A transaction inside another is a savepoint on the same connection.
  if (by.hold) return run.call(body, [run.make('Manager', it.place, { ...by })]);
  const { client } = by;
  return onHeld(run, client, 'transaction', it.place, (hold) => run.call(body, [run.make('Manager', it.place, { client, hold })]));
}
