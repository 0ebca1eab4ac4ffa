import { isCallable, NOTHING, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** What a store holds where code is read: within `run`, and for all that follows where middleware has entered it. */
interface Held {
  within: Value[];
  entered?: Value;
}

/** Node's AsyncLocalStorage: contexts that functions find without being given them. Outside of all of them there is none. */
export default {
  id: 'async-context',
  packages: ['async_hooks'],
  call(it, run) {
    if (it.receiver) return onStore(it, it.receiver, run);
    return it.isNew && /(^|\.)AsyncLocalStorage$/.test(it.name) ? run.make('Store', it.place, { within: [] }) : undefined;
  },
} satisfies LibraryDetector;

function onStore(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type !== 'Store') return undefined;
  const held = of.data as unknown as Held;
  const [value = UNKNOWN, body, ...args] = it.args;
  switch (it.name) {
    case 'getStore':
      return held.within.at(-1) ?? held.entered ?? (run.isTracing() ? { t: 'nothing', isSure: true } : UNKNOWN);
    case 'enterWith':
      held.entered = value;
      return NOTHING;
    case 'run': {
      if (!isCallable(body)) return UNKNOWN;
      const before = run.recorded().length;
      held.within.push(value);
      const result = run.call(body, args);
      held.within.pop();
      // Who asks nothing in there may have handed on to the rest of the program, which runs in it, too.
      if (body.t !== 'function' || run.recorded().length === before) held.entered = value;
      return result;
    }
    case 'exit':
      return isCallable(value) ? run.call(value, [body ?? UNKNOWN, ...args]) : UNKNOWN;
    default:
      return UNKNOWN;
  }
}
