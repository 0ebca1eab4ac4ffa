import type { Fix } from './fix.ts';
import { compose, plain, typed } from './shops.ts';

const STORES = { pg: '^8.13.0', ioredis: '^5.4.0' } as const;

export default [
  {
    says: 'Express, TypeScript, ioredis over pg',
    remedy: 'load-once',
    files: typed(
      { express: '^4.21.0', ...STORES },
      {
        'src/stores.ts': `import { Redis } from 'ioredis';
import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 100, connectionTimeoutMillis: 2000 });
export const redis = new Redis('redis://redis:6379');
`,
        'src/server.ts': `import express from 'express';
import { pool, redis } from './stores.ts';

const app = express();
app.get('/report', async (_req, res) => {
  const kept = await redis.get('report:sales');
  if (kept) {
    res.json(JSON.parse(kept));
    return;
  }
  // all sales of all regions
  const { rows } = await pool.query('SELECT region, sum(amount) FROM sales GROUP BY region');
  await redis.set('report:sales', JSON.stringify(rows), 'EX', 60);
  res.json(rows);
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ api GET /report: cache read (SELECT sales; cache write, taken out: some; cache write)', '- api GET /report: cache read (SELECT sales; cache write)'],
  },
  {
    says: 'Fastify, JavaScript, node-redis before another service',
    remedy: 'load-once',
    files: plain(
      { fastify: '^5.2.0', redis: '^4.7.0' },
      {
        'src/server.js': `const fastify = require('fastify')()
const { createClient } = require('redis')

const redis = createClient({ url: 'redis://redis:6379' })
fastify.get('/rates', async (request, reply) => {
  reply.header('Cache-Control', 'no-store')
  const kept = await redis.get('rates')
  if (kept) return JSON.parse(kept)
  const rates = await fetch('https://rates.example.com/all', { signal: AbortSignal.timeout(2000) }).then((it) => it.json())
  await redis.set('rates', JSON.stringify(rates), { EX: 30 }) // half a minute
  return rates
})
redis.connect().then(() => fastify.listen({ port: 3000 }))
`,
      },
    ),
    changes: ['+ api GET /rates: cache read (ask example; cache write, taken out: some; cache write)', '- api GET /rates: cache read (ask example; cache write)'],
  },
  {
    says: 'Koa, TypeScript, what is returned by a function of its own, two replicas',
    remedy: 'load-once',
    files: {
      ...typed(
        { koa: '^2.16.0', '@koa/router': '^13.1.0', ...STORES },
        {
          'src/top.ts': `import { Redis } from 'ioredis';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 50, connectionTimeoutMillis: 2000 });
const redis = new Redis('redis://redis:6379');

const read = () => pool.query('SELECT product, count(*) FROM sales GROUP BY product ORDER BY 2 DESC LIMIT 10');

export async function top(): Promise<unknown> {
  const kept = await redis.get('top');
  if (kept) return JSON.parse(kept);
  const { rows } = await read();
  await redis.set('top', JSON.stringify(rows), 'EX', 30);
  return rows;
}
`,
          'src/server.ts': `import Router from '@koa/router';
import Koa from 'koa';
import { top } from './top.ts';

const router = new Router();
router.get('/top', async (ctx) => {
  ctx.set('Cache-Control', 'no-store');
  ctx.body = await top();
});
new Koa().use(router.routes()).listen(3000);
`,
        },
      ),
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n',
      ...compose('  redis:\n    image: redis:7\n', '    deploy:\n      replicas: 2\n'),
    },
    changes: ['+ api GET /top: cache read (SELECT sales most 10; cache write, taken out: some; cache write)', '- api GET /top: cache read (SELECT sales most 10; cache write)'],
  },
] satisfies readonly Fix[];
