import { describe, expect, it } from 'vitest';
import { walkSteps } from '../../src/model/topology.ts';
import { callsOf, componentsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

/** Causes of misses in repositories that were labelled before the first run on them, in small. */
const pg = `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' });`;

describe('what middleware hands on', () => {
  const ask = (of: string): string => `${of}.query('SELECT * FROM users')`;
  it.each<[string, string, Record<string, string>]>([
    [
      'on the request (Express)',
      `import express from 'express'; ${pg} const app = express(); app.use((req, res, next) => { req.db = pool; next(); }); app.get('/it', async (req, res) => { await ${ask('req.db')}; res.json({}); }); app.listen(1);`,
      { express: '5', pg: '8' },
    ],
    [
      'as a setting of the app (Express)',
      `import express from 'express'; ${pg} const app = express(); app.set('db', pool); app.get('/it', async (req, res) => { await ${ask("req.app.get('db')")}; res.json({}); }); app.listen(1);`,
      { express: '5', pg: '8' },
    ],
    [
      'among the locals of the app (Express)',
      `import express from 'express'; ${pg} const app = express(); app.locals.db = pool; app.get('/it', async (req, res) => { await ${ask('req.app.locals.db')}; res.json({}); }); app.listen(1);`,
      { express: '5', pg: '8' },
    ],
    [
      'on the context (Koa)',
      `import Koa from 'koa'; import Router from '@koa/router'; ${pg} const app = new Koa(); const router = new Router(); app.context.db = pool; router.get('/it', async (ctx) => { await ${ask('ctx.db')}; ctx.body = {}; }); app.use(router.routes()); app.listen(1);`,
      { koa: '3', '@koa/router': '13', pg: '8' },
    ],
    [
      'by its name (Hono)',
      `import { Hono } from 'hono'; import { serve } from '@hono/node-server'; ${pg} const app = new Hono(); app.use(async (c, next) => { c.set('db', pool); await next(); }); app.get('/it', async (c) => { await ${ask("c.get('db')")}; await ${ask('c.var.db')}; return c.json({}); }); serve(app);`,
      { hono: '4', '@hono/node-server': '1', pg: '8' },
    ],
  ])('%s', async (_name, code, dependencies) => {
    const topology = await topologyOf(service(dependencies, { 'src/index.js': code }));
    expect(new Set(stepsOf(topology, 'app GET /it'))).toEqual(new Set(['SELECT users']));
  });
});

describe('what a wrapper calls that cannot be followed', () => {
  it.each<[string, string, boolean]>([
    ['middleware that a library made', 'app.use(unless(express.json())); app.use(unless(helmet()));', false],
    ['a handler that nobody knows', "app.use(unless(globalThis['x' + process.pid]));", true],
  ])('%s', async (_name, mounts, isUnread) => {
    const code = `import express from 'express'; import helmet from 'helmet'; ${pg} const app = express();
      const unless = (inner) => (req, res, next) => (req.path === '/' ? next() : inner(req, res, next));
      ${mounts} app.get('/it', async (req, res) => { await pool.query('SELECT * FROM users'); res.json({}); }); app.listen(1);`;
    const topology = await topologyOf(service({ express: '5', pg: '8', helmet: '8' }, { 'src/index.js': code }));
    expect(topology.endpoints.some((it) => it.unread !== undefined)).toBe(isUnread);
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users']);
  });
});

describe('middleware of a NestJS module', () => {
  const files = (routes: string): Record<string, string> => ({
    'package.json': JSON.stringify({
      name: 'app',
      scripts: { start: 'nest start' },
      dependencies: { '@nestjs/core': '11', '@nestjs/common': '11', '@nestjs-modules/ioredis': '2', ioredis: '5' },
    }),
    'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; (async () => { const app = await NestFactory.create(AppModule); app.setGlobalPrefix('api'); await app.listen(3000); })();`,
    'src/app.module.ts': `import { Module, Injectable, Controller, Get, Post, RequestMethod } from '@nestjs/common'; import { RedisModule, InjectRedis } from '@nestjs-modules/ioredis';
      @Injectable() export class Auth { constructor(@InjectRedis() private readonly redis) {} async use(req, res, next) { await this.redis.get('session'); next(); } }
      @Controller('cats') export class Cats { @Get() all() { return []; } @Post() add() { return {}; } }
      @Controller('dogs') export class Dogs { @Get() all() { return []; } }
      @Module({ imports: [RedisModule.forRoot({ type: 'single', url: 'redis://cache:6379' })], controllers: [Cats, Dogs] })
      export class AppModule { configure(consumer) { consumer.apply(Auth).forRoutes(${routes}); } }`,
  });
  const all = ['GET /api/cats', 'POST /api/cats', 'GET /api/dogs'];
  it.each([
    ["'*'", all],
    ['Cats', all.slice(0, 2)],
    ["'cats'", all.slice(0, 2)],
    ["{ path: 'cats', method: RequestMethod.POST }", ['POST /api/cats']],
    ["{ path: 'cats', method: RequestMethod.ALL }", all.slice(0, 2)],
  ])('for %s', async (routes, expected) => {
    const topology = await topologyOf(files(routes));
    expect(all.filter((it) => stepsOf(topology, `app ${it}`).includes('get session'))).toEqual(expected);
    expect(topology.endpoints.map((it) => it.id).sort()).toEqual(all.map((it) => `app ${it}`).sort());
  });
});

describe('workloads and the code behind them', () => {
  const workload = (name: string, image: string): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec:\n  selector: { matchLabels: { app: ${name} } }\n  template:\n    metadata: { labels: { app: ${name} } }\n    spec:\n      containers: [{ name: main, image: ${image}, env: [{ name: MONGO_URI, value: 'mongodb://orders-mongo:27017/orders' }] }]\n`;
  const code = {
    'orders/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
    'orders/package.json': JSON.stringify({ name: 'orders', main: 'index.js', dependencies: { express: '4', mongoose: '8' } }),
    'orders/index.js': `const express = require('express'); const mongoose = require('mongoose'); mongoose.connect(process.env.MONGO_URI); const Order = mongoose.model('Order', new mongoose.Schema({})); const app = express(); app.get('/orders', async (q, s) => s.json(await Order.find())); app.listen(3000);`,
  };
  it.each<[string, Record<string, string>]>([
    ['called like the folder, with the product before it', { 'k8s/orders.yaml': workload('orders-depl', 'somebody/shop-orders:2') }],
    [
      'as Skaffold says',
      {
        'k8s/orders.yaml': workload('purchases', 'somebody/purchases'),
        'skaffold.yaml': 'apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts:\n    - image: somebody/purchases\n      context: orders\n',
      },
    ],
    ['in the folder of a stage', { 'k8s/prod/orders.yaml': workload('orders', 'somebody/orders'), 'k8s/dev/orders.yaml': workload('orders', 'somebody/orders:dev') }],
  ])('%s', async (_name, files) => {
    const topology = await topologyOf({ ...code, ...files, 'k8s/orders-mongo.yaml': workload('orders-mongo', 'mongo:7') });
    const [own] = topology.components.filter((it) => it.kind === 'service').map((it) => it.id);
    expect(topology.components).toHaveLength(2);
    expect(callsOf(topology)).toEqual([`${own} query orders-mongo`]);
    expect(topology.deployments.filter((it) => it.active).map((it) => it.stage)).toEqual([_name.includes('stage') ? 'production' : 'unmarked']);
  });

  it('an image of somebody else that prepares another is no part of the running system; its ports lead to what runs on the machine', async () => {
    const topology = await topologyOf({
      ...code,
      'docker-compose.yml': `services:\n  kafka:\n    image: confluentinc/cp-kafka:7\n  kafka-init:\n    image: confluentinc/cp-kafka:7\n    entrypoint: ["/bin/sh", "-c"]\n    command: kafka-topics --create --topic a\n  kong:\n    image: kong:3\n    ports: ["8000:8000"]\n    volumes: ["./kong.yml:/kong.yml"]\n`,
      'kong.yml': '_format_version: "3.0"\nservices:\n  - name: orders\n    url: http://host.docker.internal:3000\n    connect_timeout: 2000\n    retries: 3\n',
    });
    expect(componentsOf(topology)).toContain('kafka-init worker (dev)');
    expect(callsOf(topology)).toContain('kong http orders');
    expect(topology.facts?.filter((it) => it.subject === 'kong->orders').map((it) => [it.type, it.value, it.place?.line])).toEqual([
      ['timeout', 2000, 5],
      ['max_retries', 3, 6],
    ]);
  });
});

it('NATS Streaming through base classes', async () => {
  const topology = await topologyOf(
    service(
      { 'node-nats-streaming': '0.3', pg: '8' },
      {
        'src/index.js': `import nats from 'node-nats-streaming'; ${pg}
          class Listener { constructor(client) { this.client = client; } options() { return this.client.subscriptionOptions().setManualAckMode(true).setAckWait(5000); }
            listen() { const s = this.client.subscribe(this.subject, 'group', this.options()); s.on('message', async (msg) => { await this.onMessage(JSON.parse(msg.getData()), msg); }); } }
          class Publisher { constructor(client) { this.client = client; } publish(data) { return new Promise((resolve) => { this.client.publish(this.subject, JSON.stringify(data), () => resolve()); }); } }
          class Done extends Publisher { subject = 'order:done'; }
          class Created extends Listener { subject = 'order:created'; onMessage = async (data, msg) => { await pool.query('SELECT * FROM orders'); await new Done(this.client).publish({}); msg.ack(); }; }
          const stan = nats.connect('shop', 'id', { url: 'http://nats-srv:4222' }); stan.on('connect', () => { new Created(stan).listen(); });`,
      },
    ),
  );
  expect(callsOf(topology)).toEqual(['app consume nats-srv', 'app publish nats-srv', 'app query db']);
  expect(topology.channels.map((it) => [it.name, it.consumers.length])).toEqual([
    ['order:created', 1],
    ['order:done', 0],
  ]);
});

describe('tRPC in a framework that finds its handlers by file', () => {
  const api = {
    'package.json': JSON.stringify({
      name: 'app',
      dependencies: { next: '15', react: '19', '@trpc/server': '11', 'drizzle-orm': '0.44', '@vercel/postgres': '0.10' },
      scripts: { start: 'next start' },
    }),
    'src/db.ts': `import { sql } from '@vercel/postgres'; import { drizzle } from 'drizzle-orm/vercel-postgres'; import { pgTable, text } from 'drizzle-orm/pg-core'; export const posts = pgTable('posts', { id: text() }); export const db = drizzle({ client: sql });`,
    'src/trpc.ts': `import { initTRPC } from '@trpc/server'; import { db, posts } from './db'; const t = initTRPC.context().create();
      export const createContext = async () => ({ db }); const procedure = t.procedure.use(({ ctx, next }) => next({ ctx: { user: 1 } }));
      const post = { all: procedure.query(({ ctx }) => ctx.db.select().from(posts)), add: procedure.mutation(({ ctx }) => ctx.db.insert(posts).values({})) };
      export const appRouter = t.router({ post });`,
  };
  it.each<[string, string, string]>([
    [
      'app router',
      'src/app/api/trpc/[trpc]/route.ts',
      `import { fetchRequestHandler } from '@trpc/server/adapters/fetch'; import { appRouter, createContext } from '../../../../trpc'; const handler = (req: Request) => fetchRequestHandler({ endpoint: '/api/trpc', req, router: appRouter, createContext }); export { handler as GET, handler as POST };`,
    ],
  ])('%s', async (_name, file, text) => {
    const topology = await topologyOf({ ...api, [file]: text });
    expect(stepsOf(topology, 'app GET /api/trpc/:trpc')).toEqual(['SELECT posts']);
    expect(stepsOf(topology, 'app POST /api/trpc/:trpc')).toEqual(['INSERT posts']);
    expect(topology.pools).toMatchObject([{ library: 'pg', max: { value: 10 } }]);
  });
});

it('a timer that aborts is a timeout', async () => {
  const topology = await topologyOf(
    service(
      { express: '5' },
      {
        'src/index.js': `import express from 'express'; const app = express(); app.get('/it', async (req, res) => { const controller = new AbortController(); const timer = setTimeout(() => controller.abort(), 5_000); try { await fetch('https://api.weather.example/now', { signal: controller.signal }); } finally { clearTimeout(timer); } res.json({}); }); app.listen(1);`,
      },
    ),
  );
  expect(topology.endpoints[0]?.steps.find((it) => it.kind === 'request')).toMatchObject({ timeoutMs: { state: 'known', value: 5000, basis: 'declared' } });
});

describe('stores that only a variable switches on which no file sets', () => {
  it.each<[string, string, string]>([
    ['made where it is set', 'const redis = process.env.REDIS_URL ? new Redis(process.env.REDIS_URL) : null;', "if (redis) await redis.get('a');"],
    ['made by a test before it', 'const redis = process.env.REDIS_URL && new Redis(process.env.REDIS_URL);', "if (redis) await redis.get('a');"],
  ])('%s', async (_name, before, body) => {
    const topology = await topologyOf(
      service(
        { express: '5', pg: '8', ioredis: '5' },
        {
          'src/index.js': `import express from 'express'; import Redis from 'ioredis'; ${pg} ${before} const app = express(); app.get('/it', async (req, res) => { ${body} await pool.query('SELECT * FROM users'); res.json({}); }); app.listen(1);`,
        },
      ),
    );
    expect(componentsOf(topology)).toEqual(['app service', 'db database', 'redis cache (optional)']);
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users']);
    expect(topology.pools.map((it) => it.target)).toEqual(['db']);
  });

  it.each<[string, string]>([
    ['the only store', 'const pool = process.env.DATABASE_URL ? new Pool({ connectionString: process.env.DATABASE_URL }) : null;'],
    ['refused without it', "let pool; if (process.env.DATABASE_URL) pool = new Pool({ connectionString: process.env.DATABASE_URL }); else throw new Error('no database');"],
  ])('%s is there', async (_name, before) => {
    const topology = await topologyOf(
      service(
        { express: '5', pg: '8' },
        {
          'src/index.js': `import express from 'express'; import { Pool } from 'pg'; ${before} const app = express(); app.get('/it', async (req, res) => { await pool.query('SELECT * FROM users'); res.json({}); }); app.listen(1);`,
        },
      ),
    );
    expect(componentsOf(topology)).toEqual(['app service', 'postgres database']);
    expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users']);
  });
});

describe('how often a loop runs', () => {
  const read = async (body: string): Promise<unknown[]> => {
    const topology = await topologyOf(
      service(
        { express: '5', pg: '8', lodash: '4' },
        {
          'src/index.js': `import express from 'express'; import { chunk, groupBy } from 'lodash'; ${pg} const ask = () => pool.query('SELECT * FROM users'); const app = express(); app.get('/it', async (req, res) => { const items = req.body; ${body} res.json({}); }); app.listen(1);`,
        },
      ),
    );
    const found: unknown[] = [];
    walkSteps(topology.endpoints[0]?.steps ?? [], (step) => void (step.kind === 'loop' && step.times.state === 'known' && found.push([step.times.value, step.times.basis])));
    return found;
  };
  it.each<[string, string, unknown[]]>([
    ['over data', 'for (const it of items) await ask();', [[10, 'assumed']]],
    ['by index over data', 'for (let i = 0; i < items.length; i++) await ask();', [[10, 'assumed']]],
    ['a number of times', 'for (let i = 0; i < 3; i++) await ask();', [[3, 'declared']]],
    ['up to a number', 'for (let i = 1; i <= 6; i += 2) await ask();', [[3, 'declared']]],
    ['by chunks', 'for (let i = 0; i < items.length; i += 4) await ask();', [[3, 'assumed']]],
    ['by chunks whose size is not known', 'for (let i = 0; i < items.length; i += Number(req.query.size)) await ask();', [[1, 'assumed']]],
    [
      'over chunks',
      'for (const some of chunk(items, 500)) await Promise.all(some.map(() => ask()));',
      [
        [1, 'assumed'],
        [10, 'assumed'],
      ],
    ],
    ...[
      'const parts = []; for (let i = 0; i < all.length; i += n) parts.push(all.slice(i, i + n)); return parts;',
      'return all.reduce((parts, it, at) => { const place = Math.floor(at / n); if (!parts[place]) parts[place] = []; parts[place].push(it); return parts; }, []);',
      'return Array.from({ length: Math.ceil(all.length / n) }, (_, at) => all.slice(at * n, at * n + n));',
      'const rest = [...all]; const parts = []; while (rest.length > 0) parts.push(rest.splice(0, n)); return parts;',
    ].map((code): [string, string, unknown[]] => [
      `over chunks of one's own: ${code}`,
      `const split = (all, n) => { ${code} }; for (const [at, some] of split(items, 500).entries()) for (const it of some) await ask();`,
      [
        [1, 'assumed'],
        [10, 'assumed'],
      ],
    ]),
    ['over the first items', 'const first = (all, n) => all.slice(0, n); for (const it of first(items, 5)) await ask();', [[10, 'assumed']]],
    [
      'over what each piece is asked for',
      'const split = async (all, n) => { const parts = []; for (let i = 0; i < all.length; i += n) parts.push(await ask(all.slice(i, i + n))); return parts; }; await split(items, 5);',
      [[2, 'assumed']],
    ],
    [
      'over groups and the items of each',
      'for (const [key, some] of Object.entries(groupBy(items, (it) => it.kind))) for (const it of some) await ask();',
      [
        [3, 'assumed'],
        [3, 'assumed'],
      ],
    ],
    ['over one item and its place', 'for (const [at, it] of [req.body].entries()) await ask();', []],
    ['over the group of one item', 'for (const [key, some] of Object.entries(groupBy([req.body], (it) => it.kind))) for (const it of some) await ask();', []],
    ['a try that breaks off when it worked', 'for (let i = 0; i < 5; i++) { try { await ask(); break; } catch (e) { } }', []],
  ])('%s', async (_name, body, expected) => {
    expect(await read(body)).toEqual(expected);
  });
});
