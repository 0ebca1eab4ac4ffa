import { describe, expect, it } from 'vitest';
import type { Step, Topology } from '../../src/model/topology.ts';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const threads = (dependencies: Record<string, string>, before: string, body: string, worker: string, name = 'src/worker.js'): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^5.0.0', ...dependencies },
      {
        'src/index.js': `import express from 'express'; import path from 'node:path'; ${before}; const app = express(); app.get('/it', async (req, res) => { ${body} res.json({}); }); app.listen(3000);`,
        [name]: worker,
      },
    ),
  );
const computes = (it: Topology): Extract<Step, { kind: 'compute' }>[] =>
  (it.endpoints[0]?.steps ?? []).filter((step) => step.kind === 'compute').filter((step) => !step.label.startsWith('request handling'));
const hash = `import bcrypt from 'bcryptjs'; `;

describe('work that a thread does is taken from its pool', () => {
  it.each<[string, Record<string, string>, string, string, string, unknown]>([
    // https://github.com/piscinajs/piscina#example
    [
      'Piscina',
      { piscina: '^5.0.0' },
      `import { Piscina } from 'piscina'; const pool = new Piscina({ filename: path.resolve(__dirname, 'worker.js') })`,
      `await pool.run({ a: 4 });`,
      `${hash} export default async ({ a }) => bcrypt.hashSync(a, 10);`,
      { label: 'bcrypt cost 10 in app, threads of worker.js', where: 'threadPool', workers: { name: 'threads of worker.js', threads: { value: 6, basis: 'assumed' } } },
    ],
    [
      'Piscina: by a URL, so many threads, one of several functions',
      { piscina: '^5.0.0' },
      `import { Piscina } from 'piscina'; const pool = new Piscina({ filename: new URL('./worker.js', import.meta.url).href, maxThreads: 3 })`,
      `await pool.run(req.body, { name: 'hash' });`,
      `${hash} export const other = () => 1; export const hash = (it) => bcrypt.hashSync(it, 12);`,
      { label: 'bcrypt cost 12 in app, threads of worker.js', workers: { threads: { value: 3, basis: 'declared' } } },
    ],
    [
      'a task of which nothing is known',
      { piscina: '^5.0.0' },
      `import { Piscina } from 'piscina'; const pool = new Piscina({ filename: path.resolve(__dirname, 'worker.js') })`,
      `await pool.run({ a: 4, b: 6 });`,
      `module.exports = ({ a, b }) => { let sum = 0; for (let i = 0; i < a; i++) sum += b; return sum; };`,
      { label: 'task of threads of worker.js in app', ms: { value: 50, basis: 'assumed', range: [5, 500] }, workers: { name: 'threads of worker.js' } },
    ],
    // https://github.com/tinylibs/tinypool#example
    [
      'Tinypool',
      { tinypool: '^2.0.0' },
      `import Tinypool from 'tinypool'; const pool = new Tinypool({ filename: new URL('./worker.js', import.meta.url).href, maxThreads: 2 })`,
      `await pool.run({});`,
      `${hash} export default (it) => bcrypt.hashSync(it, 10);`,
      { workers: { threads: { value: 2 } } },
    ],
    // https://github.com/josdejong/workerpool#dedicated-workers
    [
      'workerpool',
      { workerpool: '^10.0.0' },
      `import workerpool from 'workerpool'; const pool = workerpool.pool(__dirname + '/worker.js', { maxWorkers: 7 })`,
      `await pool.exec('hash', ['x']);`,
      `import workerpool from 'workerpool'; ${hash} workerpool.worker({ hash: (it) => bcrypt.hashSync(it, 11) });`,
      { label: 'bcrypt cost 11 in app, threads of worker.js', workers: { threads: { value: 7 } } },
    ],
    // https://nodejs.org/api/worker_threads.html
    [
      'a thread of its own for each call',
      {},
      `import { Worker } from 'node:worker_threads'; const parse = (script) => new Promise((resolve, reject) => { const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: script }); worker.on('message', resolve); worker.on('error', reject); })`,
      `await parse(req.body);`,
      `import { parentPort, workerData } from 'node:worker_threads'; parentPort.postMessage(JSON.stringify(workerData));`,
      { label: 'task of threads of worker.js in app', workers: { threads: { value: 4, basis: 'assumed' } } },
    ],
    [
      'a thread that is asked by messages',
      {},
      `import { Worker } from 'node:worker_threads'; const worker = new Worker('./src/worker.js')`,
      `await new Promise((resolve) => { worker.once('message', resolve); worker.postMessage(req.body); });`,
      `import { parentPort } from 'node:worker_threads'; ${hash} parentPort.on('message', (it) => { parentPort.postMessage(bcrypt.hashSync(it, 10)); });`,
      { label: 'bcrypt cost 10 in app, threads of worker.js' },
    ],
  ])('%s', async (_name, dependencies, before, body, worker, expected) => {
    const found = computes(await threads(dependencies, before, body, worker));
    expect(found).toMatchObject([expected]);
    expect(found[0]?.awaited).toBeUndefined();
  });

  it('nobody waits for it', async () => {
    const found = computes(
      await threads(
        { piscina: '^5.0.0' },
        `import { Piscina } from 'piscina'; const pool = new Piscina({ filename: path.resolve(__dirname, 'worker.js') })`,
        `pool.run({});`,
        `export default () => 1;`,
      ),
    );
    expect(found).toMatchObject([{ awaited: false }]);
  });

  it('what it asks of others stays a query', async () => {
    const topology = await threads(
      { piscina: '^5.0.0', pg: '^8.0.0' },
      `import { Piscina } from 'piscina'; const pool = new Piscina({ filename: path.resolve(__dirname, 'worker.js') })`,
      `await pool.run({});`,
      `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); export default () => pool.query('SELECT 1 FROM users');`,
    );
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users']);
    expect(computes(topology)).toMatchObject([{ label: 'task of threads of worker.js in app' }]);
  });
});
