import type { Fix } from './fix.ts';
import { type Packages, plain, typed } from './shops.ts';

const BULLMQ: Packages = { express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' };
const stack = `services:
  api:
    build: .
    ports:
      - "3000:3000"
  worker:
    build: .
    command: node src/worker.ts # beside the api
  redis:
    image: redis:8
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: secret
`;
const shop = typed(BULLMQ, {
  'docker-compose.yml': stack,
  'src/server.ts': `import { Queue } from 'bullmq';
import express from 'express';

const mails = new Queue('mails', { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
const app = express();
app.use(express.json());
app.post('/signup', async (req, res) => {
  await mails.add('welcome', { id: req.body.id });
  res.status(202).end();
});
app.listen(3000);
`,
  'src/worker.ts': `import { Worker } from 'bullmq';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 8 });
new Worker(
  'mails',
  async (job) => {
    await pool.query('INSERT INTO sent (id) VALUES ($1)', [job.data.id]);
  },
  { connection: { host: 'redis' } }, // one after another
);
`,
  'faultline.json': JSON.stringify({ measurements: [{ input: 'db INSERT sent', value: 20, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' }] }),
});
const LOAD = { targetPerSecond: 200 };

export default [
  {
    says: 'BullMQ, TypeScript, more jobs at once',
    remedy: 'set-worker-concurrency',
    files: shop,
    scenario: LOAD,
    changes: ['+ queue mails: bullmq, tried 5 exponential 1000, done by worker × 7', '- queue mails: bullmq, tried 5 exponential 1000, done by worker × 1'],
  },
  {
    says: 'BullMQ, TypeScript, more replicas in compose',
    remedy: 'add-replicas',
    files: shop,
    scenario: LOAD,
    changes: ['+ worker worker: node express 4, runtime, 7 × 1', '- worker worker: node express 4, runtime, 1 × 1'],
  },
  {
    says: 'kafkajs, JavaScript',
    remedy: 'set-worker-concurrency',
    files: plain(
      { express: '^4.21.0', kafkajs: '^2.2.4', pg: '^8.13.0' },
      {
        'src/server.js': `const express = require('express');
const { Kafka } = require('kafkajs');
const { Pool } = require('pg');

const kafka = new Kafka({ clientId: 'api', brokers: ['kafka:9092'] });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: 'mailer' });
const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 50, connectionTimeoutMillis: 2000 });
const app = express();
app.use(express.json());
app.post('/signup', async (req, res) => {
  await producer.send({ topic: 'mails', messages: [{ value: JSON.stringify({ id: req.body.id }) }] });
  res.status(202).end();
});
app.listen(3000);

async function start() {
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topic: 'mails' });
  await consumer.run({
    eachMessage: async ({ message }) => {
      await pool.query('INSERT INTO sent (id) VALUES ($1)', [JSON.parse(String(message.value)).id]);
    },
  });
}
start();
`,
        'faultline.json': JSON.stringify({ measurements: [{ input: 'db INSERT sent', value: 20, unit: 'ms', source: 'pg_stat_statements', at: '2026-11-02' }] }),
      },
    ),
    scenario: LOAD,
    changes: ['+ topic mails: kafkajs, tried unknown, done by api × 7', '- topic mails: kafkajs, tried unknown, done by api × 1'],
  },
] satisfies readonly Fix[];
