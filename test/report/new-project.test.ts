import { expect, it } from 'vitest';
import { lookAt } from '../../src/looking.ts';
import { memoryWorkspace } from '../inference/memory-workspace.ts';
import { plain } from '../rules/fixes/shops.ts';

/** As a generator leaves it: a worker in the web process, a pool as its library has it, and a queue that no write goes through. */
const GENERATED = plain(
  { express: '^4.21.0', bullmq: '^5.34.0', pg: '^8.13.0' },
  {
    'src/server.js': `const { Queue, Worker } = require('bullmq');
const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ host: 'db' });
const connection = { host: 'redis' };
const mails = new Queue('mails', { connection });
new Worker('mails', async (job) => pool.query('UPDATE users SET mailed = true WHERE id = $1', [job.data.id]), { connection });
const app = express();
app.use(express.json());
app.post('/users', async (req, res) => {
  await pool.query('INSERT INTO users (name) VALUES ($1)', [req.body.name]);
  res.status(201).end();
});
app.post('/health/test-job', async (req, res) => {
  await mails.add('mail', { id: 1 });
  res.end();
});
app.listen(3000);
`,
  },
);

it('says of a new project what it carries, the edits that it needs, and where it falls short of its design', async () => {
  const { headline, text } = await lookAt(memoryWorkspace(GENERATED), 'shop_backend', {}, ['rate limit of api']);
  expect(headline).not.toBe('');
  expect(text).toMatch(/^# shop\\_backend: /);
  expect(text).toContain('Nothing of it is measured yet.');
  expect(text).toMatch(/## Edits that it needs\n\n1\. \*\*.+\*\* \([\w-]+, `src\/server\.js:\d+`\)/);
  expect(text).toMatch(/worker-in-web-process/);
  expect(text).toContain('has 10 connections, which is the default of pg');
  expect(text).toContain('- POST /users writes to the database before the answer: nothing on that path enqueues.');
  expect(text).toContain('## Not made by the generator\n\n- rate limit of api');
});
