import { oneOfProcedures } from '../../code/alternatives.ts';
import { DATA, isCallable, object, type ObjectValue, propertyOf, REQUEST, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** What a procedure does, given what the server makes of each request. */
type Resolve = (context: Value) => Value;

interface Procedure {
  name: string;
  method: string;
  resolve: Resolve;
}

const METHODS = /^(\$\w+|errors|use|route|meta|input|output|prefix|tag|middleware|router|lazy|handler)$/;

/** oRPC: procedures behind one endpoint, each with a handler of its own (orpc.dev/docs/procedure, /docs/rpc-handler, /docs/openapi/openapi-handler). */
export default {
  id: 'orpc',
  packages: ['@orpc/server', '@orpc/openapi', '@orpc/contract', '@orpc/nest', '@orpc/zod'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const [head, ...rest] = it.name.split('.');
    const name = rest.at(-1) ?? head ?? '';
    const [first, second] = it.args;
    if (it.isNew && /^(RPC|OpenAPI)Handler$/.test(name)) return run.make('Handler', it.place, { router: first ?? UNKNOWN });
    // Each part of a contract is implemented by a procedure of its own.
    if (name === 'implement') return builder(it, run);
    if (name === 'createRouterClient') return callerOf(first ?? UNKNOWN, propertyOf(second, 'context'));
    if (name === 'call') return procedureAt(first)?.resolve(propertyOf(it.args[2], 'context') ?? DATA) ?? UNKNOWN;
    // A description for the documentation of a middleware.
    if (head === 'oo') return first ?? UNKNOWN;
    return head === 'os' ? onResource({ ...it, name }, builder(it, run), run) : UNKNOWN;
  },
  // What is none of a builder's own methods is a part of a contract.
  member: (of, name) => (of.type === 'Builder' && !METHODS.test(name) ? of : undefined),
} satisfies LibraryDetector;

const builder = (it: LibraryCall, run: CodeRun): Resource => run.make('Builder', it.place, { before: [], method: 'POST' });

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  const [first] = it.args;
  if (of.type === 'Handler') return it.name === 'handle' ? handle(it, of, run) : UNKNOWN;
  if (of.type === 'Procedure') return /^(callable|actionable)$/.test(it.name) ? callerOf(of, propertyOf(first, 'context')) : of;
  if (of.type !== 'Builder') return UNKNOWN;
  const before = of.data.before as readonly Value[];
  switch (it.name) {
    case 'use':
      return run.make('Builder', it.place, { ...of.data, before: first ? [...before, first] : before });
    case 'route':
      return run.make('Builder', it.place, { ...of.data, method: textOf(propertyOf(first, 'method')) ?? of.data.method });
    case 'middleware':
      return first ?? UNKNOWN;
    case 'router':
    case 'lazy':
      return first ?? UNKNOWN;
    case 'handler':
      return first && isCallable(first) ? run.make('Procedure', it.place, { method: of.data.method, resolve: resolveOf(before, first, run) }) : UNKNOWN;
    default:
      return of;
  }
}

/** Middleware hands on a context with more in it by `next({ context })`. */
function resolveOf(before: readonly Value[], handler: Value, run: CodeRun): Resolve {
  return (given) => {
    let context = given;
    const next: Value = {
      t: 'native',
      call: (args) => {
        const more = propertyOf(args[0], 'context');
        if (more?.t === 'object') context = context.t === 'object' ? object([...context.props, ...more.props]) : more;
        return DATA;
      },
    };
    const options = (): ObjectValue =>
      object([
        ['context', context],
        ['input', REQUEST],
        ['next', next],
      ]);
    for (const middleware of before) run.call(middleware, [options(), REQUEST]);
    return run.call(handler, [options()]);
  };
}

const procedureAt = (it: Value | undefined): Procedure | undefined =>
  it?.t === 'resource' && it.type === 'Procedure' ? ({ ...it.data, name: '' } as unknown as Procedure) : undefined;

/** Procedures of a router and of those inside it, by their whole names. */
function proceduresOf(router: Value, at = ''): Procedure[] {
  if (router.t !== 'object') return [];
  return [...router.props].flatMap(([own, it]) => {
    const name = at === '' ? own : `${at}.${own}`;
    const found = procedureAt(it);
    return found ? [{ ...found, name }] : proceduresOf(it, name);
  });
}

/** Procedures as functions, for code of the server itself. */
function callerOf(of: Value, context: Value | undefined): Value {
  const found = procedureAt(of);
  if (found) return { t: 'native', call: () => found.resolve(context ?? DATA) };
  return of.t === 'object' ? object([...of.props].map(([name, it]): [string, Value] => [name, callerOf(it, context)])) : UNKNOWN;
}

/** One of the procedures runs, each as likely as the others: those of the request's method, where that is known. */
function handle(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const answer = object([
    ['matched', UNKNOWN],
    ['response', UNKNOWN],
  ]);
  if (!run.isTracing()) return answer;
  const [request] = it.args;
  const options = it.args.findLast((one) => propertyOf(one, 'context') !== undefined);
  const method = request?.t === 'data' ? request.method : undefined;
  const wanted = proceduresOf(of.data.router as Value).filter((one) => method === undefined || one.method === method);
  const context = propertyOf(options, 'context') ?? DATA;
  const programs = wanted.map(({ resolve }) => run.apart(() => void resolve(context)));
  for (const step of oneOfProcedures(programs, it.place)) run.record(step);
  return answer;
}
