import { describe, expect, it } from 'vitest';
import { walkSteps } from '../../src/model/topology.ts';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const pg = { express: '^5.0.0', pg: '^8.0.0' };
const app = (handler: string, before = ''): string => `
import express from 'express';
import { Pool } from 'pg';
const pool = new Pool({ host: 'db', max: 7 });
const app = express();
${before}
app.get('/it', ${handler});
app.listen(3000);
`;

describe('what a handler does', () => {
  it.each<[string, string, string[], string?]>([
    ['awaits', `async (req, res) => { await pool.query('SELECT * FROM orders'); res.json({}); }`, ['SELECT orders']],
    ['forgets to await', `async (req, res) => { pool.query('INSERT INTO log VALUES (1)'); res.json({}); }`, ['INSERT log~']],
    ['answers in a callback', `(req, res) => { pool.query('SELECT 1 FROM a', (error, rows) => res.json(rows)); }`, ['SELECT a']],
    ['chains promises', `(req, res) => { pool.query('SELECT 1 FROM a').then(() => pool.query('SELECT 1 FROM b')).then((it) => res.json(it)); }`, ['SELECT a', 'SELECT b']],
    [
      'loops with await',
      `async (req, res) => { for (const id of req.body.ids) await pool.query('SELECT * FROM a WHERE id = $1', [id]); res.json({}); }`,
      ['each', 'each > SELECT a'],
    ],
    [
      'maps at once',
      `async (req, res) => { await Promise.all(req.body.ids.map((id) => pool.query('SELECT * FROM a WHERE id = $1', [id]))); res.json({}); }`,
      ['each at once', 'each at once > SELECT a'],
    ],
    [
      'collects what it starts in a loop',
      `async (req, res) => { const all = []; for (const id of req.body.ids) { const one = fetch('https://prices.shop.example/' + id); all.push(one.then((it) => it.json())); } res.json(await Promise.all(all)); }`,
      ['each at once', 'each at once > GET prices.shop.example/*'],
    ],
    [
      'asks two at once',
      `async (req, res) => { await Promise.all([pool.query('SELECT 1 FROM a'), pool.query('SELECT 1 FROM b')]); res.json({}); }`,
      ['parallel', 'parallel > SELECT a', 'parallel > SELECT b'],
    ],
    [
      'guards early',
      `async (req, res) => { if (!req.body.x) { await pool.query('INSERT INTO refused VALUES (1)'); return res.status(400).json({}); } await pool.query('SELECT 1 FROM a'); res.json({}); }`,
      ['SELECT a'],
    ],
    [
      'goes either way',
      `async (req, res) => { if (req.query.x) await pool.query('SELECT 1 FROM a'); else await pool.query('SELECT 1 FROM b'); res.json({}); }`,
      ['either way', 'either way > SELECT a', 'either way > SELECT b'],
    ],
    [
      'asks what no variable switches on',
      `async (req, res) => { if (process.env.ANALYTICS_URL) { await pool.query('SELECT 1 FROM a'); return res.json({}); } await pool.query('SELECT 1 FROM b'); res.json({}); }`,
      ['SELECT b'],
    ],
    [
      'is refused by a check that may have set an error',
      `async (req, res) => { const { error } = check(req); if (error) return error(res); await pool.query('SELECT 1 FROM a'); res.json({}); }`,
      ['SELECT a'],
      'const check = (req) => { let error; if (!req.body.x) { error = (res) => res.status(400).json({}); } return { error }; };',
    ],
    [
      'raises a flag in one case',
      `async (req, res) => { let isKnown = false; if (req.body.x) isKnown = true; if (isKnown) await pool.query('SELECT 1 FROM a'); else await pool.query('SELECT 1 FROM b'); res.json({}); }`,
      ['either way', 'either way > SELECT a', 'either way > SELECT b'],
    ],
    [
      'picks a method of a class by the name that it is asked',
      `async (req, res) => { await Jobs[req.params.job](); res.json({}); }`,
      ['one of 2', 'one of 2 > SELECT a', 'one of 2 > SELECT b'],
      `class Jobs { static #own = 1; static async first() { await pool.query('SELECT 1 FROM a'); } static async second() { await pool.query('SELECT 1 FROM b'); } }`,
    ],
    ['works after its answer', `async (req, res) => { res.json({}); await pool.query('INSERT INTO log VALUES (1)'); }`, ['respond', 'INSERT log']],
    [
      'holds a connection',
      `async (req, res) => { const client = await pool.connect(); try { await client.query('BEGIN'); await client.query('UPDATE a SET b = 1'); await client.query('COMMIT'); } finally { client.release(); } await pool.query('SELECT 1 FROM c'); res.json({}); }`,
      ['hold always', 'hold always > BEGIN^', 'hold always > UPDATE a^', 'hold always > COMMIT^', 'SELECT c'],
    ],
    [
      'asks the pool while it holds a connection',
      `async (req, res) => { const client = await pool.connect(); try { await pool.query('SELECT 1 FROM a'); } finally { client.release(); } res.json({}); }`,
      ['hold always', 'hold always > SELECT a'],
    ],
    [
      'releases on the happy path only',
      `async (req, res) => { const client = await pool.connect(); await client.query('SELECT 1 FROM a'); client.release(); res.json({}); }`,
      ['hold happyPath', 'hold happyPath > SELECT a^'],
    ],
    [
      'never releases',
      `async (req, res) => { const client = await pool.connect(); await client.query('SELECT 1 FROM a'); res.json({}); }`,
      ['hold never', 'hold never > SELECT a^'],
    ],
    [
      'gives back on error too',
      `async (req, res) => { const client = await pool.connect(); try { await client.query('SELECT 1 FROM a'); client.release(); } catch (error) { client.release(error); throw error; } res.json({}); }`,
      ['hold always', 'hold always > SELECT a^'],
    ],
    [
      'tries again',
      `async (req, res) => { for (let i = 0; i < 3; i++) { try { return res.json(await pool.query('SELECT 1 FROM a')); } catch (error) { if (i === 2) throw error; } } }`,
      ['SELECT a'],
    ],
    ['says that nobody waits', `async (req, res) => { void pool.query('INSERT INTO log VALUES (1)'); res.json({}); }`, ['INSERT log~']],
    [
      'uses a transaction helper',
      `async (req, res) => { await inTransaction((client) => client.query('UPDATE a SET b = 1')); res.json({}); }`,
      ['hold always', 'hold always > BEGIN^', 'hold always > UPDATE a^', 'hold always > COMMIT^'],
      `async function inTransaction(work) { const client = await pool.connect(); try { await client.query('BEGIN'); const it = await work(client); await client.query('COMMIT'); return it; } catch (e) { await client.query('ROLLBACK'); throw e; } finally { client.release(); } }`,
    ],
    [
      'runs middleware first',
      `auth, async (req, res) => { res.json((await pool.query('SELECT 1 FROM a')).rows); }`,
      ['SELECT sessions', 'SELECT a'],
      `const auth = async (req, res, next) => { await pool.query('SELECT * FROM sessions WHERE id = $1', [req.headers.x]); next(); };`,
    ],
  ])('%s', async (_name, handler, expected, before = '') => {
    const topology = await topologyOf(service(pg, { 'src/index.js': app(handler, before) }));
    expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
  });

  it.each<[string, string, object[], string?]>([
    ['a promise around setTimeout', 'await new Promise((resolve) => setTimeout(resolve, 200));', [{ label: 'wait 200 ms', ms: { value: 200, basis: 'declared' } }]],
    ['a function of its own', 'await sleep(30);', [{ label: 'wait 30 ms' }], 'const sleep = (ms) => new Promise((done) => setTimeout(done, ms));'],
    ["Node's promised timers", 'await wait(40);', [{ label: 'wait 40 ms' }], `import { setTimeout as wait } from 'node:timers/promises';`],
    ["Node's scheduler", 'await scheduler.wait(45);', [{ label: 'wait 45 ms' }], `import { scheduler } from 'timers/promises';`],
    ['a promisified setTimeout', 'await sleep(50);', [{ label: 'wait 50 ms' }], `import { promisify } from 'node:util'; const sleep = promisify(setTimeout);`],
    ['a package for it', 'await delay(60);', [{ label: 'wait 60 ms' }], `import delay from 'delay';`],
    ['a time that no file says', 'await new Promise((resolve) => setTimeout(resolve, req.body.ms));', [{ label: 'wait at src/index.js:7', ms: { state: 'unknown' } }]],
    ['a timer that nobody waits for', 'setTimeout(() => console.log(1), 70);', []],
    ['a pause before another try', 'try { await pool.query("SELECT 1 FROM a"); } catch { await new Promise((resolve) => setTimeout(resolve, 80)); }', []],
  ])('waits: %s', async (_name, code, expected, before = '') => {
    const topology = await topologyOf(service(pg, { 'src/index.js': app(`async (req, res) => { ${code} res.json({}); }`, before) }));
    expect(topology.endpoints[0]?.steps.filter((it) => it.kind === 'wait')).toMatchObject(expected);
  });

  // [name, code between connect() and the answer, steps]. Asking the pool is nested only where the connection is certainly still out.
  const took = 'const client = await pool.connect(); ';
  it.each<[string, string, string[], string?]>([
    ['in a finally callback', `const u = await client.query('SELECT 1 FROM a').finally(() => client.release()); await pool.query('SELECT 1 FROM b');`, ['a^', '| b']],
    ['in a then callback', `await client.query('SELECT 1 FROM a').then((r) => { client.release(); return r; }); await pool.query('SELECT 1 FROM b');`, ['a^', '| b']],
    [
      'in a function that was given it',
      `await done(client); await pool.query('SELECT 1 FROM b');`,
      ['a^', '| b'],
      `const done = async (c) => { await c.query('SELECT 1 FROM a'); c.release(); };`,
    ],
    [
      'in a function of its own, once',
      `let out = true; const release = () => { if (out) { out = false; client.release(); } }; try { release(); await pool.query('SELECT 1 FROM b'); } finally { release(); }`,
      ['| b'],
    ],
    [
      'in each case',
      `switch (req.body.kind) { case 'a': await client.query('SELECT 1 FROM a'); client.release(); break; default: client.release(); } await pool.query('SELECT 1 FROM b');`,
      ['a^', '| b'],
    ],
    ['in some case', `switch (req.body.kind) { case 'a': client.release(); break; default: break; } await pool.query('SELECT 1 FROM b');`, ['| b']],
    ['on one way that goes on', `if (req.body.x) client.release(); await pool.query('SELECT 1 FROM b');`, ['| b']],
    ['on one way of an expression', `req.body.x ? client.release() : 0; await pool.query('SELECT 1 FROM b');`, ['| b']],
    ['in a loop', `for (const x of req.body.all) { client.release(); } await pool.query('SELECT 1 FROM b');`, ['| b']],
    [
      'at some return of a function',
      `await may(client); await pool.query('SELECT 1 FROM b');`,
      ['| b'],
      `const may = async (c) => { if (c.x) { c.release(); return 1; } return 2; };`,
    ],
    ['perhaps by code that is not read', `await other(client); await pool.query('SELECT 1 FROM b');`, ['| b'], `const other = require('other');`],
    [
      'before an early answer, then asked',
      `if (!req.body.x) { client.release(); await pool.query('SELECT 1 FROM b'); return res.json({}); } await client.query('SELECT 1 FROM a'); client.release();`,
      ['a^', '| b'],
    ],
    ['only before an early answer: the others nest', `if (!req.body.x) { client.release(); return res.json({}); } await pool.query('SELECT 1 FROM b'); client.release();`, ['b']],
    [
      'only on error: the others nest',
      `try { await client.query('SELECT 1 FROM a'); } catch (error) { client.release(); throw error; } await pool.query('SELECT 1 FROM b'); client.release();`,
      ['a^', 'b'],
    ],
    [
      'after a function that only uses it',
      `await use(client); await pool.query('SELECT 1 FROM b'); client.release();`,
      ['a^', 'b'],
      `const use = async (c) => { if (c.x) return; await c.query('SELECT 1 FROM a'); };`,
    ],
  ])('a connection given back %s', async (_name, body, expected, before = '') => {
    const topology = await topologyOf(service(pg, { 'src/index.js': app(`async (req, res) => { ${took}${body} res.json({}); }`, before) }));
    // Which case it is frames what is done, and is nothing that is done.
    const [hold, ...rest] = stepsOf(topology, 'app GET /it').filter((it) => !/ one of \d$/.test(it));
    expect(hold).toMatch(/^hold /);
    expect(rest.map((it) => (it.startsWith('hold ') ? it.replace(/^.*SELECT /, '') : `| ${it.replace('SELECT ', '')}`))).toEqual(expected);
  });

  it('a pool declares its size and its place; pg waits for ever', async () => {
    const [pool] = (await topologyOf(service(pg, { 'src/index.js': app('(req, res) => pool.query("SELECT 1 FROM a")') }))).pools;
    expect(pool).toMatchObject({
      id: 'app→db pool',
      library: 'pg',
      majorVersion: 8,
      multiplexed: false,
      max: { value: 7, basis: 'declared', place: { file: 'src/index.js', line: 4 } },
      acquireTimeoutMs: { state: 'none' },
      place: { line: 4, column: 14 },
    });
  });
});

describe('handlers across files', () => {
  const routes = `const { Router } = require('express'); const users = require('./users'); const router = Router(); router.route('/:id').get(users.one); router.get('/', users.all); module.exports = router;`;
  const index = `const express = require('express'); const app = express(); app.use('/api/v1', require('./routes')); app.listen(1);`;
  const db = `const { Pool } = require('pg'); module.exports = new Pool();`;
  it.each<[string, Record<string, string>]>([
    [
      'module.exports = {}',
      {
        'src/users.js': `const db = require('./db'); const one = async (req, res) => { await db.query('SELECT * FROM users WHERE id = $1'); res.json({}); }; const all = async (req, res) => { await db.query('SELECT * FROM users'); res.json({}); }; module.exports = { one, all };`,
      },
    ],
    [
      'exports.x',
      {
        'src/users.js': `const db = require('./db'); exports.one = async (req, res) => { await db.query('SELECT * FROM users WHERE id = $1'); res.json({}); }; exports.all = async (req, res) => { await db.query('SELECT * FROM users'); res.json({}); };`,
      },
    ],
    [
      'a class with fields',
      {
        'src/users.js': `const db = require('./db'); class Repository { constructor(db) { this.db = db; } find(sql) { return this.db.query(sql); } } class Users { repository = new Repository(db); one = async (req, res) => { await this.repository.find('SELECT * FROM users WHERE id = $1'); res.json({}); }; async all(req, res) { await this.repository.find('SELECT * FROM users'); res.json({}); } } const users = new Users(); module.exports = { one: users.one, all: users.all.bind(users) };`,
      },
    ],
    [
      'a barrel',
      {
        'src/users.js': `export * from './users/index.js';`,
        'src/users/index.js': `export { one } from './one.js'; export { default as all } from './all.js';`,
        'src/users/one.js': `import db from '../db.js'; export const one = async (req, res) => { await db.query('SELECT * FROM users WHERE id = $1'); res.json({}); };`,
        'src/users/all.js': `import db from '../db.js'; export default async function all(req, res) { await db.query('SELECT * FROM users'); res.json({}); }`,
      },
    ],
    [
      'a wrapper for errors',
      {
        'src/users.js': `const db = require('./db'); const safe = (f) => (req, res, next) => Promise.resolve(f(req, res, next)).catch(next); const one = safe(async (req, res) => { await db.query('SELECT * FROM users WHERE id = $1'); res.json({}); }); const all = safe(async (req, res) => { await db.query('SELECT * FROM users'); res.json({}); }); module.exports = { one, all };`,
      },
    ],
  ])('%s', async (_name, files) => {
    const topology = await topologyOf(service(pg, { 'src/index.js': index, 'src/routes.js': routes, 'src/db.js': db, ...files }));
    expect(topology.endpoints.map((it) => it.id).sort()).toEqual(['app GET /api/v1', 'app GET /api/v1/:id']);
    expect(stepsOf(topology, 'app GET /api/v1')).toEqual(['SELECT users']);
    expect(stepsOf(topology, 'app GET /api/v1/:id')).toEqual(['SELECT users']);
    expect(topology.pools[0]?.max).toMatchObject({ value: 10, basis: 'libraryDefault', source: 'pg 8 Pool max' });
  });

  it('TypeScript with path aliases and parameter properties', async () => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'node dist/index.js' }, dependencies: pg }),
      'tsconfig.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"] }, /* built */ "outDir": "dist" } }',
      'src/index.ts': `import express from 'express'; import { Users } from '@/users'; import { pool } from '@/db'; const app = express(); const users = new Users(pool); app.get('/users', (req: Request, res: Response) => users.all(req, res)); app.listen(1);`,
      'src/users.ts': `import type { Pool } from 'pg'; export class Users { constructor(private readonly db: Pool) {} async all(req: unknown, res: any): Promise<void> { res.json(await this.db.query<{ id: number }>('SELECT * FROM users')); } }`,
      'src/db.ts': `import { Pool } from 'pg'; export const pool = new Pool({ max: 3 });`,
    });
    expect(stepsOf(topology, 'app GET /users')).toEqual(['SELECT users']);
  });

  it('fields that are made of parameter properties', async () => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'app', main: 'src/index.ts', dependencies: pg }),
      'src/index.ts': `import express from 'express'; import { Pool } from 'pg'; class Part { constructor(private pool: Pool, private table: string) {} load() { return this.pool.query(\`SELECT * FROM \${this.table}\`); } }
        class Page { private parts = [this.head, this.rest]; constructor(private head: Part, private rest: Part) {} async all() { for (const it of this.parts) await it.load(); } }
        const pool = new Pool({ host: 'db' }); const page = new Page(new Part(pool, 'heads'), new Part(pool, 'rests')); const app = express(); app.get('/it', async (req, res) => { await page.all(); res.json({}); }); app.listen(1);`,
    });
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT heads', 'SELECT rests']);
  });
});

describe('half-typed code', () => {
  it('gives facts for the rest and a problem at its line', async () => {
    const topology = await topologyOf(
      service(pg, { 'src/index.js': `${app("async (req, res) => { await pool.query('SELECT * FROM orders'); res.json({}); }")}\nconst half = {\n  a: (\n` }),
    );
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT orders']);
    expect(topology.problems).toMatchObject([{ file: 'src/index.js', message: expect.stringContaining('syntax error') }]);
    expect(topology.problems[0]?.line).toBeGreaterThan(10);
    // Half a handler is no light one: what cannot be read may be what breaks first.
    expect(topology.endpoints.map((it) => it.unread)).toEqual([`src/index.js:${topology.problems[0]?.line} could not be read in full`]);
  });

  it('code that only turns data around for long does not hide what comes after it', async () => {
    const fifty = `[${Array.from({ length: 50 }, (_, at) => at).join(', ')}]`;
    const turn = `const all = ${fifty};\nfunction turn(it, work) { for (const a of all) for (const b of all) it = it + a * b; if (work) work(it); return it; }`;
    const calls = 'turn(req.body.x); '.repeat(200);
    const topology = await topologyOf(
      service(pg, {
        'src/index.js': app(`async (req, res) => { ${calls} await pool.query('SELECT 1 FROM a'); turn(1, () => pool.query('SELECT 1 FROM b')); res.json({}); }`, turn),
      }),
    );
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT a', 'SELECT b~']);
  });

  it('code that calls itself comes to an end', async () => {
    const topology = await topologyOf(
      service(pg, {
        'src/index.js': app(
          'async (req, res) => { await again(3); res.json({}); }',
          `async function again(n) { await pool.query('SELECT 1 FROM a'); return again(n - 1); }\nimport './index.js';`,
        ),
      }),
    );
    expect(stepsOf(topology, 'app GET /it').length).toBeGreaterThan(0);
  });
});

it('a loop inside another goes over fewer', async () => {
  const topology = await topologyOf(
    service(pg, {
      'src/index.js': app(
        `async (req, res) => { for (const it of req.body.orders) for (const line of it.lines) for (const part of line.parts) await pool.query('SELECT 1 FROM a', [part]); res.json({}); }`,
      ),
    }),
  );
  const rounds: unknown[] = [];
  walkSteps(topology.endpoints[0]?.steps ?? [], (step) => {
    if (step.kind === 'loop') rounds.push(step.times.state === 'known' && [step.times.value, step.times.range]);
  });
  expect(rounds).toEqual([
    [10, [2, 100]],
    [3, [1, 30]],
    [3, [1, 30]],
  ]);
});

it('a callback that is registered for each of very many events leaves enough for the routes', async () => {
  const long = Array.from({ length: 100 }, (_, at) => `let v${at} = [event.a, event.b, event.c].map((it) => it + ${at});`).join('\n');
  const register = `const format = (event) => { ${long} }; const listenerFor = (name) => (event) => { ${Array.from({ length: 10 }, () => 'format(event);').join(' ')} };
    [${Array.from({ length: 500 }, (_, at) => `'e${at}'`).join(', ')}].forEach((name) => { bus.on(name, listenerFor(name)); });`;
  const topology = await topologyOf(
    service(pg, {
      'src/index.js': `import { bus } from 'unheard-of';\n${app(`async (req, res) => { await pool.query('SELECT 1 FROM a'); res.json({}); }`, register)}`,
    }),
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT a']);
});
