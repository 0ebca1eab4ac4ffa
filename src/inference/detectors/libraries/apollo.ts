import { isCallable, object, propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

const MERGES = /^(mergeResolvers|mergeTypeDefs|makeExecutableSchema)$/;

/** Apollo Server: the resolvers stand behind one endpoint. */
export default {
  id: 'apollo',
  packages: [
    '@apollo/server',
    '@as-integrations/express4',
    '@as-integrations/express5',
    '@as-integrations/fastify',
    'apollo-server-express',
    'apollo-server',
    '@graphql-tools/merge',
    '@graphql-tools/schema',
  ],
  call(it, run) {
    if (it.receiver) {
      if (it.name === 'getMiddleware') return run.make('GraphQL', it.place, { ...it.receiver.data });
      if (it.name === 'applyMiddleware') {
        const app = propertyOf(it.args[0], 'app');
        if (app?.t === 'resource')
          (app.data.mounted as unknown[]).push({
            path: textOf(propertyOf(it.args[0], 'path')) ?? '/graphql',
            method: null,
            handlers: [run.make('GraphQL', it.place, { ...it.receiver.data })],
            place: it.place,
          });
      }
      return UNKNOWN;
    }
    const name = it.name.split('.').at(-1) ?? '';
    if (MERGES.test(name)) return name === 'makeExecutableSchema' ? (propertyOf(it.args[0], 'resolvers') ?? UNKNOWN) : merged(it.args[0]);
    if (it.isNew && name === 'ApolloServer')
      return run.make('ApolloServer', it.place, { resolvers: merged(propertyOf(it.args[0], 'resolvers') ?? propertyOf(it.args[0], 'schema')) });
    if (name === 'expressMiddleware') return run.make('GraphQL', it.place, { ...(it.args[0]?.t === 'resource' ? it.args[0].data : {}) });
    if (name === 'startStandaloneServer') {
      const handler = run.make('GraphQL', it.place, { ...(it.args[0]?.t === 'resource' ? it.args[0].data : {}) });
      const app: Resource = { ...handler, type: 'App', library: 'express', data: { mounted: [{ path: '/graphql', method: null, handlers: [handler], place: it.place }] } };
      run.claim({ kind: 'route', app, method: '', path: '', handlers: [], place: it.place });
    }
    return UNKNOWN;
  },
} satisfies LibraryDetector;

function merged(it: Value | undefined): Value {
  if (it?.t !== 'list') return it ?? UNKNOWN;
  const all = object();
  for (const part of it.items)
    if (part.t === 'object')
      for (const [name, fields] of part.props) {
        const before = all.props.get(name);
        all.props.set(name, before?.t === 'object' && fields.t === 'object' ? object([...before.props, ...fields.props]) : fields);
      }
  return all;
}

/** Fields of Query and Mutation with their resolvers. */
export function resolversOf(graphql: Resource): { name: string; kind: 'Query' | 'Mutation'; resolver: Value }[] {
  const resolvers = graphql.data.resolvers as Value | undefined;
  return (['Query', 'Mutation'] as const).flatMap((kind) => {
    const fields = propertyOf(resolvers, kind);
    return fields?.t === 'object' ? [...fields.props].filter(([, it]) => isCallable(it)).map(([name, resolver]) => ({ name, kind, resolver })) : [];
  });
}
