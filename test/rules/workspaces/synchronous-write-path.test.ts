import { measured } from '../fixes/shops.ts';
import { service, testRule } from './case.ts';

const PACKAGES = { express: '^4.21.0', pg: '^8.13.0', bullmq: '^5.34.0' };

/** Orders come in; what a handler does with one is the case's own. */
const shop = (body: string, more: Readonly<Record<string, string>> = {}, head = '') =>
  service(PACKAGES, {
    'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10, connectionTimeoutMillis: 2000 });
`,
    'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool } from './db.ts';
${head}
const app = express();
app.use(express.json());
app.post('/orders', async (req: Request, res: Response) => {
  ${body}
});
app.get('/health', async (req: Request, res: Response) => {
  await pool.query('SELECT 1');
  res.end();
});
app.listen(3000);
`,
    ...measured(['db INSERT orders', 40]),
    ...more,
  });
const WRITE = "await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);";
const MARKED = `${WRITE} // expect: synchronous-write-path`;
const SPIKE = { targetPerSecond: 50, profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 12 } } as const;
const SMALL = { targetPerSecond: 50, profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 400, seconds: 12 } } as const;

testRule('synchronous-write-path', {
  remedy: 'insert-queue-bullmq',
  cases: [
    { says: 'twenty times as many orders for some seconds', state: 'weak', scenario: SPIKE, files: shop(`${MARKED}\n  res.status(201).end();`) },
    {
      says: 'a write of less than a millisecond',
      state: 'sound',
      scenario: SMALL,
      files: {
        ...shop(`${MARKED}\n  res.status(201).end();`),
        'faultline.json': '{"measurements":[{"input":"db INSERT orders","value":⟦0.⟧40,"unit":"ms","source":"pg_stat_statements","at":"2026-11-02"}]}',
      },
    },
    { says: 'a load that stays', state: 'unknown', scenario: { targetPerSecond: 50 }, files: shop(`${WRITE}\n  res.status(201).end();`) },
  ],
  story: {
    says: 'from 50 to 1,000 requests a second, each with a write; a job in its place, and workers at their own pace',
    scenario: SPIKE,
    before: shop(`${MARKED}\n  res.status(201).end();`),
    after: shop(
      `await orders.add('place', { item: req.body.item });
  res.status(202).end();`,
      {
        'package.json': JSON.stringify({ name: 'api', type: 'module', scripts: { start: 'node src/server.ts', worker: 'node src/worker.ts' }, dependencies: PACKAGES }),
        'src/worker.ts': `import { Worker } from 'bullmq';
import { pool } from './db.ts';

new Worker('orders', async (job) => {
  await pool.query('INSERT INTO orders (item) VALUES ($1)', [job.data.item]);
}, { connection: { host: 'redis' }, concurrency: 10 });
`,
      },
      `import { Queue } from 'bullmq';
const orders = new Queue('orders', { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
`,
    ),
  },
});
