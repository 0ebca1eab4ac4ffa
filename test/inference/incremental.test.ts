import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { nodeCache } from '../../src/inference/node-cache.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import type { Snapshot } from '../../src/inference/snapshot.ts';
import type { Topology } from '../../src/model/topology.ts';
import type { Workspace } from '../../src/workspace.ts';
import { topologyOf } from './memory-workspace.ts';
import { ALTERNATIVES } from './miniatures/alternatives.ts';
import { EDGES } from './miniatures/edges.ts';
import { IDENTITY } from './miniatures/identity.ts';
import { INDIRECTION } from './miniatures/indirection.ts';

type Files = Record<string, string>;

/** A workspace that is edited, analysed by one process that remembers; `time` stands for the clock of the disk. */
function edited(files: Files): { files: Files; set(path: string, text: string | null): void; now(): Promise<Topology>; snapshot(): Snapshot } {
  const times = new Map<string, number>();
  let time = 1;
  const workspace: Workspace = {
    root: '/edited',
    list: async () => ({ files: Object.keys(files).map((path) => ({ path, bytes: files[path]?.length ?? 0, modifiedMs: times.get(path) ?? 0 })), problems: [] }),
    read: async (path) => (files[path] === undefined ? { problem: 'gone' } : { text: files[path] }),
  };
  const cache = nodeCache(null, '/edited');
  return {
    files,
    set: (path, text) => {
      if (text === null) delete files[path];
      else files[path] = text;
      times.set(path, time++);
    },
    now: async () => (await infer(workspace, { cache })).topology,
    snapshot: () => cache.recall() as Snapshot,
  };
}

const numbers = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

/** What people do to a text: lines come and go, numbers and words change, and between two keystrokes it is broken. */
const EDITS: readonly ((text: string, pick: (below: number) => number, all: Files) => string | null)[] = [
  (text) => `// a remark\n\n${text}`,
  (text) => `${text}\n`,
  (text, pick) => changedLine(text, pick, (line) => `\n${line}`),
  (text, pick) => changedLine(text, pick, (line) => `  ${line}`),
  (text, pick) => changedLine(text, pick, () => ''),
  (text, pick) => changedLine(text, pick, (line) => `${line}\n${line}`),
  (text, pick) => changedPart(text, pick, /\d+/g, (it) => String(Number(it) + 1)),
  (text, pick) => changedPart(text, pick, /'\/\w+/g, (it) => `${it}-two`),
  (text, pick) => changedPart(text, pick, /app\.(get|post)\(.*/g, (it) => `${it}\napp.get('/added/${pick(99)}', async (q, s) => s.json(1));`),
  (text, pick) => changedPart(text, pick, /await \w+/g, () => 'await fetch("http://db/it"); await 1'),
  (text, pick) => changedPart(text, pick, /[{}()[\]]/g, () => ''),
  (text, pick) => changedPart(text, pick, /;/g, () => ';\n'),
  (text, pick) => text.slice(0, pick(text.length)),
  (_text, pick, all) => Object.values(all)[pick(Object.keys(all).length)] ?? '',
  () => null,
];

function changedLine(text: string, pick: (below: number) => number, change: (line: string) => string): string {
  const lines = text.split('\n');
  const at = pick(lines.length);
  return lines.map((line, index) => (index === at ? change(line) : line)).join('\n');
}

function changedPart(text: string, pick: (below: number) => number, pattern: RegExp, change: (it: string) => string): string {
  const found = [...text.matchAll(pattern)];
  const one = found[pick(found.length)];
  return one === undefined ? `${text}\n` : text.slice(0, one.index) + change(one[0]) + text.slice(one.index + one[0].length);
}

async function shop(): Promise<Files> {
  const root = fileURLToPath(new URL('../fixtures/shop', import.meta.url));
  const { files } = await nodeWorkspace(root).list();
  return Object.fromEntries(files.map((it) => [it.path, readFileSync(`${root}/${it.path}`, 'utf8')]));
}

/** Several processes over shared code, with aliases, variables and a half-typed moment in between. */
const MONOREPO: Files = {
  'package.json': '{ "name": "all", "workspaces": ["apps/*", "libs/*"] }',
  'tsconfig.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@all/db": ["libs/db/src/index.ts"] } } }',
  '.env': 'DB_HOST=db\nPOOL=9\n',
  'docker-compose.yml':
    'services:\n  api:\n    build: ./apps/api\n    environment: { DB_HOST: db, BILLING_URL: "http://billing:3001" }\n    ports: ["3000:3000"]\n  billing:\n    build: ./apps/billing\n    environment: { DB_HOST: db }\n  db:\n    image: postgres:16\n',
  'libs/db/package.json': '{ "name": "@all/db", "main": "src/index.ts", "dependencies": { "pg": "8" } }',
  'libs/db/src/index.ts':
    "import { Pool } from 'pg';\nexport const pool = new Pool({ host: process.env.DB_HOST, max: 7 });\nexport const find = (id: string) => pool.query('SELECT * FROM things WHERE id = $1', [id]);\n",
  ...Object.fromEntries(
    ['api', 'billing'].flatMap((name) => [
      [`apps/${name}/Dockerfile`, 'FROM node:22\nCOPY . .\nCMD ["node", "src/main.ts"]\n'],
      [`apps/${name}/package.json`, `{ "name": "${name}", "scripts": { "start": "node src/main.ts" }, "dependencies": { "express": "4", "@all/db": "*", "axios": "1" } }`],
      [
        `apps/${name}/src/main.ts`,
        `import express from 'express';\nimport { routes } from './routes';\nconst app = express();\napp.use('/${name}', routes);\napp.listen(300${name.length - 3});\n`,
      ],
      [
        `apps/${name}/src/routes.ts`,
        `import { Router } from 'express';\nimport axios from 'axios';\nimport { find } from '@all/db';\nexport const routes = Router();\nroutes.get('/one/:id', async (req, res) => {\n  const it = await find(req.params.id);\n  res.json(it);\n});\nroutes.post('/two', async (req, res) => {\n  for (const id of req.body.ids) await find(id);\n  await axios.post(process.env.BILLING_URL + '/billing/two', req.body, { timeout: 2000 });\n  res.status(201).end();\n});\n`,
      ],
    ]),
  ),
};

const WORKSPACES: readonly (readonly [string, Files])[] = [
  ['a monorepo', MONOREPO],
  ['the shop', await shop()],
  // Every fifth: edits of all of them take as long as the rest of the suite.
  ...[...EDGES, ...IDENTITY, ...ALTERNATIVES, ...INDIRECTION].filter((_, at) => at % 5 === 0).map((it) => [it.trap, it.files] as const),
];

describe('after every edit the answer is that of a first reading', () => {
  it.each(WORKSPACES)('%s', async (name, files) => {
    const it = edited({ ...files });
    const pick = numbers(name.length + 1);
    expect(await it.now()).toEqual(await topologyOf(it.files));
    const done: string[] = [];
    for (let at = 0; at < (name === 'a monorepo' ? 50 : 8); at += 1) {
      const paths = Object.keys(files);
      const path = paths[pick(paths.length)] ?? '';
      // What was broken or taken away comes back now and then, so that the rest is not judged in ruins.
      const text = it.files[path] === undefined || pick(3) === 0 ? files[path] : EDITS[pick(EDITS.length)]?.(it.files[path], pick, it.files);
      it.set(path, text ?? null);
      done.push(`${path}: ${JSON.stringify(text)}`);
      const [incremental, fresh] = [await it.now(), await topologyOf(it.files)];
      expect(incremental, done.join('\n')).toEqual(fresh);
    }
  });
});

describe('what an edit costs', () => {
  const readings = (it: Snapshot) => new Map([...it.units].map(([, { unit }]) => [unit.id, unit.reading]));

  it.each<[what: string, path: string, change: (text: string) => string, readAgain: readonly string[]]>([
    ['a remark reads no process again', 'apps/api/src/routes.ts', (it) => `// a remark\n\n${it}`, []],
    ['nor does a type', 'libs/db/src/index.ts', (it) => it.replace('id: string', 'id: string | number'), []],
    ['nor what is written otherwise and says the same', 'docker-compose.yml', (it) => it.replaceAll('  billing:\n', '  billing: # pays\n'), []],
    ['a number is read where it is used', 'apps/api/src/routes.ts', (it) => it.replace('2000', '3000'), ['api']],
    ['shared code is read by all', 'libs/db/src/index.ts', (it) => it.replace('7', '8'), ['api', 'billing']],
    ['a variable may mean anything to anybody', '.env', (it) => it.replace('9', '10'), ['api', 'billing']],
  ])('%s', async (_what, path, change, readAgain) => {
    const it = edited({ ...MONOREPO });
    await it.now();
    const before = readings(it.snapshot());
    it.set(path, change(it.files[path] ?? ''));
    expect(it.files[path]).not.toBe(MONOREPO[path]);
    expect(await it.now()).toEqual(await topologyOf(it.files));
    const after = readings(it.snapshot());
    expect([...after].filter(([id, reading]) => before.get(id) !== reading).map(([id]) => id)).toEqual(readAgain);
  });
});
