import type { Fix } from './fix.ts';
import { compose, measured, plain, POSTGRES, typed } from './shops.ts';

const SPIKE = { targetPerSecond: 50, profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 12 } } as const;
const db = `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10, connectionTimeoutMillis: 2000 });
`;
const shop = typed(POSTGRES, {
  'src/db.ts': db,
  'src/orders.ts': `import { pool } from './db.ts';

export async function placeOrder(item: string, quantity: number) {
  const { rows } = await pool.query('INSERT INTO orders (item, quantity) VALUES ($1, $2) RETURNING id', [item, quantity]);
  return rows[0];
}
`,
  'src/server.ts': `import express from 'express';
import { placeOrder } from './orders.ts';

const app = express();
app.use(express.json());
// what people come for
app.post('/orders', async (req, res) => {
  const order = await placeOrder(req.body.item, req.body.quantity);
  res.status(201).json(order);
});
app.listen(3000);
`,
  ...compose(),
  ...measured(['db INSERT orders', 40]),
});

export default [
  {
    says: 'Express, TypeScript, BullMQ',
    remedy: 'insert-queue-bullmq',
    files: shop,
    scenario: SPIKE,
    changes: [
      '+ api POST /orders: publish api-writes',
      '+ api → redis publish',
      '+ api-writes-worker takes api-writes: INSERT orders',
      '+ api-writes-worker → db query',
      '+ api-writes-worker → redis consume',
      '+ api-writes-worker→db pool: pg max 10, timeout 2000, queue none',
      '+ api-writes-worker→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ api→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ queue api-writes: bullmq, tried 3 exponential 1000, done by api-writes-worker × 10',
      '+ queue redis: redis, runtime, 1 × 1, accepts 10000',
      '+ worker api-writes-worker: node express 4, runtime, 1 × 1',
      '- api POST /orders: INSERT orders',
      '- api → db query',
      '- api→db pool: pg max 10, timeout 2000, queue none',
    ],
    brings: ['pool-saturation api-writes-worker'],
  },
  {
    says: 'Express, TypeScript, Kafka',
    remedy: 'insert-queue-kafka',
    files: shop,
    scenario: SPIKE,
    changes: [
      '+ api POST /orders: publish api-writes',
      '+ api → kafka publish',
      '+ api-writes-worker takes api-writes: INSERT orders',
      '+ api-writes-worker → db query',
      '+ api-writes-worker → kafka consume',
      '+ api-writes-worker→db pool: pg max 10, timeout 2000, queue none',
      '+ queue kafka: kafka, runtime, 1 × 1',
      '+ topic api-writes: kafkajs, tried unknown, done by api-writes-worker × 10',
      '+ worker api-writes-worker: node express 4, runtime, 1 × 1',
      '- api POST /orders: INSERT orders',
      '- api → db query',
      '- api→db pool: pg max 10, timeout 2000, queue none',
    ],
    brings: ['pool-saturation api-writes-worker', 'missing-dead-letter api-writes-worker'],
  },
  {
    says: 'Fastify, JavaScript, BullMQ',
    remedy: 'insert-queue-bullmq',
    files: plain(
      { fastify: '^5.2.0', pg: '^8.13.0' },
      {
        'src/orders.js': `const { Pool } = require('pg');

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10, connectionTimeoutMillis: 2000 });
exports.create = async (item) => {
  await pool.query('INSERT INTO orders (item) VALUES ($1)', [item]);
};
`,
        'src/server.js': `const fastify = require('fastify')();
const orders = require('./orders');

fastify.post('/orders', async (request, reply) => {
  await orders.create(request.body.item);
  reply.code(201).send();
});
fastify.listen({ port: 3000 });
`,
        ...measured(['db INSERT orders', 40]),
      },
    ),
    scenario: SPIKE,
    changes: [
      '+ api POST /orders: publish api-writes',
      '+ api → redis publish',
      '+ api→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ queue api-writes: bullmq, tried 3 exponential 1000, done by worker-api-writes × 10',
      '+ queue redis: redis, runtime, 1 × 1',
      '+ worker worker-api-writes: node fastify 5, runtime, 1 × 1',
      '+ worker-api-writes takes api-writes: INSERT orders',
      '+ worker-api-writes → db query',
      '+ worker-api-writes → redis consume',
      '+ worker-api-writes→db pool: pg max 10, timeout 2000, queue none',
      '+ worker-api-writes→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '- api POST /orders: INSERT orders',
      '- api → db query',
      '- api→db pool: pg max 10, timeout 2000, queue none',
    ],
    brings: ['pool-saturation worker-api-writes'],
  },
] satisfies readonly Fix[];
