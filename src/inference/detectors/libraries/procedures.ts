import { oneOfPrograms } from '../../code/alternatives.ts';
import { hasWork } from '../../code/machine.ts';
import { DATA, object, type ObjectValue, propertyOf, REQUEST, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall } from '../../detector.ts';

/** What a procedure does, given what the server makes of each request. */
export type Resolve = (context: Value) => Value;

/** How a library keeps its procedures: what a router holds by name, and which of that is a procedure. */
export interface Routers<Of extends { resolve: Resolve }> {
  inside(router: Value): ReadonlyMap<string, Value>;
  procedureAt(it: Value): Of | undefined;
}

/** A handler behind its middleware, which hands on a context with more in it by `next({ ctx })`: what the context is called there is `name`. */
export function behind(middleware: readonly Value[], handler: Value, name: string, run: CodeRun): Resolve {
  return (given) => {
    let context = given;
    const next: Value = {
      t: 'native',
      call: (args) => {
        const more = propertyOf(args[0], name);
        if (more?.t === 'object') context = context.t === 'object' ? object([...context.props, ...more.props]) : more;
        return DATA;
      },
    };
    const options = (): ObjectValue =>
      object([
        [name, context],
        ['input', REQUEST],
        ['next', next],
      ]);
    for (const it of middleware) run.call(it, [options(), REQUEST]);
    return run.call(handler, [options()]);
  };
}

/** Procedures of a router and of those inside it, by their whole names. */
export function proceduresOf<Of extends { resolve: Resolve }>(router: Value, by: Routers<Of>, at = ''): (Of & { name: string })[] {
  return [...by.inside(router)].flatMap(([own, it]) => {
    const name = at === '' ? own : `${at}.${own}`;
    const found = by.procedureAt(it);
    return found ? [{ ...found, name }] : proceduresOf(it, by, name);
  });
}

/** Procedures as functions, for code of the server itself. */
export function callerOf<Of extends { resolve: Resolve }>(of: Value, by: Routers<Of>, context: Value | undefined): Value {
  const found = by.procedureAt(of);
  if (found) return { t: 'native', call: () => found.resolve(context ?? DATA) };
  const inside = [...by.inside(of)];
  return inside.length > 0 ? object(inside.map(([name, it]): [string, Value] => [name, callerOf(it, by, context)])) : UNKNOWN;
}

/** One of the procedures runs, each as likely as the others, whether it has work or not. */
export function runOneOf(procedures: readonly { resolve: Resolve }[], context: Value, it: LibraryCall, run: CodeRun): void {
  const programs = procedures.map(({ resolve }) => run.apart(() => void resolve(context)));
  for (const step of oneOfPrograms(programs, it.place, programs.filter((steps) => !hasWork(steps)).length)) run.record(step);
}
