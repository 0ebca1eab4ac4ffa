import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { nodeCache } from '../../src/inference/node-cache.ts';
import { nodeWorkspace, relisted } from '../../src/inference/node-workspace.ts';
import { componentsOf, topologyOf } from './memory-workspace.ts';

const SOUND = {
  'package.json': '{ "name": "app", "main": "index.js", "dependencies": { "express": "4", "pg": "8" } }',
  'index.js': `const express = require('express'); const { Pool } = require('pg'); const pool = new Pool(); const app = express(); app.get('/it', async (q, s) => s.json(await pool.query('SELECT 1 FROM a'))); app.listen(1);`,
};

async function inFolder<T>(files: Readonly<Record<string, string | Buffer>>, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-bad-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('input that nobody wants', () => {
  it.each<[string, Record<string, string>, { file: string; line?: number; message: RegExp }]>([
    ['broken YAML', { ...SOUND, 'compose.yaml': 'services:\n  api:\n    image: "open\n  b: [\n' }, { file: 'compose.yaml', message: /YAML/ }],
    ['YAML of another kind', { ...SOUND, 'compose.yaml': '- 1\n- 2\n' }, { file: '', message: /^$/ }],
    ['package.json cut off', { ...SOUND, 'web/package.json': '{ "name": "x", "dependencies": {' }, { file: 'web/package.json', line: 1, message: /package\.json/ }],
    [
      'faultline.json with a wrong field',
      { ...SOUND, 'faultline.json': '{\n  "target": { "requestsPerSecond": 5 },\n  "speed": 3\n}' },
      { file: 'faultline.json', line: 3, message: /speed/ },
    ],
    ['faultline.json of the wrong form', { ...SOUND, 'faultline.json': '{\n  "target": "fast"\n}' }, { file: 'faultline.json', line: 2, message: /target/ }],
    [
      'a measurement of nothing',
      { ...SOUND, 'faultline.json': '{\n  "measurements": [\n    { "input": "db SELECT nothing", "value": 3 }\n  ]\n}' },
      { file: 'faultline.json', line: 3, message: /SELECT nothing/ },
    ],
  ])('%s', async (_name, files, expected) => {
    const topology = await topologyOf(files);
    expect(componentsOf(topology)).toContain('app service');
    if (expected.file === '') return expect(topology.problems).toEqual([]);
    expect(topology.problems[0]).toMatchObject({ file: expected.file, ...(expected.line && { line: expected.line }), message: expect.stringMatching(expected.message) });
    expect(topology.problems).toHaveLength(1);
  });

  it.each([
    ['an empty folder', {}, /empty/],
    ['no Node code', { 'main.py': 'print(1)\n', 'README.md': 'hello' }, /No Node\.js service/],
  ])('%s', async (_name, files, message) =>
    inFolder(files as Record<string, string>, async (folder) => {
      const { topology } = await infer(nodeWorkspace(folder));
      expect(topology.components).toEqual([]);
      expect(topology.problems).toMatchObject([{ file: '.', message: expect.stringMatching(message) }]);
    }),
  );

  it('60 MB of code, a binary and a link in a circle cost a problem each at most', () =>
    inFolder({ ...SOUND, 'index.js': `require('./huge'); require('./binary'); ${SOUND['index.js']}`, 'huge.js': '', 'binary.js': Buffer.from([1, 0, 2, 0, 3]) }, async (folder) => {
      truncateSync(join(folder, 'huge.js'), 60 * 1024 * 1024);
      symlinkSync('.', join(folder, 'circle'));
      symlinkSync('/etc', join(folder, 'outside'));
      symlinkSync('/etc/hostname', join(folder, 'outside.env'));
      const { topology, read } = await infer(nodeWorkspace(folder));
      expect(topology.endpoints).toHaveLength(1);
      expect(topology.problems.map((it) => [it.file, it.message])).toEqual([
        ['binary.js', 'This file is binary and was skipped.'],
        ['huge.js', 'This file is too large to read (60 MB; the limit is 2 MB).'],
      ]);
      expect(read.files).toBe(4);
    }));

  it('what .gitignore hides is not read, but a hidden .env is', () =>
    inFolder(
      {
        ...SOUND,
        'index.js': SOUND['index.js'].replace('new Pool()', 'new Pool({ host: process.env.DB_HOST })'),
        '.gitignore': '.env\n/generated/\n*.gen.js\n!keep.gen.js\n',
        '.env': 'DB_HOST=elsewhere.example.com\n',
        'generated/docker-compose.yml': 'services:\n  ghost:\n    image: redis\n',
        'a.gen.js': '',
        'keep.gen.js': '',
      },
      async (folder) => {
        const files = (await nodeWorkspace(folder).list()).files.map((it) => it.path);
        expect(files).toEqual(['.env', 'index.js', 'keep.gen.js', 'package.json']);
        expect((await infer(nodeWorkspace(folder))).topology.components.map((it) => it.id)).not.toContain('ghost');
      },
    ));
});

describe('a listing after files were written', () => {
  const files = { ...SOUND, 'a.js': '1\n', '.gitignore': '*.gen.js\n', 'b.gen.js': '' };
  it.each<[what: string, changed: string, change: (path: string) => void, isWalked: boolean]>([
    ['is the same walk', 'a.js', (path) => writeFileSync(path, '22\n'), false],
    ['what git hides stays out', 'b.gen.js', (path) => writeFileSync(path, '22\n'), false],
    ['a file that is gone', 'a.js', (path) => rmSync(path), true],
    ['other files may be hidden now', '.gitignore', (path) => writeFileSync(path, 'a.js\n'), true],
  ])('%s', (_what, changed, change, isWalked) =>
    inFolder(files, async (folder) => {
      const before = await nodeWorkspace(folder).list();
      change(join(folder, changed));
      expect(relisted(folder, before, [changed])).toEqual(isWalked ? undefined : await nodeWorkspace(folder).list());
    }),
  );

  it('a link may change without a word', () =>
    inFolder(files, async (folder) => {
      symlinkSync(join(folder, 'a.js'), join(folder, 'link.js'));
      expect(relisted(folder, await nodeWorkspace(folder).list(), [])).toBeUndefined();
    }));
});

/** Reads a folder as a process of its own would: with what another one left on disk, and leaving its own there. */
async function read(folder: string, store: string, program: string | null = null): ReturnType<typeof infer> {
  const cache = nodeCache(store, folder, program);
  const answer = await infer(nodeWorkspace(folder), { cache });
  cache.write();
  return answer;
}

describe('the cache', () => {
  it('a save re-reads one file; the topology is the same as without', () =>
    inFolder({ ...SOUND, 'index.js': `const db = require('./db'); ${SOUND['index.js']}`, 'db.js': 'module.exports = 1;\n' }, (folder) =>
      inFolder({}, async (store) => {
        const first = await read(folder, store);
        const again = await read(folder, store);
        writeFileSync(join(folder, 'db.js'), 'module.exports = 22;\n');
        const saved = await read(folder, store);
        expect([first.read.parsed, again.read.parsed, saved.read.parsed]).toEqual([3, 0, 1]);
        expect(saved.topology).toEqual((await infer(nodeWorkspace(folder))).topology);
      }),
    ));

  it('what no file gave reason to change is answered as before, by the same build only', () =>
    inFolder({ ...SOUND, 'note.md': 'a\n' }, (folder) =>
      inFolder({}, async (store) => {
        const by = (program: string | null) => read(folder, store, program);
        const first = await by('build 1');
        const answers = readdirSync(store).filter((it) => it.startsWith('answer-'));
        expect(answers).toHaveLength(1);
        const forged = readFileSync(join(store, answers[0] ?? ''), 'utf8').replaceAll('/it', '/from-cache');
        writeFileSync(join(store, answers[0] ?? ''), forged);
        const isFromCache = async (program: string | null) => JSON.stringify((await by(program)).topology).includes('from-cache');
        expect([await isFromCache('build 1'), await isFromCache(null), await isFromCache('build 2'), await isFromCache('build 2')]).toEqual([true, false, false, false]);
        expect((await by('build 2')).topology).toEqual(first.topology);
        writeFileSync(join(folder, 'index.js'), `${SOUND['index.js']}\napp.get('/more', (q, s) => s.json(1));\n`);
        expect((await by('build 2')).topology.endpoints.length).toBe(first.topology.endpoints.length + 1);
      }),
    ));

  it('a damaged cache is an empty one', () =>
    inFolder(SOUND, (folder) =>
      inFolder({}, async (store) => {
        await read(folder, store);
        for (const it of readdirSync(store)) writeFileSync(join(store, it), '{ "version": 1, "entries": [[');
        const { topology, read: counts } = await read(folder, store);
        expect([topology.endpoints.length, counts.parsed]).toEqual([1, 2]);
      }),
    ));

  it('an aborted analysis stops', () =>
    inFolder(SOUND, async (folder) => {
      const abort = new AbortController();
      abort.abort();
      await expect(infer(nodeWorkspace(folder), { signal: abort.signal })).rejects.toThrow();
    }));
});

describe('code that is being typed', () => {
  const head = `const express = require('express'); const { Pool } = require('pg'); const pool = new Pool(); const app = express(); const admin = express(); app.use('/admin-area', admin);\n`;
  const route = `app.get('/it', async (q, s) => s.json(await pool.query('SELECT 1 FROM a')));\n`;

  it.each([
    ['a handler without its end swallows listen', `${head}${route}app.get('/next', async (q, s) => {\n  const y = \napp.listen(1);\n`],
    ['a string without its end', `${head}${route}app.get('/next, (q, s) => s.end());\napp.listen(1);\n`],
    ['an object without its end', `${head}${route}const options = { a: 1,\napp.listen(1);\n`],
  ])('%s: what stands before it is still served', async (_name, text) => {
    const topology = await topologyOf({ ...SOUND, 'index.js': text });
    expect(topology.endpoints.map((it) => it.id)).toContain('app GET /it');
    expect(topology.pools).toHaveLength(1);
    expect(topology.problems.map((it) => it.file)).toEqual(['index.js']);
  });

  it('an app that never listens serves nothing while the code is whole', async () => {
    const topology = await topologyOf({ ...SOUND, 'index.js': `${head}${route}` });
    expect(topology.endpoints).toEqual([]);
  });
});
