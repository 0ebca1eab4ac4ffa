import { plain, typed } from '../../rules/fixes/shops.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

const NODE_REDIS = plain(
  { koa: '^2.16.0', '@koa/router': '^13.1.0', redis: '^4.7.0' },
  {
    'src/server.js': `const Router = require('@koa/router');
const Koa = require('koa');
const { createClient } = require('redis');

const client = createClient({ url: 'redis://cache:6379' });
const router = new Router();
router.get('/sessions', async (ctx) => {
  ctx.body = await client.keys('session:*');
});
new Koa().use(router.routes()).listen(3000);
`,
  },
);
const shop = (handler: string, more = '') =>
  typed(
    { express: '^4.21.0', ioredis: '^5.4.0' },
    {
      'src/server.ts': `import express from 'express';
import Redis from 'ioredis';

const redis = new Redis('redis://cache:6379');
const app = express();
app.get('/carts', async (req, res) => {
${handler}
});
${more}
app.listen(3000);
`,
    },
  );
const scan = "  const keys = await redis.keys('cart:*');\n  res.json(keys.length);";

export default {
  strain: steady,
  proofs: [
    { says: 'counting', files: shop(scan) },
    {
      says: 'counting beside plain reads',
      files: shop(scan, "app.get('/cart/:id', async (req, res) => {\n  res.json(await redis.get(`cart:${req.params.id}`));\n});"),
    },
    { says: 'dropping what is found', files: shop("  const keys = await redis.keys('cart:*');\n  await redis.del(...keys);\n  res.end();") },
    { says: 'Koa, JavaScript, node-redis', files: NODE_REDIS },
  ],
} satisfies Gate;
