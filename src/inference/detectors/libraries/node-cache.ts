import { isCallable, NOTHING, type Resource, toldNumber, toldValue, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector, Told } from '../../detector.ts';
import { cacheCommand, found, processCache, scaledTold } from './cache-steps.ts';

/** node-cache: keys with a time to live in seconds, in the memory of the process. */
export default {
  id: 'node-cache',
  packages: ['node-cache'],
  call(it, run) {
    if (it.receiver) return onCache(it, it.receiver, run);
    if (!it.isNew || !/^(|default|NodeCache)$/.test(it.name)) return UNKNOWN;
    const [options] = it.args;
    const ttlMs = scaledTold(toldNumber(options, 'stdTTL'), 1000);
    return processCache(it, 'node-cache', { ttlMs, max: toldNumber(options, 'maxKeys') }, run);
  },
} satisfies LibraryDetector;

function onCache(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const ttlMs = of.data.ttlMs as Told | undefined;
  switch (it.name) {
    case 'get':
    case 'take':
    case 'has':
      return found(cacheCommand(it, of, 'read', it.args[0], ttlMs, run));
    case 'mget':
      return found(cacheCommand(it, of, 'read', undefined, ttlMs, run));
    case 'set':
      cacheCommand(it, of, 'write', it.args[0], scaledTold(toldValue(it.args[2], it.place), 1000) ?? ttlMs, run);
      return { t: 'boolean', v: true };
    case 'mset':
      cacheCommand(it, of, 'write', undefined, ttlMs, run);
      return { t: 'boolean', v: true };
    case 'del':
    case 'flushAll':
      cacheCommand(it, of, 'delete', it.name === 'del' ? it.args[0] : undefined, undefined, run);
      return UNKNOWN;
    case 'on':
      return NOTHING;
    default:
      return it.args.some(isCallable) ? undefined : UNKNOWN;
  }
}
