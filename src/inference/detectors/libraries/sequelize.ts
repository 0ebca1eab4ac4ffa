import type { Statement } from '../../../model/topology.ts';
import { type ClassValue, NOTHING, propertyOf, type Resource, text, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, DraftStep, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { type Address, addressIn, addressOf, textIn } from './address.ts';
import { readSql } from './sql.ts';
import { columnsSetBy, conditionsIn, statementOf, sumsOf } from './statements.ts';
import { claimClass, claimModel, claimSync } from './sequelize-models.ts';
import { onHeld } from './on-held.ts';
import { eachOf, replicaFor, saysSo, sideFor } from './replicas.ts';

const READS: Record<string, QueryShape> = {
  findByPk: 'primaryKey',
  findOne: 'list',
  findAll: 'list',
  findAndCountAll: 'aggregate',
  count: 'aggregate',
  sum: 'aggregate',
  max: 'aggregate',
  min: 'aggregate',
  reload: 'primaryKey',
};
const WRITES = new Set(['create', 'bulkCreate', 'update', 'upsert', 'destroy', 'restore', 'increment', 'decrement', 'findOrCreate', 'save']);
const DIALECTS: Record<string, string> = { postgres: 'postgres', postgresql: 'postgres', mysql: 'mysql', mariadb: 'mariadb', sqlite: 'sqlite', mssql: 'mssql' };

/** Sequelize: one pool per instance, models as classes or by `define`, managed and unmanaged transactions. */
export default {
  id: 'sequelize',
  packages: ['sequelize', 'sequelize-typescript'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.isNew && (name === 'Sequelize' || name === '')) return construct(it, run);
    if (name === 'useCLS') current(run).isKept = true;
    if (it.onClass) return onModel(it, name, it.onClass, run);
    if (name === 'ENUM' || name === 'VIRTUAL') return run.make('Type', it.place, { name });
    if (it.package === 'sequelize-typescript' && /^[A-Z]/.test(name) && !it.isNew) return run.make('Decorator', it.place, { name, args: it.args });
    return UNKNOWN;
  },
  member(of, name, run) {
    // Whoever asks for a model by its name gets one, wherever it was defined.
    if (of.type === 'Models') return run.make('Model', of.place, { client: of.data.client, model: name });
    if (of.type !== 'Sequelize') return undefined;
    if (name === 'models') return run.make('Models', of.place, { client: of });
    return name === 'Sequelize' ? { t: 'package', name: 'sequelize', path: [] } : undefined;
  },
} satisfies LibraryDetector;

function construct(it: LibraryCall, run: CodeRun): Value {
  const options = it.args.find((arg) => arg.t === 'object');
  const url = it.args[0]?.t !== 'object' && it.args.length < 3 ? addressOf(it.args[0]) : {};
  const dialect = textIn(options, 'dialect') ?? url.scheme ?? '';
  // Options may also be a value that can't be read; a text is a connection string.
  const given = options ?? it.args.at(-1);
  const replication = propertyOf(options, 'replication');
  // What `write` leaves out is as the other options say.
  const writer = addressIn(propertyOf(replication, 'write'));
  const client = run.make('Sequelize', it.place, {
    engine: DIALECTS[dialect],
    library: 'sequelize',
    address: hasAddress(url) ? url : hasAddress(writer) ? writer : addressIn(options),
    max: toldNumber(given, 'pool', 'max'),
    acquireTimeoutMs: toldNumber(given, 'pool', 'acquire'),
    define: propertyOf(options, 'define'),
  });
  run.claim({ kind: 'client', client });
  client.data.replica = replicaFor(client, eachOf(propertyOf(replication, 'read')), it, run);
  if (it.package === 'sequelize-typescript') {
    ownClients(run).push(client);
    takeIn(propertyOf(given, 'models'), client, run);
  }
  return client;
}

const hasAddress = ({ host, variable }: Address): boolean => host !== undefined || variable !== undefined;

/** sequelize-typescript is told the model classes, as a list or by a path. */
function takeIn(models: Value | undefined, client: Resource, run: CodeRun): void {
  if (models?.t !== 'list') return;
  for (const it of models.items) if (it.t === 'class') run.put(it, 'sequelize', client);
}

const ownClients = (run: CodeRun): Resource[] => run.shared<{ all: Resource[] }>('sequelize-typescript', () => ({ all: [] })).all;

/** Whose model a class is: as it was told, or else, where models are found by path, the only one's. */
function clientOf(cls: ClassValue, it: LibraryCall, run: CodeRun): Value | undefined {
  const told = cls.statics.get('sequelize');
  const all = it.package === 'sequelize-typescript' ? ownClients(run) : [];
  return told ?? (all.length === 1 ? all[0] : undefined);
}

/** What gives the model back, with conditions added or taken away. */
const SCOPES = new Set(['scope', 'unscoped', 'schema']);

function onModel(it: LibraryCall, name: string, cls: ClassValue, run: CodeRun): Value {
  if (name === 'init') {
    const sequelize = propertyOf(it.args[1], 'sequelize');
    if (sequelize) run.put(cls, 'sequelize', sequelize);
    const model = textIn(it.args[1], 'modelName') ?? cls.c.name ?? 'Model';
    run.put(cls, 'modelName', text(model));
    claimModel(model, it.args[0], it.args[1], sequelize, it.place, run);
    return cls;
  }
  const client = clientOf(cls, it, run);
  if (client?.t !== 'resource') return UNKNOWN;
  if (SCOPES.has(name)) return name === 'scope' && it.args.some(takesArguments) ? { ...cls, isNarrowed: true } : cls;
  const model = textOf(cls.statics.get('modelName')) ?? cls.c.name ?? 'Model';
  if (it.package === 'sequelize-typescript') claimClass(cls, model, client, run);
  if (name === 'sync') claimSync(client, run);
  return query(it, name, client, model, run, cls) ?? UNKNOWN;
}

/** `scope({ method: ['ofTeam', teamId] })`, alone or in a list: what it asks for depends on what it is given. */
const takesArguments = (it: Value): boolean => {
  if (it.t === 'list') return it.items.some(takesArguments);
  const method = propertyOf(it, 'method');
  return method?.t === 'list' && method.items.slice(1).some((arg) => textOf(arg) === undefined && arg.t !== 'nothing' && arg.t !== 'unset');
};

/** With `useCLS` every query inside a managed transaction is a part of it, without being told. */
const current = (run: CodeRun) => run.shared<{ isKept?: boolean; hold?: DraftHold | undefined }>('sequelize', () => ({}));

/** A query of a model or of one of its rows, which have the methods of their class; the given transaction tells on which connection it runs. */
function query(it: LibraryCall, method: string, client: Resource, model: string, run: CodeRun, cls?: ClassValue): Value | undefined {
  const row = (): Resource => run.make('Row', it.place, { client, model, ...(cls && { cls }) });
  if (method === 'build') return cls ? { t: 'data', row: row() } : row();
  const shape = READS[method];
  const writes = WRITES.has(method);
  if (!shape && !writes) return undefined;
  const transaction = it.args.map((arg) => propertyOf(arg, 'transaction')).find((arg) => arg?.t === 'resource');
  const hold = transaction?.t === 'resource' ? (transaction.data.hold as DraftHold | undefined) : current(run).hold;
  const step: DraftStep = {
    kind: 'query',
    client: sideFor(client, !writes && !hold && !saysSo(it.args, 'useMaster')),
    label: `${model}.${method}`,
    operation: writes ? 'write' : 'read',
    shape: method === 'findOne' && byId(it.args[0]) ? 'primaryKey' : (shape ?? 'write'),
    orm: true,
    statement: { ...statementIn(model, method, it.args, cls?.isNarrowed === true), ...sumsIn(method, it.args) },
    ...(hold && { holds: hold }),
    awaited: true,
    place: it.place,
  };
  if (method !== 'save' || Number(it.receiver?.data.changed ?? 0) <= run.conditions()) run.record(step);
  else {
    // A row in which nothing was changed is not written (https://sequelize.org/docs/v6/core-concepts/model-instances): each change was made under a test.
    const taken = run.apart(() => run.record(step));
    run.record({ kind: 'branch', label: 'sometimes', isOptional: true, taken, otherwise: [], place: it.place });
  }
  return { t: 'data', row: row() };
}

/** `row.set(…)`, as an assignment to a field of it. */
function noteChange(of: Resource, run: CodeRun): void {
  of.data.changed = Math.min(run.conditions(), Number(of.data.changed ?? run.conditions()));
}

/** Which rows `sum` goes over its second argument says. */
function sumsIn(method: string, [first, second]: readonly Value[]): Pick<Statement, 'sums'> {
  if (method === 'sum') return { sums: sumsOf(conditionsIn(propertyOf(second, 'where'))) };
  const groups = /^findAll$/.test(method) ? propertyOf(first, 'group') : undefined;
  return groups && groups.t !== 'nothing' ? { sums: sumsOf(conditionsIn(propertyOf(first, 'where'))) } : {};
}

/** `{ type: QueryTypes.SELECT }`, outside of a transaction. */
function saysSelect(it: LibraryCall): boolean {
  const [, options] = it.args;
  const type = propertyOf(options, 'type');
  const isSelect = type?.t === 'package' ? type.path.at(-1) === 'SELECT' : textOf(type) === 'SELECT';
  return isSelect && (propertyOf(options, 'transaction') ?? { t: 'nothing' }).t === 'nothing';
}

function statementIn(model: string, method: string, args: readonly Value[], isNarrowed: boolean): Statement {
  const adds = /^(create|bulkCreate|findOrCreate)$/.test(method);
  const asked = statementOf(model, adds, !/^(findAll|findAndCountAll)$/.test(method), args[0], { where: 'where', order: 'order', limit: ['limit'] });
  const keepsOne = method === 'findOrCreate' || ['ignoreDuplicates', 'updateOnDuplicate'].some((name) => propertyOf(args[1], name) !== undefined);
  if (adds) return { ...asked, ...(method !== 'findOrCreate' && columnsSetBy(args[0])), ...(keepsOne && { keepsOne }) };
  const { where: _where, ...open } = asked;
  return isNarrowed || narrowsByOthers(propertyOf(args[0], 'include')) ? open : asked;
}

/** `include: [{ model: User, where: { email } }]`: only rows that have such a one, which the request names; `required: false` gives the others as well. */
function narrowsByOthers(include: Value | undefined): boolean {
  if (include?.t === 'list') return include.items.some(narrowsByOthers);
  const where = propertyOf(include, 'where');
  const required = propertyOf(include, 'required');
  if (required?.t === 'boolean' && !required.v) return false;
  return where !== undefined && where.t !== 'nothing' && conditionsIn(where)?.every((it) => it.isConstant) !== true;
}

const byId = (options: Value | undefined): boolean => {
  const where = propertyOf(options, 'where');
  return where?.t === 'object' && where.props.size === 1 && ['id', 'uuid', '_id'].includes([...where.props.keys()][0] ?? '');
};

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  if (of.type === 'Transaction') {
    if ((it.name === 'commit' || it.name === 'rollback') && of.data.hold) {
      run.record({
        kind: 'query',
        client,
        label: it.name.toUpperCase(),
        operation: 'other',
        shape: 'control',
        orm: false,
        holds: of.data.hold as DraftHold,
        awaited: true,
        place: it.place,
      });
      run.release(of.data.hold as DraftHold);
    }
    return UNKNOWN;
  }
  if (of.type === 'Model' && SCOPES.has(it.name)) return of;
  if (of.type === 'Row' && (it.name === 'set' || it.name === 'setDataValue')) noteChange(of, run);
  if (of.type === 'Row' || of.type === 'Model') return query(it, it.name, client, String(of.data.model), run, of.data.cls as ClassValue | undefined) ?? UNKNOWN;
  switch (it.name) {
    case 'define': {
      const model = textOf(it.args[0]) ?? 'Model';
      claimModel(model, it.args[1] ?? NOTHING, it.args[2], of, it.place, run);
      return run.make('Model', it.place, { client: of, model });
    }
    case 'sync':
      claimSync(of, run);
      return UNKNOWN;
    case 'model':
      return run.make('Model', it.place, { client: of, model: textOf(it.args[0]) ?? 'Model' });
    case 'query':
      // Raw SQL goes to a copy only where the call itself says that it reads.
      run.record({ kind: 'query', client: sideFor(of, saysSelect(it) && !saysSo(it.args, 'useMaster')), ...readSql(it.args[0]), orm: false, awaited: true, place: it.place });
      return { t: 'data' };
    case 'authenticate':
      run.record({ kind: 'query', client: of, label: 'SELECT 1', operation: 'read', shape: 'primaryKey', orm: false, awaited: true, place: it.place });
      return UNKNOWN;
    case 'addModels':
      takeIn(it.args[0], of, run);
      return UNKNOWN;
    case 'transaction':
      return transaction(it, of, run);
    default:
      return UNKNOWN;
  }
}

function transaction(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (!run.isTracing()) return UNKNOWN;
  const body = it.args.find((arg) => arg.t === 'function');
  const made = (hold: DraftHold): Resource => run.make('Transaction', it.place, { client: of, hold });
  if (!body) return made(run.hold(of, 'transaction', it.place));
  return onHeld(run, of, 'transaction', it.place, (hold) => {
    const kept = current(run);
    const before = kept.hold;
    if (kept.isKept) kept.hold = hold;
    const result = run.call(body, [made(hold)]);
    kept.hold = before;
    return result;
  });
}
