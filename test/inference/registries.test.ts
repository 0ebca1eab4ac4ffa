import { expect, it } from 'vitest';
import { stepsOf, topologyOf } from './memory-workspace.ts';

const services = `class A { async go() { await pool.query('SELECT 1 FROM a'); } } class B { async go() { await pool.query('SELECT 1 FROM b'); } }`;

it.each<[string, string, string, string[]]>([
  ['asked by a name that is known', 'const all = new Map(); all.set("a", new A()); all.set("b", new B());', 'await all.get("b").go();', ['SELECT b']],
  [
    'asked by a name of the request',
    'const all = new Map(); all.set("a", new A()); all.set("b", new B());',
    'await all.get(req.params.kind).go();',
    ['one of 2', 'one of 2 > SELECT a', 'one of 2 > SELECT b'],
  ],
  ['made with its entries', 'const all = new Map([["a", new A()], ["b", new B()]]);', 'await all.get("a").go();', ['SELECT a']],
  ['asked one after another', 'const all = new Map(); all.set("a", new A()); all.set("b", new B());', 'for (const [, it] of all) await it.go();', ['SELECT a', 'SELECT b']],
  ['asked by its values', 'const all = new Map(); all.set("a", new A());', 'for (const it of all.values()) await it.go();', ['SELECT a']],
  ['a set of what is told', 'const all = new Set(); all.add(new A()); all.add(new B());', 'for (const it of all) await it.go();', ['SELECT a', 'SELECT b']],
  ['under a class', 'const all = new Map(); all.set(A, new A());', 'await all.get(A).go();', ['SELECT a']],
  [
    'in a class that makes what is not there yet',
    'class Hub { static all = new Map(); static get(name) { if (!this.all.has(name)) this.all.set(name, new A()); return this.all.get(name); } } const first = Hub.get("a");',
    'await Hub.get("a").go();',
    ['SELECT a'],
  ],
  ['a name that nobody registered', 'const all = new Map(); all.set("a", new A());', 'await all.get("c")?.go();', []],
  [
    'what handlers put there is a cache',
    'const all = new Map();',
    'let it = all.get(req.params.id); if (!it) { it = new A(); all.set(req.params.id, it); } await it.go();',
    ['calls with put into a Map in memory', 'calls with put into a Map in memory > put into a Map in memory~', 'SELECT a'],
  ],
])('a registry: %s', async (_name, before, body, expected) => {
  const topology = await topologyOf({
    'package.json': JSON.stringify({ name: 'app', main: 'index.js', dependencies: { express: '5', pg: '8' } }),
    'index.js': `import express from 'express'; import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); ${services} ${before}
      const app = express(); app.get('/it', async (req, res) => { ${body} res.json({}); }); app.listen(3000);`,
  });
  expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
});

it('queues in a registry know their names', async () => {
  const topology = await topologyOf({
    'package.json': JSON.stringify({ name: 'app', main: 'index.js', dependencies: { bullmq: '5' } }),
    'index.js': `import { Queue, Worker } from 'bullmq';
      class Base { constructor(name) { this.queue = new Queue(name, { connection: { host: 'redis' } }); } work() { new Worker(this.queue.name, (job) => this.process(job), { connection: { host: 'redis' } }); } }
      class Mail extends Base { async process() {} } class Bill extends Base { async process() {} }
      class Hub { all = new Map(); register(name, it) { this.all.set(name, it); } get(name) { const it = this.all.get(name); if (!it) throw new Error(name); return it; } }
      const hub = new Hub(); hub.register('mail', new Mail('shop-mail')); hub.register('bill', new Bill('shop-bill')); hub.get('mail').work(); hub.get('bill').work();`,
  });
  expect(topology.endpoints.map((it) => it.id)).toEqual(['app consumes shop-mail', 'app consumes shop-bill']);
});

it.each<[string, string, string[]]>([
  ['beside a default, the others wait for somebody to choose them', `default: it = new Pool({ host: 'own' });`, ['mysql optional', 'own runtime']],
  ['without a default, one of them is meant', '', ['mysql runtime', 'postgres runtime']],
])('stores that a variable chooses: %s', async (_name, byDefault, expected) => {
  const topology = await topologyOf({
    'package.json': JSON.stringify({ name: 'app', main: 'index.js', dependencies: { express: '5', pg: '8', mysql2: '3' } }),
    'index.js': `import express from 'express'; import { Pool } from 'pg'; import mysql from 'mysql2'; let it;
      switch (process.env.KIND) { case 'mysql': it = mysql.createPool({ host: process.env.MYSQL_HOST }); break; ${byDefault ? '' : `case 'pg': it = new Pool({ host: process.env.PG_HOST }); break;`} ${byDefault} }
      const app = express(); app.get('/it', async (req, res) => { await it.query('SELECT 1 FROM a'); res.json({}); }); app.listen(3000);`,
  });
  expect(
    topology.components
      .filter((it) => it.kind === 'database')
      .map((it) => `${it.id} ${it.scope}`)
      .sort(),
  ).toEqual(expected);
});
