import { describe, expect, it } from 'vitest';
import { judged, service, testRule, weakIn } from './case.ts';
import type { Files } from './sources.ts';

/** A shop that keeps its orders in one database and the money of its customers in another one. */
const shop = (body: string): Files =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'src/clients.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://shop-db:5432/shop', max: 10 });
export const ledger = new Pool({ connectionString: 'postgres://ledger-db:5432/ledger', max: 10 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { ledger, pool } from './clients.ts';

const app = express();
app.post('/orders', async (req: Request, res: Response) => {
${body}
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );
const ORDER = "await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);";
const PAY = "await ledger.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [req.body.price, req.body.account]);";
const MARK = ' // expect: missing-saga';

testRule('missing-saga', {
  remedy: 'add-compensation',
  cases: [
    { says: 'an order is kept, then it is paid in another database', state: 'weak', files: shop(`  ${ORDER}\n  ${PAY}${MARK}`) },
    {
      says: 'what was kept is taken back',
      state: 'sound',
      files: shop(`  ${ORDER}
  try {
    ${PAY}${MARK}
  } catch (error) {
⟦    await pool.query('DELETE FROM orders WHERE item = $1', [req.body.item]);⟧
    throw error;
  }`),
    },
    {
      says: 'taken back by the promise',
      state: 'sound',
      files: shop(`  ${ORDER}
  await ledger.query('UPDATE accounts SET balance = balance - 1')⟦.catch(async () => { await pool.query('DELETE FROM orders'); })⟧;${MARK}`),
    },
    {
      says: 'a transaction around both',
      state: 'sound',
      files: shop(`  const client = await pool.connect();
  try {
    ⟦await client.query('BEGIN');⟧
    await client.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
    ${PAY}${MARK}
    await client.query('COMMIT');
  } finally {
    client.release();
  }`),
    },
    { says: 'one or the other', state: 'unknown', files: shop(`  if (req.body.item) {\n    ${ORDER}\n  } else {\n    ${PAY}\n  }`) },
    { says: 'a service that is not here', state: 'unknown', files: shop(`  ${ORDER}\n  await fetch('https://partner.example.com/orders', { method: 'POST' });`) },
  ],
  story: {
    says: 'goods are reserved and the account is charged, or only reserved; released again when the charge fails',
    before: shop(`  await pool.query('UPDATE stock SET free = free - 1 WHERE item = $1', [req.body.item]);
  ${PAY}${MARK}`),
    after: shop(`  await pool.query('UPDATE stock SET free = free - 1 WHERE item = $1', [req.body.item]);
  try {
    ${PAY}
  } catch (error) {
    await pool.query('UPDATE stock SET free = free + 1 WHERE item = $1', [req.body.item]);
    throw error;
  }`),
  },
});

describe('a service of the same workspace', () => {
  const container = (name: string, server: string): Files => ({
    [`${name}/Dockerfile`]: 'FROM node:22\nCMD ["npm", "start"]\n',
    [`${name}/package.json`]: JSON.stringify({ name, type: 'module', scripts: { start: 'node src/server.ts' }, dependencies: { express: '^4.21.0', pg: '^8.13.0' } }),
    [`${name}/src/server.ts`]: `import express from 'express';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://${name}-db:5432/${name}', max: 10 });
const app = express();
${server}
app.listen(3000);
`,
  });
  const both = (statement: string): Files => ({
    'docker-compose.yml':
      'services:\n  shop: { build: ./shop, ports: ["3000:3000"] }\n  stock: { build: ./stock }\n  shop-db: { image: "postgres:16" }\n  stock-db: { image: "postgres:16" }\n',
    ...container(
      'shop',
      `app.post('/orders', async (req, res) => {
  await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
  await fetch('http://stock:3000/reservations', { method: 'POST', body: JSON.stringify(req.body) });
  res.status(201).end();
});`,
    ),
    ...container('stock', `app.post('/reservations', async (req, res) => { await pool.query('${statement}'); res.status(201).end(); });`),
  });

  it.each([
    ['writes to its database', 'UPDATE stock SET reserved = reserved + 1', ['shop/src/server.ts:8']],
    ['only looks', 'SELECT 1 FROM stock', []],
  ])('%s', async (_says, statement, expected) => expect(weakIn(await judged(both(statement), 'missing-saga'))).toEqual(expected));
});

describe('what most routes do beside their own', () => {
  const shopOf = (routes: readonly string[]): Files => {
    const files = shop(`  ${PAY}`);
    const body = (it: string): string => `app.post('/${it}', async (req: Request, res: Response) => {\n  ${it === 'orders' ? PAY : ''}\n  res.status(201).end();\n});\n`;
    const seen =
      "app.use(async (req: Request, res: Response, next: () => void) => { await pool.query('UPDATE visitors SET seen = now() WHERE id = $1', [req.body.id]); next(); });\n";
    return {
      ...files,
      'src/server.ts': `import express from 'express';\nimport type { Request, Response } from 'express';\nimport { ledger, pool } from './clients.ts';\n\nconst app = express();\n${seen}${routes.map(body).join('')}app.listen(3000);\n`,
    };
  };
  it.each([
    ['a visit is noted down by each of five', ['orders', 'a', 'b', 'c', 'd'], []],
    ['of two routes nobody knows what is common', ['orders', 'a'], ['src/server.ts:8']],
  ])('%s', async (_says, routes, expected) => expect(weakIn(await judged(shopOf(routes), 'missing-saga'))).toEqual(expected));
});

describe('vendors of payments', () => {
  it.each([
    ['paymentIntents.create', true],
    ['charges.create', true],
    ['invoices.pay', true],
    ['customers.create', false],
    ['checkout.sessions.create', false],
    ['billingPortal.sessions.create', false],
  ])('stripe %s moves money: %s', async (call, moves) => {
    const files = service(
      { express: '^4.21.0', pg: '^8.13.0', stripe: '^18.0.0' },
      {
        'src/server.ts': `import express from 'express';
import { Pool } from 'pg';
import Stripe from 'stripe';

const pool = new Pool({ connectionString: 'postgres://shop-db:5432/shop', max: 10 });
const stripe = new Stripe('key');
const app = express();
app.post('/orders', async (req, res) => {
  await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
  await stripe.${call}({ amount: 1 });
  res.status(201).end();
});
app.listen(3000);
`,
      },
    );
    expect(weakIn(await judged(files, 'missing-saga'))).toEqual(moves ? ['src/server.ts:10'] : []);
  });
});
