import { type ClassValue, DATA, isCallable, propertyOf, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, LibraryCall, QueryShape } from '../../../detector.ts';
import { addressIn, addressOf, textIn } from '../address.ts';
import { cacheCommand, found } from '../cache-steps.ts';
import { itemsOf } from '../nestjs/tokens.ts';

/** Engine and driver of the connectors that ask a database, and the option that bounds their connections (https://loopback.io/doc/en/lb4/Database-connectors.html). */
const CONNECTORS: Record<string, { engine: string; library: string; max?: string }> = {
  postgresql: { engine: 'postgres', library: 'pg', max: 'max' },
  mysql: { engine: 'mysql', library: 'mysql', max: 'connectionLimit' },
  mongodb: { engine: 'mongodb', library: 'mongodb', max: 'maxPoolSize' },
  mssql: { engine: 'mssql', library: 'mssql' },
  sqlite3: { engine: 'sqlite', library: 'sqlite3' },
  'kv-redis': { engine: 'redis', library: 'ioredis' },
  redis: { engine: 'redis', library: 'ioredis' },
};

const METHODS: Record<string, [operation: 'read' | 'write', shape: QueryShape]> = {
  ...Object.fromEntries(['find', 'findOne'].map((it) => [it, ['read', 'list']])),
  ...Object.fromEntries(['findById', 'exists', 'get'].map((it) => [it, ['read', 'primaryKey']])),
  count: ['read', 'aggregate'],
  ...Object.fromEntries(
    ['create', 'createAll', 'save', 'update', 'updateAll', 'updateById', 'upsert', 'replaceById', 'patch', 'delete', 'deleteAll', 'deleteById', 'link', 'unlink'].map((it) => [
      it,
      ['write', 'write'],
    ]),
  ),
};

const RELATIONS = /^create(HasMany|HasOne|HasManyThrough|BelongsTo|ReferencesMany)\w*For$/;

/** A datasource: the client of a store, or what services are asked through. */
export function dataSource(it: LibraryCall, run: CodeRun): Resource {
  const config = it.args.find((arg) => arg.t === 'object');
  const connector = textIn(config, 'connector')?.replace(/^loopback-connector-/, '') ?? '';
  const known = CONNECTORS[connector];
  if (!known) return run.make('DataSource', it.place, { connector, config });
  const url = propertyOf(config, 'url');
  const client = run.make('DataSource', it.place, {
    engine: known.engine,
    library: known.library,
    connector,
    // The generator leaves an empty one beside the host.
    address: textOf(url) === '' ? addressOf(propertyOf(config, 'host')) : addressIn(config),
    ...(known.max && { max: toldNumber(config, known.max) }),
    ...(known.engine === 'redis' && { multiplexed: true }),
  });
  run.claim({ kind: 'client', client });
  return client;
}

const sourceIn = (it: Value | undefined): Resource | undefined => {
  const base = it?.t === 'instance' ? it.base : it?.t === 'resource' ? it : undefined;
  return base?.type === 'DataSource' ? base : undefined;
};

/** `super(User, dataSource)` of a repository's class. */
export function repository(it: LibraryCall, name: string, run: CodeRun): Resource {
  const [model, source] = it.args;
  return run.make('Repository', it.place, {
    model: model?.t === 'class' ? ((model as ClassValue).c.name ?? 'Model') : 'Model',
    source: sourceIn(source),
    isKeyed: name === 'DefaultKeyValueRepository',
  });
}

/** What a service's datasource asks: the operations of its REST templates by the names of their functions. */
export function serviceOf(it: LibraryCall, run: CodeRun): Value {
  const source = sourceIn(it.args[0]);
  return source ? run.make('Service', it.place, { source }) : UNKNOWN;
}

export function onRepository(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Service') return ask(it, of, run);
  if (of.type !== 'Repository' && of.type !== 'Relation') return UNKNOWN;
  const source = of.data.source as Resource | undefined;
  if (RELATIONS.test(it.name)) return relation(it, run);
  if (!source?.data.engine || !run.isTracing()) return METHODS[it.name] ? DATA : UNKNOWN;
  if (of.data.isKeyed === true) return keyed(it, source, run);
  const model = String(of.data.model);
  if (it.name === 'execute') {
    record(it, source, `${model}.execute`, 'other', 'unknown', run);
    return DATA;
  }
  const method = METHODS[it.name];
  if (!method) return UNKNOWN;
  record(it, source, `${model}.${it.name}`, ...method, run);
  // Each relation that is included is asked for by one more query.
  for (const arg of it.args)
    for (const one of itemsOf(propertyOf(arg, 'include')))
      record(it, source, `${model}.${it.name} ${textOf(propertyOf(one, 'relation') ?? one) ?? 'relation'}`, 'read', 'list', run);
  return DATA;
}

function record(it: LibraryCall, client: Resource, label: string, operation: 'read' | 'write' | 'other', shape: QueryShape, run: CodeRun): void {
  run.record({ kind: 'query', client, label, operation, shape, orm: true, awaited: true, place: it.place });
}

const KEYED: Record<string, 'read' | 'write' | 'delete'> = { get: 'read', set: 'write', expire: 'write', delete: 'delete', deleteAll: 'delete', ttl: 'read' };

function keyed(it: LibraryCall, client: Resource, run: CodeRun): Value {
  const operation = KEYED[it.name];
  if (!operation) return UNKNOWN;
  const step = cacheCommand(it, client, operation, it.args[0], operation === 'write' ? toldNumber(it.args[2], 'ttl') : undefined, run);
  return it.name === 'get' ? found(step) : DATA;
}

/** `this.orders = this.createHasManyRepositoryFactoryFor('orders', getter)`: a repository of the other model for one row, or an accessor that asks at once. */
function relation(it: LibraryCall, run: CodeRun): Value {
  const getter = it.args.toReversed().find(isCallable);
  const isAccessor = /BelongsTo|ReferencesMany/.test(it.name);
  return {
    t: 'native',
    call: run.keep((_args: readonly Value[], place: LibraryCall['place']) => {
      const target = run.call(getter);
      const base = target.t === 'instance' ? target.base : undefined;
      if (base?.type !== 'Repository') return UNKNOWN;
      if (!isAccessor) return run.make('Relation', place, { model: base.data.model, source: base.data.source });
      const source = base.data.source as Resource | undefined;
      if (source?.data.engine && run.isTracing()) record({ ...it, place }, source, `${String(base.data.model)}.findById`, 'read', 'primaryKey', run);
      return DATA;
    }),
  };
}

/** A function of a service is a request where its datasource has a template with an address for it. */
function ask(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const source = of.data.source as Resource;
  const config = source.data.config as Value | undefined;
  if (!run.isTracing()) return DATA;
  for (const operation of itemsOf(propertyOf(config, 'operations'))) {
    const template = propertyOf(operation, 'template');
    if (!propertyOf(propertyOf(operation, 'functions'), it.name) && it.name !== 'value') continue;
    request(it, propertyOf(template, 'url'), textIn(template, 'method')?.toUpperCase() ?? 'GET', run);
    return DATA;
  }
  const url = propertyOf(config, 'url') ?? propertyOf(config, 'baseURL');
  if (url) request(it, url, 'POST', run, source.data.connector === 'grpc' ? 'grpc' : undefined);
  return DATA;
}

function request(it: LibraryCall, url: Value | undefined, method: string, run: CodeRun, protocol?: 'grpc'): void {
  if (!url) return;
  run.record({ kind: 'request', url, method, label: it.name, library: 'loopback-connector-rest', ...(protocol && { protocol }), awaited: true, place: it.place });
}
