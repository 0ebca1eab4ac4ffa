import { isCallable, NOTHING, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';
import { readSql } from './sql.ts';
import { onHeld } from './on-held.ts';

/** postgres.js: tagged templates over a few connections. Queries are pipelined on them, but the server runs one at a time on each: it is a pool that never refuses. */
export default {
  id: 'postgres-js',
  packages: ['postgres'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    if (!/^(|default|postgres)$/.test(it.name)) return UNKNOWN;
    const [first, second] = it.args;
    const options = second ?? first;
    const client = run.make('Sql', it.place, {
      engine: 'postgres',
      library: 'postgres',
      address: addressIn(first),
      max: toldNumber(options, 'max'),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  const hold = of.data.hold as DraftHold | undefined;
  if (it.name === '' || it.name === 'unsafe') {
    const { label, operation, shape } = readSql(it.args[0]);
    // sql(columns) and fragments are parts of a query.
    if (operation === 'other' && shape !== 'control' && it.name === '') return UNKNOWN;
    run.record({ kind: 'query', client, label, operation, shape, orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
    return { t: 'data' };
  }
  if (it.name === 'begin') return begin(it, client, run);
  if (it.name === 'reserve') return run.isTracing() ? run.make('Sql', it.place, { client, hold: run.hold(client, 'connection', it.place) }) : of;
  if (it.name === 'release' && hold) {
    run.release(hold);
    return NOTHING;
  }
  return it.name === 'savepoint' ? run.call(it.args.find(isCallable), [of]) : UNKNOWN;
}

/** A transaction keeps one connection until its function ends. */
function begin(it: LibraryCall, client: Resource, run: CodeRun): Value {
  const body = it.args.find(isCallable);
  if (!body || !run.isTracing()) return UNKNOWN;
  return onHeld(run, client, 'transaction', it.place, (hold) => run.call(body, [run.make('Sql', it.place, { client, hold })]));
}
