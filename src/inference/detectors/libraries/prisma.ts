import type { Statement } from '../../../model/topology.ts';
import { DATA, isCallable, NOTHING, propertyOf, type Resource, saidNumber, toldNumber, truth, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, DraftStep, LibraryCall, LibraryDetector, QueryShape, Told } from '../../detector.ts';
import { addressIn, addressOf } from './address.ts';
import { readSql } from './sql.ts';
import { columnsSetBy, statementOf, sumsOf } from './statements.ts';
import { onHeld } from './on-held.ts';
import { eachOf, markAsReplica, replicaFor } from './replicas.ts';

type QueryDraft = Extract<DraftStep, { kind: 'query' }>;

const READS: Record<string, QueryShape> = {
  findUnique: 'primaryKey',
  findUniqueOrThrow: 'primaryKey',
  findFirst: 'list',
  findFirstOrThrow: 'list',
  findMany: 'list',
  findRaw: 'list',
  count: 'aggregate',
  aggregate: 'aggregate',
  aggregateRaw: 'aggregate',
  groupBy: 'aggregate',
};
/** Prisma puts those of one tick together to one query with all their keys. */
const BATCHES = /\.findUnique(OrThrow)?$/;
const WRITES = /^(create|createMany|createManyAndReturn|update|updateMany|updateManyAndReturn|upsert|delete|deleteMany)$/;

/** Engine and driver behind each driver adapter. */
const ADAPTERS: Record<string, [engine: string, driver: string]> = {
  '@prisma/adapter-pg': ['postgres', 'pg'],
  '@prisma/adapter-ppg': ['postgres', ''],
  '@prisma/adapter-neon': ['postgres', 'pg'],
  '@prisma/adapter-mariadb': ['mysql', 'mariadb'],
  '@prisma/adapter-planetscale': ['mysql', ''],
  '@prisma/adapter-libsql': ['sqlite', ''],
  '@prisma/adapter-better-sqlite3': ['sqlite', ''],
  '@prisma/adapter-mssql': ['mssql', ''],
  '@prisma/adapter-d1': ['sqlite', ''],
};

/** Prisma Client: models, raw SQL, transactions; with a driver adapter the driver's pool counts. Engine and URL may stand in the schema. */
export default {
  id: 'prisma',
  packages: ['@prisma/client', '@prisma/extension-read-replicas', ...Object.keys(ADAPTERS)],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.package === '@prisma/extension-read-replicas') return run.make('ReadReplicas', it.place, { options: it.args[0] });
    const adapter = ADAPTERS[it.package];
    if (adapter) return it.isNew ? adapt(it, adapter, run) : UNKNOWN;
    if (!it.isNew || it.name.split('.').at(-1) !== 'PrismaClient') return UNKNOWN;
    return client(it, run);
  },
  member(of, name, run) {
    if (of.type === 'Result') return DATA;
    if (of.type !== 'Prisma' || name.startsWith('$') || name === 'then') return undefined;
    return run.make('Model', of.place, {
      client: of.data.client ?? of,
      model: name,
      ...(of.data.hold ? { hold: of.data.hold } : {}),
      ...(of.data.replica && !of.data.hold ? { replica: of.data.replica } : {}),
    });
  },
} satisfies LibraryDetector;

function adapt(it: LibraryCall, [engine, driver]: [string, string], run: CodeRun): Value {
  const [options] = it.args;
  // A pool of the driver may be given instead of its options: then that is the client.
  const pool = options?.t === 'resource' ? options.data : undefined;
  return run.make('Adapter', it.place, {
    engine,
    driver,
    address: pool ? pool.address : addressIn(options),
    max: pool ? pool.max : (toldNumber(options, 'max') ?? toldNumber(options, 'connectionLimit')),
    acquireTimeoutMs: pool ? pool.acquireTimeoutMs : toldNumber(options, 'connectionTimeoutMillis'),
    ...(options?.t === 'resource' && { pooledBy: options }),
  });
}

function client(it: LibraryCall, run: CodeRun): Value {
  const [options] = it.args;
  const adapter = propertyOf(options, 'adapter');
  const sources = propertyOf(options, 'datasources');
  const url = propertyOf(options, 'datasourceUrl') ?? (sources?.t === 'object' ? propertyOf([...sources.props.values()][0], 'url') : undefined);
  const given = adapter?.t === 'resource' && adapter.type === 'Adapter' ? adapter.data : undefined;
  const endsAfterMs = toldNumber(options, 'transactionOptions', 'timeout');
  const made = run.make('Prisma', it.place, {
    library: 'prisma',
    ...(endsAfterMs && { endsAfterMs }),
    ...(url && { address: addressOf(url) }),
    ...given,
    // An adapter that can't be read is not Prisma's own pool.
    ...(adapter && !given && adapter.t !== 'nothing' && { driver: '' }),
  });
  run.claim({ kind: 'client', client: made });
  limitsIn(propertyOf(options, 'transactionOptions'), run);
  return made;
}

/** How long an interactive transaction waits for its connection, and how long it may take. */
function limitsIn(options: Value | undefined, run: CodeRun): void {
  for (const name of ['maxWait', 'timeout']) {
    const said = saidNumber(options, name);
    if (said) run.claim({ kind: 'fact', type: 'timeout', subject: `prisma transaction ${name}`, value: said.value, unit: 'ms', place: said.place });
  }
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const base = (of.data.client as Resource | undefined) ?? of;
  const hold = of.data.hold as DraftHold | undefined;
  const record = (label: string, operation: 'read' | 'write' | 'other', shape: QueryShape, orm: boolean, statement?: Statement): Value => {
    // Only methods of models are sent to a copy: raw SQL, which may do anything, stays.
    const replica = operation === 'read' && of.type === 'Model' && !hold ? (of.data.replica as Resource | undefined) : undefined;
    const step: QueryDraft = {
      kind: 'query',
      client: replica ?? base,
      label,
      operation,
      shape,
      orm,
      ...(statement && { statement }),
      ...(BATCHES.test(label) && { batches: true }),
      ...(hold && { holds: hold }),
      awaited: true,
      place: it.place,
    };
    run.record(step);
    return { t: 'data', row: run.make('Result', it.place, { step }) };
  };
  if (of.type === 'Model') {
    const shape = READS[it.name];
    const writes = WRITES.test(it.name);
    const isOne = !/^(findMany|findRaw|groupBy|aggregateRaw)$/.test(it.name);
    const statement = statementOf(String(of.data.model), /^create/.test(it.name), isOne, it.args[0], { where: 'where', order: 'orderBy', limit: ['take'] });
    if (statement.adds)
      Object.assign(statement, columnsSetBy(propertyOf(it.args[0], 'data')), truth(propertyOf(it.args[0], 'skipDuplicates') ?? NOTHING) === true && { keepsOne: true });
    // How many groups there are is another question, and so is how many different values.
    if (it.name === 'groupBy' || propertyOf(it.args[0], 'distinct')) Object.assign(statement, { limit: statement.limit === 'none' ? 'unknown' : statement.limit });
    if (it.name === 'groupBy' || (it.name === 'aggregate' && ['_sum', '_avg'].some((name) => propertyOf(it.args[0], name))))
      Object.assign(statement, { sums: sumsOf(statement.where) });
    return shape || writes ? record(`${String(of.data.model)}.${it.name}`, writes ? 'write' : 'read', shape ?? 'write', true, statement) : UNKNOWN;
  }
  if (of.type !== 'Prisma') return UNKNOWN;
  if (/^\$(queryRaw|executeRaw)(Unsafe|Typed)?$/.test(it.name)) {
    const { label, operation, shape, statement } = readSql(it.args[0]);
    return record(label, operation, shape, false, statement);
  }
  if (it.name === '$transaction') limitsIn(it.args[1], run);
  if (it.name === '$transaction') return transaction(it, of, base, run);
  const [extension] = it.args;
  if (it.name === '$extends' && extension?.t === 'resource' && extension.type === 'ReadReplicas') return extended(it, base, extension, run);
  // What the extension adds: one client that asks the primary alone.
  if (it.name === '$primary') return run.make('Prisma', it.place, { client: base });
  return /^\$(extends|on|use|connect|replica)$/.test(it.name) ? of : NOTHING;
}

/** A client whose reads outside of transactions go to the replicas of the extension: addresses, or clients of their own (since Prisma 7). The client that was there before still asks the primary. */
function extended(it: LibraryCall, base: Resource, { data }: Resource, run: CodeRun): Value {
  const options = data.options as Value | undefined;
  const clients = eachOf(propertyOf(options, 'replicas')).flatMap((one) => (one.t === 'resource' && one.type === 'Prisma' ? [one] : []));
  const [given] = clients.map((one) => markAsReplica(one, base, clients.length));
  const replica = given ?? replicaFor(base, eachOf(propertyOf(options, 'url')), it, run);
  return run.make('Prisma', it.place, { client: base, ...(replica && { replica }) });
}

/** A function holds one connection until it ends; a list runs its queries one after another on one. */
function transaction(it: LibraryCall, of: Resource, base: Resource, run: CodeRun): Value {
  const [body] = it.args;
  if (!run.isTracing()) return isCallable(body) ? UNKNOWN : (body ?? UNKNOWN);
  if (!isCallable(body)) return batch(it, body, of, base, run);
  if (of.data.hold) return run.call(body, [of]);
  return onHeld(run, base, 'transaction', it.place, (hold) => {
    hold.endsAfterMs = toldNumber(it.args[1], 'timeout') ?? (base.data.endsAfterMs as Told | undefined) ?? null;
    return run.call(body, [run.make('Prisma', it.place, { client: base, hold })]);
  });
}

/** Queries are written before the list is passed on: they are moved to the connection on which they run. */
function batch(it: LibraryCall, list: Value | undefined, of: Resource, base: Resource, run: CodeRun): Value {
  const queries = list?.t === 'list' ? list.items.flatMap((one) => (one.t === 'data' && one.row?.type === 'Result' ? [one.row.data.step as QueryDraft] : [])) : [];
  const steps = of.data.hold || queries.length === 0 ? [] : run.take(queries);
  if (steps.length === 0) return list ?? UNKNOWN;
  const hold = run.hold(base, 'transaction', it.place);
  for (const query of [...queries, ...steps.flatMap((it) => eitherOf(it, base))]) Object.assign(query, { holds: hold, awaited: true });
  for (const step of steps) run.record(step.kind === 'loop' ? { ...step, concurrent: false } : step);
  run.release(hold);
  hold.released = 'always';
  return list ?? UNKNOWN;
}

/** `...(all ? [remove] : [keep])`: of two lists one is known here; the queries of the other stand in the list as well. */
const eitherOf = (it: DraftStep, client: Resource): QueryDraft[] =>
  it.kind === 'branch' ? [...it.taken, ...it.otherwise].filter((step): step is QueryDraft => step.kind === 'query' && step.client === client) : [];
