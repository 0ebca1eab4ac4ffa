import type { Fix } from './fix.ts';
import { plain, typed } from './shops.ts';

const server = `import express from 'express';
import { Worker } from 'bullmq';
import { Pool } from 'pg';
import { mails } from './queue.ts';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', connectionTimeoutMillis: 2000 });
new Worker('mails', async (job) => { await pool.query('INSERT INTO sent (id) VALUES ($1)', [job.data.id]); }, { connection: { host: 'redis' } });
const app = express();
app.use(express.json());
app.post('/signup', async (req, res) => {
  await mails.add('welcome', { id: req.body.id });
  res.status(201).end();
});
app.listen(3000);
`;
const mails = (queue: string) => typed({ express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' }, { 'src/queue.ts': queue, 'src/server.ts': server });

export default [
  {
    says: 'Express, TypeScript, BullMQ as it comes',
    remedy: 'set-job-attempts',
    files: mails(`import { Queue } from 'bullmq';

// what goes out to customers
export const mails = new Queue('mails', { connection: { host: 'redis' } });
`),
    changes: ['+ queue mails: bullmq, tried 5 exponential 1000, done by mails-worker × 1', '- queue mails: bullmq, tried 1, done by mails-worker × 1'],
  },
  {
    says: 'BullMQ with attempts in the same second',
    remedy: 'set-job-attempts',
    files: mails(`import { Queue } from 'bullmq';

export const mails = new Queue('mails', {
  connection: { host: 'redis' },
  defaultJobOptions: {
    attempts: 3, // in the same second
  },
});
`),
    changes: ['+ queue mails: bullmq, tried 5 exponential 1000, done by mails-worker × 1', '- queue mails: bullmq, tried 3, done by mails-worker × 1'],
  },
  {
    says: 'Express, JavaScript, Bull',
    remedy: 'set-job-attempts',
    files: plain(
      { express: '^4.21.0', bull: '^4.16.0', pg: '^8.13.0' },
      {
        'src/server.js': `const Queue = require('bull');
const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', connectionTimeoutMillis: 2000 });
const mails = new Queue('mails', 'redis://redis:6379');
mails.process(async (job) => {
  await pool.query('INSERT INTO sent (id) VALUES ($1)', [job.data.id]);
});
const app = express();
app.use(express.json());
app.post('/signup', async (req, res) => {
  await mails.add({ id: req.body.id });
  res.status(201).end();
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ queue mails: bull, tried 5 exponential 1000, done by mails-worker × 1', '- queue mails: bull, tried 1, done by mails-worker × 1'],
  },
] satisfies readonly Fix[];
