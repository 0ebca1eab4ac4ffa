import { service, testRule } from './case.ts';

const shop = (body: string) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', kafkajs: '^2.2.0' },
    {
      'src/clients.ts': `import { Kafka } from 'kafkajs';
import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
const kafka = new Kafka({ brokers: ['kafka:9092'] });
export const producer = kafka.producer();
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { pool, producer } from './clients.ts';

const app = express();
app.post('/orders', async (req: Request, res: Response) => {
${body}
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );
const message = `{ topic: 'orders', messages: [{ value: JSON.stringify(req.body) }] }`;

const told = (body: string) =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', '@aws-sdk/client-sqs': '^3.700.0' },
    {
      'src/clients.ts': `import { SQSClient } from '@aws-sdk/client-sqs';
import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
export const sqs = new SQSClient({});
`,
      'src/server.ts': `import { SendMessageCommand } from '@aws-sdk/client-sqs';
import express from 'express';
import type { Request, Response } from 'express';
import { pool, sqs } from './clients.ts';

const app = express();
app.use(express.json());
app.post('/orders', async (req: Request, res: Response) => {
${body}
});
app.listen(3000);
`,
    },
  );

testRule('dual-write', {
  remedy: 'add-outbox',
  cases: [
    {
      says: 'an order is written, then told',
      state: 'weak',
      files: shop(`  await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
  await producer.send(${message}); // expect: dual-write`),
    },
    {
      says: 'through a function for all messages: where the route asks for it',
      state: 'weak',
      files: shop(`  const tell = async (topic: string) => {
    await producer.send({ topic, messages: [{ value: JSON.stringify(req.body) }] });
  };
  await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
  await tell('orders'); // expect: dual-write
  await pool.query('UPDATE stock SET left = left - 1 WHERE item = $1', [req.body.item]);
  await tell('stock'); // expect: dual-write`),
    },
    {
      says: 'two messages behind one write, and what is cleared up between them',
      state: 'weak',
      files: shop(`  await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
  await producer.send(${message}); // expect: dual-write
  await pool.query('DELETE FROM carts WHERE id = $1', [req.body.cart]);
  await producer.send({ topic: 'carts', messages: [{ value: req.body.cart }] });`),
    },
    {
      says: 'what is written is the message itself',
      state: 'sound',
      files: shop(`  await pool.query('INSERT INTO orders⟦_outbox⟧ (item) VALUES ($1)', [req.body.item]);
  await producer.send(${message}); // expect: dual-write`),
    },
    {
      says: 'sent, then marked',
      state: 'unknown',
      files: shop(`  await producer.send(${message});
  await pool.query('UPDATE orders SET sent = true WHERE id = $1', [req.body.id]);`),
    },
    {
      says: 'one or the other',
      state: 'unknown',
      files: shop(`  if (req.body.item) {
    await pool.query('INSERT INTO orders (item) VALUES ($1)', [req.body.item]);
  } else {
    await producer.send(${message});
  }`),
    },
  ],
  story: {
    says: 'an order is kept and then told by SQS; told by a row of the same transaction',
    before: told(`  const { rows } = await pool.query('INSERT INTO orders (item) VALUES ($1) RETURNING id', [req.body.item]);
  await sqs.send(new SendMessageCommand({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/orders', MessageBody: JSON.stringify({ id: rows[0].id }) })); // expect: dual-write
  res.status(202).json({ id: rows[0].id });`),
    after: told(`  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO orders (item) VALUES ($1) RETURNING id', [req.body.item]);
    await client.query('INSERT INTO outbox (topic, body) VALUES ($1, $2)', ['orders', JSON.stringify({ id: rows[0].id })]);
    await client.query('COMMIT');
    res.status(202).json({ id: rows[0].id });
  } finally {
    client.release();
  }`),
  },
});
