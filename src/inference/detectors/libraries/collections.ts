import { anyOf } from '../../code/alternatives.ts';
import { COLLECTIONS } from '../../code/keeping.ts';
import { isRegistry, register, registerAll, registered, registeredIn, registeredUnder } from '../../code/registries.ts';
import { list, NOTHING, patternOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import type { Upkeep } from '../../../model/topology.ts';
import { keysOf } from './cache-steps.ts';

/** The language's own maps and sets, and objects that are filled like maps: what handlers put into those that outlive them stays in the memory of the process. */
export default {
  id: 'collections',
  packages: [COLLECTIONS],
  call(it, run) {
    if (it.receiver) {
      return onCollection(it, it.receiver, run);
    }
    if (it.name === 'set') {
      const [of, key] = it.args;
      if (of?.t === 'resource') keep(it, of, key, run);
      return UNKNOWN;
    }
    const made = run.make(it.name, it.place, { engine: 'memory', library: 'language', local: true });
    made.data.client = made;
    registerAll(made, it.args[0]);
    if (it.args.length > 0) made.data.isGiven = true;
    return made;
  },
  // All other methods are read as those of anything that is not known.
  member: (of, name) => (name === (of.type === 'Set' ? 'add' : 'set') || (isRegistry(of) && ASKS.test(name)) ? undefined : UNKNOWN),
} satisfies LibraryDetector;

const ASKS = /^(has|get|values|keys|entries|forEach)$/;

function onCollection(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const [first = UNKNOWN, second = UNKNOWN] = it.args;
  switch (it.name) {
    case 'get': {
      const found = registeredUnder(of, first);
      return found.length === 1 ? found[0] : anyOf(found);
    }
    // What is there from the start stays.
    case 'has':
      return textOf(first) !== undefined && registeredUnder(of, first).length > 0 ? { t: 'boolean', v: true } : UNKNOWN;
    case 'keys':
      return list(registered(of, 'key'));
    case 'values':
      return list(registered(of, 'value'));
    case 'entries':
      return registeredIn(of);
    case 'forEach':
      for (const value of registered(of, 'value')) run.call(first, [value]);
      return NOTHING;
    default:
  }
  if (!run.isTracing()) register(of, first, of.type === 'Set' ? first : second);
  else if (!of.data.isGiven) keep(it, of, first, run);
  return undefined;
}

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
    // One client for each store that there is: those are set up, whoever names them.
    keeping: { upkeep: of.data.upkeep as Upkeep, keys: it.args[1]?.t === 'resource' ? 'unknown' : keysOf(key) },
    onMiss: [],
    awaited: true,
    place: it.place,
  });
}
