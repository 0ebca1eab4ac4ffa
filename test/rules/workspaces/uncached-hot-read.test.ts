import { describe, expect, it } from 'vitest';
import { judged, service, testRule } from './case.ts';

const shop = (read: string, write = '') =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', 'lru-cache': '^11.0.0' },
    {
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 200 });
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { pool } from './db.ts';

const cache = new LRUCache({ max: 500, ttl: 60_000 });
const app = express();
app.get('/products/:category', async (req: Request, res: Response) => {
${read}
});
app.post('/orders', async (req: Request, res: Response) => {
${write}
  res.status(201).end();
});
app.listen(3000);
`,
      'faultline.json': JSON.stringify({ measurements: [{ input: 'db SELECT products', value: 100, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' }] }),
    },
  );
const READ = "const found = await pool.query('SELECT * FROM products WHERE category = $1', [req.params.category]); // expect: uncached-hot-read";

/** Two services: one asks the other who its client is, before whatever it does. */
const guarded = (who: string) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0' },
    {
      'docker-compose.yml': `services:
  api:
    build: .
    command: node src/server.ts
    ports: ['3000:3000']
  users:
    build: .
    command: node src/users.ts
  db:
    image: postgres:16
`,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY package.json ./\nCOPY src ./src\nCMD ["node", "src/server.ts"]\n',
      'src/users.ts': `import express from 'express';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 20 });
const app = express();
app.get('/users/:id', async (req, res) => {
  const found = await pool.query('SELECT name FROM users WHERE id = $1 LIMIT 1', [req.params.id]);
  res.json(found.rows[0]);
});
app.listen(4000);
`,
      'src/server.ts': `import express from 'express';

const app = express();
app.use(async (req, res, next) => {
${who}
  next();
});
app.get('/a', (req, res) => { res.send('a'); });
app.get('/b', (req, res) => { res.send('b'); });
app.get('/c', (req, res) => { res.send('c'); });
app.listen(3000);
`,
    },
  );

/** The front page of a newspaper, whose query was measured at 60 ms. */
const paper = (front: string) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', ioredis: '^5.4.0' },
    {
      'src/stores.ts': `import Redis from 'ioredis';
import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/paper', max: 200 });
export const redis = new Redis('redis://cache:6379');
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool, redis } from './stores.ts';

const app = express();
app.get('/', async (req: Request, res: Response) => {
${front}
});
app.listen(3000);
`,
      'faultline.json': JSON.stringify({ measurements: [{ input: 'db SELECT headlines', value: 60, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' }] }),
    },
  );

testRule('uncached-hot-read', {
  cases: [
    { says: 'a list that every request asks the database for', state: 'weak', files: shop(`  ${READ}\n  res.json(found.rows);`) },
    {
      says: 'who the client is, asked at another service with every request',
      state: 'weak',
      files: guarded(`  const asked = fetch('http://users:4000/users/' + req.headers.authorization); // expect: uncached-hot-read
  req.user = await asked;`),
    },
    {
      says: 'a cache answers most of them',
      state: 'sound',
      files: shop(`  ⟦const kept = cache.get(req.params.category); if (kept) return res.json(kept);⟧
  ${READ}
  cache.set(req.params.category, found.rows);
  res.json(found.rows);`),
    },
    { says: 'a target that is carried', state: 'unknown', scenario: { targetPerSecond: 1 }, files: shop(`  ${READ.replace(/ \/\/.*/, '')}\n  res.json(found.rows);`) },
  ],
  story: {
    says: 'the same headlines from the database ten thousand times an hour; out of Redis for five minutes',
    before: paper(`  const { rows } = await pool.query('SELECT * FROM headlines ORDER BY at DESC LIMIT 30'); // expect: uncached-hot-read
  res.json(rows);`),
    after: paper(`  const kept = await redis.get('headlines');
  if (kept) return res.json(JSON.parse(kept));
  const { rows } = await pool.query('SELECT * FROM headlines ORDER BY at DESC LIMIT 30');
  await redis.setex('headlines', 300, JSON.stringify(rows));
  res.json(rows);`),
  },
});

describe('two reads of a page go through the same rows', () => {
  const files = (order: string, measured = false) =>
    service(
      { express: '^4.21.0', mongoose: '^8.9.0' },
      {
        'src/server.ts': `import express from 'express';
import mongoose from 'mongoose';

await mongoose.connect('mongodb://db:27017/shop', { maxPoolSize: 200 });
const Product = mongoose.model('Product', new mongoose.Schema({ kind: String, at: { type: Date, index: true } }, { timestamps: true }));
const app = express();
app.get('/products', async (req, res) => {
  const all = await Product.countDocuments({ kind: req.query.kind });
  const page = await Product.find({ kind: req.query.kind }).sort('${order}').limit(10);
  res.json({ all, page });
});
app.listen(3000);
`,
        ...(measured && {
          'faultline.json': JSON.stringify({ measurements: [{ input: 'db Product.countDocuments', value: 50, unit: 'ms', source: 'explain', at: '2026-11-02' }] }),
        }),
      },
    );

  it.each<[string, ReturnType<typeof files>, string]>([
    ['which of them takes longer nobody knows', files('createdAt'), 'Product.countDocuments and Product.find'],
    ['an index may give the page', files('at'), 'Product.countDocuments'],
    ['one of them was measured', files('createdAt', true), 'Product.countDocuments'],
  ])('%s', async (_says, all, label) => {
    const found = (await judged(all, 'uncached-hot-read')).filter((it) => it.state === 'weak');
    expect(found.map((it) => it.facts.label)).toEqual([label]);
  });
});
