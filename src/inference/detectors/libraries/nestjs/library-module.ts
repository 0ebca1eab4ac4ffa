import { isCallable, propertyOf, type Resource, UNKNOWN, type Value } from '../../../code/values.ts';
import type { CodeRun, LibraryCall } from '../../../detector.ts';
import type { LibraryModule } from './container.ts';
import { itemsIn } from './tokens.ts';

/** What `forRoot` and its like give back; an asynchronous one brings imports and providers of its own for its factory. */
export function libraryModule(it: LibraryCall, run: CodeRun, module: LibraryModule): Resource {
  const imports = propertyOf(it.args[0], 'imports');
  return run.make('NestModule', it.place, { ...(imports && { imports }), ...module, gives: module.gives.map((one) => ({ ...one, make: run.keep(one.make) })) });
}

/**
 * The options of a `forRootAsync`: of its factory, with what that injects, or of `method` of a class.
 * Unknown where none of these can be read.
 */
export function asyncOptions(given: Value | undefined, method: string, inject: (token: Value) => Value, run: CodeRun): Value {
  const factory = propertyOf(given, 'useFactory');
  if (factory)
    return run.call(
      factory,
      itemsIn(given, 'inject').map((it) => inject(propertyOf(it, 'token') ?? it)),
    );
  const of = propertyOf(given, 'useClass') ?? propertyOf(given, 'useExisting');
  if (of?.t !== 'class') return UNKNOWN;
  const made = inject(of);
  const self = made.t === 'instance' ? made : makeAlone(of, inject, run);
  const found = self.t === 'instance' ? run.property(self, method) : UNKNOWN;
  return isCallable(found) ? run.call(found, [], self) : UNKNOWN;
}

/** A class that only this module uses is provided nowhere. */
function makeAlone(of: Extract<Value, { t: 'class' }>, inject: (token: Value) => Value, run: CodeRun): Value {
  const made: Value = { t: 'instance', of, props: new Map() };
  const args = run.inspect(of).parameters.map((it) => {
    const named = it.decorators.find((one) => one.t === 'resource' && one.type === 'Decorator' && one.data.name === 'Inject');
    return inject((named?.t === 'resource' ? (named.data.args as readonly Value[])[0] : undefined) ?? it.type);
  });
  run.construct(of, args, { file: '', line: 0 }, made);
  return made;
}
