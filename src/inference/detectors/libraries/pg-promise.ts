import { firstTold, isCallable, propertyOf, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';
import { readSql } from './sql.ts';
import { onHeld } from './on-held.ts';

const QUERIES = /^(none|one|oneOrNone|many|manyOrNone|any|result|multi|multiResult|map|each|query|func|proc|stream)$/;

/** pg-promise: a database on node-postgres' pool; tasks and transactions keep one connection for their function. */
export default {
  id: 'pg-promise',
  packages: ['pg-promise'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (it.isNew || !/^(|default)$/.test(it.name)) return run.make('Helper', it.place);
    return run.make('Root', it.place, { extend: propertyOf(it.args[0], 'extend') });
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Root') return it.name === '' ? database(it, of, run) : UNKNOWN;
  if (of.type === 'Helper') return UNKNOWN;
  const client = (of.data.client as Resource | undefined) ?? of;
  const hold = of.data.hold as DraftHold | undefined;
  if (QUERIES.test(it.name)) {
    const [query] = it.args;
    const reading = readSql(propertyOf(query, 'text') ?? query);
    run.record({ kind: 'query', client, ...reading, orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
    const callback = it.args.find(isCallable);
    if (callback && /^(map|each)$/.test(it.name)) run.call(callback, [{ t: 'data' }]);
    return { t: 'data' };
  }
  if (/^(task|tx|taskIf|txIf)$/.test(it.name)) return scope(it, of, client, run);
  if (it.name === 'connect' && run.isTracing()) return context(it, of, { client, hold: run.hold(client, 'connection', it.place) }, run);
  if (it.name === 'done' && hold) run.release(hold);
  return UNKNOWN;
}

function database(it: LibraryCall, root: Resource, run: CodeRun): Value {
  const [options] = it.args;
  const client = run.make('Database', it.place, {
    engine: 'postgres',
    library: 'pg',
    address: addressIn(options),
    max: toldNumber(options, 'max'),
    acquireTimeoutMs: toldNumber(options, 'connectionTimeoutMillis'),
    statementTimeoutMs: firstTold(toldNumber(options, 'statement_timeout'), toldNumber(options, 'query_timeout')),
    extend: root.data.extend,
  });
  run.claim({ kind: 'client', client });
  return extended(client, run);
}

/** `extend` puts repositories on the database, and on what each task and transaction gets. */
function extended(it: Resource, run: CodeRun): Resource {
  const extend = it.data.extend as Value | undefined;
  if (isCallable(extend)) run.call(extend, [it]);
  return it;
}

const context = (it: LibraryCall, of: Resource, by: { client: Resource; hold: DraftHold }, run: CodeRun): Resource =>
  extended(run.make('Context', it.place, { ...by, extend: of.data.extend }), run);

function scope(it: LibraryCall, of: Resource, client: Resource, run: CodeRun): Value {
  const body = it.args.find(isCallable);
  if (!body || !run.isTracing()) return UNKNOWN;
  const outer = of.data.hold as DraftHold | undefined;
  // A transaction inside another is a savepoint on the same connection.
  if (outer) return run.call(body, [of], of);
  return onHeld(run, client, it.name.startsWith('tx') ? 'transaction' : 'connection', it.place, (hold) => {
    const inside = context(it, of, { client, hold }, run);
    return run.call(body, [inside], inside);
  });
}
