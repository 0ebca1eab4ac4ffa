// Sign-up with the mail sent inline or by a queue's worker. argv: role (api, worker), port, Redis port, job time in ms, concurrency.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const load = createRequire(join(process.cwd(), 'package.json'));
const express = load('express');
const { Queue, Worker } = load('bullmq');
const [role, ...numbers] = process.argv.slice(2);
const [port, redisPort, jobMs, concurrency] = numbers.map(Number);
const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null };
const app = express();
app.disable('x-powered-by');
/** One clock for both processes, finer than the whole milliseconds of BullMQ's own. */
const now = () => performance.timeOrigin + performance.now();
app.get('/ping', (_req, res) => res.json({ fine: true }));

if (role === 'worker') {
  /** From the publishing of each job to its end, ms, with the moment of the end. */
  let jobs = [];
  const worker = new Worker('mails', () => wait(jobMs), { connection, concurrency, autorun: false });
  worker.on('completed', (job) => jobs.push([now(), now() - job.data.at]));
  worker.on('error', () => {});
  app.get('/start', (_req, res) => {
    void worker.run();
    res.json({ fine: true });
  });
  app.get('/jobs', (_req, res) => {
    res.json(jobs);
    jobs = [];
  });
} else {
  const queue = new Queue('mails', { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } });
  await queue.waitUntilReady();
  app.post('/inline', async (_req, res) => {
    await wait(jobMs);
    res.json({ fine: true });
  });
  app.post('/enqueue', async (_req, res) => {
    await queue.add('mail', { to: 'someone', at: now() });
    res.status(202).json({ fine: true });
  });
  app.post('/fill', async (req, res) => {
    await queue.addBulk(Array.from({ length: Number(req.query.jobs) }, () => ({ name: 'mail', data: { to: 'someone', at: now() } })));
    res.json({ fine: true });
  });
}
// Express hands an error of listening (a port in use) to the same callback.
const server = app.listen(port, '127.0.0.1', 4096, (error) => {
  if (error) throw error;
  process.send?.('ready');
});
server.keepAliveTimeout = 120_000;
