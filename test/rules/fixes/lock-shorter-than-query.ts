import type { Fix } from './fix.ts';
import { plain, typed } from './shops.ts';

export default [
  {
    says: 'Express, TypeScript, milliseconds in the call',
    remedy: 'set-lock-ttl',
    files: typed(
      { express: '^4.21.0', pg: '^8.13.0', ioredis: '^5.4.0' },
      {
        'src/stores.ts': `import { Redis } from 'ioredis';
import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', statement_timeout: 30_000, connectionTimeoutMillis: 2000 });
export const redis = new Redis('redis://redis:6379');
`,
        'src/server.ts': `import express from 'express';
import { pool, redis } from './stores.ts';

const app = express();
app.post('/close', async (_req, res) => {
  const isMine = await redis.set('close:lock', 'me', 'PX', 5_000, 'NX'); // five seconds are plenty
  if (!isMine) {
    res.status(409).end();
    return;
  }
  await pool.query('UPDATE accounts SET balance = balance + 1');
  await redis.del('close:lock');
  res.end();
});
app.listen(3000);
`,
      },
    ),
    changes: [
      '+ api POST /close: cache write if absent for 31000; UPDATE accounts; cache delete',
      '- api POST /close: cache write if absent for 5000; UPDATE accounts; cache delete',
    ],
  },
  {
    says: 'Koa, JavaScript, seconds, a request with a deadline',
    remedy: 'set-lock-ttl',
    files: plain(
      { koa: '^2.16.0', '@koa/router': '^13.1.0', ioredis: '^5.4.0' },
      {
        'src/server.js': `const Koa = require('koa')
const Router = require('@koa/router')
const Redis = require('ioredis')

const redis = new Redis('redis://redis:6379')
const router = new Router()
router.post('/settle', async (ctx) => {
  const isMine = await redis.set('settle', 'me', 'EX', 10, 'NX')
  if (!isMine) return ctx.throw(409)
  await fetch('https://bank.example.com/settle', { method: 'POST', signal: AbortSignal.timeout(20_000) })
  await redis.del('settle')
  ctx.status = 204
})
const app = new Koa()
app.use(router.routes())
app.listen(3000)
`,
      },
    ),
    changes: ['+ api POST /settle: cache write if absent for 21000; ask example; cache delete', '- api POST /settle: cache write if absent for 10000; ask example; cache delete'],
  },
  {
    says: 'Fastify, TypeScript, node-redis with options',
    remedy: 'set-lock-ttl',
    files: typed(
      { fastify: '^5.2.0', redis: '^4.7.0' },
      {
        'src/server.ts': `import fastify from 'fastify';
import { createClient } from 'redis';

const redis = createClient({ url: 'redis://redis:6379' });
const app = fastify();
app.post('/sync', async (_request, reply) => {
  const isMine = await redis.set('sync', 'me', { PX: 3000, NX: true });
  if (!isMine) return reply.code(409).send();
  await fetch('https://crm.example.com/sync', { method: 'POST', signal: AbortSignal.timeout(15_000) });
  await redis.del('sync');
  return reply.code(204).send();
});
await redis.connect();
await app.listen({ port: 3000 });
`,
      },
    ),
    changes: ['+ api POST /sync: cache write if absent for 16000; ask example; cache delete', '- api POST /sync: cache write if absent for 3000; ask example; cache delete'],
  },
] satisfies readonly Fix[];
