import { describe, expect, it } from 'vitest';
import { fieldTypesIn } from '../../src/inference/detectors/graphql-types.ts';
import { stepsOf, topologyOf } from './memory-workspace.ts';

describe('fields of a schema', () => {
  it.each<[string, string, string[]]>([
    ['types, lists and lines', 'type Query {\n  # all\n  books(first: Int = 10): [Book!]!\n  author(id: ID!): Author\n}', ['Query.books [Book] 3', 'Query.author Author 4']],
    ['an extension, and words between', 'extend type Query { """one\ntype X { y: Z }""" me: User! }', ['Query.me User 2']],
    ['arguments over several lines', 'interface Page {\n  edges(\n    first: Int\n  ): [Edge]\n}', ['Page.edges [Edge] 2']],
    ['inputs say nothing', 'input NewBook { title: String! }', []],
  ])('%s', (_says, text, expected) =>
    expect(fieldTypesIn(text).map(({ owner, name, type, isList, line }) => `${owner}.${name} ${isList ? `[${type}]` : type} ${line}`)).toEqual(expected),
  );
});

// https://docs.nestjs.com/graphql/quick-start#schema-first
describe('a schema that was written first', () => {
  const schema =
    'type Query { posts: Posts post(id: ID!): Post }\ntype Posts { edges: [Edge!]! total: Int }\ntype Edge { node: Post! }\ntype Post { title: String author: Author }\ntype Author { name: String }';
  const nest = (options: string) =>
    topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', pg: '^8.0.0' } }),
      'src/posts.graphql': schema,
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
      'src/app.module.ts': `import { Module } from '@nestjs/common'; import { GraphQLModule, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql'; import { Pool } from 'pg';
        const pool = new Pool({ host: 'db' });
        @Resolver() class Queries { @Query('posts') posts() { return pool.query('SELECT 1 FROM posts'); } @Query('post') post() { return pool.query('SELECT 1 FROM posts LIMIT 1'); } }
        @Resolver('Post') class Posts { @ResolveField('author') author(@Parent() post) { return pool.query('SELECT 1 FROM authors WHERE id = $1', [post.author]); } }
        @Module({ imports: [GraphQLModule.forRootAsync({ useFactory: () => (${options}) })], providers: [Queries, Posts] }) export class AppModule {}`,
    });

  it('leads through plain fields to what resolves the objects of a list', async () => {
    const topology = await nest("{ typePaths: ['./**/*.graphql'] }");
    const [endpoint] = topology.endpoints;
    expect(stepsOf(topology, endpoint?.id ?? '').filter((it) => it.includes('authors'))).toHaveLength(2);
    const text = JSON.stringify(endpoint?.steps);
    expect(text).toContain('"label":"a list of Edge"');
    expect(text).toContain('"roundsOf":[{"file":"src/posts.graphql","line":3}]');
    // A plain field has no function that could load objects together.
    expect(text).not.toContain('"ofField"');
  });

  // What is somebody's own is given to him alone: of a list of users one row is asked about.
  it.each([
    ['every author', '', '"roundsOf"', '"the row of who asks"'],
    ['the one who asks', 'if (author.id !== me.id) return [];', '"the row of who asks"', '"roundsOf"'],
  ])('asks for the books of %s', async (_says, guard, has, hasNot) => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', pg: '^8.0.0' } }),
      'src/schema.graphql': 'type Query { authors: [Author!]! }\ntype Author { id: ID! books: [Book!]! }\ntype Book { title: String }',
      'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();`,
      'src/app.module.ts': `import { createParamDecorator, Module } from '@nestjs/common'; import { GraphQLModule, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql'; import { Pool } from 'pg';
        const pool = new Pool({ host: 'db' });
        const Me = createParamDecorator((data, context) => context.user);
        @Resolver() class Queries { @Query('authors') authors() { return pool.query('SELECT 1 FROM authors'); } }
        @Resolver('Author') class Authors { @ResolveField('books') async books(@Parent() author, @Me() me) { ${guard} return pool.query('SELECT 1 FROM books WHERE author = $1', [author.id]); } }
        @Module({ imports: [GraphQLModule.forRoot({ typePaths: ['./**/*.graphql'] })], providers: [Queries, Authors] }) export class AppModule {}`,
    });
    const text = JSON.stringify(topology.endpoints);
    expect(text).toContain('SELECT books');
    expect(text).toContain(has);
    if (guard === '') expect(text).toContain('"ofField":true');
    expect(text).not.toContain(hasNot);
  });

  it('is not looked at where code makes the schema', async () => {
    const topology = await nest('{ autoSchemaFile: true }');
    expect(JSON.stringify(topology.endpoints)).not.toContain('authors');
  });
});
