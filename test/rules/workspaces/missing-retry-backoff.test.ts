import { service, testRule } from './case.ts';

const mails = (options: string, job = '') =>
  service(
    { express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' },
    {
      'src/queue.ts': `import { Queue } from 'bullmq';

export const mails = new Queue('mails', { connection: { host: 'redis' }${options} }); // expect: missing-retry-backoff
`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { Worker } from 'bullmq';
import { Pool } from 'pg';
import { mails } from './queue.ts';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop' });
new Worker('mails', async (job) => { await pool.query('INSERT INTO sent (id) VALUES ($1)', [job.data.id]); }, { connection: { host: 'redis' } });
const app = express();
app.post('/signup', async (req: Request, res: Response) => {
  await mails.add('welcome', { id: req.body.id }${job});
  res.status(201).end();
});
app.listen(3000);
`,
    },
  );

const many = (job: string) => {
  const files = mails('');
  const one = "mails.add('welcome', { id: req.body.id })";
  const all = `mails.addBulk(req.body.ids.map((id: number) => ({ name: 'welcome', data: { id }${job} })))`;
  return { ...files, 'src/server.ts': (files['src/server.ts'] ?? '').replace(one, all) };
};

testRule('missing-retry-backoff', {
  cases: [
    { says: 'a queue as it comes', state: 'weak', files: mails('') },
    { says: 'three attempts in the same second', state: 'weak', files: mails(', defaultJobOptions: { attempts: 3 }') },
    {
      says: 'attempts and a pause for all jobs',
      state: 'sound',
      files: mails(`, defaultJobOptions: { attempts: 5⟦, backoff: { type: 'exponential', delay: 1000 }⟧ }`),
    },
    {
      says: 'attempts and a pause with the job',
      state: 'sound',
      files: mails('', `, { ⟦attempts: 4,⟧ backoff: { type: 'exponential', delay: 500 } }`),
    },
    { says: 'many jobs at once', state: 'weak', files: many('') },
    { says: 'many jobs at once, each with attempts and a pause', state: 'sound', files: many(`, opts: { ⟦attempts: 4,⟧ backoff: { type: 'exponential', delay: 500 } }`) },
    { says: 'many jobs, made elsewhere', state: 'unknown', files: many(', opts: JSON.parse(process.env.JOBS as string)') },
    { says: 'options from elsewhere', state: 'unknown', files: mails('', ', JSON.parse(process.env.JOBS as string)') },
    { says: 'a job that comes again by itself', state: 'unknown', files: mails('', `, { repeat: { every: 60000 } }`) },
  ],
  story: {
    says: 'one attempt and it is gone; five, further and further apart',
    before: mails(''),
    after: mails(", defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000, jitter: 0.5 } }"),
  },
});
