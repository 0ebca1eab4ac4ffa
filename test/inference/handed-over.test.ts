import { describe, expect, it } from 'vitest';
import { callsOf, componentsOf, stepsOf, topologyOf } from './memory-workspace.ts';

type Files = Readonly<Record<string, string>>;
const pkg = (dependencies: readonly string[], scripts: Files = { start: 'node server.js' }, name = 'web'): string =>
  JSON.stringify({ name, scripts, dependencies: Object.fromEntries(dependencies.map((it) => [it, '1'])) });
const DB = `import pg from 'pg';\nexport const pool = new pg.Pool({ connectionString: 'postgres://db:5432/shop' });\n`;
const asks = (table: string): string => `await pool.query('SELECT * FROM ${table} WHERE id = $1', [1])`;

const HONO = {
  'app.ts': `import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import { pool } from './db';
const guard = createMiddleware(async (c, next) => { ${asks('sessions')}; await next(); });
export const app = new Hono()
  .basePath('/api')
  .use(guard)
  .get('/orders', async (c) => c.json(${asks('orders')}))
  .post('/orders', async (c) => c.json({}));
`,
  'db.ts': DB,
};
const REMIX = {
  'db.ts': DB,
  'app/routes/orders.tsx': `import { pool } from '../../db';\nexport const loader = async () => ${asks('orders')};\nexport default () => null;\n`,
  'worker.js': `import { pool } from './db.ts';\nsetInterval(async () => { ${asks('jobs')}; }, 1000);\n`,
};
const NEXT = { 'db.ts': DB, 'app/api/orders/route.ts': `import { pool } from '../../../db';\nexport async function GET() { return Response.json(${asks('orders')}); }\n` };

const handedOver: readonly (readonly [string, Files, string[]])[] = [
  [
    'an app of Hono behind one route of Next.js',
    {
      'package.json': pkg(['next', 'hono', 'pg'], { start: 'next start' }),
      ...HONO,
      'app/api/[[...route]]/route.ts': `import { handle } from 'hono/vercel';\nimport { app } from '../../../app';\nexport const GET = handle(app);\nexport const POST = handle(app);\n`,
    },
    ['web GET /api/orders', 'web POST /api/orders'],
  ],
  [
    'routes of Remix behind a server of Express',
    {
      'package.json': pkg(['express', '@remix-run/express', 'pg']),
      ...REMIX,
      'server.js': `import express from 'express';\nimport { createRequestHandler } from '@remix-run/express';\nconst app = express();\napp.get('/about', (q, s) => s.json({}));\napp.all('*', createRequestHandler({ build }));\napp.listen(3000);\n`,
    },
    ['web GET /about', 'web GET /orders'],
  ],
  [
    'routes of React Router behind an app of Hono',
    {
      'package.json': pkg(['hono', '@hono/node-server', '@react-router/node', 'hono-react-router-adapter', 'pg']),
      ...REMIX,
      'server.js': `import { serve } from '@hono/node-server';\nimport { Hono } from 'hono';\nimport handle from 'hono-react-router-adapter/node';\nconst app = new Hono();\napp.get('/api/carts', (c) => c.json({}));\nconst handler = handle(build, app);\nserve({ fetch: handler.fetch, port: 3000 });\n`,
    },
    ['web GET /api/carts', 'web GET /orders'],
  ],
  [
    'routes of Next.js behind a server of Express',
    {
      'package.json': pkg(['express', 'next', 'pg']),
      ...NEXT,
      'server.js': `import express from 'express';\nimport next from 'next';\nconst made = next({ dev: false });\nconst handle = made.getRequestHandler();\nmade.prepare().then(() => { const app = express(); app.get('/about', (q, s) => s.json({})); app.all('*', (q, s) => handle(q, s)); app.listen(3000); });\n`,
    },
    ['web GET /api/orders', 'web GET /about'],
  ],
  ['a program beside such routes that asks for none of them', { 'package.json': pkg(['express', '@remix-run/express', 'pg'], { start: 'node worker.js' }), ...REMIX }, []],
];

describe('requests that a server hands over', () => {
  it.each(handedOver)('%s', async (_, files, routes) => {
    const topology = await topologyOf(files);
    const routed = topology.endpoints.filter((it) => it.role !== 'excluded' && it.trigger.kind === 'http').map((it) => it.id);
    expect(routed.sort()).toEqual([...routes].sort());
    expect(callsOf(topology)).toEqual(['web query db']);
  });

  it('what stands before an app runs before its routes, and a route of a chain has a line of its own', async () => {
    const topology = await topologyOf(handedOver[0]?.[1] ?? {});
    expect(stepsOf(topology, 'web GET /api/orders')).toEqual(['SELECT sessions', 'SELECT orders']);
    expect(topology.endpoints.map((it) => `${it.id} ${it.place.line}`)).toEqual(['web GET /api/orders 8', 'web POST /api/orders 9']);
  });

  it('procedures of tRPC inside an app of Hono know what middleware has put on the context', async () => {
    const topology = await topologyOf({
      'package.json': pkg(['hono', '@hono/node-server', '@hono/trpc-server', '@trpc/server', 'pg']),
      'db.ts': DB,
      'server.js': `import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { trpcServer } from '@hono/trpc-server';
import { initTRPC } from '@trpc/server';
import { pool } from './db.ts';
const t = initTRPC.create();
const router = t.router({ orders: t.procedure.query(({ ctx }) => ctx.database.query('SELECT * FROM orders WHERE id = $1', [1])) });
const app = new Hono();
app.use(async (c, next) => { c.set('ctx', { database: pool }); await next(); });
app.use('/trpc/*', trpcServer({ router, createContext: (_, c) => c.var.ctx }));
serve({ fetch: app.fetch });
`,
    });
    expect(topology.endpoints.map((it) => it.id)).toEqual(['web POST /trpc']);
    expect(stepsOf(topology, 'web POST /trpc')).toEqual(['SELECT orders']);
  });
});

const monorepo = (rootName: string, more: Files): Files => ({
  'package.json': JSON.stringify({ name: rootName, private: true }),
  'pnpm-workspace.yaml': 'packages: [apps/*]\n',
  ...Object.fromEntries(
    ['web', 'jobs'].flatMap((it) => [
      [`apps/${it}/package.json`, pkg(['express', 'pg'], { start: 'node server.js' }, `@shop/${it}`)],
      [`apps/${it}/server.js`, `import express from 'express';\nconst app = express();\napp.get('/${it}', (q, s) => s.json({}));\napp.listen(3000);\n`],
    ]),
  ),
  ...more,
});

describe('one image of the whole product, started as its parts', () => {
  it.each<[string, Files, string[]]>([
    [
      "the registry's owner is called like the product",
      monorepo('@shop/root', { 'docker-compose.yml': 'services:\n  web:\n    image: ghcr.io/shop/everything:1\n  jobs:\n    image: ghcr.io/shop/everything:1\n' }),
      ['web GET /web', 'jobs GET /jobs'],
    ],
    [
      'built at the root',
      monorepo('whole', { 'docker-compose.yml': 'services:\n  web:\n    build: .\n', Dockerfile: 'FROM node:24\nCOPY . .\nCMD ["./start"]\n' }),
      ['web GET /web'],
    ],
    ["somebody else's image of the same name", monorepo('@shop/root', { 'docker-compose.yml': 'services:\n  web:\n    image: ghcr.io/other/portal:1\n' }), ['jobs GET /jobs']],
  ])('%s', async (_, files, routes) => {
    const topology = await topologyOf(files);
    expect(topology.endpoints.map((it) => it.id).filter((it) => /^(web|jobs) /.test(it))).toEqual(routes);
  });

  it('a file that gives services neither image nor build is laid over the one that does', async () => {
    const topology = await topologyOf(
      monorepo('@shop/root', {
        'docker-compose.traefik.yml': 'services:\n  web:\n    labels: ["traefik.enable=true"]\n  proxy:\n    image: traefik:3\n',
        'hosting/docker-compose.yml': 'services:\n  web:\n    image: ghcr.io/shop/everything:1\n',
        'desk/docker-compose.yml': 'services:\n  db:\n    image: postgres:17\n  viewer:\n    image: acme/viewer\n',
      }),
    );
    expect(topology.deployments.find((it) => it.active)?.id).toBe('hosting/docker-compose.yml');
    expect(componentsOf(topology)).toContain('web service');
    expect(topology.endpoints.map((it) => it.id)).toEqual(['web GET /web']);
  });
});

it('Drizzle over better-sqlite3 asks a file', async () => {
  const topology = await topologyOf({
    'package.json': pkg(['express', 'drizzle-orm', 'better-sqlite3']),
    'server.js': `import express from 'express';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { sqliteTable, text } from 'drizzle-orm/sqlite-core';
const orders = sqliteTable('orders', { id: text('id').primaryKey() });
const db = drizzle(new Database('shop.db'));
const app = express();
app.get('/orders', async (q, s) => s.json(await db.select().from(orders)));
app.listen(3000);
`,
  });
  expect(callsOf(topology)).toEqual(['web query sqlite']);
  expect(stepsOf(topology, 'web GET /orders')).toEqual(['SELECT orders']);
});

describe('values that reach other files by another way than an import', () => {
  const server = (more: Files): Promise<Awaited<ReturnType<typeof topologyOf>>> =>
    topologyOf({
      'package.json': pkg(['express', 'pg', 'auto-load', 'require-dir'], { start: 'node index.js' }),
      'db.js': `const pg = require('pg'); module.exports = new pg.Pool({ connectionString: 'postgres://db:5432/shop' });`,
      'server/routes/orders.js': `const router = require('express').Router(); router.get('/orders', async (q, s) => s.json(await SHOP.pool.query('SELECT * FROM orders WHERE id = $1', [1]))); module.exports = router;`,
      'server/routes/deeper/carts.js': `const router = require('express').Router(); router.get('/carts', (q, s) => s.json([])); module.exports = router;`,
      ...more,
    });

  it.each([
    ["`global`, and a path from the process's folder", `require('auto-load')(require('path').join(SHOP.folder, '/routes'))`],
    ['a path from the file', `require('require-dir')('./server/routes', { recurse: true })`],
  ])('%s', async (_, load) => {
    const topology = await server({
      'index.js': `const path = require('path'); const shop = { folder: path.join(process.cwd(), 'server'), pool: require('./db') }; global.SHOP = shop; require('./start')();`,
      'start.js': `const express = require('express'); module.exports = () => { const app = express(); const routes = ${load}; app.use(routes.orders); app.use(routes.deeper.carts); app.listen(3000); };`,
    });
    expect(topology.endpoints.map((it) => it.id)).toEqual(['web GET /orders', 'web GET /carts']);
    expect(stepsOf(topology, 'web GET /orders')).toEqual(['SELECT orders']);
    expect(callsOf(topology)).toEqual(['web query db']);
  });
});
