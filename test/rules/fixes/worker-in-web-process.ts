import type { Fix } from './fix.ts';
import { type Packages, plain, typed } from './shops.ts';

const BULLMQ: Packages = { express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' };
const stack = `services:
  api:
    build: .
    ports:
      - "3000:3000"
  redis:
    image: redis:8
  db:
    image: postgres:16
    environment:
      POSTGRES_PASSWORD: secret
`;
const worker = (pool: string) => `${pool}
// one mail per job
export const worker = new Worker(
  'mails',
  async (job) => {
    await pool.query('INSERT INTO sent (id) VALUES ($1)', [job.data.id]);
  },
  { connection: { host: 'redis' }, concurrency: 5 },
);
`;

export default [
  {
    says: 'Express, TypeScript, BullMQ, in compose',
    remedy: 'extract-worker',
    files: typed(BULLMQ, {
      'docker-compose.yml': stack,
      Dockerfile: 'FROM node:24\nCOPY . .\nCMD ["node", "src/server.ts"]\n',
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', connectionTimeoutMillis: 2000 });
`,
      'src/queue.ts': `import { Queue } from 'bullmq';

export const mails = new Queue('mails', { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
`,
      'src/mailer.ts': worker(`import { Worker } from 'bullmq';
import { pool } from './db.ts';
`),
      'src/server.ts': `import express from 'express';
import './mailer.ts';
import { mails } from './queue.ts';

const app = express();
app.use(express.json());
app.post('/signup', async (req, res) => {
  await mails.add('welcome', { id: req.body.id });
  res.status(202).end();
});
app.listen(3000);
`,
    }),
    changes: [
      '+ mails-worker → db query',
      '+ mails-worker→db pool: pg max 10, timeout 2000, queue none',
      '+ mails-worker→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ worker mails-worker: node express 4, runtime, 1 × 1',
      '- api → db query',
      '- api→db pool: pg max 10, timeout 2000, queue none',
      '- api→redis pool 2: bullmq max 1, timeout none, queue none, multiplexed',
      '- worker mails-worker: bullmq worker, runtime, 1 × 1, in api',
    ],
  },
  {
    says: 'Express, JavaScript, BullMQ, in compose',
    remedy: 'extract-worker',
    files: plain(BULLMQ, {
      'docker-compose.yml': stack,
      'src/db.js': `const { Pool } = require('pg');

exports.pool = new Pool({ connectionString: 'postgres://db:5432/shop', connectionTimeoutMillis: 2000 });
`,
      'src/queue.js': `const { Queue } = require('bullmq');

exports.mails = new Queue('mails', { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
`,
      'src/mailer.js': worker(`const { Worker } = require('bullmq');
const { pool } = require('./db');
`).replace('export const worker = new', 'new'),
      'src/server.js': `const express = require('express');
require('./mailer');
const { mails } = require('./queue');

const app = express();
app.use(express.json());
app.post('/signup', async (req, res) => {
  await mails.add('welcome', { id: req.body.id });
  res.status(202).end();
});
app.listen(3000);
`,
    }),
    changes: [
      '+ mails-worker → db query',
      '+ mails-worker→db pool: pg max 10, timeout 2000, queue none',
      '+ mails-worker→redis pool: bullmq max 1, timeout none, queue none, multiplexed',
      '+ worker mails-worker: node express 4, runtime, 1 × 1',
      '- api → db query',
      '- api→db pool: pg max 10, timeout 2000, queue none',
      '- api→redis pool 2: bullmq max 1, timeout none, queue none, multiplexed',
      '- worker mails-worker: bullmq worker, runtime, 1 × 1, in api',
    ],
  },
] satisfies readonly Fix[];
