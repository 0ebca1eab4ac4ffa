import { DATA, isCallable, NOTHING, object, propertyOf, type Resource, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { addressIn, addressOf } from './address.ts';
import { cacheCommand, found, scaledTold } from './cache-steps.ts';

/** memcached and memjs: commands by their names, lifetimes in seconds. */
export default {
  id: 'memcached',
  packages: ['memcached', 'memjs'],
  call(it, run) {
    if (it.receiver) return onClient(it, it.receiver, run);
    const isMemjs = it.package === 'memjs';
    const makes = isMemjs ? it.name === 'Client.create' : it.isNew && /^(|default|Memcached)$/.test(it.name);
    if (!makes) return UNKNOWN;
    const client = run.make('Memcached', it.place, { engine: 'memcached', library: it.package, multiplexed: true, address: serverOf(it.args[0]) });
    run.claim({ kind: 'client', client });
    return client;
  },
} satisfies LibraryDetector;

/** One server, a list of them, or an object with their weights. */
function serverOf(it: Value | undefined): ReturnType<typeof addressOf> {
  if (it?.t !== 'object') return addressIn(it);
  const [first] = it.props.keys();
  return first === undefined ? {} : addressOf({ t: 'text', parts: [first] });
}

const READS = /^(get|gets|getMulti)$/;
const WRITES = /^(set|add|replace|append|prepend|cas|incr|decr|increment|decrement|touch)$/;
const DELETES = /^(del|delete|flush)$/;

function onClient(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const operation = READS.test(it.name) ? 'read' : WRITES.test(it.name) ? 'write' : DELETES.test(it.name) ? 'delete' : undefined;
  const callback = it.args.find(isCallable);
  if (!operation) return callback ? undefined : UNKNOWN;
  const key = it.name === 'flush' || it.args[0]?.t === 'list' ? undefined : it.args[0];
  const step = cacheCommand(it, of, operation, key, operation === 'write' ? scaledTold(lifetime(it), 1000) : undefined, run);
  const result: Value = operation === 'read' ? found(step) : DATA;
  if (callback) run.call(callback, [NOTHING, result]);
  // memjs gives `{ value, flags }`.
  return operation === 'read' && of.data.library === 'memjs' ? object([['value', result]]) : result;
}

/** `set(key, value, seconds, …)`, or `{ expires: seconds }`. */
function lifetime(it: LibraryCall): Told | undefined {
  const options = it.args.find((arg) => arg.t === 'object' && propertyOf(arg, 'expires'));
  return options ? toldNumber(options, 'expires') : toldValue(it.args[2], it.place);
}
