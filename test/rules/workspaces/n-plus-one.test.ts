import { describe, expect, it } from 'vitest';
import { judged, service, testRule } from './case.ts';

const shop = (body: string, more: Record<string, string> = {}) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', ioredis: '^5.4.0' },
    {
      'src/db.ts': `import { Pool } from 'pg';
import Redis from 'ioredis';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
export const redis = new Redis('redis://cache:6379');
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool, redis } from './db.ts';

const app = express();
app.get('/orders', async (req: Request, res: Response) => {
${body}
});
app.listen(3000);
`,
      ...more,
    },
  );
const prisma = (body: string) =>
  service(
    { express: '^4.21.0', '@prisma/client': '^6.0.0' },
    {
      'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
model Author {
  id    Int    @id
  books Book[]
}
model Book {
  id       Int    @id
  authorId Int
  author   Author @relation(fields: [authorId], references: [id])
}
`,
      'src/client.ts': `import { PrismaClient } from '@prisma/client';

export const prisma = new PrismaClient();
`,
      'src/server.ts': `import express from 'express';
import { prisma } from './client.ts';

const app = express();
app.get('/authors', async (req, res) => {
${body}
});
app.listen(3000);
`,
    },
  );

testRule('n-plus-one', {
  remedy: 'ask-once',
  cases: [
    {
      says: 'all rows but the one that is asked about are passed by',
      state: 'sound',
      files: shop(`  const { rows: users } = await pool.query('SELECT * FROM users WHERE team = $1', [req.params.team]);
  for (const user of users) {
    ⟦if (user.id !== req.query.user) continue;⟧
    const lines = await pool.query('SELECT * FROM history WHERE user_id = $1', [user.id]); // expect: n-plus-one
    res.write(String(lines.rows.length));
  }
  res.end();`),
    },
    {
      says: 'only the row of who asks is asked about',
      state: 'sound',
      files: shop(`  const { rows: users } = await pool.query('SELECT * FROM users WHERE team = $1', [req.params.team]);
  const full = await Promise.all(users.map(async (user) => {
    ⟦if (req.query.user !== user.id) return [];⟧
    const lines = await pool.query('SELECT * FROM history WHERE user_id = $1', [user.id]); // expect: n-plus-one
    return lines.rows;
  }));
  res.json(full);`),
    },
    {
      says: 'what may have come with the row is asked for where it has not',
      state: 'unknown',
      files: shop(`  const { rows: orders } = await pool.query('SELECT * FROM orders WHERE customer = $1', [req.params.customer]);
  for (const order of orders) {
    const lines = order.lines ?? (await pool.query('SELECT * FROM lines WHERE order_id = $1', [order.id])).rows;
    res.write(String(lines.length));
  }
  res.end();`),
    },
    {
      says: 'lines of each order, one order after another',
      state: 'weak',
      files: shop(`  const { rows: orders } = await pool.query('SELECT * FROM orders WHERE customer = $1', [req.params.customer]);
  const full: object[] = [];
  for (const order of orders) {
    const lines = await pool.query('SELECT * FROM lines WHERE order_id = $1', [order.id]); // expect: n-plus-one
    full.push({ ...order, lines: lines.rows });
  }
  res.json(full);`),
    },
    {
      says: 'books of each author, all at once',
      state: 'weak',
      files: prisma(`  const authors = await prisma.author.findMany();
  const full = await Promise.all(
    authors.map(async (author) => {
      const books = await prisma.book.findMany({ where: { authorId: author.id } }); // expect: n-plus-one
      return { ...author, books };
    }),
  );
  res.json(full);`),
    },
    {
      says: 'a key of Redis for each row of a request',
      state: 'weak',
      files: shop(`  const { rows } = await pool.query('SELECT id FROM products WHERE shelf = $1', [req.query.shelf]);
  const stock: unknown[] = [];
  for (const { id } of rows) {
    const left = await redis.get(\`stock:\${id}\`); // expect: n-plus-one
    stock.push({ id, left });
  }
  res.json(stock);`),
    },
    {
      says: 'one after the other by their numbers',
      state: 'weak',
      files: shop(`  const { rows } = await pool.query('SELECT id FROM orders WHERE customer = $1', [req.params.customer]);
  const full: unknown[] = [];
  for (let i = 0; i < rows.length; i++) {
    const lines = await pool.query('SELECT * FROM lines WHERE order_id = $1', [rows[i].id]); // expect: n-plus-one
    full.push(lines.rows);
  }
  res.json(full);`),
    },
    {
      says: 'members of a set, handed to a callback',
      state: 'weak',
      files: shop(`  const ids = await new Promise<string[]>((resolve) => redis.smembers('online', (_error, all) => resolve(all ?? [])));
  const people: unknown[] = [];
  for (const id of ids) {
    const person = await redis.hgetall(\`user:\${id}\`); // expect: n-plus-one
    people.push(person);
  }
  res.json(people);`),
    },
    {
      says: 'the rows are few by their limit',
      state: 'sound',
      files: shop(`  const { rows: orders } = await pool.query('SELECT * FROM orders WHERE customer = $1⟦ LIMIT 3⟧', [req.params.customer]);
  const full: object[] = [];
  for (const order of orders) {
    const lines = await pool.query('SELECT * FROM lines WHERE order_id = $1', [order.id]); // expect: n-plus-one
    full.push({ ...order, lines: lines.rows });
  }
  res.json(full);`),
    },
    {
      says: 'the same question in every round',
      state: 'sound',
      files: shop(`  const { rows: orders } = await pool.query('SELECT * FROM orders WHERE customer = $1', [req.params.customer]);
  const full: object[] = [];
  for (const order of orders) {
    const rate = await pool.query('SELECT * FROM rates WHERE currency = $1', [⟦'EUR' ?? ⟧order.currency]); // expect: n-plus-one
    full.push({ ...order, rate: rate.rows[0] });
  }
  res.json(full);`),
    },
    {
      says: 'a list that the code holds',
      state: 'unknown',
      files: shop(`  const counts: unknown[] = [];
  for (const status of ['open', 'paid', 'sent']) {
    const count = await pool.query('SELECT count(*) FROM orders WHERE status = $1', [status]);
    counts.push(count.rows[0]);
  }
  res.json(counts);`),
    },
    {
      says: 'batches by the numbers of their first rows',
      state: 'unknown',
      files: shop(`  const { rows } = await pool.query('SELECT id FROM orders WHERE customer = $1', [req.params.customer]);
  const all: unknown[] = [];
  for (let i = 0; i < rows.length; i += 100) {
    const lines = await pool.query('SELECT * FROM lines WHERE order_id = ANY($1)', [rows.slice(i, i + 100)]);
    all.push(...lines.rows);
  }
  res.json(all);`),
    },
    {
      says: 'batches of what was read',
      state: 'unknown',
      files: shop(`  const { rows } = await pool.query('SELECT id FROM orders WHERE customer = $1', [req.params.customer]);
  const lines: unknown[] = [];
  for (let at = 0; at < rows.length; at += 100) {
    const batch = rows.slice(at, at + 100);
    const some = await pool.query('SELECT * FROM lines WHERE order_id = ANY($1)', [batch.map((it: { id: number }) => it.id)]);
    lines.push(...some.rows);
  }
  res.json(lines);`),
    },
    {
      says: 'pages, one after another',
      state: 'unknown',
      files: shop(`  let last = 0;
  const all: unknown[] = [];
  while (true) {
    const { rows } = await pool.query('SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT 500', [last]);
    if (rows.length === 0) break;
    last = rows[rows.length - 1].id;
    all.push(...rows);
  }
  res.json(all);`),
    },
    {
      says: 'writes of one transaction keep their order',
      state: 'unknown',
      files: shop(`  const { rows } = await pool.query('SELECT * FROM transfers WHERE account = $1', [req.params.account]);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const row of rows) {
      await client.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [row.amount, row.from]);
    }
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  res.end();`),
    },
    {
      says: 'each row is marked after its message was sent',
      state: 'unknown',
      files: shop(
        `  const { rows } = await pool.query('SELECT * FROM reminders WHERE due < now()');
  for (const row of rows) {
    await fetch('https://push.example.com/send', { method: 'POST', body: JSON.stringify(row) });
    await pool.query('UPDATE reminders SET sent = true WHERE id = $1', [row.id]);
  }
  res.end();`,
      ),
    },
    {
      says: 'another row until one is free',
      state: 'unknown',
      files: shop(`  let found;
  for (let attempt = 0; attempt < 5 && !found; attempt++) {
    const { rows } = await pool.query('SELECT id FROM slots WHERE day = $1 AND number = $2', [req.query.day, attempt]);
    found = rows[0];
  }
  res.json(found);`),
    },
    {
      says: 'objects by their keys, side by side: Prisma asks once for all',
      state: 'unknown',
      files: prisma(`  const books = await prisma.book.findMany();
  const authors = await Promise.all(books.map((book) => prisma.author.findUnique({ where: { id: book.authorId } })));
  res.json(authors);`),
    },
    {
      says: "the parents' children in one query",
      state: 'unknown',
      files: prisma(`  const authors = await prisma.author.findMany({ take: 50 });
  const books = await prisma.book.findMany({ where: { authorId: { in: authors.map((it) => it.id) } } });
  res.json({ authors, books });`),
    },
  ],
  story: {
    says: 'a hundred articles and the author of each of them, in 101 queries; in two',
    before: shop(`  const { rows: articles } = await pool.query('SELECT id, title, author_id FROM articles ORDER BY id DESC LIMIT 100');
  for (const article of articles) {
    const { rows } = await pool.query('SELECT name FROM authors WHERE id = $1', [article.author_id]); // expect: n-plus-one
    article.author = rows[0];
  }
  res.json(articles);`),
    after: shop(`  const { rows: articles } = await pool.query('SELECT id, title, author_id FROM articles ORDER BY id DESC LIMIT 100');
  const { rows: authors } = await pool.query('SELECT id, name FROM authors WHERE id = ANY($1)', [articles.map((it: { author_id: number }) => it.author_id)]);
  const nameOf = new Map(authors.map((it: { id: number; name: string }) => [it.id, it.name]));
  res.json(articles.map((it: { author_id: number }) => ({ ...it, author: nameOf.get(it.author_id) })));`),
  },
});

describe('fields of one type', () => {
  const files = {
    'package.json': JSON.stringify({ name: 'app', scripts: { start: 'nest start' }, dependencies: { '@nestjs/core': '^11.0.0', pg: '^8.0.0' } }),
    'src/schema.graphql': 'type Query { authors: [Author!]! }\ntype Author { id: ID! books: [Book!]! prizes: [String!]! }\ntype Book { id: ID! lines: [String!]! }',
    'src/main.ts':
      "import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; async function start() { const app = await NestFactory.create(AppModule); await app.listen(3000); } start();",
    'src/app.module.ts': `import { Module } from '@nestjs/common';
import { GraphQLModule, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Pool } from 'pg';
const pool = new Pool({ host: 'db' });
@Resolver() class Queries { @Query('authors') authors() { return pool.query('SELECT * FROM authors'); } }
@Resolver('Author') class Authors {
  @ResolveField('books') books(@Parent() author) { return pool.query('SELECT * FROM books WHERE author = $1', [author.id]); }
  @ResolveField('prizes') prizes(@Parent() author) { return pool.query('SELECT * FROM prizes WHERE author = $1', [author.id]); }
}
@Resolver('Book') class Books { @ResolveField('lines') lines(@Parent() book) { return pool.query('SELECT * FROM lines WHERE book = $1', [book.id]); } }
@Module({ imports: [GraphQLModule.forRoot({ typePaths: ['./**/*.graphql'] })], providers: [Queries, Authors, Books] }) export class AppModule {}
`,
  };

  it('are one finding, those of another type another', async () => {
    const weak = (await judged(files, 'n-plus-one')).filter((it) => it.state === 'weak');
    expect(weak.map((it) => [it.facts.label, it.facts.rows, it.related.map((one) => one.place.line)])).toEqual([
      ['SELECT books', 'a list of Author', [7, 8]],
      ['SELECT lines', 'a list of Book', [10]],
    ]);
  });
});

describe('a list that the request brings', () => {
  const one = `const { rows } = await pool.query('SELECT price FROM products WHERE id = $1', [`;
  it.each<[string, string, string[]]>([
    ['one after another', `for (const it of req.body.items) { ${one}it.id]); use(rows); }`, ['SELECT products']],
    ['side by side', `await Promise.all(req.body.items.map(async (it) => { ${one}it.id]); use(rows); }));`, ['SELECT products']],
    ['by their numbers', `const ids = req.query.ids; for (let i = 0; i < ids.length; i++) { ${one}ids[i]]); use(rows); }`, ['SELECT products']],
    ['taken out of the body', `const { items } = req.body; for (const { id } of items) { ${one}id]); use(rows); }`, ['SELECT products']],
    ['written one by one', `for (const it of req.body.items) await pool.query('INSERT INTO lines (product) VALUES ($1)', [it.id]);`, []],
    ['the same for all of them', `for (const it of req.body.items) { ${one}req.body.shop]); use(rows, it); }`, []],
    ['asked at once', `const { rows } = await pool.query('SELECT price FROM products WHERE id = ANY($1)', [req.body.items.map((it) => it.id)]); use(rows);`, []],
  ])('%s', async (_says, body, expected) => {
    const found = (await judged(shop(`  ${body}\n  res.json({});`), 'n-plus-one')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.label)).toEqual(expected);
    // How many there are, the caller decides.
    for (const it of found) expect(it.facts).toMatchObject({ brought: true, assumed: true });
  });
});

describe('what is worth a hint', () => {
  const loop = (round: string) => `const { rows } = await pool.query('SELECT * FROM orders LIMIT 50'); for (const it of rows) { ${round} }`;
  const read = `const found = await pool.query('SELECT * FROM lines WHERE order_id = $1', [it.id]);`;
  const write = `await pool.query('UPDATE orders SET total = $2 WHERE id = $1', [it.id, found.rows.length]);`;
  const at = (path: string) =>
    Object.fromEntries(Object.entries(shop(`  ${loop(read)}\n  res.json({});`)).map(([file, text]) => [file, text.replace("app.get('/orders'", `app.get('${path}'`)]));

  it.each<[says: string, files: Record<string, string>, assumed: true | undefined]>([
    ['anybody asks', at('/orders'), undefined],
    ['administrators ask', at('/admin/orders'), true],
    ['only administrators come by', shop(`  if (req.user.role !== 'admin') return res.status(403).end(); ${loop(read)}\n  res.json({});`), true],
    ['each row is written, too', shop(`  ${loop(`${read} ${write}`)}\n  res.json({});`), true],
    ['some row may be written', shop(`  ${loop(`${read} if (it.total === null) { ${write} }`)}\n  res.json({});`), undefined],
    [
      'administrators and anybody ask at one line',
      shop(
        `  res.json(await all());\n});\nasync function all() { ${loop(read)} return rows; }\napp.get('/admin/orders', async (req: Request, res: Response) => {\n  res.json(await all());`,
      ),
      undefined,
    ],
  ])('%s', async (_says, files, assumed) => {
    const reads = (await judged(files, 'n-plus-one')).filter((it) => it.state === 'weak' && it.facts.label === 'SELECT lines');
    expect(reads.map((it) => it.facts.assumed)).toEqual([assumed]);
  });
});
