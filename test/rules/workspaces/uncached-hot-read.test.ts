import { service, testRule } from './case.ts';

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

testRule('uncached-hot-read', {
  cases: [
    { says: 'a list that every request asks the database for', state: 'weak', files: shop(`  ${READ}\n  res.json(found.rows);`) },
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
});
