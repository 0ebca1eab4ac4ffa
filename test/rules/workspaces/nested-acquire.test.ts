import { describe, expect, it } from 'vitest';
import { judged, service, testRule } from './case.ts';

const db = `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
`;
const shop = (body: string) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'src/db.ts': db,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';

const app = express();
app.post('/orders', async (req: Request, res: Response) => {
${body}
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );

testRule('nested-acquire', {
  cases: [
    {
      says: 'the pool is asked while one of its connections is held',
      state: 'weak',
      files: shop(`  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]); // expect: nested-acquire
    await client.query('COMMIT');
  } finally {
    client.release();
  }`),
    },
    {
      says: 'several lines take one while one is held: the first of them leads',
      state: 'weak',
      files: shop(`  const client = await pool.connect();
  try {
    await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]); // expect: nested-acquire
    await pool.query('INSERT INTO lines (item) VALUES ($1)', [req.body.item]);
    await pool.query('INSERT INTO audit (item) VALUES ($1)', [req.body.item]);
  } finally {
    client.release();
  }`),
    },
    {
      says: 'the connection is given back before',
      state: 'sound',
      files: shop(`  const client = await pool.connect();
  await client.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
  ⟦client.release();⟧
  await pool.query('INSERT INTO audit (item) VALUES ($1)', [req.body.item]); // expect: nested-acquire`),
    },
    {
      says: 'nothing is held',
      state: 'unknown',
      files: shop(`  await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);`),
    },
  ],
  story: {
    says: 'a line of the transaction goes to the pool; to the connection that is held',
    before: shop(`  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
    await pool.query('UPDATE stock SET free = free - 1 WHERE item = $1', [req.body.item]); // expect: nested-acquire
    await client.query('COMMIT');
  } finally {
    client.release();
  }`),
    after: shop(`  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
    await client.query('UPDATE stock SET free = free - 1 WHERE item = $1', [req.body.item]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }`),
  },
});

describe('one function through which transactions go', () => {
  const routes = (items: string, audit: string) =>
    service(
      { express: '^4.21.0', pg: '^8.13.0' },
      {
        'src/db.ts': `${db}
export async function inTransaction(work) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work(client);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
`,
        'src/server.ts': `import express from 'express';
import { inTransaction, pool } from './db.ts';

const app = express();
app.post('/orders', async (req, res) => {
  await inTransaction(async () => {
    await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
    ${items}
  });
  res.end();
});
app.post('/visits', async (req, res) => {
  await inTransaction(async (client) => {
    await client.query('SELECT 1');
    ${audit}
  });
  res.end();
});
app.listen(3000);
`,
      },
    );
  const LINES = "await pool.query('INSERT INTO lines (item) VALUES ($1)', [req.body.item]);";
  const VISITS = "await pool.query('INSERT INTO visits (at) VALUES (now())');";

  it.each<[says: string, files: ReturnType<typeof routes>, expected: [label: unknown, more: unknown][]]>([
    ['two lines of one route are one', routes(LINES, ''), [['INSERT orders', 1]]],
    [
      'lines of two routes are two',
      routes('', VISITS),
      [
        ['INSERT orders', undefined],
        ['INSERT visits', undefined],
      ],
    ],
  ])('%s', async (_says, files, expected) => {
    const weak = (await judged(files, 'nested-acquire')).filter((it) => it.state === 'weak');
    expect(weak.map((it) => [it.facts.label, it.facts.more])).toEqual(expected);
  });
});

describe('a transaction of Prisma does not wait for ever', () => {
  const shop = (url: string, client: string, options: string) =>
    service(
      { express: '^4.21.0', '@prisma/client': '^6.19.0' },
      {
        'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\nmodel Order {\n  id Int @id\n}\n',
        '.env': `DATABASE_URL=postgres://db:5432/shop${url}\n`,
        'src/server.ts': `import { PrismaClient } from '@prisma/client';
import express from 'express';

const prisma = new PrismaClient(${client});
const app = express();
app.post('/orders', async (req, res) => {
  await prisma.$transaction(async (tx) => {
    await tx.order.create({ data: req.body });
    await prisma.order.count();
  }${options});
  res.end();
});
app.listen(3000);
`,
      },
    );
  it.each<[says: string, url: string, client: string, options: string, timeoutMs: number]>([
    ['it ends before the pool gives up', '', '', '', 5000],
    ['the pool gives up before', '?pool_timeout=3', '', '', 3000],
    ['as it is told', '', '', ', { timeout: 8000 }', 8000],
    ['as the client is told', '', '{ transactionOptions: { timeout: 7000 } }', '', 7000],
    ['the transaction rather than the client', '', '{ transactionOptions: { timeout: 7000 } }', ', { timeout: 6000 }', 6000],
    ['longer than the pool waits', '', '', ', { timeout: 20000 }', 10_000],
  ])('%s', async (_says, url, client, options, timeoutMs) => {
    const weak = (await judged(shop(url, client, options), 'nested-acquire')).filter((it) => it.state === 'weak');
    expect(weak.map((it) => it.facts.timeoutMs)).toEqual([timeoutMs]);
  });
});
