import { expect, it } from 'vitest';
import { componentsOf, routeOf, service, topologyOf } from './memory-workspace.ts';

it.each<[string, Record<string, string>, string, string, string[]]>([
  [
    'better-sqlite3',
    { 'better-sqlite3': '^12.0.0' },
    `import Database from 'better-sqlite3'; const db = new Database('shop.db');`,
    `db.prepare('SELECT * FROM orders').all()`,
    ['SELECT orders eventLoop 0.1'],
  ],
  [
    'a statement that is prepared once',
    { 'better-sqlite3': '^12.0.0' },
    `const db = require('better-sqlite3')('shop.db'); const add = db.prepare('INSERT INTO orders VALUES (?)');`,
    'add.run(1)',
    ['INSERT orders eventLoop 1'],
  ],
  [
    'a transaction of better-sqlite3',
    { 'better-sqlite3': '^12.0.0' },
    `const db = require('better-sqlite3')('shop.db'); const move = db.transaction((n) => { db.prepare('UPDATE a SET n = ?').run(n); db.prepare('UPDATE b SET n = ?').run(n); });`,
    'move(1)',
    ['UPDATE a eventLoop 1', 'UPDATE b eventLoop 1'],
  ],
  [
    "Node's own",
    {},
    `import { DatabaseSync } from 'node:sqlite'; const db = new DatabaseSync(':memory:');`,
    `db.prepare('SELECT 1 FROM orders').get()`,
    ['SELECT orders eventLoop 0.1'],
  ],
  [
    'sqlite3 with callbacks',
    { sqlite3: '^5.0.0' },
    `const sqlite3 = require('sqlite3').verbose(); const db = new sqlite3.Database('shop.db');`,
    `db.all('SELECT * FROM orders', (error, rows) => db.run('DELETE FROM seen'))`,
    ['SELECT orders threadPool 0.1', 'DELETE seen threadPool 1'],
  ],
  [
    'sqlite with promises',
    { sqlite3: '^5.0.0', sqlite: '^5.0.0' },
    `import { open } from 'sqlite'; import sqlite3 from 'sqlite3'; const opened = open({ filename: 'shop.db', driver: sqlite3.Database });`,
    `await (await opened).get('SELECT * FROM orders WHERE id = ?', 1)`,
    ['SELECT orders threadPool 0.1'],
  ],
])('%s: queries are work of the process itself', async (_name, dependencies, before, body, expected) => {
  const topology = await topologyOf(
    service(
      { express: '^5.0.0', ...dependencies },
      { 'src/index.js': `import express from 'express'; ${before} const app = express(); app.get('/it', async (req, res) => { ${body}; res.json({}); }); app.listen(3000);` },
    ),
  );
  const [endpoint] = topology.endpoints;
  const work = endpoint?.steps.flatMap((step) =>
    step.kind === 'compute' && step.label.includes('SQLite') ? [`${step.label.replace(' (SQLite) in app', '')} ${step.where} ${'value' in step.ms ? step.ms.value : '?'}`] : [],
  );
  expect(work).toEqual(expected);
  expect(endpoint?.unread).toBeUndefined();
  expect(componentsOf(topology)).toEqual(['app service']);
});

it.each<[string, string, Record<string, string>, string, boolean]>([
  // https://github.com/typeorm/typeorm/blob/master/src/driver/sqlite/SqliteDriver.ts: createQueryRunner
  [
    'TypeORM hands out one connection',
    'typeorm',
    { typeorm: '^0.3.20', sqlite3: '^5.0.0' },
    `import { DataSource } from 'typeorm'; const db = new DataSource({ type: 'sqlite', database: 'shop.db' });`,
    true,
  ],
  ['but not of a server', 'typeorm', { typeorm: '^0.3.20', pg: '8' }, `import { DataSource } from 'typeorm'; const db = new DataSource({ type: 'postgres', host: 'db' });`, false],
  [
    'Knex keeps a pool of one',
    'knex',
    { knex: '^3.0.0', sqlite3: '^5.0.0' },
    `import knex from 'knex'; const made = knex({ client: 'sqlite3', connection: { filename: 'shop.db' } }); const db = { query: (text) => made.raw(text) };`,
    false,
  ],
])('%s', async (_says, library, dependencies, before, expected) => {
  const { pools } = await routeOf(dependencies, before, `await db.query('SELECT 1 FROM orders');`);
  expect(pools.map((it) => [it.library, it.multiplexed])).toEqual([[library, expected]]);
});
