import { isCallable, object, type Resource, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, DraftHold, LibraryCall, LibraryDetector } from '../../detector.ts';
import { addressIn } from './address.ts';
import { readSql } from './sql.ts';
import { onHeld } from './on-held.ts';

const QUERIES = /^(query|(one|maybeOne|many|any)(First)?|exists|stream)$/;

/** Slonik: one pool; statements are tagged templates, connections and transactions last as long as their function. */
export default {
  id: 'slonik',
  packages: ['slonik', '@silverhand/slonik'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const [name, ...rest] = it.name.split('.');
    if (name === 'sql' || name === 'createSqlTag') return name === 'sql' ? tagged(it, rest[0] ?? '') : { t: 'package', name: it.package, path: ['sql'] };
    if (name !== 'createPool') return UNKNOWN;
    const [address, options] = it.args;
    const client = run.make('Pool', it.place, {
      engine: 'postgres',
      library: 'slonik',
      address: addressIn(address),
      max: toldNumber(options, 'maximumPoolSize'),
      acquireTimeoutMs: toldNumber(options, 'connectionTimeout'),
      statementTimeoutMs: toldNumber(options, 'statementTimeout'),
    });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

/** `sql.type(row)` gives a tag back; every other tag gives its text. */
function tagged(it: LibraryCall, name: string): Value {
  if (name === 'type' || name === 'typeAlias') return { t: 'package', name: it.package, path: ['sql', 'unsafe'] };
  if (name === 'join' || name === 'array' || name === 'identifier' || name === 'json' || name === 'jsonb') return UNKNOWN;
  return it.args[0] ?? object();
}

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const client = (of.data.client as Resource | undefined) ?? of;
  const hold = of.data.hold as DraftHold | undefined;
  if (QUERIES.test(it.name)) {
    run.record({ kind: 'query', client, ...readSql(it.args[0]), orm: false, ...(hold && { holds: hold }), awaited: true, place: it.place });
    const callback = it.args.find(isCallable);
    if (callback) run.call(callback, [{ t: 'data' }]);
    return it.name === 'exists' ? UNKNOWN : { t: 'data' };
  }
  if (it.name !== 'connect' && it.name !== 'transaction') return UNKNOWN;
  const body = it.args.find(isCallable);
  if (!body || !run.isTracing()) return UNKNOWN;
  if (hold) return run.call(body, [of]);
  const label = it.name === 'transaction' ? 'transaction' : 'connection';
  return onHeld(run, client, label, it.place, (opened) => run.call(body, [run.make('Connection', it.place, { client, hold: opened })]));
}
