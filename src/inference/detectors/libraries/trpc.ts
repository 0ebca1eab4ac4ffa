import { oneOfProcedures } from '../../code/alternatives.ts';
import { DATA, isCallable, NOTHING, object, type ObjectValue, propertyOf, REQUEST, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import { contextOf as honoContext } from './hono.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** What a procedure does, given what the server makes of each request. */
type Resolve = (context: Value) => Value;

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
  if (of.type === 'Router') return it.name === 'createCaller' ? callerOf(of, it.args[0]) : UNKNOWN;
  if (of.type !== 'Procedure') return UNKNOWN;
  const [first] = it.args;
  const before = of.data.before as readonly Value[];
  if (it.name === 'use') return run.make('Procedure', it.place, { before: first ? [...before, first] : before });
  if (!/^(query|mutation|subscription)$/.test(it.name) || !first || !isCallable(first)) return of;
  return run.make('Field', it.place, { kind: it.name === 'query' ? 'Query' : 'Mutation', resolve: resolveOf(before, first, run) });
}

/** Middleware hands on a context with more in it by `next({ ctx })`. */
function resolveOf(before: readonly Value[], resolver: Value, run: CodeRun): Resolve {
  return (context) => {
    let ctx = context;
    const next: Value = {
      t: 'native',
      call: (args) => {
        const more = propertyOf(args[0], 'ctx');
        if (more?.t === 'object') ctx = ctx.t === 'object' ? object([...ctx.props, ...more.props]) : more;
        return DATA;
      },
    };
    const given = (): ObjectValue =>
      object([
        ['ctx', ctx],
        ['input', REQUEST],
        ['next', next],
      ]);
    for (const middleware of before) run.call(middleware, [given()]);
    return run.call(resolver, [given()]);
  };
}

function onBuilder(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'router') return run.make('Router', it.place, { fields: it.args[0] ?? NOTHING });
  if (it.name === 'mergeRouters') return run.make('Router', it.place, { fields: object(it.args.flatMap((arg) => [...fieldsIn(arg)])) });
  if (it.name === 'middleware') return it.args[0] ?? UNKNOWN;
  if (it.name === 'createCallerFactory') {
    const [router] = it.args;
    return { t: 'native', call: ([context]) => (router ? callerOf(router, isCallable(context) ? run.call(context, []) : context) : UNKNOWN) };
  }
  return of;
}

function fieldsIn(router: Value): ReadonlyMap<string, Value> {
  const fields = router.t === 'resource' && router.type === 'Router' ? (router.data.fields as Value) : router;
  return fields.t === 'object' ? fields.props : new Map();
}

const fieldOf = (it: Value): { kind: 'Query' | 'Mutation'; resolve: Resolve } | undefined =>
  it.t === 'resource' && it.type === 'Field' ? (it.data as unknown as { kind: 'Query' | 'Mutation'; resolve: Resolve }) : undefined;

/** Procedures as functions, for code of the server itself. */
function callerOf(router: Value, context: Value | undefined): Value {
  return object(
    [...fieldsIn(router)].map(([name, it]): [string, Value] => {
      const field = fieldOf(it);
      return [name, field ? { t: 'native', call: () => field.resolve(context ?? DATA) } : callerOf(it, context)];
    }),
  );
}

/** Procedures of a router and of those inside it, by their whole names. */
function proceduresOf(router: Value, at = ''): { name: string; kind: 'Query' | 'Mutation'; resolve: Resolve }[] {
  return [...fieldsIn(router)].flatMap(([own, it]) => {
    const name = at === '' ? own : `${at}.${own}`;
    const field = fieldOf(it);
    return field ? [{ name, kind: field.kind, resolve: field.resolve }] : proceduresOf(it, name);
  });
}

/** `around`: what the framework in front keeps for each request. */
function contextOf(options: Value, run: CodeRun, around?: Value): Value {
  const create = propertyOf(options, 'createContext');
  const made =
    create && isCallable(create) ? run.call(create, [object(['req', 'res', 'headers'].map((name): [string, Value] => [name, REQUEST])), ...(around ? [around] : [])]) : DATA;
  return made.t === 'object' ? made : DATA;
}

function resolversOf(router: Value, options: Value, run: CodeRun, around?: Value): Value {
  const all = proceduresOf(router);
  const of = (kind: 'Query' | 'Mutation'): Value =>
    object(all.filter((it) => it.kind === kind).map(({ name, resolve }): [string, Value] => [name, { t: 'native', call: () => resolve(contextOf(options, run, around)) }]));
  return object([
    ['Query', of('Query')],
    ['Mutation', of('Mutation')],
  ]);
}

const handler = (it: LibraryCall, options: Value, run: CodeRun): Value => ({ t: 'native', call: run.keep((args: readonly Value[]) => handle(it, options, args[0], run)) });

/** One of the procedures runs, each as likely as the others: those that read are asked for by GET. */
function handle(it: LibraryCall, options: Value, request: Value | undefined, run: CodeRun): Value {
  if (!run.isTracing()) return UNKNOWN;
  const context = contextOf(options, run);
  const method = request?.t === 'data' ? request.method : undefined;
  const wanted = proceduresOf(propertyOf(options, 'router') ?? UNKNOWN).filter(({ kind }) => method === undefined || (method === 'GET') === (kind === 'Query'));
  const programs = wanted.map(({ resolve }) => run.apart(() => void resolve(context)));
  for (const step of oneOfProcedures(programs, it.place)) run.record(step);
  return DATA;
}
