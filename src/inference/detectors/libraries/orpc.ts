import { DATA, isCallable, object, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { behind, callerOf, proceduresOf, type Resolve, type Routers, runOneOf } from './procedures.ts';

interface Procedure {
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
    if (name === 'createRouterClient') return callerOf(first ?? UNKNOWN, ROUTERS, propertyOf(second, 'context'));
    if (name === 'call') return (first && ROUTERS.procedureAt(first))?.resolve(propertyOf(it.args[2], 'context') ?? DATA) ?? UNKNOWN;
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
  if (of.type === 'Procedure') return /^(callable|actionable)$/.test(it.name) ? callerOf(of, ROUTERS, propertyOf(first, 'context')) : of;
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
      return first && isCallable(first) ? run.make('Procedure', it.place, { method: of.data.method, resolve: behind(before, first, 'context', run) }) : UNKNOWN;
    default:
      return of;
  }
}

const NONE: ReadonlyMap<string, Value> = new Map();
const ROUTERS: Routers<Procedure> = {
  inside: (router) => (router.t === 'object' ? router.props : NONE),
  procedureAt: (it) => (it.t === 'resource' && it.type === 'Procedure' ? (it.data as unknown as Procedure) : undefined),
};

/** One of the procedures runs: those of the request's method, where that is known. */
function handle(it: LibraryCall, of: Resource, run: CodeRun): Value {
  const answer = object([
    ['matched', UNKNOWN],
    ['response', UNKNOWN],
  ]);
  if (!run.isTracing()) return answer;
  const [request] = it.args;
  const options = it.args.findLast((one) => propertyOf(one, 'context') !== undefined);
  const method = request?.t === 'data' ? request.method : undefined;
  const wanted = proceduresOf(of.data.router as Value, ROUTERS).filter((one) => method === undefined || one.method === method);
  runOneOf(wanted, propertyOf(options, 'context') ?? DATA, it, run);
  return answer;
}
