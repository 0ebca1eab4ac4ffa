import { service, testRule } from './case.ts';

const shop = (body: string, key = "'report:sales'", more = '') =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', ioredis: '^5.4.0' },
    {
      'src/stores.ts': `import { Pool } from 'pg';
import Redis from 'ioredis';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 100 });
export const redis = new Redis('redis://redis:6379');
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool, redis } from './stores.ts';
${more}

const app = express();
app.get('/report', async (req: Request, res: Response) => {
  const kept = await redis.get(${key}); // expect: cache-stampede
  if (kept) return res.json(JSON.parse(kept));
${body}
});
app.listen(3000);
`,
    },
  );
const QUICK = JSON.stringify({ measurements: [{ input: 'db SELECT sales', value: 0.2, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' }] });
const LOAD = "const { rows } = await pool.query('SELECT region, sum(amount) FROM sales GROUP BY region');";
const KEEP = "await redis.set('report:sales', JSON.stringify(rows), 'EX', 60);\n  res.json(rows);";
const silent = (files: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replace(/ \/\/ expect: [\w-]+/g, '')]));

testRule('cache-stampede', {
  remedy: 'load-once',
  cases: [
    { says: 'a report that all ask for', state: 'weak', files: shop(`  ${LOAD}\n  ${KEEP}`) },
    { says: 'seconds that a command of their own tells', state: 'weak', files: shop(`  ${LOAD}\n  ${KEEP.replace(", 'EX', 60);", "); await redis.expire('report:sales', 60);")}`) },
    {
      says: 'a lock before the load',
      state: 'sound',
      files: shop(`  const isMine = await redis.set('report:lock', 'me', 'PX', 5000⟦, 'NX'⟧);
  if (!isMine) return res.status(503).end();
  ${LOAD}
  ${KEEP}`),
    },
    {
      says: 'a key of the request',
      state: 'unknown',
      files: silent(shop(`  ${LOAD}\n  ${KEEP.replace("'report:sales'", '`report:${req.query.of}`')}`, '`report:${req.query.of}`')),
    },
    { says: 'a time to live that is computed', state: 'unknown', files: silent(shop(`  ${LOAD}\n  ${KEEP.replace('60', '60 + Math.floor(Math.random() * 10)')}`)) },
    {
      says: 'a promise that is kept for whoever asks meanwhile',
      state: 'unknown',
      files: silent(
        shop(
          `  loading ??= load();
  const rows = await loading;
  ${KEEP}`,
          undefined,
          `let loading: any;
async function load() {
  ${LOAD}
  loading = undefined;
  return rows;
}`,
        ),
      ),
    },
    {
      says: 'a load so short that hardly two meet',
      state: 'unknown',
      files: { ...silent(shop(`  ${LOAD}\n  ${KEEP}`)), 'faultline.json': QUICK },
    },
  ],
  story: {
    says: 'a thousand ask while the key is away; one of them loads it, the others look again',
    before: shop(`  ${LOAD}\n  ${KEEP}`),
    after: silent(
      shop(
        '  res.json(await salesOnce());',
        undefined,
        `async function salesOnce(): Promise<unknown> {
  const kept = await redis.get('report:sales');
  if (kept) return JSON.parse(kept);
  const isMine = await redis.set('lock:report:sales', '1', 'EX', 5, 'NX');
  if (!isMine) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return salesOnce();
  }
  ${LOAD}
  await redis.setex('report:sales', 3600, JSON.stringify(rows));
  await redis.del('lock:report:sales');
  return rows;
}`,
      ),
    ),
  },
});
