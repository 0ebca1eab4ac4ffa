import { COLLECTIONS } from '../../code/keeping.ts';
import { patternOf, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Upkeep } from '../../../model/topology.ts';
import { keysOf } from './cache-steps.ts';

/** The language's own maps and sets, and objects that are filled like maps: what handlers put into those that outlive them stays in the memory of the process. */
export default {
  id: 'collections',
  packages: [COLLECTIONS],
  call(it, run) {
    if (it.receiver) {
      if (run.isTracing()) keep(it, it.receiver, it.args[0], run);
      return undefined;
    }
    if (it.name === 'set') {
      const [of, key] = it.args;
      if (of?.t === 'resource') keep(it, of, key, run);
      return UNKNOWN;
    }
    const made = run.make(it.name, it.place, { engine: 'memory', library: 'language', local: true });
    made.data.client = made;
    return made;
  },
  // All other methods are read as those of anything that is not known.
  member: (of, name) => ((of.type === 'Set' ? name === 'add' : name === 'set') ? undefined : UNKNOWN),
} satisfies LibraryDetector;

function keep(it: LibraryCall, of: Resource, key: Value | undefined, run: CodeRun): void {
  of.data.upkeep ??= run.upkeepOf(of.place);
  run.record({
    kind: 'cache',
    client: of,
    label: `${of.type === 'Set' ? 'add to' : 'put into'} ${of.type === 'object' ? 'an object' : `a ${of.type}`} in memory`,
    operation: 'write',
    // Each collection has keys of its own.
    key: `${of.place.file}:${of.place.line} ${patternOf(key).pattern}`,
    keyVaries: true,
    keeping: { upkeep: of.data.upkeep as Upkeep, keys: keysOf(key) },
    onMiss: [],
    awaited: true,
    place: it.place,
  });
}
