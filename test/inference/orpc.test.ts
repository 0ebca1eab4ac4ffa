import { expect, it } from 'vitest';
import { stepsOf, topologyOf } from './memory-workspace.ts';

// After https://orpc.dev/docs/getting-started, /docs/middleware, /docs/openapi/openapi-handler, /docs/contract-first/implement-contract
const PROCEDURES = `import { ORPCError, os as base } from '@orpc/server';
import { z } from 'zod';
import { pool } from './db';
const os = base.$context<{ headers: Headers }>().errors({ NOT_FOUND: {} });
const auth = os.middleware(async ({ context, next }) => { const { rows } = await pool.query('SELECT * FROM sessions WHERE id = $1', [1]); return next({ context: { user: rows[0] } }); });
const authed = os.use(auth);
export const router = {
  planet: {
    find: os.route({ method: 'GET', path: '/planets/{id}' }).input(z.object({ id: z.number() })).handler(async ({ input }) => (await pool.query('SELECT * FROM planets WHERE id = $1', [input.id])).rows[0]),
    create: authed.route({ method: 'POST', path: '/planets' }).handler(async ({ context }) => { await pool.query('INSERT INTO planets VALUES ($1)', [context.user.id]); }),
  },
  ping: os.handler(async () => 'pong'),
};`;
const app = (handler: string, procedures = PROCEDURES) =>
  topologyOf({
    'package.json': JSON.stringify({
      name: 'site',
      scripts: { start: 'next start' },
      dependencies: { next: '16', react: '19', pg: '8', '@orpc/server': '1', '@orpc/openapi': '1', '@orpc/contract': '1', zod: '4' },
    }),
    'lib/db.ts': `import { Pool } from 'pg'; export const pool = new Pool({ host: 'db', max: 4 });`,
    'lib/router.ts': procedures,
    'app/api/[[...rest]]/route.ts': `import { OpenAPIHandler } from '@orpc/openapi/fetch'; import { RPCHandler } from '@orpc/server/fetch'; import { router } from '../../../lib/router';
const handler = new ${handler};
async function handleRequest(request: Request) { const { response } = await handler.handle(request, { prefix: '/api', context: { headers: request.headers } }); return response ?? new Response('Not found', { status: 404 }); }
export const GET = handleRequest; export const POST = handleRequest;`,
  });

it.each<[string, string, string | undefined, string[], string[]]>([
  ['OpenAPI: by the method of the procedure', 'OpenAPIHandler(router)', undefined, ['SELECT planets'], ['one of 2', 'one of 2 > SELECT sessions', 'one of 2 > INSERT planets']],
  [
    'RPC: a procedure that says nothing is asked by POST',
    'RPCHandler(router, { plugins: [] })',
    undefined,
    ['SELECT planets'],
    ['one of 2', 'one of 2 > SELECT sessions', 'one of 2 > INSERT planets'],
  ],
  [
    'a contract that is implemented',
    'RPCHandler(router)',
    `import { implement } from '@orpc/server'; import { pool } from './db'; import { contract } from './contract';
const os = implement(contract);
export const router = os.router({ list: os.planet.list.handler(async () => (await pool.query('SELECT * FROM planets')).rows) });`,
    [],
    ['SELECT planets'],
  ],
])('%s', async (_says, handler, procedures, get, post) => {
  const topology = await app(handler, procedures);
  expect(stepsOf(topology, 'site GET /api/*')).toEqual(get);
  expect(stepsOf(topology, 'site POST /api/*')).toEqual(post);
});
