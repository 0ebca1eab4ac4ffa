import { describe, expect, it } from 'vitest';
import { applied, type Files, lineOf } from './bench.ts';
import { topologyOf } from '../inference/memory-workspace.ts';

const manifest = (more: object = {}) => `${JSON.stringify({ name: 'x', main: 'src/index.js', dependencies: { express: '4', nodemailer: '6' }, ...more }, null, 2)}\n`;
const mail = `const nodemailer = require('nodemailer');

const transport = nodemailer.createTransport({ host: 'mail' });
const welcome = async (to) => {
  await transport.sendMail({ to, subject: 'welcome' });
};

module.exports = { welcome };
`;
const index = `const express = require('express');
const { welcome } = require('./mail');

const app = express();
app.post('/signup', async (req, res) => {
  // The client need not wait for this.
  await welcome(req.body.email); // SMTP
  res.status(201).json({ ok: true });
});
app.listen(3000);
`;
const files: Files = { 'package.json': manifest(), 'src/mail.js': mail, 'src/index.js': index };
const call = (of: Files, mark = 'await welcome') => ({
  file: 'src/index.js',
  line: lineOf(of['src/index.js'] as string, mark),
  technology: 'bullmq',
  queue: 'api-errands',
  concurrency: 4,
});

describe('enqueue-call', () => {
  it('enqueues where the call stood and leaves the answer and the comments', async () => {
    const after = (await applied('enqueue-call', call(files), files)) as Files;
    expect(after['src/index.js']).toBe(`const express = require('express');
const { apiErrandsQueue } = require('./queues/api-errands.queue');

const app = express();
app.post('/signup', async (req, res) => {
  // The client need not wait for this.
  await apiErrandsQueue.add('welcome', req.body.email); // SMTP
  res.status(201).json({ ok: true });
});
app.listen(3000);
`);
    expect(after['src/queues/api-errands.worker.js']).toContain("      case 'welcome':\n        await welcome(job.data);\n");
    expect(after['src/queues/api-errands.worker.js']).toContain('concurrency: 4');
    expect(JSON.parse(after['package.json'] as string).dependencies).toHaveProperty('bullmq');
  });

  it('afterwards the route waits for the queue alone', async () => {
    const after = (await applied('enqueue-call', call(files), files)) as Files;
    const route = (await topologyOf(after)).endpoints.find((it) => it.trigger.kind === 'http');
    expect(route?.steps.map((it) => it.kind)).toEqual(['compute', 'publish']);
  });

  const REFUSALS: readonly [string, string, string][] = [
    ['a call that is not a statement of its own', index.replace('await welcome(req.body.email);', 'const sent = await welcome(req.body.email);'), 'await welcome'],
    ['data that does not survive the way', index.replace('welcome(req.body.email)', 'welcome(req)'), 'await welcome'],
    ['a line without a call', index, 'res.status'],
    ['what is declared in the same file', index.replace("const { welcome } = require('./mail');", 'const welcome = async () => {};'), 'await welcome'],
  ];
  it.each(REFUSALS)('refuses %s', async (_name, text, mark) => {
    const other = { ...files, 'src/index.js': text };
    expect(await applied('enqueue-call', call(other, mark), other)).toHaveProperty('cannot');
  });
});
