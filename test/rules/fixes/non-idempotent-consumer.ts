import type { Fix } from './fix.ts';
import { plain, typed } from './shops.ts';

const MAILS = { bullmq: '^5.34.0', ioredis: '^5.4.0', nodemailer: '^6.9.0', '@types/nodemailer': '^6.4.0' } as const;

export default [
  {
    says: 'BullMQ, TypeScript, keys in Redis by ioredis',
    remedy: 'do-once',
    files: typed(MAILS, {
      'src/clients.ts': `import { Redis } from 'ioredis';
import nodemailer from 'nodemailer';

export const redis = new Redis('redis://redis:6379');
export const mailer = nodemailer.createTransport({ host: 'smtp', port: 25 });
`,
      'src/server.ts': `import { Queue, Worker } from 'bullmq';
import { mailer, redis } from './clients.ts';

const connection = { host: 'jobs' };
export const queue = new Queue('mails', { connection, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
new Worker(
  'mails',
  async (job) => {
    // the customer waits for it
    await mailer.sendMail({ to: job.data.to, subject: 'Welcome', text: 'Good to have you here.' });
    await redis.incr('mails:sent');
  },
  { connection },
);
`,
    }),
    changes: ['+ api takes mails: cache write if absent for 25000; ask smtp; cache write; cache write', '- api takes mails: ask smtp; cache write'],
  },
  {
    says: 'kafkajs, JavaScript, keys in PostgreSQL among numbered migrations',
    remedy: 'do-once',
    files: plain(
      { kafkajs: '^2.2.4', pg: '^8.13.0', nodemailer: '^6.9.0' },
      {
        'migrations/001_shop.sql': 'CREATE TABLE orders (id serial PRIMARY KEY, mail text);\n',
        'src/server.js': `const { Kafka } = require('kafkajs')
const nodemailer = require('nodemailer')
const { Pool } = require('pg')

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10, connectionTimeoutMillis: 2000 })
const mailer = nodemailer.createTransport({ host: 'smtp', port: 25 })
const consumer = new Kafka({ brokers: ['kafka:9092'] }).consumer({ groupId: 'mails' })
consumer.subscribe({ topic: 'orders' }).then(() =>
  consumer.run({
    eachMessage: async ({ message }) => {
      const order = JSON.parse(message.value.toString())
      const { rows } = await pool.query('SELECT mail FROM orders WHERE id = $1', [order.id])
      // on its way
      await mailer.sendMail({ to: rows[0].mail, subject: 'Thank you' })
    },
  }),
)
`,
      },
    ),
    changes: [
      '+ api takes orders: SELECT orders; INSERT done_once; ask smtp; UPDATE done_once',
      '+ primary index of done_once: key',
      '- api takes orders: SELECT orders; ask smtp',
    ],
  },
  {
    says: 'kafkajs, TypeScript, a row of an own table, keys in Redis by node-redis',
    remedy: 'do-once',
    files: typed(
      { kafkajs: '^2.2.4', pg: '^8.13.0', redis: '^4.7.0' },
      {
        'db/schema.sql': 'CREATE TABLE shipments (id serial PRIMARY KEY, order_id integer);\n',
        'src/stores.ts': `import { Pool } from 'pg';
import { createClient } from 'redis';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10, connectionTimeoutMillis: 2000 });
export const redis = createClient({ url: 'redis://redis:6379' });
await redis.connect();
`,
        'src/server.ts': `import { type EachMessagePayload, Kafka } from 'kafkajs';
import { pool } from './stores.ts';

const consumer = new Kafka({ brokers: ['kafka:9092'] }).consumer({ groupId: 'shipping' });
await consumer.subscribe({ topic: 'orders' });
await consumer.run({
  eachMessage: async ({ message }: EachMessagePayload) => {
    const order = JSON.parse(String(message.value));
    await pool.query('INSERT INTO shipments (order_id) VALUES ($1)', [order.id]);
  },
});
`,
      },
    ),
    changes: ['+ api takes orders: cache write if absent for 25000; INSERT shipments; cache write', '- api takes orders: INSERT shipments'],
  },
  {
    says: 'a key that ends before the attempts do',
    remedy: 'keep-key-longer',
    files: typed(MAILS, {
      'src/server.ts': `import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import nodemailer from 'nodemailer';

const connection = { host: 'redis' };
const redis = new Redis('redis://redis:6379');
const mailer = nodemailer.createTransport({ host: 'smtp', port: 25 });
export const queue = new Queue('mails', { connection, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 60_000 } } });
new Worker(
  'mails',
  async (job) => {
    const isFirst = await redis.set(\`mailed:\${job.id}\`, '1', 'EX', 60, 'NX'); // a minute
    if (!isFirst) return;
    await mailer.sendMail({ to: job.data.to });
    await redis.incr('mails:sent');
  },
  { connection },
);
`,
    }),
    changes: ['+ api takes mails: cache write if absent for 1800000; ask smtp; cache write', '- api takes mails: cache write if absent for 60000; ask smtp; cache write'],
  },
] satisfies readonly Fix[];
