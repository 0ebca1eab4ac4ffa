import type { Fix } from './fix.ts';
import { type Packages, plain, typed } from './shops.ts';

const FASTIFY = { fastify: '^5.2.0', pg: '^8.13.0' } as const;
const pool = {
  'src/db.ts': "import { Pool } from 'pg';\n\nexport const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10, connectionTimeoutMillis: 2000 });\n",
};
const shop = (dependencies: Packages, server: string) => typed(dependencies, { ...pool, 'src/server.ts': server });

export default [
  {
    says: 'Fastify, TypeScript, what the route returns',
    remedy: 'set-cache-control',
    files: shop(
      FASTIFY,
      `import fastify from 'fastify';
import { pool } from './db.ts';

const app = fastify();
app.get('/products', async (request, reply) => {
  // the shop window
  const { rows } = await pool.query('SELECT name FROM products ORDER BY name LIMIT 20');
  return rows; // as they are
});
await app.listen({ port: 3000 });
`,
    ),
    changes: ['+ answers of api GET /products say how long they hold'],
    otherRate: 'how many ask again is assumed, not written',
  },
  {
    says: 'Fastify, JavaScript, one expression without parameters',
    remedy: 'set-cache-control',
    files: plain(FASTIFY, {
      'src/server.js': `const app = require('fastify')()
const { Pool } = require('pg')

const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10, connectionTimeoutMillis: 2000 })
app.get('/products', async () => (await pool.query('SELECT name FROM products ORDER BY name LIMIT 20')).rows)
app.listen({ port: 3000 })
`,
    }),
    changes: ['+ answers of api GET /products say how long they hold'],
    otherRate: 'how many ask again is assumed, not written',
  },
  {
    says: 'Koa, TypeScript, a handler in another file',
    remedy: 'set-cache-control',
    files: typed(
      { koa: '^2.16.0', '@koa/router': '^13.1.0', pg: '^8.13.0' },
      {
        ...pool,
        'src/products.ts': `import type { Context } from 'koa';
import { pool } from './db.ts';

export async function listProducts(ctx: Context): Promise<void> {
  const { rows } = await pool.query('SELECT name FROM products ORDER BY name LIMIT 20');
  ctx.body = rows;
}
`,
        'src/server.ts': `import Router from '@koa/router';
import Koa from 'koa';
import { listProducts } from './products.ts';

const router = new Router();
router.get('/products', listProducts);
const app = new Koa();
app.use(router.routes());
app.listen(3000);
`,
      },
    ),
    changes: ['+ answers of api GET /products say how long they hold'],
    otherRate: 'how many ask again is assumed, not written',
  },
  {
    says: 'Hono, TypeScript, an answer that waits',
    remedy: 'set-cache-control',
    files: typed(
      { hono: '^4.6.0', '@hono/node-server': '^1.13.0', pg: '^8.13.0' },
      {
        ...pool,
        'src/server.ts': `import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { pool } from './db.ts';

const app = new Hono();
app.get('/products', async (c) => {
  return c.json((await pool.query('SELECT name FROM products ORDER BY name LIMIT 20')).rows);
});
serve({ fetch: app.fetch, port: 3000 });
`,
      },
    ),
    changes: ['+ answers of api GET /products say how long they hold'],
    otherRate: 'how many ask again is assumed, not written',
  },
] as const satisfies readonly Fix[];
