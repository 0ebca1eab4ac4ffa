import { DATA, isCallable, NOTHING, object, propertyOf, REQUEST, type Resource, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryCall, LibraryDetector } from '../../detector.ts';

/** tRPC: procedures behind one endpoint, each with a resolver of its own. */
export default {
  id: 'trpc',
  packages: ['@trpc/server'],
  call(it, run) {
    if (it.receiver) return onResource(it, it.receiver, run);
    const name = it.name.split('.').at(-1) ?? '';
    if (/^(create|context|meta|initTRPC)$/.test(name)) return run.make('Builder', it.place);
    const router = propertyOf(it.args[0], 'router');
    const endpoint = router && run.make('GraphQL', it.place, { resolvers: resolversOf(router, '') });
    if (endpoint && (name === 'createExpressMiddleware' || name === 'createHTTPHandler')) return endpoint;
    if (endpoint && (name === 'createHTTPServer' || name === 'createStandaloneServer'))
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
  if (of.type !== 'Procedure') return UNKNOWN;
  const [first] = it.args;
  const before = of.data.before as readonly Value[];
  if (it.name === 'use') return run.make('Procedure', it.place, { before: first ? [...before, first] : before });
  if (!/^(query|mutation|subscription)$/.test(it.name) || !first || !isCallable(first)) return of;
  const given = object([
    ['ctx', DATA],
    ['input', REQUEST],
    ['next', { t: 'native', call: () => DATA }],
  ]);
  const resolver: Value = {
    t: 'native',
    call: () => {
      for (const middleware of before) run.call(middleware, [given]);
      return run.call(first, [given]);
    },
  };
  return run.make('Field', it.place, { kind: it.name === 'query' ? 'Query' : 'Mutation', resolver });
}

function onBuilder(it: LibraryCall, of: Resource, run: CodeRun): Value {
  if (it.name === 'router' || it.name === 'mergeRouters') return run.make('Router', it.place, { fields: it.name === 'router' ? (it.args[0] ?? NOTHING) : UNKNOWN });
  if (it.name === 'middleware') return it.args[0] ?? UNKNOWN;
  return of;
}

/** Fields of a router and of those inside it, by their whole names. */
function resolversOf(router: Value, prefix: string): Value {
  const all: Record<'Query' | 'Mutation', [string, Value][]> = { Query: [], Mutation: [] };
  const visit = (it: Value, at: string): void => {
    const fields = it.t === 'resource' && it.type === 'Router' ? (it.data.fields as Value) : it;
    if (fields.t !== 'object') return;
    for (const [name, value] of fields.props) {
      const path = at === '' ? name : `${at}.${name}`;
      if (value.t === 'resource' && value.type === 'Field') all[value.data.kind as 'Query' | 'Mutation'].push([path, value.data.resolver as Value]);
      else visit(value, path);
    }
  };
  visit(router, prefix);
  return object([
    ['Query', object(all.Query)],
    ['Mutation', object(all.Mutation)],
  ]);
}
