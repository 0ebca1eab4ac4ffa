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
import { PROGRAMS } from './miniatures/programs.ts';

type Files = Record<string, string>;

/** A workspace that is edited, analysed by one process that remembers; `time` stands for the clock of the disk. */
interface Edited {
  files: Files;
  set(path: string, text: string | null): void;
  now(): Promise<Topology>;
  /** The same folder with other texts, asked by somebody who may look into the memory. */
  beside(files: Files): Promise<Topology>;
  snapshot(): Snapshot;
}

function edited(files: Files): Edited {
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
    beside: async (other) => {
      const it = files;
      const listed = Object.keys(other).map((path) => ({ path, bytes: other[path]?.length ?? 0, modifiedMs: other[path] === it[path] ? (times.get(path) ?? 0) : -1 }));
      const looked = { ...cache, keep: () => {}, settle: () => {}, answer: () => undefined, keepAnswer: () => {}, remember: () => {}, write: () => {} };
      return (await infer({ ...workspace, list: async () => ({ files: listed, problems: [] }), read: async (path) => ({ text: other[path] ?? '' }) }, { cache: looked })).topology;
    },
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
  // Inside of functions, and what files say to one another.
  (text, pick) => changedPart(text, pick, /=> \{\n|\) \{\n/g, (it) => `${it}  await fetch('http://db/more');\n`),
  (text, pick) => changedPart(text, pick, /=> \{\n|\) \{\n/g, (it) => `${it}  if (process.env.NOBODY) return;\n  const more = 1;\n`),
  (text, pick) => changedPart(text, pick, /\n *(await|return|const|for|if) .*;/g, () => ''),
  // Names that nobody speaks of yet, or any more, and who then speaks of them.
  (text, pick) => `${text}\nconst added${pick(3)} = { limit: ${pick(9)}, at: ['SELECT * FROM added'] };\n`,
  (text, pick) =>
    changedPart(
      text,
      pick,
      /^(?=const|app|router|export|exports|function|async function|class)/gm,
      () => `async function helped${pick(3)}() {\n  await fetch('http://db/helped');\n}\n`,
    ),
  (text, pick) => changedPart(text, pick, /=> \{\n|\) \{\n/g, (it) => `${it}  await helped${pick(3)}(added${pick(3)}.limit);\n`),
  (text, pick) => changedPart(text, pick, /^(?:const added.*|async function helped\d\(\) \{\n.*\n\})\n/gm, () => ''),
  (text, pick) => changedPart(text, pick, /\n *await helped.*;/g, () => ''),
  (text, pick) => changedPart(text, pick, /export (?:const|class|async function|function) \w+/g, (it) => `${it}Two`),
  (text, pick) => changedPart(text, pick, /import .*;\n/g, (it) => (pick(2) === 0 ? '' : `${it}import './nowhere';\n`)),
  (text, pick) => changedPart(text, pick, /"[\w@/-]+": "[^"]*"/g, (it) => (pick(2) === 0 ? `${it}, "ioredis": "5"` : '"left": "1"')),
  (text, pick) => changedPart(text, pick, /^\w+=.*$/gm, (it) => (pick(2) === 0 ? `${it}\nADDED=1` : '')),
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

/** Handlers that leave something behind for the next: clients made on demand, fields of what all share, memory that grows. */
const LASTING: Files = {
  'package.json': '{ "name": "lasting", "scripts": { "start": "node src/main.js" }, "dependencies": { "express": "4", "pg": "8", "ioredis": "5", "axios": "1", "koa": "2" } }',
  'src/main.js': `const express = require('express');
const { one, two } = require('./work');
const { Prices } = require('./prices');
const { merge } = require('./merge');
const app = express();
const prices = new Prices();
const seen = new Map();
app.use(async (req, res, next) => {
  prices.asked = req.path;
  next();
});
app.get('/one', async (req, res) => {
  await one(req.query.id);
  res.json(1);
});
app.get('/two', async (req, res) => {
  const limit = 25;
  await two(limit);
  seen.set(req.query.id, limit);
  res.json(merge({ a: 1 }, { b: 2 }));
});
app.get('/prices', async (req, res) => {
  const price = await prices.of(req.query.id);
  if (!price) return res.status(404).end();
  res.json(price);
});
app.post('/prices', async (req, res) => {
  prices.forget();
  await Promise.all([prices.of(1), two(2)]);
  res.json(merge({ a: 1 }, req.body));
});
app.get('/late', async (req, res) => {
  const { late } = require('./late');
  await late();
  res.end();
});
app.listen(3000);
`,
  'src/work.js': `const { Pool } = require('pg');
let pool;
let redis = null;
function db() {
  if (!pool) pool = new Pool({ host: 'db', max: 5 });
  return pool;
}
function cache() {
  if (!redis) {
    const Redis = require('ioredis');
    redis = new Redis({ host: 'cache' });
  }
  return redis;
}
exports.one = async function (id) {
  const known = await cache().get('one:' + id);
  if (known) return known;
  const { rows } = await db().query('SELECT * FROM ones WHERE id = $1', [id]);
  await cache().set('one:' + id, rows[0], 'EX', 60);
  return rows[0];
};
exports.two = async function (limit) {
  for (let at = 0; at < limit; at++) {
    await db().query('SELECT * FROM twos WHERE n = $1', [at]);
  }
};
`,
  'src/prices.js': `const axios = require('axios');
class Prices {
  static all = {};
  async of(id) {
    if (!this.known) {
      this.known = await axios.get('http://billing/prices', { timeout: 900 });
    }
    Prices.all[id] = this.known;
    return this.known;
  }
  forget() {
    this.known = null;
    this.forgotten = true;
  }
}
exports.Prices = Prices;
`,
  'src/late.js': "const axios = require('axios');\nexports.late = async () => {\n  await axios.get('http://billing/late');\n};\n",
  'src/merge.js': `exports.merge = function merge(a, b) {
  const out = { ...a };
  for (const key of Object.keys(b)) {
    if (typeof b[key] === 'object') out[key] = merge(out[key] || {}, b[key]);
    else out[key] = b[key];
  }
  return out;
};
`,
};

/** Two servers that hand things on by the context of a request. */
const CONTEXTS: Files = {
  'package.json': '{ "name": "contexts", "workspaces": ["koa", "hono"] }',
  'koa/package.json': '{ "name": "koa-server", "scripts": { "start": "node main.js" }, "dependencies": { "koa": "2", "@koa/router": "12", "pg": "8", "axios": "1" } }',
  'koa/main.js': `const Koa = require('koa');
const Router = require('@koa/router');
const axios = require('axios');
const { Pool } = require('pg');
const pool = new Pool({ host: 'db', max: 5 });
const app = new Koa();
const router = new Router();
app.use(async (ctx, next) => {
  ctx.db = pool;
  ctx.state.prices = { of: (id) => axios.get('http://billing/prices/' + id, { timeout: 700 }) };
  await next();
});
router.get('/one/:id', async (ctx) => {
  const { rows } = await ctx.db.query('SELECT * FROM ones WHERE id = $1', [ctx.params.id]);
  ctx.body = rows;
});
router.get('/prices/:id', async (ctx) => {
  ctx.state.price = await ctx.state.prices.of(ctx.params.id);
  ctx.body = ctx.state.price.data;
});
router.post('/two', async (ctx) => {
  ctx.db = new Pool({ host: 'archive', max: 2 });
  await ctx.db.query('INSERT INTO twos VALUES ($1)', [ctx.request.body.id]);
  ctx.status = 201;
});
router.get('/three', async (ctx) => {
  await ctx.db.query('SELECT * FROM threes');
  ctx.body = {};
});
app.use(router.routes());
app.listen(3000);
`,
  'hono/package.json': '{ "name": "hono-server", "scripts": { "start": "node main.js" }, "dependencies": { "hono": "4", "@hono/node-server": "1", "pg": "8" } }',
  'hono/main.js': `import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Pool } from 'pg';
const pool = new Pool({ host: 'db', max: 6 });
const app = new Hono();
app.use('*', async (c, next) => {
  c.set('db', pool);
  await next();
});
app.get('/one/:id', async (c) => {
  const { rows } = await c.get('db').query('SELECT * FROM ones WHERE id = $1', [c.req.param('id')]);
  return c.json(rows);
});
app.post('/two', async (c) => {
  c.set('db', new Pool({ host: 'archive', max: 2 }));
  await c.var.db.query('INSERT INTO twos VALUES (1)');
  return c.json({});
});
app.get('/three', async (c) => {
  await c.get('db').query('SELECT * FROM threes');
  return c.json({});
});
serve({ fetch: app.fetch, port: 3001 });
`,
};

/** Guards and interceptors of a framework that look at what is written at the route before them. */
const GUARDED: Files = {
  'package.json': '{ "name": "guarded", "scripts": { "start": "node src/main.ts" }, "dependencies": { "@nestjs/core": "11", "@nestjs/common": "11", "pg": "8" } }',
  'src/main.ts': `import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
NestFactory.create(AppModule).then((app) => app.listen(3000));
`,
  'src/app.module.ts': `import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Orders } from './orders';
import { RolesGuard } from './roles';
import { Store } from './store';
@Module({ controllers: [Orders], providers: [Store, { provide: APP_GUARD, useClass: RolesGuard }] })
export class AppModule {}
`,
  'src/store.ts': `import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
const pool = new Pool({ host: 'db', max: 5 });
@Injectable()
export class Store {
  all() {
    return pool.query('SELECT * FROM orders');
  }
  one(id: string) {
    return pool.query('SELECT * FROM orders WHERE id = $1', [id]);
  }
}
`,
  'src/roles.ts': `import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Store } from './store';
export const Roles = (...roles: string[]) => SetMetadata('roles', roles);
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector, private readonly store: Store) {}
  async canActivate(context: ExecutionContext) {
    const roles = this.reflector.getAllAndOverride('roles', [context.getHandler(), context.getClass()]);
    if (!roles) return true;
    await this.store.one('me');
    return true;
  }
}
`,
  'src/orders.ts': `import { Controller, Get, Post } from '@nestjs/common';
import { Roles } from './roles';
import { Store } from './store';
@Controller('orders')
export class Orders {
  constructor(private readonly store: Store) {}
  @Get()
  @Roles('admin')
  async all() {
    return this.store.all();
  }
  @Get('mine')
  async mine() {
    return this.store.one('1');
  }
  @Post()
  @Roles('clerk')
  async add() {
    await this.store.one('2');
    return {};
  }
}
`,
};

const EDITED: Readonly<Record<string, number>> = {
  'a monorepo': 60,
  'handlers that leave something behind': 100,
  'handlers that find something on their request': 40,
  'handlers behind guards': 20,
};

const WORKSPACES: readonly (readonly [string, Files])[] = [
  ['a monorepo', MONOREPO],
  ['the shop', await shop()],
  ['handlers that leave something behind', LASTING],
  ['handlers that find something on their request', CONTEXTS],
  ['handlers behind guards', GUARDED],
  ...PROGRAMS.map((it) => [it.trap, it.files] as const),
  // Every fifth: edits of all of them take as long as the rest of the suite.
  ...[...EDGES, ...IDENTITY, ...ALTERNATIVES, ...INDIRECTION].filter((_, at) => at % 5 === 0).map((it) => [it.trap, it.files] as const),
];

describe('after every edit the answer is that of a first reading', () => {
  it.each(WORKSPACES)('%s', async (name, files) => {
    const it = edited({ ...files });
    const pick = numbers(name.length + 1);
    expect(await it.now()).toEqual(await topologyOf(it.files));
    const done: string[] = [];
    for (let at = 0; at < (EDITED[name] ?? 8); at += 1) {
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
    ['nor a number inside of a handler', 'apps/api/src/routes.ts', (it) => it.replace('2000', '3000'), []],
    ['a route is read by the process that mounts it', 'apps/api/src/routes.ts', (it) => it.replace("'/two'", "'/three'"), ['api']],
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

describe('a handler is read by itself', () => {
  const readAgain = (it: Snapshot) => [...it.units.values()].map((unit) => unit.tracing().redone());

  it.each<[what: string, path: string, from: string, to: string, again: number]>([
    ['a statement of one handler', 'src/main.js', 'const limit = 25;', 'const limit = 25;\n  await one(1);', 1],
    ['one that goes', 'src/main.js', '  await late();\n', '', 1],
    ['a function of two handlers', 'src/work.js', "'SELECT * FROM twos WHERE n = $1'", "'SELECT * FROM threes WHERE n = $1'", 2],
    ['what is made by the first is another thing to those behind it', 'src/work.js', 'max: 5', 'max: 6', 5],
    [
      'a name with the handler that speaks of it',
      'src/main.js',
      '  await late();\n  res.end();\n});\n',
      '  await late();\n  await more(MOST);\n  res.end();\n});\nconst MOST = 25;\nasync function more(n) {\n  for (let at = 0; at < n; at++) await two(1);\n}\n',
      1,
    ],
    ['what all run', 'src/main.js', '  prices.asked = req.path;\n', '  prices.asked = req.path;\n  await two(3);\n', 5],
  ])('%s', async (_what, path, from, to, again) => {
    const it = edited({ ...LASTING });
    await it.now();
    const before = [...it.snapshot().units.values()].map(({ unit }) => unit.reading);
    it.set(path, (it.files[path] ?? '').replace(from, to));
    expect(it.files[path]).not.toBe(LASTING[path]);
    expect(await it.now()).toEqual(await topologyOf(it.files));
    expect([...it.snapshot().units.values()].map(({ unit }, at) => unit.reading === before[at])).toEqual([true]);
    expect(readAgain(it.snapshot())).toEqual([again]);
    // And back again.
    it.set(path, LASTING[path] ?? null);
    expect(await it.now()).toEqual(await topologyOf(LASTING));
  });

  it.each<[what: string, path: string, from: string, to: string, again: number]>([
    ['one that a guard stands before', 'src/orders.ts', 'return this.store.all();', "await this.store.one('3');\n    return this.store.all();", 1],
    ['one that a guard lets pass', 'src/orders.ts', "this.store.one('1')", 'this.store.all()', 1],
    ['all, after the guard', 'src/roles.ts', 'if (!roles) return true;\n    ', '', 3],
  ])('behind guards: %s', async (_what, path, from, to, again) => {
    const it = edited({ ...GUARDED });
    expect((await it.now()).endpoints.map(({ steps }) => steps.filter((step) => step.kind === 'query').length)).toEqual([2, 1, 2]);
    const [before] = it.snapshot().units.values();
    it.set(path, (it.files[path] ?? '').replace(from, to));
    expect(it.files[path]).not.toBe(GUARDED[path]);
    expect(await it.now()).toEqual(await topologyOf(it.files));
    const [after] = it.snapshot().units.values();
    expect(after?.unit.reading).toBe(before?.unit.reading);
    expect(readAgain(it.snapshot())).toEqual([again]);
  });

  it('a name waits for who speaks of it', async () => {
    const it = edited({ ...LASTING });
    const first = await it.now();
    const { topology, units } = it.snapshot();
    const change = (from: string, to: string): void => it.set('src/work.js', (it.files['src/work.js'] ?? '').replace(from, to));
    change('let pool;', "const MOST = { pool: 9 };\nlet pool;\nfunction more() {\n  return db().query('SELECT * FROM more');\n}");
    expect(await it.now()).toEqual(await topologyOf(it.files));
    // Nothing was put together anew.
    expect(it.snapshot().topology).toBe(topology);
    change('{ pool: 9 }', '{ pool: 8 }');
    expect(await it.now()).toEqual(await topologyOf(it.files));
    expect(it.snapshot().topology).toBe(topology);
    change('FROM more', 'FROM less');
    change('async function (limit) {\n', 'async function (limit) {\n  await more();\n');
    expect(await it.now()).toEqual(await topologyOf(it.files));
    expect(readAgain(it.snapshot())).toEqual([2]);
    change('max: 5', 'max: MOST.pool');
    expect(await it.now()).toEqual(await topologyOf(it.files));
    change('  await more();\n', '');
    change('max: MOST.pool', 'max: 5');
    expect(await it.now()).toEqual(await topologyOf(it.files));
    expect([...it.snapshot().units.values()].map(({ unit }) => unit.reading)).toEqual([...units.values()].map(({ unit }) => unit.reading));
    it.set('src/work.js', LASTING['src/work.js'] ?? null);
    expect(await it.now()).toEqual(first);
  });

  it.each<[what: string, from: string, to: string]>([
    ['a name that the file speaks of already', 'let pool;', 'const limit = 1;\nlet pool;'],
    ['a value that has to be asked for', 'let pool;', 'const MOST = db();\nlet pool;'],
    ['a value that another name holds', 'let pool;', 'const MOST = redis;\nlet pool;'],
    ['a name that others get', 'let pool;', 'exports.MOST = 5;\nlet pool;'],
    ['a class, which may do something as it is made', 'let pool;', 'class More {\n  static all = db();\n}\nlet pool;'],
    ['a number that code reads', 'let redis = null;', 'let redis = new Map();'],
  ])('and a process is started anew for %s', async (_what, from, to) => {
    const it = edited({ ...LASTING });
    await it.now();
    const [before] = [...it.snapshot().units.values()].map(({ unit }) => unit.reading);
    it.set('src/work.js', (it.files['src/work.js'] ?? '').replace(from, to));
    expect(await it.now()).toEqual(await topologyOf(it.files));
    expect([...it.snapshot().units.values()].map(({ unit }) => unit.reading === before)).toEqual([false]);
  });

  it('what looks into a memory leaves it as it is', async () => {
    const it = edited({ ...LASTING });
    const first = await it.now();
    const before = it.snapshot();
    const other = { ...LASTING, 'src/main.js': (LASTING['src/main.js'] ?? '').replace('await late();', 'await two(4);') };
    expect(await it.beside(other)).toEqual(await topologyOf(other));
    expect(it.snapshot()).toBe(before);
    expect(await it.now()).toEqual(first);
  });
});
