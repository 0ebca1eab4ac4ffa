import { DATA, isCallable, NOTHING, object, propertyOf, REQUEST, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import { contextOf as honoContext } from './hono.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';
import { behind, callerOf, proceduresOf, type Resolve, type Routers, runOneOf } from './procedures.ts';

interface Field {
  kind: 'Query' | 'Mutation';
  resolve: Resolve;
}

/** tRPC: procedures behind one endpoint, each with a resolver of its own. */
export default {
  id: 'trpc',
  packages: ['@trpc/server', '@hono/trpc-server'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (/^(create|context|meta|initTRPC)$/.test(name)) return run.make('Builder', it.place);
    const options = propertyOf(it.args[0], 'trpcOptions') ?? it.args[0];
    const router = propertyOf(options, 'router');
    if (!router) return UNKNOWN;
    // Handlers of frameworks that find them by their file: which procedure is meant is decided inside.
    if (name === 'fetchRequestHandler' || name === 'awsLambdaRequestHandler')
      return run.isTracing() || name === 'fetchRequestHandler' ? handle(it, options, propertyOf(options, 'req'), run) : handler(it, options, run);
    if (name === 'createNextApiHandler') return handler(it, options, run);
    const endpoint = run.make('GraphQL', it.place, { resolvers: resolversOf(router, options, run, name === 'trpcServer' ? honoContext(it, run) : undefined) });
    if (name === 'createExpressMiddleware' || name === 'createHTTPHandler' || name === 'trpcServer') return endpoint;
    if (name === 'createHTTPServer' || name === 'createStandaloneServer')
      return run.make('Standalone', it.place, { mounted: [{ path: '/trpc', method: null, handlers: [endpoint], place: it.place }] });
    return UNKNOWN;
  },
  member(of, name, run) {
    if (of.type !== 'Builder') return undefined;
    return name === 'procedure' ? run.make('Procedure', of.place, { before: [] }) : undefined;
  },
} satisfies LibraryDetector;

function onResource(it: LibraryCall, of: Resource, run: CodeRun): Value | undefined {
  if (of.type === 'Standalone') {
    if (it.name !== 'listen') return of;
    run.claim({ kind: 'route', app: of, method: '', path: '', handlers: [], place: it.place });
    run.claim({ kind: 'listens', place: it.place });
    return UNKNOWN;
  }
  if (of.type === 'Builder') return onBuilder(it, of, run);
  if (of.type === 'Router') return it.name === 'createCaller' ? callerOf(of, ROUTERS, it.args[0]) : UNKNOWN;
  if (of.type !== 'Procedure') return UNKNOWN;
  const [first] = it.args;
  const before = of.data.before as readonly Value[];
  if (it.name === 'use') return run.make('Procedure', it.place, { before: first ? [...before, first] : before });
  if (!/^(query|mutation|subscription)$/.test(it.name) || !first || !isCallable(first)) return of;
  return run.make('Field', it.place, { kind: it.name === 'query' ? 'Query' : 'Mutation', resolve: behind(before, first, 'ctx', run) });
}

function onBuilder(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'router') return run.make('Router', it.place, { fields: it.args[0] ?? NOTHING });
  if (it.name === 'mergeRouters') return run.make('Router', it.place, { fields: object(it.args.flatMap((arg) => [...fieldsIn(arg)])) });
  if (it.name === 'middleware') return it.args[0] ?? UNKNOWN;
  if (it.name === 'createCallerFactory') {
    const [router] = it.args;
    return { t: 'native', call: ([context]) => (router ? callerOf(router, ROUTERS, isCallable(context) ? run.call(context, []) : context) : UNKNOWN) };
  }
  return of;
}

function fieldsIn(router: Value): ReadonlyMap<string, Value> {
  const fields = router.t === 'resource' && router.type === 'Router' ? (router.data.fields as Value) : router;
  return fields.t === 'object' ? fields.props : new Map();
}

const ROUTERS: Routers<Field> = {
  inside: fieldsIn,
  procedureAt: (it) => (it.t === 'resource' && it.type === 'Field' ? (it.data as unknown as Field) : undefined),
};

/** `around`: what the framework in front keeps for each request. */
function contextOf(options: Value, run: CodeRun, around?: Value): Value {
  const create = propertyOf(options, 'createContext');
  const made =
    create && isCallable(create) ? run.call(create, [object(['req', 'res', 'headers'].map((name): [string, Value] => [name, REQUEST])), ...(around ? [around] : [])]) : DATA;
  return made.t === 'object' ? made : DATA;
}

function resolversOf(router: Value, options: Value, run: CodeRun, around?: Value): Value {
  const all = proceduresOf(router, ROUTERS);
  const of = (kind: 'Query' | 'Mutation'): Value =>
    object(all.filter((it) => it.kind === kind).map(({ name, resolve }): [string, Value] => [name, { t: 'native', call: () => resolve(contextOf(options, run, around)) }]));
  return object([
    ['Query', of('Query')],
    ['Mutation', of('Mutation')],
  ]);
}

const handler = (it: LibraryCall, options: Value, run: CodeRun): Value => ({ t: 'native', call: run.keep((args: readonly Value[]) => handle(it, options, args[0], run)) });

/** One of the procedures runs: those that read are asked for by GET. */
function handle(it: LibraryCall, options: Value, request: Value | undefined, run: CodeRun): Value {
  if (!run.isTracing()) return UNKNOWN;
  const context = contextOf(options, run);
  const method = request?.t === 'data' ? request.method : undefined;
  const wanted = proceduresOf(propertyOf(options, 'router') ?? UNKNOWN, ROUTERS).filter(({ kind }) => method === undefined || (method === 'GET') === (kind === 'Query'));
  runOneOf(wanted, context, it, run);
  return DATA;
}
