import { firstTold, isCallable, NOTHING, type Resource, textOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftStep, LibraryCall, LibraryDetector, QueryShape } from '../../detector.ts';
import { addressOf, toldFlag } from './address.ts';
import { memberFor, noteSecondaries } from './mongo-secondaries.ts';
import { documentStatement, refine } from './document-statements.ts';

const READS: Record<string, QueryShape> = {
  find: 'list',
  findOne: 'list',
  aggregate: 'aggregate',
  countDocuments: 'aggregate',
  count: 'aggregate',
  distinct: 'aggregate',
  estimatedDocumentCount: 'primaryKey',
};
const WRITES = /^(insert(One|Many)?|update(One|Many)?|delete(One|Many)?|replaceOne|remove|save|bulkWrite|findAndModify|findOneAnd(Update|Delete|Replace))$/;

/** The MongoDB driver: client, database, collections. */
export default {
  id: 'mongodb',
  packages: ['mongodb', 'mongodb-legacy'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const last = it.name.split('.').at(-1) ?? '';
    if (!(it.isNew && last === 'MongoClient') && !(last === 'connect' && it.name.includes('MongoClient'))) return UNKNOWN;
    const options = it.args[1];
    const client = run.make('MongoClient', it.place, {
      engine: 'mongodb',
      library: 'mongodb',
      address: addressOf(it.args[0]),
      unified: toldFlag(options, 'useUnifiedTopology'),
      max: firstTold(toldNumber(options, 'maxPoolSize'), toldNumber(options, 'poolSize')),
      acquireTimeoutMs: toldNumber(options, 'waitQueueTimeoutMS'),
    });
    run.claim({ kind: 'client', client });
    noteSecondaries(client, it, run);
    return handOver(client, it, run);
  },
} satisfies LibraryDetector;

function handOver(made: Value, it: LibraryCall, run: CodeRun): Value {
  const callback = it.args.find(isCallable);
  if (callback) run.call(callback, [NOTHING, made]);
  return made;
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  if (of.type === 'MongoClient' && it.name === 'connect') return handOver(of, it, run);
  if (it.name === 'db') return run.make('Db', it.place, { client });
  if (it.name === 'collection' && (of.type === 'Db' || of.type === 'MongoClient'))
    return run.make('Collection', it.place, { client, collection: textOf(it.args[0]) ?? 'collection' });
  if (of.type === 'Cursor') {
    const asked = of.data.step as Extract<DraftStep, { kind: 'query' }> | undefined;
    // A cursor is read piece by piece, unless all of it is asked for.
    if (it.name === 'toArray' && asked?.statement && of.data.isWhole) asked.statement = { ...asked.statement, limit: 'none' };
    if (/^(toArray|next|forEach|hasNext|count)$/.test(it.name)) return handOver({ t: 'data' }, it, run);
    if (it.name === 'limit') of.data.isWhole = false;
    if (asked) refine(asked, it);
    return of;
  }
  if (of.type !== 'Collection') return UNKNOWN;
  const shape = READS[it.name];
  const writes = WRITES.test(it.name);
  if (!shape && !writes) return UNKNOWN;
  const step: Extract<DraftStep, { kind: 'query' }> = {
    kind: 'query',
    client: memberFor(client, !writes, it.args),
    label: `${String(of.data.collection)}.${it.name}`,
    operation: writes ? 'write' : 'read',
    shape: shape ?? 'write',
    orm: false,
    statement: documentStatement(String(of.data.collection), it.name, it.args),
    awaited: true,
    place: it.place,
  };
  run.record(step);
  if (it.name === 'find' || it.name === 'aggregate') {
    const isWhole = step.statement?.limit === 'none';
    if (isWhole && step.statement) step.statement = { ...step.statement, limit: 'unknown' };
    return run.make('Cursor', it.place, { client, step, isWhole });
  }
  return handOver({ t: 'data' }, it, run);
}
