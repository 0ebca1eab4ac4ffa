import { testRule } from './case.ts';
import type { Files } from './sources.ts';

/** An API that makes reports by a queue; who starts the worker is the case's own. */
const reports = (server: string, compose: string, more: Files = {}): Files => ({
  'package.json': JSON.stringify({
    name: 'api',
    type: 'module',
    scripts: { start: 'node src/server.ts' },
    dependencies: { express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' },
  }),
  'docker-compose.yml': `services:
  api:
    build: .
    command: node src/server.ts
    ports: ["3000:3000"]
${compose}  redis:
    image: redis:8
  db:
    image: postgres:17
`,
  'src/queue.ts': `import { Queue } from 'bullmq';

export const reports = new Queue('reports', { connection: { host: 'redis' }, defaultJobOptions: { attempts: 5, backoff: { type: 'exponential', delay: 1000 } } });
`,
  'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', connectionTimeoutMillis: 2000 });
`,
  'src/report.ts': `import { Worker } from 'bullmq';
import { createHash } from 'node:crypto';
import { pool } from './db.ts';

export function startWorker() {
  return new Worker('reports', async (job) => { // expect: worker-in-web-process
    const { rows } = await pool.query('SELECT * FROM sales WHERE region = $1', [job.data.region]);
    createHash('sha256').update(JSON.stringify(rows)).digest('hex');
  }, { connection: { host: 'redis' }, concurrency: 5 });
}
`,
  'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
import { reports } from './queue.ts';
${server}
const app = express();
app.use(express.json());
app.post('/reports', async (req: Request, res: Response) => {
  await reports.add('make', { region: req.body.region });
  res.status(202).end();
});
app.listen(3000);
`,
  ...more,
});
const OWN = `  worker:
    build: .
    command: node src/worker.ts
`;
const WORKER = { 'src/worker.ts': "import { startWorker } from './report.ts';\n\nstartWorker();\n" };
const STARTS = "import { startWorker } from './report.ts';\nstartWorker();\n";

testRule('worker-in-web-process', {
  cases: [
    { says: 'the server starts it', state: 'weak', files: reports(STARTS, '') },
    { says: 'a process of its own', state: 'sound', files: reports(STARTS.replace('startWorker();', '⟦// ⟧startWorker();'), OWN, WORKER) },
    {
      says: 'the environment says whether it is started',
      state: 'unknown',
      files: reports("import { startWorker } from './report.ts';\nif (process.env.ROLE === 'worker') startWorker();\n", ''),
    },
  ],
  story: {
    says: 'the entry point of the API connects the worker, too; an entry point and a service for it',
    before: reports(STARTS, ''),
    after: reports('', OWN, { ...WORKER }),
  },
});
