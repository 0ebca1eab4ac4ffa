import type { Fix } from './fix.ts';
import { plain, typed } from './shops.ts';

const SERVER = `import express from 'express';
import type { Request, Response } from 'express';
import { check, register } from './passwords.ts';

const app = express();
app.use(express.json());
app.post('/sessions', async (req: Request, res: Response) => {
  res.json({ in: await check(req.body.password, req.body.hash) });
});
app.post('/people', async (req: Request, res: Response) => {
  res.json({ hash: await register(req.body.password) });
});
app.listen(3000);
`;

export default [
  {
    says: 'Express, TypeScript, bcryptjs by its names',
    remedy: 'native-hash',
    files: typed(
      { bcryptjs: '^2.4.3', express: '^4.21.0' },
      {
        'src/passwords.ts': `import { compare, genSalt, hash } from 'bcryptjs';

/** As slow as we can bear. */
const COST = 12; // since 2024

export async function register(password: string): Promise<string> {
  const salt = await genSalt(COST);
  return await hash(password, salt);
}

export async function check(password: string, known: string): Promise<boolean> {
  const isSame = await compare(password, known);
  return isSame;
}
`,
        'src/server.ts': SERVER,
      },
    ),
    changes: [],
  },
  {
    says: 'Koa, JavaScript, bcryptjs in both forms and two files',
    remedy: 'native-hash',
    files: plain(
      { bcryptjs: '^2.4.3', koa: '^2.16.0', '@koa/router': '^13.1.0' },
      {
        'src/accounts.js': `const bcrypt = require('bcryptjs');

/** The first password of an account. */
async function register(password) {
  return bcrypt.hashSync(password, 10); // ten is what we had
}
module.exports = { register };
`,
        'src/server.js': `const Router = require('@koa/router');
const Koa = require('koa');
const bcrypt = require('bcryptjs');
const { register } = require('./accounts');

const router = new Router();
router.post('/people', async (ctx) => {
  ctx.body = { hash: await register(ctx.query.password) };
});
router.post('/sessions', async (ctx) => {
  ctx.body = { in: await bcrypt.compare(ctx.query.password, ctx.query.hash) };
});
new Koa().use(router.routes()).listen(3000);
`,
      },
    ),
    changes: [],
  },
  {
    says: 'Express, TypeScript, bcrypt whose name is taken',
    remedy: 'await-async',
    files: typed(
      { bcrypt: '^6.0.0', '@types/bcrypt': '^6.0.0', express: '^4.21.0' },
      {
        'src/passwords.ts': `import { compare, hashSync } from 'bcrypt';

export async function register(password: string): Promise<string> {
  const hash = hashSync(password, 12); // slow on purpose
  return hash;
}

export async function check(password: string, known: string): Promise<boolean> {
  return compare(password, known);
}
`,
        'src/server.ts': SERVER,
      },
    ),
    changes: [],
  },
  {
    says: 'Express, TypeScript, a key of crypto by its name',
    remedy: 'await-async',
    files: typed(
      { express: '^4.21.0' },
      {
        'src/passwords.ts': `import { pbkdf2Sync, randomBytes } from 'node:crypto';

export async function register(password: string): Promise<string> {
  const salt = randomBytes(16).toString('hex');
  // As long as the authorities want it.
  return \`\${salt}:\${pbkdf2Sync(password, salt, 600_000, 32, 'sha256').toString('hex')}\`;
}

export async function check(password: string, known: string): Promise<boolean> {
  return password === known;
}
`,
        'src/server.ts': SERVER,
      },
    ),
    changes: [],
  },
  {
    says: 'Fastify, JavaScript, scrypt of the whole module',
    remedy: 'await-async',
    files: plain(
      { fastify: '^5.2.0' },
      {
        'src/server.js': `const crypto = require('crypto');
const fastify = require('fastify')();

fastify.post('/people', async (request, reply) => {
  const key = crypto.scryptSync(request.body.password, 'pepper', 64);
  reply.send({ key: key.toString('base64') });
});
fastify.listen({ port: 3000 });
`,
      },
    ),
    changes: [],
  },
  {
    says: 'Fastify, TypeScript, packing of zlib by another name',
    remedy: 'await-async',
    files: typed(
      { fastify: '^5.2.0' },
      {
        'src/server.ts': `import Fastify from 'fastify';
import { promisify } from 'node:util';
import { brotliCompressSync as pack, gzip } from 'node:zlib';

const zip = promisify(gzip);
const fastify = Fastify();
fastify.get('/reports/:id', async (request, reply) => {
  const report = await zip(JSON.stringify(request.headers));
  reply.send(pack(report));
});
fastify.listen({ port: 3000 });
`,
      },
    ),
    changes: [],
  },
] satisfies Fix[];
