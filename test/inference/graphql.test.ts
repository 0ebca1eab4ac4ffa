import { describe, expect, it } from 'vitest';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const db = `import { Pool } from 'pg'; const pool = new Pool({ host: 'localhost' });`;
const query = (table: string): string => `pool.query('SELECT 1 FROM ${table}')`;

const TYPES = `type Query { "all of them" books(first: Int = 10): [Book!]! author(id: ID!): Author } type Book { title: String author: Author! } type Author { name: String }`;
/** After the documented example of each server: books and their authors. */
const RESOLVERS = `{ Query: { books: () => ${query('books')}, author: () => ${query('authors')} }, Book: { author: (book) => ${query('authors')} } }`;
const ONE_EACH = ['field books', 'field books > SELECT books', 'field books > Book.author asked for', 'field books > Book.author asked for > each at once'];

const graphql = (dependencies: Record<string, string>, code: string) => topologyOf(service({ pg: '^8.0.0', ...dependencies }, { 'src/index.js': `${db} ${code}` }));

describe('servers', () => {
  it.each<[string, Record<string, string>, string]>([
    // https://www.apollographql.com/docs/apollo-server/getting-started
    [
      'Apollo alone',
      { '@apollo/server': '^5.0.0' },
      `import { ApolloServer } from '@apollo/server'; import { startStandaloneServer } from '@apollo/server/standalone';
        const typeDefs = \`#graphql
          ${TYPES}\`; startStandaloneServer(new ApolloServer({ typeDefs, resolvers: ${RESOLVERS} }), { listen: { port: 4000 } });`,
    ],
    // https://www.apollographql.com/docs/apollo-server/api/express-middleware
    [
      'Apollo in Express',
      { '@apollo/server': '^5.0.0', '@as-integrations/express5': '^1.0.0', express: '^5.0.0', 'graphql-tag': '^2.0.0' },
      `import express from 'express'; import gql from 'graphql-tag'; import { ApolloServer } from '@apollo/server'; import { expressMiddleware } from '@as-integrations/express5';
        const typeDefs = gql\`${TYPES}\`; const app = express(); const server = new ApolloServer({ typeDefs, resolvers: ${RESOLVERS} });
        app.use('/graphql', express.json(), expressMiddleware(server)); app.listen(4000);`,
    ],
    // https://the-guild.dev/graphql/yoga-server/docs
    [
      'Yoga',
      { 'graphql-yoga': '^5.0.0' },
      `import { createSchema, createYoga } from 'graphql-yoga'; import { createServer } from 'node:http';
        const yoga = createYoga({ schema: createSchema({ typeDefs: /* GraphQL */ \`${TYPES}\`, resolvers: ${RESOLVERS} }) }); const server = createServer(yoga); server.listen(4000, () => {});`,
    ],
    // https://the-guild.dev/graphql/yoga-server/docs/integrations/integration-with-express
    [
      'Yoga in Express',
      { 'graphql-yoga': '^5.0.0', express: '^5.0.0' },
      `import express from 'express'; import { createSchema, createYoga } from 'graphql-yoga'; const app = express();
        const yoga = createYoga({ schema: createSchema({ typeDefs: \`${TYPES}\`, resolvers: ${RESOLVERS} }) }); app.use(yoga.graphqlEndpoint, yoga); app.listen(4000);`,
    ],
    // https://mercurius.dev/#/?id=quick-start
    [
      'Mercurius',
      { mercurius: '^16.0.0', fastify: '^5.0.0' },
      `import Fastify from 'fastify'; import mercurius from 'mercurius'; const app = Fastify(); const schema = \`${TYPES}\`;
        app.register(mercurius, { schema, resolvers: ${RESOLVERS} }); app.listen({ port: 3000 });`,
    ],
  ])('%s: a field of each object of a list', async (_name, dependencies, code) => {
    const topology = await graphql(dependencies, code);
    expect(topology.endpoints.map((it) => it.id)).toEqual(['app POST /graphql']);
    expect(stepsOf(topology, 'app POST /graphql')).toEqual([...ONE_EACH, 'field books > Book.author asked for > each at once > SELECT authors', 'field books > SELECT authors']);
  });

  // https://the-guild.dev/graphql/yoga-server/docs/integrations/integration-with-fastify
  it('Yoga behind a route of Fastify', async () => {
    const topology = await graphql(
      { 'graphql-yoga': '^5.0.0', fastify: '^5.0.0' },
      `import fastify from 'fastify'; import { createSchema, createYoga } from 'graphql-yoga'; const app = fastify();
        const yoga = createYoga({ schema: createSchema({ typeDefs: \`${TYPES}\`, resolvers: { Query: { books: () => ${query('books')} } } }) });
        app.route({ url: yoga.graphqlEndpoint, method: ['GET', 'POST'], handler: (req, reply) => yoga.handleNodeRequestAndResponse(req, reply, { req, reply }) }); app.listen({ port: 4000 });`,
    );
    expect(topology.endpoints.map((it) => it.id)).toEqual(['app GET /graphql', 'app POST /graphql']);
    expect(stepsOf(topology, 'app POST /graphql')).toEqual(['SELECT books']);
  });
});

describe('schemas in files of their own', () => {
  const SCHEMA = `"""\nWhat can be asked for: type Nothing { a: [Book] }\n"""\n${TYPES.replaceAll(' type ', '\ntype ')}\n# type Book { author: [Author] }\n`;
  const nested = [...ONE_EACH, 'field books > Book.author asked for > each at once > SELECT authors', 'field books > SELECT authors'];
  const start = `import { ApolloServer } from '@apollo/server'; import { startStandaloneServer } from '@apollo/server/standalone';`;
  it.each<[string, Record<string, string>, string, string]>([
    // https://www.apollographql.com/docs/apollo-server/workflow/generate-types
    [
      'Apollo: a file that is read',
      { '@apollo/server': '^5.0.0' },
      'src/schema.graphql',
      `${start} import { readFileSync } from 'node:fs'; const typeDefs = readFileSync('./src/schema.graphql', { encoding: 'utf-8' }); startStandaloneServer(new ApolloServer({ typeDefs, resolvers: ${RESOLVERS} }));`,
    ],
    // https://the-guild.dev/graphql/tools/docs/schema-loading
    [
      'Apollo: a pattern of GraphQL Tools',
      { '@apollo/server': '^5.0.0', '@graphql-tools/load': '^8.0.0' },
      'src/graph/books.graphql',
      `${start} import { loadSchemaSync } from '@graphql-tools/load'; import { GraphQLFileLoader } from '@graphql-tools/graphql-file-loader'; import { addResolversToSchema } from '@graphql-tools/schema';
        const schema = addResolversToSchema({ schema: loadSchemaSync('./src/**/*.graphql', { loaders: [new GraphQLFileLoader()] }), resolvers: ${RESOLVERS} }); startStandaloneServer(new ApolloServer({ schema }));`,
    ],
    [
      'Yoga: files of a folder',
      { 'graphql-yoga': '^5.0.0', '@graphql-tools/load-files': '^7.0.0' },
      'src/types/all.gql',
      `import { createSchema, createYoga } from 'graphql-yoga'; import { createServer } from 'node:http'; import { loadFilesSync } from '@graphql-tools/load-files'; import { join } from 'node:path';
        createServer(createYoga({ schema: createSchema({ typeDefs: loadFilesSync(join(__dirname, 'types'), { extensions: ['gql'] }), resolvers: ${RESOLVERS} }) })).listen(4000);`,
    ],
  ])('%s', async (_name, dependencies, path, code) => {
    const topology = await topologyOf(
      service({ pg: '^8.0.0', ...dependencies }, { 'src/index.js': `${db} ${code}`, [path]: SCHEMA, 'src/tests/other.graphql': 'type Query { books: Book }' }),
    );
    expect(stepsOf(topology, 'app POST /graphql')).toEqual(nested);
  });

  // https://docs.nestjs.com/graphql/quick-start#schema-first
  it('Nest, with the schema first', async () => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', '@nestjs/graphql': '13' } }),
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
      'src/schema.graphql': SCHEMA,
      'src/app.module.ts': `import { Module } from '@nestjs/common'; import { GraphQLModule, Query, ResolveField, Resolver } from '@nestjs/graphql'; ${db}
        @Resolver('Book') class Books { @Query('books') all() { return ${query('books')}; } @Query() author() { return ${query('authors')}; } @ResolveField('author') of(book) { return ${query('authors')}; } }
        @Module({ imports: [GraphQLModule.forRoot({ typePaths: ['./**/*.graphql'] })], providers: [Books] }) export class AppModule {}`,
    });
    expect(stepsOf(topology, 'app POST /graphql')).toEqual(nested);
  });

  it('a long schema in code says its types too', async () => {
    const long = `${TYPES} ${Array.from({ length: 20 }, (_, at) => `type More${at} { "about ${at}" name: String other: [Int!]! }`).join(' ')}`;
    const topology = await graphql(
      { '@apollo/server': '^5.0.0' },
      `${start} const typeDefs = \`${long}\`; startStandaloneServer(new ApolloServer({ typeDefs, resolvers: ${RESOLVERS} }));`,
    );
    expect(stepsOf(topology, 'app POST /graphql')).toEqual(nested);
  });
});

describe('batches', () => {
  const apollo = (book: string, context: string) =>
    graphql(
      { '@apollo/server': '^5.0.0', dataloader: '^2.0.0' },
      `import DataLoader from 'dataloader'; import { ApolloServer } from '@apollo/server'; import { startStandaloneServer } from '@apollo/server/standalone';
        startStandaloneServer(new ApolloServer({ typeDefs: \`${TYPES}\`, resolvers: { Query: { books: () => ${query('books')} }, Book: { author: ${book} } } }), { context: async () => (${context}) });`,
    );
  const found = [...ONE_EACH.slice(0, 3), 'field books > Book.author asked for > SELECT authors'].map((it) => it.replace(/^field books > |^field books$/, '')).filter(Boolean);

  // https://github.com/graphql/dataloader#using-with-graphql, a loader per request
  it('a loader in the context is asked once for all objects', async () =>
    expect(
      stepsOf(
        await apollo(`(book, args, { loaders }) => loaders.authors.load(book.authorId)`, `{ loaders: { authors: new DataLoader(async (ids) => ${query('authors')}) } }`),
        'app POST /graphql',
      ),
    ).toEqual(found));
  it('what the context itself asks is asked for every request', async () =>
    expect(stepsOf(await apollo(`() => 1`, `{ user: await ${query('users')} }`), 'app POST /graphql')).toEqual(['SELECT users', 'SELECT books']));

  // https://mercurius.dev/#/docs/loaders
  it('loaders of Mercurius', async () =>
    expect(
      stepsOf(
        await graphql(
          { mercurius: '^16.0.0', fastify: '^5.0.0' },
          `import Fastify from 'fastify'; import mercurius from 'mercurius'; const app = Fastify();
            const loaders = { Book: { async author(queries, { reply }) { return ${query('authors')}; } } };
            app.register(mercurius, { schema: \`${TYPES}\`, resolvers: { Query: { books: () => ${query('books')} } }, loaders }); app.listen({ port: 3000 });`,
        ),
        'app POST /graphql',
      ),
    ).toEqual(found));

  const route = (body: string) =>
    graphql(
      { express: '^5.0.0', dataloader: '^2.0.0' },
      `import express from 'express'; import DataLoader from 'dataloader'; const app = express();
        app.get('/it', async (req, res) => { const users = new DataLoader((keys) => ${query('users')}); const posts = new DataLoader((keys) => ${query('posts')}); ${body} res.json({}); }); app.listen(3000);`,
    ).then((it) => stepsOf(it, 'app GET /it'));
  // https://github.com/graphql/dataloader#batching
  it.each<[string, string, string[]]>([
    ['alone', 'await users.load(1);', ['SELECT users']],
    ['several keys', 'await users.loadMany([1, 2]);', ['SELECT users']],
    ['side by side', 'await Promise.all(req.body.ids.map((id) => users.load(id)));', ['SELECT users']],
    ['one after another', 'for (const id of req.body.ids) await users.load(id);', ['each', 'each > SELECT users']],
    [
      'two loaders and a query side by side',
      `await Promise.all(req.body.ids.map(async (id) => { await users.load(id); await posts.load(id); await ${query('likes')}; }));`,
      ['SELECT users', 'SELECT posts', 'each at once', 'each at once > SELECT likes'],
    ],
  ])('%s', async (_name, body, steps) => expect(await route(body)).toEqual(steps));
});
