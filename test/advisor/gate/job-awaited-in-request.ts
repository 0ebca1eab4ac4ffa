import { plain } from '../../rules/fixes/shops.ts';
import { slowJobs } from './data-strains.ts';
import type { Gate } from './gate.ts';

const CONNECTION = "{ connection: { host: 'redis' } }";
const reports = (waits: string, { replicas = 1, concurrency = 1 } = {}) =>
  plain(
    { express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' },
    {
      'docker-compose.yml': `services:
  api:
    build: .
    ports: ["3000:3000"]
    deploy: { replicas: ${replicas} }
  worker:
    build: .
    command: node src/worker.js
  redis:
    image: redis:7
  db:
    image: postgres:16
`,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY package.json ./\nCOPY src ./src\nCMD ["node", "src/server.js"]\n',
      'src/worker.js': `const { Worker } = require('bullmq');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: 'postgres://db:5432/shop' });
new Worker('reports', async (job) => pool.query('SELECT sum(total) FROM orders WHERE vendor = $1', [job.data.vendor]), { ...${CONNECTION}, concurrency: ${concurrency} });
`,
      'src/server.js': `const { Queue, QueueEvents } = require('bullmq');
const express = require('express');

const reports = new Queue('reports', ${CONNECTION});
const events = new QueueEvents('reports', ${CONNECTION});
const app = express();
app.post('/reports', async (req, res) => {
  const job = await reports.add('monthly', { vendor: req.query.vendor });
${waits}
});
app.listen(3000);
`,
    },
  );
const waited = '  res.json(await job.waitUntilFinished(events));';

export default {
  strain: slowJobs(1),
  proofs: [
    { says: 'one worker', files: reports(waited) },
    { says: 'two replicas, four jobs at once', files: reports(waited, { replicas: 2, concurrency: 4 }) },
    { says: 'a bound on the wait', files: reports('  res.json(await job.waitUntilFinished(events, 30_000));') },
  ],
} satisfies Gate;
