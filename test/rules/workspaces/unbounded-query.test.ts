import { describe, expect, it } from 'vitest';
import { judged, service, testRule } from './case.ts';

const shop = (
  body: string,
  adds = `app.post('/products', async (req: Request, res: Response) => {
  await pool.query('INSERT INTO products (name) VALUES ($1)', [req.body.name]);
  res.status(201).end();
});`,
) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';

const app = express();
app.get('/products', async (req: Request, res: Response) => {
${body}
});
${adds}
app.listen(3000);
`,
    },
  );
const mongo = (chain: string) =>
  service(
    { express: '^4.21.0', mongoose: '^8.9.0' },
    {
      'src/note.ts': `import mongoose from 'mongoose';

export const Note = mongoose.model('Note', new mongoose.Schema({ text: String }));
`,
      'src/server.ts': `import express from 'express';
import mongoose from 'mongoose';
import { Note } from './note.ts';

await mongoose.connect('mongodb://db:27017/notes');
const app = express();
app.get('/notes', async (req, res) => {
  const notes = await Note.find({})${chain};
  res.json(notes);
});
app.post('/notes', async (req, res) => {
  const note = await Note.create(req.body);
  res.json(note);
});
app.listen(3000);
`.replace("await mongoose.connect('mongodb://db:27017/notes');", "mongoose.connect('mongodb://db:27017/notes');"),
    },
  );

/** The shop with a schema; what refers to products, and whether it is kept when they came. */
const withSchema = (products: string, refers: string, mark = '') => ({
  ...shop(`  const { rows } = await pool.query('SELECT * FROM products ORDER BY name');${mark}
  res.json(rows);`),
  'migrations/001_all.sql': `CREATE TABLE products (id SERIAL PRIMARY KEY, name TEXT NOT NULL UNIQUE${products});
CREATE TABLE orders (id SERIAL PRIMARY KEY, placed_at TIMESTAMPTZ NOT NULL);
CREATE TABLE lines (id SERIAL PRIMARY KEY, order_id INT NOT NULL REFERENCES orders (id)${refers});
`,
});

/** Products of which those that are listed are asked for, with what a new one is. */
const flagged = (atFirst: string, mark: string): ReturnType<typeof shop> => ({
  ...shop(`  const { rows } = await pool.query('SELECT id, name FROM products WHERE listed = true');${mark}
  res.json(rows);`),
  'migrations/001_all.sql': `CREATE TABLE vendors (id SERIAL PRIMARY KEY);
CREATE TABLE products (id SERIAL PRIMARY KEY, name TEXT NOT NULL, vendor_id INT REFERENCES vendors (id), listed BOOLEAN NOT NULL DEFAULT ${atFirst});
`,
});

/** The same with what streams need. */
const streamed = (files: ReturnType<typeof shop>): ReturnType<typeof shop> => ({
  ...files,
  'package.json': JSON.stringify({
    name: 'api',
    type: 'module',
    scripts: { start: 'node src/server.ts' },
    dependencies: { express: '^4.21.0', pg: '^8.13.0', 'pg-query-stream': '^4.7.0' },
  }),
  'src/csv.ts': `export async function* toCsv(rows: AsyncIterable<{ id: number; name: string }>) {
  for await (const row of rows) yield row.id + ',' + row.name + '\\n';
}
`,
  'src/server.ts': `import { pipeline } from 'node:stream/promises';
import QueryStream from 'pg-query-stream';
import { toCsv } from './csv.ts';
${files['src/server.ts']}`,
});

testRule('unbounded-query', {
  remedy: 'limit-rows',
  cases: [
    {
      says: 'all products, of which there are more every day',
      state: 'weak',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products ORDER BY name'); // expect: unbounded-query
  res.json(rows);`),
    },
    {
      says: 'all products of one state that stands in the code',
      state: 'weak',
      files: shop(`  const { rows } = await pool.query('SELECT id, name FROM products WHERE listed = true'); // expect: unbounded-query
  res.json(rows);`),
    },
    { says: 'a page', state: 'sound', files: mongo('⟦.limit(50)⟧; // expect: unbounded-query\n  void 0') },
    {
      says: 'a page of SQL',
      state: 'sound',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products ORDER BY name⟦ LIMIT 50⟧'); // expect: unbounded-query
  res.json(rows);`),
    },
    {
      says: 'one product',
      state: 'sound',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products⟦ WHERE id = $1⟧', [req.query.id]); // expect: unbounded-query
  res.json(rows);`),
    },
    {
      says: 'a table into which nobody inserts',
      state: 'unknown',
      files: shop(
        `  const { rows } = await pool.query('SELECT * FROM countries');
  res.json(rows);`,
      ),
    },
    {
      says: 'what belongs to one customer',
      state: 'unknown',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM products WHERE vendor = $1', [req.query.vendor]);
  res.json(rows);`),
    },
    {
      says: 'conditions that are put together while it runs',
      state: 'unknown',
      files: shop(`  const filter = filterOf(req.query);
  const { rows } = await pool.query(\`SELECT * FROM products \${filter}\`);
  res.json(rows);`).valueOf() as ReturnType<typeof shop>,
    },
    { says: 'rows that stand by themselves under unique names, as settings do', state: 'unknown', files: withSchema(', value TEXT', '') },
    {
      says: 'rows that others refer to, and of which nobody keeps when they came, as of countries',
      state: 'unknown',
      files: withSchema('', ', product_id INT REFERENCES products (id)'),
    },
    {
      says: 'rows that others refer to, with the time at which they came',
      state: 'weak',
      files: withSchema(', created_at TIMESTAMPTZ NOT NULL', ', product_id INT REFERENCES products (id)', ' // expect: unbounded-query'),
    },
    { says: 'rows that somebody has set apart', state: 'unknown', files: flagged('false', '') },
    { says: 'all but the rows that somebody has set apart', state: 'weak', files: flagged('true', ' // expect: unbounded-query') },
    { says: 'rows that belong to somebody', state: 'weak', files: withSchema(', vendor_id INT REFERENCES orders (id)', '', ' // expect: unbounded-query') },
  ],
  story: {
    says: 'an export that holds a million rows in memory; row by row to the client',
    before: shop(`  const { rows } = await pool.query('SELECT id, name FROM products ORDER BY id'); // expect: unbounded-query
  res.type('text/csv').send(rows.map((it: { id: number; name: string }) => it.id + ',' + it.name).join('\\n'));`),
    after: streamed(
      shop(`  const client = await pool.connect();
  try {
    const lines = client.query(new QueryStream('SELECT id, name FROM products ORDER BY id'));
    await pipeline(lines, toCsv, res.type('text/csv'));
  } finally {
    client.release();
  }`),
    ),
  },
});

describe('what administrators ask for', () => {
  const files = shop(`  const { rows } = await pool.query('SELECT * FROM products');
  res.json(rows);`);
  const at = (path: string) => Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replace("app.get('/products'", `app.get('${path}'`)]));

  it.each([
    ['/api/v1/products', undefined],
    ['/api/v1/admin/products', true],
  ])('%s', async (path, expected) => {
    const found = (await judged(at(path), 'unbounded-query')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.assumed)).toEqual([expected]);
  });
});

describe('what only administrators get', () => {
  const asks = `const { rows } = await pool.query('SELECT * FROM products'); res.json(rows);`;
  it.each([
    [`if (req.user.role !== 'admin') return res.status(403).end(); ${asks}`, true],
    [`if (req.user.isAdmin) { ${asks} }`, true],
    [`if (!req.user) return res.status(401).end(); ${asks}`, undefined],
  ])('%s', async (body, expected) => {
    const found = (await judged(shop(body), 'unbounded-query')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.assumed)).toEqual([expected]);
  });
});

describe('rows that belong to nobody, in a schema that ties its tables', () => {
  const rest = `CREATE TABLE users (id SERIAL PRIMARY KEY); CREATE TABLE posts (id SERIAL PRIMARY KEY, user_id INT REFERENCES users (id)`;
  it.each([
    ['nothing hangs on them', `${rest});`, true],
    ['but pairs', `${rest}); CREATE TABLE chosen (user_id INT REFERENCES users (id), product_id INT REFERENCES products (id), PRIMARY KEY (user_id, product_id));`, true],
    ['rows of others hang on them', `${rest}, product_id INT REFERENCES products (id));`, undefined],
  ])('%s', async (_says, others, expected) => {
    const files = {
      ...shop(`  const { rows } = await pool.query('SELECT * FROM products');
  res.json(rows);`),
      'migrations/001_all.sql': `CREATE TABLE products (id SERIAL PRIMARY KEY, url TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL); ${others}`,
    };
    const found = (await judged(files, 'unbounded-query')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.assumed)).toEqual([expected]);
  });
});

describe('what a guard asks of who wants all of them', () => {
  const nest = (decorators: string, guard: string) => ({
    'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', pg: '^8.0.0' } }),
    'src/main.ts':
      "import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();",
    'src/needs.ts':
      "import { SetMetadata } from '@nestjs/common';\nexport const Needs = (...rights: string[]) => SetMetadata('rights', rights);\nexport const Open = () => SetMetadata('open', true);",
    'src/guard.ts': `import { Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
@Injectable() export class Guard {
  constructor(private reflector: Reflector) {}
  canActivate(context) {
    ${guard}
  }
}`,
    'src/app.module.ts': `import { Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
import { Pool } from 'pg';
import { Guard } from './guard';
import { Needs, Open } from './needs';
const pool = new Pool({ host: 'db' });
@Controller('labels') @UseGuards(Guard) class Labels {
  ${decorators} @Get() all() { return pool.query('SELECT * FROM labels'); }
  @Post() add(body) { return pool.query('INSERT INTO labels (name) VALUES ($1)', [body.name]); }
}
@Module({ controllers: [Labels], providers: [Guard] }) export class AppModule {}
`,
  });
  const RIGHTS = "const rights = this.reflector.get('rights', context.getHandler()); return !rights || rights.includes(context.switchToHttp().getRequest().user.right);";
  const REQUEST = 'context.switchToHttp().getRequest()';
  const OPEN = "return this.reflector.getAllAndOverride('open', [context.getHandler(), context.getClass()]) || context.switchToHttp().getRequest().user !== undefined;";

  it.each<[says: string, decorators: string, guard: string, assumed: true | undefined]>([
    ['a right that is written at the route', "@Needs('labels:list')", RIGHTS, true],
    ['no right at this route', '', RIGHTS, undefined],
    ['that it is open to all', '@Open()', OPEN, undefined],
    ['a right at which no guard looks', "@Needs('labels:list')", 'return true;', undefined],
    ['a flag of the user', '', `const { user } = ${REQUEST}; if (user.isAdmin) return true; else return false;`, true],
    ['a flag without which it throws', '', `const user = ${REQUEST}.user; if (!user || !user.isAdmin) throw new Error('no'); return true;`, true],
    ['a role among those that may', '', `return ['owner', 'editor'].includes(${REQUEST}.user.role);`, true],
    ['one of several roles', '', `const { roles } = ${REQUEST}.user; return ['owner'].some((it) => roles.includes(it));`, true],
    ['a flag or a right that is not read', '', `return isOpen(context) || ${REQUEST}.user.isAdmin;`, undefined],
    ['a flag that shuts out', '', `if (${REQUEST}.user.isBlocked) return false; return true;`, undefined],
    ['that somebody has signed in', '', `return ${REQUEST}.user !== undefined;`, undefined],
    ['that somebody has an id', '', `const user = ${REQUEST}.user; return Boolean(user && user.id);`, undefined],
    ['a flag for one of two ways', '', `if (${REQUEST}.query.all) return ${REQUEST}.user.isAdmin; return true;`, undefined],
  ])('%s', async (_says, decorators, guard, assumed) => {
    const found = (await judged(nest(decorators, guard), 'unbounded-query')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.assumed)).toEqual([assumed]);
  });

  // https://docs.nestjs.com/graphql/other-features#execution-context
  const resolvers = (query: string, field = '') => ({
    ...nest('', 'const { req } = GqlExecutionContext.create(context).getContext(); const user = req.user; if (user.isAdmin) return true; return false;'),
    'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', '@nestjs/graphql': '^13.0.0', pg: '^8.0.0' } }),
    'src/app.module.ts': `import { Module, UseGuards } from '@nestjs/common';
import { Args, GraphQLModule, Mutation, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Pool } from 'pg';
import { Guard } from './guard';
const pool = new Pool({ host: 'db' });
@ObjectType() class Shop {}
@Resolver(() => Shop) class Shops {
  ${query} @Query(() => [String]) labels() { return pool.query('SELECT * FROM labels'); }
  @Query(() => Shop) shop() { return {}; }
  ${field} @ResolveField('secret', () => String) secret(@Parent() shop) { return 'x'; }
  @ResolveField('labels', () => [String]) all(@Parent() shop) { return pool.query('SELECT * FROM labels ORDER BY name'); }
  @Mutation(() => String) add(@Args('name') name) { return pool.query('INSERT INTO labels (name) VALUES ($1)', [name]); }
}
@Module({ imports: [GraphQLModule.forRoot({ autoSchemaFile: true })], providers: [Shops, Guard] }) export class AppModule {}
`,
  });

  it.each<[says: string, query: string, field: string, expected: readonly (true | undefined)[]]>([
    ['fields of GraphQL that anybody asks for', '', '', [undefined, undefined]],
    ['a field of Query behind a guard, and one that is not', '@UseGuards(Guard)', '', [undefined, true]],
    ['a guarded field beside another one of its object', '', '@UseGuards(Guard)', [undefined, undefined]],
  ])('%s', async (_says, query, field, expected) => {
    const found = (await judged(resolvers(query, field), 'unbounded-query')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.assumed)).toEqual(expected);
  });

  const ADMIN = `${REQUEST}.user.isAdmin`;
  /** Labels are read by who has a key; keys are made behind a guard of their own. */
  const keys = (guard: string, mayGive: string, more = '') => ({
    ...nest('', guard),
    'schema.sql': `CREATE TABLE keys (id serial PRIMARY KEY, secret text NOT NULL UNIQUE); CREATE TABLE labels (id serial PRIMARY KEY, name text);${more}`,
    'src/app.module.ts': `import { Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
import { Guard } from './guard';
import { pool } from './pool';
class Admins { canActivate(context) { return ${mayGive}; } }
@Controller('labels') class Labels {
  @UseGuards(Guard) @Get() all() { return pool.query('SELECT * FROM labels'); }
  @Post() add(body) { return pool.query('INSERT INTO labels (name) VALUES ($1)', [body.name]); }
}
@Controller('keys') @UseGuards(Admins) class Keys { @Post() add(body) { return pool.query('INSERT INTO keys (secret) VALUES ($1)', [body.secret]); } }
@Module({ controllers: [Labels, Keys], providers: [Guard, Admins] }) export class AppModule {}
`,
    'src/pool.ts': "import { Pool } from 'pg'; export const pool = new Pool({ host: 'db' });",
    'src/guard.ts': `import { pool } from './pool';
export class Guard { async canActivate(context) { ${guard} } }`,
  });
  const BY_KEY = `const { rows } = await pool.query('SELECT * FROM keys WHERE secret = $1', [${REQUEST}.headers.key]); if (!rows[0]) throw new Error('no'); return true;`;

  it.each<[says: string, files: Record<string, string>, assumed: true | undefined]>([
    ['a key that only administrators give out', keys(BY_KEY, ADMIN), true],
    ['a key that anybody may make', keys(BY_KEY, `${REQUEST}.user !== undefined`), undefined],
    [
      'a row that others hang on: somebody, not a key',
      keys(BY_KEY, ADMIN, ' CREATE TABLE orders (id serial PRIMARY KEY, by_key int REFERENCES keys(id), label int REFERENCES labels(id));'),
      undefined,
    ],
    ['settings that nobody shows', keys('const { rows } = await pool.query("SELECT * FROM keys WHERE secret = \'all\'"); return rows.length > 0;', ADMIN), undefined],
  ])('%s', async (_says, files, assumed) => {
    const found = (await judged(files, 'unbounded-query')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.assumed)).toEqual([assumed]);
  });
});
