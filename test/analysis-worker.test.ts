import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { AnalysisReply, AnalysisRequest, WorkerData } from '../src/analysis-protocol.ts';
import { inFolder } from './cli/run-cli.ts';

const FILES = {
  'package.json': '{ "name": "app", "main": "index.js", "dependencies": { "express": "4" } }',
  'index.js': "const app = require('express')();\nrequire('./more')(app);\napp.get('/one', (q, s) => s.json(1));\napp.listen(3000);\n",
  'more.js': "module.exports = (app) => app.get('/two', (q, s) => s.json(2));\n",
};

/** The worker as the editor talks to it. */
function client(root: string): { ask(changed: readonly string[] | null): Promise<string[]>; outdated: number[]; end(): Promise<number> } {
  const worker = new Worker(fileURLToPath(new URL('../src/analysis-worker.ts', import.meta.url)));
  const outdated: number[] = [];
  const waiting = new Map<number, (it: AnalysisReply) => void>();
  worker.on('message', (reply: AnalysisReply) => {
    if (reply.kind === 'outdated') outdated.push(reply.id);
    else if (reply.kind !== 'progress' && reply.kind !== 'preview') waiting.get(reply.id)?.(reply);
  });
  let id = 0;
  return {
    outdated,
    end: () => worker.terminate(),
    ask: async (changed) => {
      id += 1;
      const reply = await new Promise<AnalysisReply>((resolve) => {
        waiting.set(id, resolve);
        worker.postMessage({ kind: 'analyse', id, root, cacheFolder: null, scenario: {}, deployment: null, changed } satisfies AnalysisRequest);
      });
      if (reply.kind !== 'report') throw new Error(JSON.stringify(reply));
      return [...reply.report.topology.endpoints.map((it) => `${it.id} :${it.place.line}`), ...reply.report.topology.problems.map((it) => it.message)];
    },
  };
}

it('a save that is told is read without a look through the folder; what nobody told of is found behind the answer', () =>
  inFolder(FILES, async (folder) => {
    const { ask, outdated, end } = client(folder);
    try {
      expect(await ask(null)).toEqual(['app GET /two :1', 'app GET /one :3']);
      writeFileSync(join(folder, 'more.js'), `// moved\n${FILES['more.js']}`);
      expect(await ask(['more.js'])).toEqual(['app GET /two :2', 'app GET /one :3']);
      writeFileSync(join(folder, 'more.js'), FILES['more.js'].replace('/two', '/three'));
      writeFileSync(join(folder, 'index.js'), FILES['index.js'].replace('/one', '/first'));
      const told = await ask(['more.js']);
      expect(told[0]).toBe('app GET /three :1');
      // Unless the look behind the answer before came late enough to see it, this answer lacks the other file, and says so.
      if (told[1] !== 'app GET /first :3') await expect.poll(() => outdated).toContain(3);
      expect(await ask([]), 'what was said before counts for nothing then').toEqual(['app GET /three :1', 'app GET /first :3']);
      rmSync(join(folder, 'more.js'));
      expect(await ask(['more.js']), 'a file that is gone').toEqual(['app GET /first :3']);
    } finally {
      await end();
    }
  }));

it('of a first reading that is cancelled while advice is worked out, what was shown is asked about', async () => {
  const stopped = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(fileURLToPath(new URL('../src/analysis-worker.ts', import.meta.url)), { workerData: { stopped } satisfies WorkerData });
  const kinds: string[] = [];
  const reply = new Promise<AnalysisReply>((resolve) => {
    worker.on('message', (it: AnalysisReply) => {
      kinds.push(`${it.id} ${it.kind}`);
      if (it.kind === 'preview') {
        Atomics.store(stopped, 0, it.id);
        worker.postMessage({ kind: 'judge', id: 2, scenario: { targetPerSecond: 77 } } satisfies AnalysisRequest);
      }
      if (it.id === 2) resolve(it);
    });
  });
  try {
    const root = fileURLToPath(new URL('fixtures/shop', import.meta.url));
    worker.postMessage({ kind: 'analyse', id: 1, root, cacheFolder: null, scenario: {}, deployment: null, changed: null } satisfies AnalysisRequest);
    expect(await reply).toMatchObject({ kind: 'report', report: { scenario: { targetPerSecond: 77 } } });
    expect(kinds).toContain('1 cancelled');
  } finally {
    await worker.terminate();
  }
});

it('what was cancelled while numbers are worked out ends there, and the next request is answered', () =>
  inFolder(FILES, async (folder) => {
    const stopped = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(fileURLToPath(new URL('../src/analysis-worker.ts', import.meta.url)), { workerData: { stopped } satisfies WorkerData });
    const kinds: string[] = [];
    const settled = (id: number): Promise<string> =>
      new Promise((resolve) => {
        worker.on('message', (reply: AnalysisReply) => {
          if (reply.id !== id) return;
          kinds.push(`${id} ${reply.kind}`);
          if (reply.kind !== 'progress' && reply.kind !== 'preview') resolve(reply.kind);
        });
        worker.postMessage({ kind: 'analyse', id, root: folder, cacheFolder: null, scenario: {}, deployment: null, changed: null } satisfies AnalysisRequest);
      });
    try {
      // No message says so: none would be heard.
      Atomics.store(stopped, 0, 1);
      expect(await settled(1)).toBe('cancelled');
      expect(kinds, 'nor is there an answer without findings').not.toContain('1 preview');
      expect(await settled(2)).toBe('report');
    } finally {
      await worker.terminate();
    }
  }));
