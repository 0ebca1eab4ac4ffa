import { topologyOf } from '../../inference/memory-workspace.ts';
import { typed } from '../../rules/fixes/shops.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

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
  improves: 'answers a second',
  proofs: [
    { says: 'counting', topology: () => topologyOf(shop(scan)) },
    {
      says: 'counting beside plain reads',
      topology: () => topologyOf(shop(scan, "app.get('/cart/:id', async (req, res) => {\n  res.json(await redis.get(`cart:${req.params.id}`));\n});")),
    },
    { says: 'dropping what is found', topology: () => topologyOf(shop("  const keys = await redis.keys('cart:*');\n  await redis.del(...keys);\n  res.end();")) },
  ],
} satisfies Gate;
