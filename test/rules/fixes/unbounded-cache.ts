import type { Fix } from './fix.ts';
import { plain, typed } from './shops.ts';

export default [
  {
    says: 'Express, TypeScript, a map of the process',
    remedy: 'bound-collection',
    files: typed(
      { express: '^4.21.0' },
      {
        'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';

const seen = new Map<string, unknown>();
const app = express();
app.get('/prices/:product', async (req: Request, res: Response) => {
  const kept = seen.get(req.params.product as string);
  if (kept) return res.json(kept);
  const price = await fetch('https://prices.example.org/' + req.params.product).then((it) => it.json());
  seen.set(req.params.product as string, price); // until the next start
  res.json(price);
});
app.listen(3000);
`,
      },
    ),
    changes: ['+ api GET /prices/:product: ask example; cache write, taken out: some', '- api GET /prices/:product: ask example; cache write, taken out: none'],
  },
  {
    says: 'Fastify, JavaScript, a set',
    remedy: 'bound-collection',
    files: plain(
      { fastify: '^5.2.0' },
      {
        'src/server.js': `const fastify = require('fastify')();

const visitors = new Set();
fastify.get('/visits/:id', async (request, reply) => {
  visitors.add(request.params.id);
  reply.send({ welcome: true });
});
fastify.listen({ port: 3000 });
`,
      },
    ),
    changes: ['+ api GET /visits/:id: cache write, taken out: some', '- api GET /visits/:id: cache write, taken out: none'],
  },
  {
    says: 'Koa, TypeScript, a map of a class',
    remedy: 'bound-collection',
    files: typed(
      { koa: '^2.16.0', '@koa/router': '^13.1.0' },
      {
        'src/server.ts': `import Router from '@koa/router';
import Koa from 'koa';

class Quotas {
  private used = new Map<string, number>();
  count(client: string): number {
    const now = (this.used.get(client) ?? 0) + 1;
    this.used.set(client, now);
    return now;
  }
}
const quotas = new Quotas();
const router = new Router();
router.get('/quota/:client', async (ctx) => {
  ctx.body = { used: quotas.count(ctx.params.client as string) };
});
new Koa().use(router.routes()).listen(3000);
`,
      },
    ),
    changes: ['+ api GET /quota/:client: cache write, taken out: some', '- api GET /quota/:client: cache write, taken out: none'],
  },
] as const satisfies readonly Fix[];
