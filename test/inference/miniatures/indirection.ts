import { compose, json, type Miniature, part, POSTGRES, pool, REDIS, server } from './parts.ts';

const only = (index: string, dependencies: Record<string, string>, services: Record<string, string> = {}, more: Record<string, string> = {}): Record<string, string> => ({
  ...part('.', index, { express: '4', ...dependencies }),
  ...compose({ app: '{ build: ., ports: ["80:3000"] }', ...services }),
  ...more,
});

/** Values that come from checked variables, clients behind interfaces, and work that no request starts. */
export const INDIRECTION: readonly Miniature[] = [
  {
    trap: 'defaults in a checked environment (envalid), times as people write them',
    files: only(
      server(
        `const { cleanEnv, str, num, bool } = require('envalid');\nconst ms = require('ms');\nconst env = cleanEnv(process.env, {\n  CACHE_HOST: str({ default: 'cache' }),\n  PAY_TIMEOUT: num({ default: ms('3 seconds') }),\n  PAY: bool({ default: true }),\n  ADS: bool({ default: false }),\n});\nconst Redis = require('ioredis');\nconst redis = new Redis({ host: env.CACHE_HOST });`,
        `app.get('/', async (q, s) => {\n  await redis.get('a');\n  if (env.PAY) await fetch('https://api.payments.com/x', { signal: AbortSignal.timeout(env.PAY_TIMEOUT) });\n  if (env.ADS) await fetch('https://api.adverts.com/x');\n  s.end();\n});`,
      ),
      { envalid: '8', ms: '2', ioredis: '5' },
      { cache: REDIS },
    ),
    nodes: ['app service', 'cache cache', 'payments external-api'],
    edges: ['app cache cache', 'app http payments'],
    facts: ['timeout app->payments 3 s index.js:6'],
  },
  {
    trap: 'defaults in a checked environment (zod); a checked body is no environment',
    files: only(
      server(
        `const { z } = require('zod');\nconst env = z.object({ DB_HOST: z.string().min(1).default('db'), DB_POOL: z.coerce.number().default(7) }).parse(process.env);\nconst { Pool } = require('pg');\nconst pool = new Pool({\n  host: env.DB_HOST,\n  max: env.DB_POOL,\n});\nconst Body = z.object({ name: z.string() });`,
        `app.post('/it', async (q, s) => { const { name } = Body.parse(q.body); await pool.query('INSERT INTO things (name) VALUES ($1)', [name]); s.end(); });`,
      ),
      { zod: '4', pg: '8' },
      { db: POSTGRES },
    ),
    nodes: ['app service', 'db database'],
    edges: ['app query db'],
    facts: ['pool_size app->db 7 connections index.js:3'],
  },
  {
    trap: 'a cache interface before Redis',
    files: only(
      server(
        `const { createCache } = require('cache-manager');\nconst { Keyv } = require('keyv');\nconst { createKeyv } = require('@keyv/redis');\nconst cache = createCache({\n  stores: [createKeyv('redis://cache:6379')],\n  ttl: 60000,\n});`,
        `app.get('/', async (q, s) => { s.json(await cache.wrap('all', async () => 1, 5000)); });`,
      ),
      { 'cache-manager': '6', keyv: '5', '@keyv/redis': '4' },
      { cache: REDIS },
    ),
    nodes: ['app service', 'cache cache'],
    edges: ['app cache cache'],
    facts: ['cache_ttl app->cache 60 s index.js:7', 'cache_ttl app->all 5 s index.js:10'],
  },
  {
    trap: 'a cache interface before memory',
    files: only(
      server(`const { createCache } = require('cache-manager');\nconst cache = createCache({ ttl: 60000 });`, `app.get('/', async (q, s) => { s.json(await cache.get('a')); });`),
      { 'cache-manager': '6' },
      { cache: REDIS },
    ),
    nodes: ['app service', 'cache cache'],
    edges: [],
  },
  {
    trap: 'a process that asks for work in an endless loop',
    files: {
      ...part(
        '.',
        `${pool('{ host: "db" }')}\nconst every = Number(process.env.EVERY_SECONDS) || 10;\nconst sleep = (s) => new Promise((done) => setTimeout(done, s * 1000));\nasync function batch() { const { rows } = await pool.query('SELECT * FROM jobs LIMIT 5'); if (every > 100) return []; return rows; }\nasync function run() {\n  while (true) {\n    const jobs = await batch();\n    if (jobs.length === 0) { await sleep(every); continue; }\n    for (const job of jobs) await fetch('https://web.archive.org/save/' + job.url);\n    await sleep(every);\n  }\n}\nrun();\n`,
        { pg: '8' },
      ),
      ...compose({ app: '{ build: . }', db: POSTGRES }),
    },
    nodes: ['app worker', 'db database', 'archive external-api'],
    edges: ['app query db', 'app http archive'],
    facts: ['poll_interval app 10 s index.js:3'],
  },
  {
    trap: 'a server that a job opens for itself',
    files: {
      ...part(
        '.',
        `const http = require('http');\n${pool('{ host: "db" }')}\nsetInterval(async () => { const proxy = http.createServer((q, s) => s.end()); proxy.listen(0, '127.0.0.1'); await pool.query('SELECT 1 FROM jobs'); proxy.close(); }, 5000);\n`,
        { pg: '8' },
      ),
      ...compose({ app: '{ build: . }', db: POSTGRES }),
    },
    nodes: ['app worker', 'db database'],
    edges: ['app query db'],
  },
  {
    trap: 'a process that only passes on',
    files: {
      ...part(
        'edge',
        server(
          `const axios = require('axios');`,
          `app.get('/users', async (q, s) => s.json((await axios.get('http://users:3000/users')).data));\napp.get('/orders', async (q, s) => s.json((await axios.get('http://orders:3000/orders')).data));`,
        ),
        { express: '4', axios: '1' },
      ),
      ...part('users', server(pool('{ host: "db" }'), `app.get('/users', async (q, s) => s.json(await pool.query('SELECT * FROM users')));`), { express: '4', pg: '8' }),
      ...part('orders', server(pool('{ host: "db" }'), `app.get('/orders', async (q, s) => s.json(await pool.query('SELECT * FROM orders')));`), { express: '4', pg: '8' }),
      ...compose({ edge: '{ build: ./edge, ports: ["80:3000"] }', users: '{ build: ./users }', orders: '{ build: ./orders }', db: POSTGRES }),
    },
    nodes: ['edge gateway', 'users service', 'orders service', 'db database'],
    edges: ['edge http users', 'edge http orders', 'users query db', 'orders query db'],
  },
  {
    trap: 'a front end that asks through a shared package, and over a socket',
    files: {
      'package.json': json({ name: 'all', private: true, workspaces: ['web', 'api', 'live', 'client'] }),
      ...part('api', server(pool('{ host: "db" }'), `app.get('/api/v1/things', async (q, s) => s.json(await pool.query('SELECT * FROM things')));`), { express: '4', pg: '8' }),
      ...part('live', `const { Server } = require('socket.io');\nconst io = new Server(3001);\nio.on('connection', (socket) => { socket.on('hello', () => {}); });\n`, {
        'socket.io': '4',
      }),
      'web/Dockerfile': 'FROM node:22\nCMD ["npx", "vite", "preview"]\n',
      'web/package.json': json({ name: 'web', dependencies: { react: '19', '@all/client': '*', 'socket.io-client': '4' } }),
      'web/src/live.ts': `import { io } from 'socket.io-client';\nexport const socket = io(import.meta.env.VITE_LIVE);\n`,
      'client/package.json': json({ name: '@all/client' }),
      'client/things.ts': `export const things = (base: string) => fetch('/api/v1/things');\n`,
      ...compose({ web: '{ build: ./web, ports: ["80:80"] }', api: '{ build: ./api, ports: ["81:3000"] }', live: '{ build: ./live, ports: ["82:3001"] }', db: POSTGRES }),
    },
    nodes: ['web frontend', 'api service', 'live service', 'db database'],
    edges: ['web http api', 'web ws live', 'api query db'],
  },
  {
    trap: 'a text message over SNS goes through no topic',
    files: only(
      server(
        `const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');\nconst sns = new SNSClient({});`,
        `app.post('/sms', async (q, s) => { await sns.send(new PublishCommand({ PhoneNumber: q.body.to, Message: 'hi' })); s.end(); });`,
      ),
      { '@aws-sdk/client-sns': '3' },
    ),
    nodes: ['app service', 'sns external-api'],
    edges: ['app http sns'],
  },
  {
    trap: 'options of libraries that nobody reads, and a container that cannot be doubled',
    files: only(
      server(
        `${pool('{ host: "db" }')}\nconst waitPort = require('wait-port');`,
        `app.get('/it', async (q, s) => {\n  const { limit = 25 } = q.query;\n  while (true) { if (await pool.query('SELECT 1 FROM things LIMIT $1', [limit])) break;\n    await new Promise((done) => setTimeout(done, 750)); }\n  s.end();\n});\nwaitPort({\n  host: 'db',\n  timeout: 10000,\n});`,
      ),
      { pg: '8', 'wait-port': '1' },
      { db: POSTGRES },
      { 'docker-compose.yml': 'services:\n  app:\n    build: .\n\n\n\n\n    container_name: only\n  db:\n    image: postgres:16\n' },
    ),
    nodes: ['app service', 'db database'],
    edges: ['app query db'],
    facts: [
      'timeout app->wait-port 10000 ms index.js:14',
      'default_page_size app 25 rows index.js:7',
      'poll_interval app 750 ms index.js:9',
      'replicas app 1 replicas docker-compose.yml:8',
    ],
  },
  {
    trap: 'a mailer module of Nest',
    files: {
      Dockerfile: 'FROM node:22\nCMD ["node", "main.js"]\n',
      'package.json': json({ name: 'app', main: 'main.js', dependencies: { '@nestjs/core': '10', '@nestjs/common': '10', '@nestjs-modules/mailer': '2' } }),
      'main.ts': `import { NestFactory } from '@nestjs/core';\nimport { Module, Controller, Post } from '@nestjs/common';\nimport { MailerModule, MailerService } from '@nestjs-modules/mailer';\n@Controller('mail')\nclass Mails { constructor(private readonly mailer: MailerService) {} @Post() async send() { await this.mailer.sendMail({ to: 'a' }); } }\n@Module({ imports: [MailerModule.forRootAsync({ useFactory: () => ({ transport: { host: 'smtp.mails.com' } }) })], controllers: [Mails] })\nclass App {}\nasync function start() { const app = await NestFactory.create(App); await app.listen(3000); }\nstart();\n`,
      ...compose({ app: '{ build: ., ports: ["80:3000"] }' }),
    },
    nodes: ['app service', 'smtp external-api'],
    edges: ['app smtp smtp'],
  },
  {
    trap: 'a transaction that is found by a context, and the pool itself where none is under way; functions of a namespace that call one another',
    files: {
      ...part(
        '.',
        server(
          `const { Orders } = require('./orders');`,
          `app.get('/orders', async (req, res) => res.json(await Orders.list()));\napp.post('/orders', async (req, res) => { await Orders.add(); res.status(201).end(); });`,
        ),
        { express: '4', pg: '8' },
      ),
      'orders.ts': `import { useDb, within } from './db';
export namespace Orders {
  export async function list() { return useDb((db) => db.query('SELECT * FROM orders')); }
  export const add = () => within(async () => { await list(); await tell(); });
  async function tell() { await fetch(ROOT + '/placed'); }
  const ROOT = 'http://billing:3000';
}
`,
      'db.ts': `import { AsyncLocalStorage } from 'node:async_hooks';
import { Pool } from 'pg';
const pool = new Pool({ host: 'db' });
const storage = new AsyncLocalStorage();
function current() { const found = storage.getStore(); if (!found) throw new Error('No context'); return found; }
export async function useDb(work) {
  try { const { client } = current(); return work(client); } catch { return work(pool); }
}
export async function within(work) { const client = await pool.connect(); try { return await storage.run({ client }, work); } finally { client.release(); } }
`,
      'docker-compose.yml': 'services:\n  app: { build: ., ports: ["80:3000"] }\n  billing: { image: "acme/billing:1" }\n  db: { image: "postgres:17" }\n',
    },
    nodes: ['app service', 'billing service', 'db database'],
    edges: ['app query db', 'app http billing'],
  },
];
