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
    says: 'Express, TypeScript, pg: several of its queries, all of them',
    remedy: 'use-held-connection',
    files: typed(POSTGRES, {
      ...pgPool('max: 10,'),
      ...express(`app.post('/orders', async (req: Request, res: Response) => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
    await pool.query('UPDATE stock SET left_over = left_over - 1 WHERE item = $1', [req.body.item]); // where it stands
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  res.status(201).end();
});`),
    }),
    changes: [
      '+ api POST /orders: hold (BEGIN held; INSERT orders held; UPDATE stock held; COMMIT held)',
      '- api POST /orders: hold (BEGIN held; INSERT orders; UPDATE stock; COMMIT held)',
    ],
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
  {
    says: 'Express, TypeScript, Prisma: a transaction whose client nobody took',
    remedy: 'use-held-connection',
    files: typed(
      { express: '^4.21.0', '@prisma/client': '^6.0.0' },
      {
        'prisma/schema.prisma': `datasource db {
  provider = "postgresql"
  url      = "postgresql://db:5432/shop"
}
model Order {
  id   Int    @id @default(autoincrement())
  item String
}
`,
        'src/client.ts': `import { PrismaClient } from '@prisma/client';

export const prisma = new PrismaClient();
`,
        'src/server.ts': `import express from 'express';
import { prisma } from './client.ts';

const app = express();
app.use(express.json());
app.post('/orders', async (req, res) => {
  const order = await prisma.$transaction(async () => {
    // the order alone, so far
    return await prisma.order.create({ data: { item: req.body.item } });
  });
  res.status(201).json(order);
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ api POST /orders: hold (order.create held most 1)', '- api POST /orders: hold (order.create most 1)'],
  },
] satisfies readonly Fix[];
