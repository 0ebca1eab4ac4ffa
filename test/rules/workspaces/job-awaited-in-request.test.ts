import { service, testRule } from './case.ts';
import type { Files } from './sources.ts';

/** A web process that enqueues reports, and a worker of its own that writes them. */
const reports = (library: 'bullmq' | 'bull', body: string, head = ''): Files =>
  service(
    { express: '^4.21.0', ioredis: '^5.4.0', [library]: library === 'bull' ? '^4.16.0' : '^5.34.0', pg: '^8.13.0' },
    {
      'docker-compose.yml': `services:
  api:
    build: .
    command: node src/server.ts
    ports: ['3000:3000']
  worker:
    build: .
    command: node src/worker.ts
  redis:
    image: redis:7
  db:
    image: postgres:16
`,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY package.json ./\nCOPY src ./src\nCMD ["node", "src/server.ts"]\n',
      'src/queue.ts':
        library === 'bullmq'
          ? `import { Queue, QueueEvents } from 'bullmq';

const connection = { host: 'redis', port: 6379 };
export const reports = new Queue('reports', { connection });
export const events = new QueueEvents('reports', { connection });
`
          : `import Queue from 'bull';

export const reports = new Queue('reports', 'redis://redis:6379');
`,
      'src/worker.ts':
        library === 'bullmq'
          ? `import { Worker } from 'bullmq';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
new Worker('reports', async (job) => {
  await pool.query('SELECT sum(total) FROM orders WHERE vendor = $1', [job.data.vendor]);
}, { connection: { host: 'redis', port: 6379 } });
`
          : `import Queue from 'bull';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
const reports = new Queue('reports', 'redis://redis:6379');
reports.process(async (job) => {
  await pool.query('SELECT sum(total) FROM orders WHERE vendor = $1', [job.data.vendor]);
});
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { ${library === 'bullmq' ? 'events, ' : ''}reports } from './queue.ts';
${head}
const app = express();
app.post('/reports', async (req: Request, res: Response) => {
${body}
});
app.listen(3000);
`,
    },
  );

testRule('job-awaited-in-request', {
  remedy: 'answer-early',
  cases: [
    {
      says: 'the report that a client waits for',
      state: 'weak',
      files: reports(
        'bullmq',
        `  const job = await reports.add('monthly', { vendor: req.body.vendor });
  const report = await job.waitUntilFinished(events); // expect: job-awaited-in-request
  res.json(report);`,
      ),
    },
    {
      says: "Bull's way to wait, of a job that is looked up again",
      state: 'weak',
      files: reports(
        'bull',
        `  await reports.add({ vendor: req.body.vendor }, { jobId: req.body.vendor });
  const job = await reports.getJob(req.body.vendor);
  const report = await job.finished(); // expect: job-awaited-in-request
  res.json(report);`,
      ),
    },
    {
      says: 'a loop that looks until the job is done',
      state: 'weak',
      files: reports(
        'bullmq',
        `  const job = await reports.add('monthly', { vendor: req.body.vendor });
  let state = await job.getState();
  while (state !== 'completed') { // expect: job-awaited-in-request
    await new Promise((resolve) => setTimeout(resolve, 500));
    state = await job.getState();
  }
  res.json({ state });`,
      ),
    },
    {
      says: 'the client has its answer first',
      state: 'sound',
      files: reports(
        'bullmq',
        `  const job = await reports.add('monthly', { vendor: req.body.vendor });
  ⟦res.status(202).json({ id: job.id });⟧
  await job.waitUntilFinished(events); // expect: job-awaited-in-request
  res.end();`,
      ),
    },
    {
      says: 'a worker that waits for a job of another queue',
      state: 'unknown',
      files: {
        ...reports('bullmq', `  await reports.add('monthly', { vendor: req.body.vendor });\n  res.status(202).end();`),
        'src/server.ts': `import { Worker } from 'bullmq';
import { events, reports } from './queue.ts';

new Worker('months', async (month) => {
  const job = await reports.add('monthly', { vendor: month.data.vendor });
  await job.waitUntilFinished(events);
}, { connection: { host: 'redis', port: 6379 } });
`,
      },
    },
    {
      says: 'a lock that others like this one hold',
      state: 'sound',
      files: reports(
        'bullmq',
        `  await reports.add('monthly', { vendor: req.body.vendor });
  while (await redis.exists('monthly:made')) { // expect: job-awaited-in-request
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  ⟦await redis.set('monthly:made', '1', 'EX', 30);⟧
  res.end();`,
        `import Redis from 'ioredis';

const redis = new Redis('redis://redis:6379');`,
      ),
    },
    {
      says: 'a loop that has work of its own in each round',
      state: 'sound',
      files: reports(
        'bullmq',
        `  await reports.add('monthly', { vendor: req.body.vendor });
  let isSent = false;
  while (!isSent) { // expect: job-awaited-in-request
    ⟦await reports.add('weekly', { vendor: req.body.vendor });⟧
    isSent = Math.random() > 0.5;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  res.status(202).end();`,
      ),
    },
  ],
  story: {
    says: 'a client waits until the report is written; it is told where to ask for it',
    before: reports(
      'bullmq',
      `  const job = await reports.add('monthly', { vendor: req.body.vendor });
  res.json(await job.waitUntilFinished(events)); // expect: job-awaited-in-request`,
    ),
    after: reports(
      'bullmq',
      `  const job = await reports.add('monthly', { vendor: req.body.vendor });
  res.status(202).location('/reports/' + job.id).json({ id: job.id });`,
    ),
  },
});
