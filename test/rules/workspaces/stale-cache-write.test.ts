import { service, testRule } from './case.ts';
import type { Files } from './sources.ts';

const shop = (routes: string): Files =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', ioredis: '^5.4.0' },
    {
      'src/stores.ts': `import Redis from 'ioredis';
import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
export const redis = new Redis('redis://cache:6379');
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool, redis } from './stores.ts';

const app = express();
app.get('/products/:id', async (req: Request, res: Response) => {
  const kept = await redis.get(\`product:\${req.params.id}\`);
  if (kept) return res.send(kept);
  const { rows } = await pool.query('SELECT * FROM products WHERE id = $1', [req.params.id]);
  await redis.set(\`product:\${req.params.id}\`, JSON.stringify(rows[0]), 'EX', 600);
  res.json(rows[0]);
});
${routes}
app.listen(3000);
`,
    },
  );
const CAREFUL = `app.put('/products/:id', async (req: Request, res: Response) => {
  await pool.query('UPDATE products SET name = $1 WHERE id = $2', [req.body.name, req.params.id]);
  await redis.del(\`product:\${req.params.id}\`);
  res.end();
});`;
const prices = (drops: string): string => `app.put('/products/:id/price', async (req: Request, res: Response) => {
  await pool.query('UPDATE products SET price = $1 WHERE id = $2', [req.body.price, req.params.id]); // expect: stale-cache-write
  ${drops}
  res.end();
});`;

testRule('stale-cache-write', {
  remedy: 'drop-key',
  cases: [
    { says: 'the route for prices forgets the key', state: 'weak', files: shop(`${CAREFUL}\n${prices('')}`) },
    { says: 'every route drops it', state: 'sound', files: shop(`${CAREFUL}\n${prices('⟦await redis.del(`product:${req.params.id}`);⟧')}`) },
    {
      says: 'every route writes it through',
      state: 'sound',
      files: shop(`${CAREFUL}\n${prices("⟦await redis.set(`product:${req.params.id}`, JSON.stringify(req.body), 'EX', 600);⟧")}`),
    },
    { says: 'nobody drops it: it may be as old as its lifetime', state: 'unknown', files: shop(prices('').replace(/ \/\/ expect.*/, '')) },
    {
      says: 'a new product, of which nothing is kept',
      state: 'sound',
      files: shop(`${CAREFUL}
app.post('/products', async (req: Request, res: Response) => {
  await pool.query('INSERT INTO products (name) VALUES ($1)', [req.body.name]);
  res.end();
});
${prices('⟦await redis.del(`product:${req.params.id}`);⟧')}`),
    },
    {
      says: 'a flag that is only looked at holds no row',
      state: 'unknown',
      files: Object.fromEntries(
        Object.entries(shop(`${CAREFUL}\n${prices('').replace(/ \/\/ expect.*/, '')}`)).map(([file, text]) => [file, text.replace(/ {2}await redis\.set\(.*\n/, '')]),
      ),
    },
    {
      says: 'of the key nobody knows more than that it varies',
      state: 'unknown',
      files: Object.fromEntries(
        Object.entries(shop(`${CAREFUL}\n${prices('').replace(/ \/\/ expect.*/, '')}`)).map(([file, text]) => [
          file,
          text.replaceAll('`product:${req.params.id}`', 'String(req.get("x-key"))'),
        ]),
      ),
    },
    {
      says: 'another table',
      state: 'sound',
      files: shop(`${CAREFUL}
app.put('/vendors/:id', async (req: Request, res: Response) => {
  await pool.query('UPDATE vendors SET name = $1 WHERE id = $2', [req.body.name, req.params.id]);
  res.end();
});
${prices('⟦await redis.del(`product:${req.params.id}`);⟧')}`),
    },
  ],
  story: {
    says: 'names drop what is kept and prices do not; prices write it through',
    before: shop(`${CAREFUL}\n${prices('')}`),
    after: shop(`${CAREFUL}\n${prices('await redis.setex(`product:${req.params.id}`, 3600, JSON.stringify({ id: req.params.id, ...req.body }));')}`),
  },
});
