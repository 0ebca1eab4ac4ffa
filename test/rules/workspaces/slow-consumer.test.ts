import { measured } from '../fixes/shops.ts';
import { testRule } from './case.ts';
import type { Files } from './sources.ts';

/** A sign-up that enqueues a mail, and a worker that takes 20 ms for each. */
const mails = (options: string, mark = ' // expect: slow-consumer'): Files => ({
  'package.json': JSON.stringify({
    name: 'api',
    type: 'module',
    scripts: { start: 'node src/server.ts', worker: 'node src/worker.ts' },
    dependencies: { express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' },
  }),
  'docker-compose.yml': `services:
  api:
    build: .
    command: node src/server.ts
    ports: ["3000:3000"]
  worker:
    build: .
    command: node src/worker.ts
  redis:
    image: redis:8
  db:
    image: postgres:17
`,
  'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 30, connectionTimeoutMillis: 2000 });
`,
  'src/server.ts': `import { Queue } from 'bullmq';
import express from 'express';
import type { Request, Response } from 'express';

const mails = new Queue('mails', { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
const app = express();
app.use(express.json());
app.post('/signup', async (req: Request, res: Response) => {
  await mails.add('welcome', { id: req.body.id });
  res.status(202).end();
});
app.listen(3000);
`,
  'src/worker.ts': `import { Worker } from 'bullmq';
import { pool } from './db.ts';

new Worker(${mark}
  'mails',
  async (job) => {
    await pool.query('INSERT INTO sent (id) VALUES ($1)', [job.data.id]);
  },
  { connection: { host: 'redis' }${options} },
);
`,
  ...measured(['db INSERT sent', 20]),
});
const LOAD = { targetPerSecond: 200 };

testRule('slow-consumer', {
  remedy: 'set-worker-concurrency',
  cases: [
    { says: 'one job of 20 ms after another, 200 a second', state: 'weak', scenario: LOAD, files: mails('') },
    { says: 'two at once', state: 'weak', scenario: LOAD, files: mails(', concurrency: 2') },
    { says: 'ten at once', state: 'sound', scenario: LOAD, files: mails('⟦, concurrency: 10⟧') },
    { says: 'as many as somebody says where it runs', state: 'unknown', scenario: LOAD, files: mails(', concurrency: Number(process.env.JOBS)', '') },
  ],
  story: {
    says: 'five hundred a second, workers at the pace of one job after another; as many at once as carry them',
    scenario: { targetPerSecond: 500 },
    before: { ...mails(', concurrency: 2'), ...measured(['db INSERT sent', 5]) },
    after: { ...mails(', concurrency: 8', ''), ...measured(['db INSERT sent', 5]) },
  },
});
