import { propertyOf, type Resource, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector } from '../../detector.ts';
import { graphqlOf, schemaOf } from './graphql-fields.ts';

const MERGES = /^(mergeResolvers|mergeTypeDefs)$/;
const SCHEMAS = /^(makeExecutableSchema|buildSubgraphSchema|addResolversToSchema)$/;

/** Apollo Server: the resolvers stand behind one endpoint. */
export default {
  id: 'apollo',
  packages: [
    '@apollo/server',
    '@as-integrations/express4',
    '@as-integrations/express5',
    '@as-integrations/fastify',
    '@apollo/subgraph',
    'apollo-server-express',
    'apollo-server',
    '@graphql-tools/merge',
    '@graphql-tools/schema',
    'graphql-tag',
    'graphql',
  ],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    if (it.receiver) return onServer(name, it.args, it.receiver, it.place, run);
    if (/^(graphql-tag|graphql)$/.test(it.package)) return /^(gql|default|parse|buildSchema|)$/.test(name) ? (it.args[0] ?? UNKNOWN) : UNKNOWN;
    if (name === 'gql') return it.args[0] ?? UNKNOWN;
    if (MERGES.test(name)) return it.args[0] ?? UNKNOWN;
    if (SCHEMAS.test(name)) return run.make('Schema', it.place, { options: it.args[0] });
    if (it.isNew && name === 'ApolloServer') return run.make('ApolloServer', it.place, { options: it.args[0] });
    if (name === 'expressMiddleware' || name === 'fastifyApolloHandler') return endpointOf(it.args[0], it.args[1], it.place, run) ?? UNKNOWN;
    if (name === 'startStandaloneServer') serveAlone(it.args[0], it.args[1], it.place, run);
    return UNKNOWN;
  },
} satisfies LibraryDetector;

/** The endpoint of a server. What it was given a context by is the integration from version 4 on, the server itself before. */
function endpointOf(server: Value | undefined, options: Value | undefined, place: Resource['place'], run: CodeRun): Resource | undefined {
  if (server?.t !== 'resource' || server.type !== 'ApolloServer') return undefined;
  const own = server.data.options as Value | undefined;
  return graphqlOf(schemaOf(own), propertyOf(options, 'context') ?? propertyOf(own, 'context'), place, run);
}

function onServer(name: string, args: readonly Value[], of: Resource, place: Resource['place'], run: CodeRun): Value {
  if (name === 'getMiddleware') return endpointOf(of, args[0], place, run) ?? UNKNOWN;
  if (name === 'applyMiddleware') {
    const app = propertyOf(args[0], 'app');
    const endpoint = endpointOf(of, undefined, place, run);
    if (app?.t === 'resource' && endpoint)
      (app.data.mounted as unknown[]).push({ path: textOf(propertyOf(args[0], 'path')) ?? '/graphql', method: null, handlers: [endpoint], place });
  }
  if (name === 'listen') serveAlone(of, undefined, place, run);
  return UNKNOWN;
}

function serveAlone(server: Value | undefined, options: Value | undefined, place: Resource['place'], run: CodeRun): void {
  const endpoint = endpointOf(server, options, place, run);
  if (!endpoint) return;
  const app = run.make('Standalone', place, { mounted: [{ path: '/graphql', method: null, handlers: [endpoint], place }] });
  run.claim({ kind: 'route', app, method: '', path: '', handlers: [], place });
  run.claim({ kind: 'listens', place });
}
