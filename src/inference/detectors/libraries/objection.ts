import { type ClassValue, isCallable, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, DraftStep, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';

type QueryDraft = Extract<DraftStep, { kind: 'query' }>;

/** What the verb of a chain makes of its query; graphs write each of their rows by itself, which is not counted. */
const VERBS: Record<string, [operation: 'read' | 'write', shape: QueryShape]> = {
  ...Object.fromEntries(
    ['insert', 'insertAndFetch', 'insertGraph', 'insertGraphAndFetch', 'patch', 'update', 'upsertGraph', 'upsertGraphAndFetch', 'increment', 'decrement'].map((it) => [
      it,
      ['write', 'write'],
    ]),
  ),
  ...Object.fromEntries(
    ['patchAndFetch', 'patchAndFetchById', 'updateAndFetch', 'updateAndFetchById', 'delete', 'del', 'deleteById', 'relate', 'unrelate'].map((it) => [it, ['write', 'write']]),
  ),
  findById: ['read', 'primaryKey'],
  page: ['read', 'aggregate'],
  range: ['read', 'aggregate'],
  resultSize: ['read', 'aggregate'],
  count: ['read', 'aggregate'],
};

/** Objection: models on a Knex client, whose pool they share; a chain is one query. */
export default {
  id: 'objection',
  packages: ['objection'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (it.onClass) return onModel(it, name, it.onClass, run);
    if (name === 'knex') {
      if (isKnex(it.args[0])) bound(run).knex ??= it.args[0];
      return bound(run).knex ?? UNKNOWN;
    }
    // `transaction(knex, async (trx) => …)` of older versions.
    if (name === 'transaction') return managed(it, it.args[0], run);
    return name === 'raw' || name === 'ref' ? UNKNOWN : undefined;
  },
} satisfies LibraryDetector;

const bound = (run: CodeRun) => run.shared<{ knex?: Value }>('objection', () => ({}));
const isKnex = (it: Value | undefined): it is Resource => it?.t === 'resource' && it.library === 'knex';
const knexOf = (cls: ClassValue, run: CodeRun): Value | undefined => cls.statics.get('knex client') ?? (cls.parent?.t === 'class' ? knexOf(cls.parent, run) : bound(run).knex);

function onModel(it: LibraryCall, name: string, cls: ClassValue, run: CodeRun): Value {
  const [first] = it.args;
  if (name === 'knex' || name === 'bindKnex') {
    if (isKnex(first)) {
      bound(run).knex ??= first;
      if (name === 'knex') run.put(cls, 'knex client', first);
      return name === 'bindKnex' ? cls : first;
    }
    return knexOf(cls, run) ?? UNKNOWN;
  }
  if (name === 'query' || name === 'relatedQuery') return query(it, cls, name === 'query' ? first : it.args[1], run);
  if (name === 'transaction') return managed(it, isKnex(first) ? first : knexOf(cls, run), run);
  if (name === 'startTransaction') {
    const knex = knexOf(cls, run);
    return isKnex(knex) ? run.call(run.property(knex, 'transaction'), []) : UNKNOWN;
  }
  return UNKNOWN;
}

/** A transaction of Knex, which hands its function the client to ask. */
function managed(it: LibraryCall, knex: Value | undefined, run: CodeRun): Value {
  const body = it.args.find(isCallable);
  return isKnex(knex) && body ? run.call(run.property(knex, 'transaction'), [body]) : UNKNOWN;
}

const tableOf = (cls: ClassValue, run: CodeRun): string => textOf(run.property(cls, 'tableName')) ?? cls.c.name ?? 'Model';

function query(it: LibraryCall, cls: ClassValue, transaction: Value | undefined, run: CodeRun): Value {
  const given = isKnex(transaction) ? transaction : knexOf(cls, run);
  if (!isKnex(given)) return UNKNOWN;
  const client = (given.data.client as Resource | undefined) ?? given;
  const hold = given.data.hold as DraftHold | undefined;
  const table = tableOf(cls, run);
  const step: QueryDraft = {
    kind: 'query',
    client,
    label: `${table}.select`,
    operation: 'read',
    shape: 'list',
    orm: true,
    ...(hold && { holds: hold }),
    awaited: true,
    place: it.place,
  };
  if (run.isTracing()) run.record(step);
  return run.make('Builder', it.place, { step, table, cls });
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (of.type === 'Row') {
    if (/^\$(query|relatedQuery|fetchGraph)$/.test(it.name)) return query(it, of.data.cls as ClassValue, it.name === '$query' ? it.args[0] : it.args[1], run);
    return UNKNOWN;
  }
  const step = of.data.step as QueryDraft;
  // A query inside another asks nobody by itself.
  for (const arg of it.args) if (arg.t === 'resource' && arg.type === 'Builder' && arg !== of) run.forget(arg.data.step as DraftStep);
  const verb = VERBS[it.name];
  if (verb) {
    [step.operation, step.shape] = verb;
    step.label = `${String(of.data.table)}.${it.name}`;
  }
  // Relations are fetched by one more query each.
  if (/^(withGraphFetched|eager)$/.test(it.name) && run.isTracing())
    for (const relation of relationsIn(textOf(it.args[0]))) run.record({ ...step, label: `${String(of.data.table)}.${relation}`, operation: 'read', shape: 'list' });
  if (it.name !== 'then') return of;
  const callback = it.args.find(isCallable);
  const row: Value = { t: 'data', row: run.make('Row', it.place, { cls: of.data.cls }) };
  return callback ? run.call(callback, [row]) : row;
}

/** `[pets, children.pets]`: a query for each name. */
const relationsIn = (expression: string | undefined): string[] => expression?.match(/\w+/g) ?? ['*'];
