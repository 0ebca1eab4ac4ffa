import { isCallable, NOTHING, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

const strategies = (of: Record<string, unknown>): Map<string, Value> => of.strategies as Map<string, Value>;

/** Passport: `authenticate` runs the verify function of its strategy on every request. */
export default {
  id: 'passport',
  packages: ['passport', 'passport-jwt', 'passport-local', 'passport-http-bearer', 'passport-custom'],
  call(it, run) {
    const shared = run.shared('passport', () => ({ strategies: new Map<string, Value>() }));
    const name = it.name.split('.').at(-1) ?? '';
    if (it.isNew) {
      const verify = it.args.findLast(isCallable);
      return run.make('Strategy', it.place, { verify, name: it.package.replace('passport-', '') });
    }
    if (name === 'use') {
      const strategy = it.args.find((arg) => arg.t === 'resource');
      if (strategy?.t === 'resource') strategies(shared).set(textOf(it.args[0]) ?? String(strategy.data.name), (strategy.data.verify as Value | undefined) ?? UNKNOWN);
      return UNKNOWN;
    }
    if (name !== 'authenticate') return UNKNOWN;
    const verify = strategies(shared).get(textOf(it.args[0]) ?? '');
    const callback = it.args.find(isCallable);
    const done: Value = { t: 'native', call: (args) => (callback ? run.call(callback, [NOTHING, args[1] ?? UNKNOWN, UNKNOWN]) : UNKNOWN) };
    return { t: 'native', call: () => (verify ? run.call(verify, [{ t: 'data', request: true }, done, done]) : NOTHING) };
  },
} satisfies LibraryDetector;
