import type { Fix } from './fix.ts';
import { express, pgPool, POSTGRES, typed } from './shops.ts';

export default [
  {
    says: 'Express, TypeScript, pg',
    remedy: 'use-held-connection',
    files: typed(POSTGRES, {
      ...pgPool('max: 10,'),
      ...express(`app.post('/orders', async (req: Request, res: Response) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]); // one of its lines
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  res.status(201).end();
});`),
    }),
    changes: ['+ api POST /orders: hold (BEGIN held; INSERT orders held; COMMIT held)', '- api POST /orders: hold (BEGIN held; INSERT orders; COMMIT held)'],
  },
  {
    says: 'a worker whose jobs hold one and ask for one more',
    remedy: 'set-pool-max',
    files: typed(
      { bullmq: '^5.34.0', pg: '^8.13.0', express: '^4.21.0' },
      {
        'src/server.ts': `import { Queue, Worker } from 'bullmq';
import express from 'express';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 5, connectionTimeoutMillis: 2000 });
const orders = new Queue('orders', { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
new Worker(
  'orders',
  async (job) => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await pool.query('INSERT INTO orders (item) VALUES ($1)', [job.data.item]);
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  },
  { connection: { host: 'redis' }, concurrency: 8 },
);
const app = express();
app.use(express.json());
app.post('/orders', async (req, res) => {
  await orders.add('order', req.body);
  res.status(202).end();
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ api→db pool: pg max 9, timeout 2000, queue none', '- api→db pool: pg max 5, timeout 2000, queue none'],
  },
] satisfies readonly Fix[];
