import { isCallable, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';
import { readSql } from './sql.ts';

/** postgres.js: tagged templates over a few connections, each of which carries several queries at once. */
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
      multiplexed: true,
      address: addressIn(first),
      max: toldNumber(options, 'max'),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  if (it.name === '' || it.name === 'unsafe') {
    const { label, operation, shape } = readSql(it.args[0]);
    // sql(columns) and fragments are parts of a query.
    if (operation === 'other' && shape !== 'control' && it.name === '') return UNKNOWN;
    run.record({ kind: 'query', client, label, operation, shape, orm: false, awaited: true, place: it.place });
    return { t: 'data' };
  }
  if (it.name === 'begin' || it.name === 'reserve') {
    const body = it.args.find(isCallable);
    const inner = run.make('Sql', it.place, { client });
    return body ? run.call(body, [inner]) : inner;
  }
  return it.name === 'savepoint' ? run.call(it.args.find(isCallable), [of]) : UNKNOWN;
}
