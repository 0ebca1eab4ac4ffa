import { service, testRule } from './case.ts';
import type { Files } from './sources.ts';

const CLIENTS = `import { Kafka } from 'kafkajs';
import Redis from 'ioredis';
import nodemailer from 'nodemailer';
import { Pool } from 'pg';
import Stripe from 'stripe';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
export const redis = new Redis('redis://redis:6379');
export const mailer = nodemailer.createTransport({ host: 'smtp', port: 25 });
export const stripe = new Stripe(process.env.STRIPE_KEY as string);
export const kafka = new Kafka({ brokers: ['kafka:9092'] });
`;
const PACKAGES = { kafkajs: '^2.2.0', pg: '^8.13.0', ioredis: '^5.4.0', nodemailer: '^6.9.0', stripe: '^17.0.0' };
const TABLES = `CREATE TABLE shipments (id serial PRIMARY KEY, order_id integer, item text);
CREATE TABLE handled (message text PRIMARY KEY);
`;

/** A consumer of placed orders, by Kafka. */
const orders = (work: string, more: Files = {}): Files =>
  service(PACKAGES, {
    'migrations/001_shop.sql': TABLES,
    'src/clients.ts': CLIENTS,
    'src/server.ts': `import { kafka, mailer, pool, redis, stripe } from './clients.ts';

const consumer = kafka.consumer({ groupId: 'orders' });
async function start() {
  await consumer.subscribe({ topic: 'orders' });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const order = JSON.parse(String(message.value));
${work}
    },
  });
}
start();
`,
    ...more,
  });
const MAIL = "  await mailer.sendMail({ to: order.mail, subject: 'Thank you', text: 'It is on its way.' }); // expect: non-idempotent-consumer";
const SHIP = '(order_id, item) VALUES ($1, $2)';
const ship = (before = '', after = '') => `  await pool.query('INSERT ${before}INTO shipments ${SHIP}${after}', [order.id, order.item]); // expect: non-idempotent-consumer`;
/** A route that QStash asks with each message, again where it does not answer. */
const pushed = (work: string): Files =>
  service(
    { ...PACKAGES, express: '^4.21.0', '@upstash/qstash': '^2.8.0' },
    {
      'src/clients.ts': CLIENTS,
      'src/server.ts': `import { Client } from '@upstash/qstash';
import express from 'express';
import type { Request, Response } from 'express';
import { mailer, redis } from './clients.ts';

const qstash = new Client({ token: process.env.QSTASH_TOKEN as string });
const app = express();
app.post('/orders', async (req: Request, res: Response) => {
  await qstash.publishJSON({ url: 'https://shop.example.org/thank', body: req.body });
  res.end();
});
app.post('/thank', async (req: Request, res: Response) => {
  const order = req.body;
${work}
  res.end();
});
app.listen(3000);
`,
    },
  );
/** Two handlers that keep bare ids in one Redis. */
const besides = (scope: string): Files =>
  orders(`  if (!(await redis.set(order.id, '1', 'EX', 604800, 'NX'))) return;\n${MAIL}`, {
    'src/refunds.ts': `import { kafka, mailer, redis } from './clients.ts';

const consumer = kafka.consumer({ groupId: 'refunds' });
export async function startRefunds() {
  await consumer.subscribe({ topic: 'refunds' });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const refund = JSON.parse(String(message.value));
      if (!(await redis.set(${scope}, '1', 'EX', 604800, 'NX'))) return;
      await mailer.sendMail({ to: refund.mail }); // expect: non-idempotent-consumer
    },
  });
}
`,
  });
const started = (files: Files): Files => ({ ...files, 'src/server.ts': `import { startRefunds } from './refunds.ts';\n${files['src/server.ts']}startRefunds();\n` });
const charge = (options = '') => `  const paid = stripe.charges.create({ amount: order.total, currency: 'eur' }${options}); // expect: non-idempotent-consumer
  await paid;`;
const silent = (files: Files): Files => Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text.replace(/ (\/\/|--) expect: [\w-]+/g, '')]));

/** A worker of mails, by BullMQ. */
const mails = (job: string, options = 'attempts: 3, ', pause = 1000): Files =>
  service(
    { express: '^4.21.0', bullmq: '^5.34.0', ioredis: '^5.4.0', nodemailer: '^6.9.0' },
    {
      'src/clients.ts': `import { Queue } from 'bullmq';
import Redis from 'ioredis';
import nodemailer from 'nodemailer';

export const redis = new Redis('redis://redis:6379');
export const mailer = nodemailer.createTransport({ host: 'smtp', port: 25 });
export const queue = new Queue('mails', { connection: { host: 'redis' } });
`,
      'src/server.ts': `import express from 'express';
import { Worker } from 'bullmq';
import { mailer, queue, redis } from './clients.ts';

new Worker('mails', async (job) => {
${job}
}, { connection: { host: 'redis' } });
const app = express();
app.post('/mails', async (req, res) => {
  await queue.add('send', { to: req.body.to }, { ${options}backoff: { type: 'exponential', delay: ${pause} } });
  res.status(202).end();
});
app.listen(3000);
`,
    },
  );
const SEND = "  await mailer.sendMail({ to: job.data.to }); // expect: non-idempotent-consumer\n  await redis.incr('mails:sent');";

testRule('non-idempotent-consumer', {
  cases: [
    { says: 'a mail for each message', state: 'weak', files: orders(MAIL) },
    { says: 'a mail for each message that QStash hands over', state: 'weak', files: pushed(MAIL) },
    {
      says: 'a lock that is given back',
      state: 'unknown',
      files: silent(
        orders(`  const mine = await redis.set(\`mail:\${order.id}\`, '1', 'EX', 60, 'NX');\n  if (!mine) return;\n${MAIL}\n  await redis.del(\`mail:\${order.id}\`);`),
      ),
    },
    {
      says: 'a key that is looked for before and written after',
      state: 'sound',
      files: orders(`  const done = await redis.get(\`mailed:\${order.id}\`);\n  if (done) return;\n${MAIL}\n⟦  await redis.setex(\`mailed:\${order.id}\`, 604800, '1');⟧`),
    },
    {
      says: 'a key that is written where it is not there',
      state: 'sound',
      files: orders(`⟦  if (!(await redis.set(\`mailed:\${order.id}\`, '1', 'EX', 604800, 'NX'))) return;⟧\n${MAIL}`),
    },
    { says: 'a row that may be there', state: 'sound', files: orders(ship('', '⟦ ON CONFLICT (order_id) DO NOTHING⟧')) },
    {
      says: 'one shipment of an order, says the schema',
      state: 'sound',
      files: orders(ship(), { 'migrations/002_once.sql': '⟦CREATE UNIQUE INDEX shipments_order ON shipments (order_id);⟧\n' }),
    },
    {
      says: 'a claim before the work',
      state: 'sound',
      files: orders(`⟦  await pool.query('INSERT INTO handled (message) VALUES ($1)', [order.key]);⟧\n${MAIL}`),
    },
    {
      says: 'a key for the vendor',
      state: 'sound',
      files: orders(charge('⟦, { idempotencyKey: order.id }⟧')),
    },
    { says: 'the last that a job does', state: 'unknown', files: silent(mails(SEND.split('\n')[0] as string)) },
    { says: 'one attempt', state: 'unknown', files: silent(mails(SEND, '')) },
    { says: 'jobs with ids of their own', state: 'sound', files: mails(SEND, 'attempts: 3, ⟦jobId: req.body.to,⟧ ') },
    {
      says: 'a key that ends before the attempts do',
      state: 'weak',
      files: mails(`  if (!(await redis.set(\`mailed:\${job.id}\`, '1', 'EX', 60, 'NX'))) return;\n${SEND}`, 'attempts: 5, ', 60_000),
    },
    { says: 'two operations under one key', state: 'weak', files: started(besides('refund.id')) },
    { says: 'two operations, each under its own', state: 'sound', files: started(besides('⟦`refund:` + ⟧refund.id')) },
    { says: 'a table whose schema is elsewhere', state: 'unknown', files: silent(orders(ship().replace('shipments', 'parcels'))) },
    {
      says: 'looked up first',
      state: 'unknown',
      files: silent(orders(`  const { rows } = await pool.query('SELECT id FROM shipments WHERE order_id = $1', [order.id]);\n  if (rows[0]) return;\n${ship()}`)),
    },
  ],
  story: {
    says: 'an order that is told twice is sent twice; a key for a month says that it was',
    before: orders(`${ship()}\n${MAIL.replace(/ \/\/.*/, '')}`),
    after: silent(
      orders(`      if (await redis.get(\`sent:\${order.id}\`)) return;
${ship()}
${MAIL}
      await redis.setex(\`sent:\${order.id}\`, 2592000, '1');`),
    ),
  },
});
