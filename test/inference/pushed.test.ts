import { describe, expect, it } from 'vitest';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import type { Topology } from '../../src/model/topology.ts';
import { compile } from '../../src/simulator/index.ts';
import { callsOf, componentsOf, stepsOf, topologyOf } from './memory-workspace.ts';

const QSTASH = `import { Client } from '@upstash/qstash'; export const client = new Client({ token: process.env.QSTASH_TOKEN });`;
const next = (files: Readonly<Record<string, string>>, dependencies: Readonly<Record<string, string>> = {}): Promise<Topology> =>
  topologyOf({
    'package.json': JSON.stringify({ name: 'shop', scripts: { start: 'next start' }, dependencies: { next: '15', pg: '8', '@upstash/qstash': '2', ...dependencies } }),
    'lib/db.ts': `import { Pool } from 'pg'; export const pool = new Pool({ host: 'store' });`,
    'lib/qstash.ts': QSTASH,
    ...files,
  });

const work = (exports = 'POST', guard = '') =>
  `import { pool } from '../../../lib/db'; export async function ${exports}(req: Request) { ${guard} await pool.query('UPDATE orders SET done = true WHERE id = 1'); return Response.json({}); }`;
const asks = (body: string) => `import { client } from '../../../lib/qstash'; export async function POST(req: Request) { ${body}; return Response.json({}); }`;
const triggers = ({ endpoints }: Topology): string[] =>
  endpoints.map(({ id, trigger, external }) => `${id}: ${trigger.kind === 'message' ? trigger.channel : trigger.kind}${external ? ' external' : ''}`).sort();

describe('vercel.json (vercel.com/docs/cron-jobs)', () => {
  const crons = (...jobs: readonly (readonly [path: string, schedule: string])[]) => JSON.stringify({ crons: jobs.map(([path, schedule]) => ({ path, schedule })) }, null, 2);

  it.each<[string, string, object]>([
    [
      'a route that the clock asks',
      crons(['/api/cron', '0 5 * * *']),
      { kind: 'schedule', everyMs: { value: 86_400_000, basis: 'declared', place: { file: 'vercel.json', line: 5 } } },
    ],
    ['with a query', crons(['/api/cron?kind=all', '*/10 * * * *']), { kind: 'schedule', everyMs: { value: 600_000 } }],
    ['at two times', crons(['/api/cron', '*/10 * * * *'], ['/api/cron?kind=all', '*/5 * * * *']), { kind: 'schedule', everyMs: { value: 200_000, basis: 'derived' } }],
    ['at a time that cannot be read', crons(['/api/cron', 'x']), { kind: 'schedule', everyMs: { state: 'unknown' } }],
    ['a path without a route', crons(['/api/other', '0 5 * * *']), { kind: 'http' }],
    ['nothing of the kind', '{"crons": "x"}', { kind: 'http' }],
  ])('%s', async (_name, vercel, trigger) => {
    const topology = await next({ 'app/api/cron/route.ts': work('GET'), 'app/api/orders/route.ts': work('GET'), 'vercel.json': vercel });
    expect(topology.endpoints.find((it) => it.id === 'shop GET /api/cron')?.trigger).toMatchObject(trigger);
    expect(topology.endpoints.find((it) => it.id === 'shop GET /api/orders')?.trigger.kind).toBe('http');
  });

  it('users bring no load to it, its clock does', async () => {
    const topology = await next({ 'app/api/cron/route.ts': work('GET'), 'app/api/orders/route.ts': work('GET'), 'vercel.json': crons(['/api/cron', '* * * * *']) });
    expect(triggers(topology)).toEqual(['shop GET /api/cron: schedule', 'shop GET /api/orders: http external']);
    const { sources } = compile(topology, { ...DEFAULT_SCENARIO, targetPerSecond: 100 }).network;
    expect(sources.map((it) => [it.id, it.share, it.phases?.[0]?.perSecond])).toEqual([
      ['shop GET /api/cron', 0, 1 / 60],
      ['shop GET /api/orders', 1, 100],
    ]);
  });

  it('each project of a workspace has its own', async () => {
    const app = (name: string) => ({
      [`apps/${name}/package.json`]: JSON.stringify({ name, scripts: { start: 'next start' }, dependencies: { next: '15' } }),
      [`apps/${name}/app/api/cron/route.ts`]: `export async function GET() { await fetch('https://api.example.org/x'); return Response.json({}); }`,
    });
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'all', workspaces: ['apps/*'] }),
      ...app('web'),
      ...app('docs'),
      'apps/web/vercel.json': crons(['/api/cron', '0 5 * * *']),
    });
    expect(triggers(topology)).toEqual(['docs GET /api/cron: http external', 'web GET /api/cron: schedule']);
  });
});

describe('QStash (upstash.com/docs/qstash)', () => {
  const read = (body: string, more: Readonly<Record<string, string>> = {}) => next({ 'app/api/orders/route.ts': asks(body), 'app/api/work/route.ts': work(), ...more });
  const url = "url: 'https://shop.example.org/api/work'";

  it('publishing goes to a queue, and the route behind the address is its consumer', async () => {
    const topology = await read(`await client.publishJSON({ ${url}, body: { id: 1 } })`);
    expect(componentsOf(topology)).toEqual(['qstash queue', 'shop service', 'store database']);
    expect(callsOf(topology)).toEqual(['shop consume qstash', 'shop publish qstash', 'shop query store']);
    expect(triggers(topology)).toEqual(['shop POST /api/orders: http external', 'shop POST /api/work: /api/work']);
    expect(stepsOf(topology, 'shop POST /api/orders')).toEqual(['publish to /api/work']);
    expect(topology.channels).toMatchObject([
      {
        id: '/api/work',
        broker: 'qstash',
        attempts: { value: 4, basis: 'libraryDefault' },
        backoff: { kind: 'exponential', delayMs: { value: 12_000 } },
        failed: { fate: 'kept' },
        producers: [{ component: 'shop' }],
        consumers: [{ component: 'shop', endpoint: 'shop POST /api/work', concurrency: { state: 'none' }, isPushed: true }],
      },
    ]);
    const { programs } = compile(topology, { ...DEFAULT_SCENARIO, targetPerSecond: 100 }).network;
    expect(JSON.stringify(programs.find((it) => it.id === 'shop POST /api/orders')?.body)).toContain('"op":"spawn"');
  });

  it.each<[string, string, string]>([
    ['a constant for the host', `await client.publishJSON({ url: \`\${process.env.APP_URL}/api/work\`, body: {} })`, '/api/work'],
    ['a host that depends', `await client.publishJSON({ url: (process.env.STAGE === 'live' ? 'https://a.example.org' : 'http://localhost:3000') + '/api/work' })`, '/api/work'],
    ['a text as body', `await client.publish({ ${url}, body: 'x', delay: 10 })`, '/api/work'],
    ['a batch', `await client.batchJSON([{ ${url}, body: {} }])`, '/api/work'],
    ['a batch over data', `const ids = await req.json(); await client.batchJSON(ids.map((id) => ({ ${url}, body: { id } })))`, '/api/work'],
    ['a queue', `await client.queue({ queueName: 'orders' }).enqueueJSON({ ${url}, body: {} })`, 'orders'],
  ])('%s', async (_name, body, channel) => {
    const topology = await read(body);
    expect(triggers(topology)).toEqual(['shop POST /api/orders: http external', `shop POST /api/work: ${channel}`]);
    expect(stepsOf(topology, 'shop POST /api/orders').at(-1)).toMatch(new RegExp(`publish to ${channel}$`));
  });

  it.each<[string, string, string]>([
    ['the address of somebody else', `const hook = await req.json(); await client.publishJSON({ url: hook.url, body: {} })`, 'messages'],
    ['a group of addresses', `await client.publishJSON({ urlGroup: 'all', body: {} })`, 'messages'],
    ['another method', `await client.publishJSON({ ${url}, method: 'PUT', body: {} })`, '/api/work'],
    ['another path', `await client.publishJSON({ url: 'https://shop.example.org/api/else', body: {} })`, '/api/else'],
  ])('%s leads to no route', async (_name, body, channel) => {
    const topology = await read(body);
    expect(triggers(topology)).toContain('shop POST /api/work: http external');
    expect(topology.channels).toMatchObject([{ id: channel, consumers: [] }]);
  });

  it.each<[string, string, object]>([
    ['its own retries', `await client.publishJSON({ ${url}, retries: 5 })`, { attempts: { value: 6, basis: 'declared' } }],
    ['a pause of its own', `await client.publishJSON({ ${url}, retryDelay: 'pow(2, retried) * 1000' })`, { backoff: { delayMs: { state: 'unknown' } } }],
    ['flow control', `await client.publishJSON({ ${url}, flowControl: { key: 'orders', parallelism: 10 } })`, { consumers: [{ concurrency: { value: 10, basis: 'declared' } }] }],
    [
      'flow control by data',
      `const { id } = await req.json(); await client.publishJSON({ ${url}, flowControl: { key: \`order-\${id}\`, parallelism: 1 } })`,
      { consumers: [{ concurrency: { state: 'none' } }] },
    ],
    ['a queue', `await client.queue({ queueName: 'orders' }).enqueueJSON({ ${url} })`, { consumers: [{ concurrency: { value: 1, basis: 'assumed' } }] }],
    [
      'a queue that is told',
      `await client.queue({ queueName: 'orders' }).upsert({ parallelism: 3 }); await client.queue({ queueName: 'orders' }).enqueueJSON({ ${url} })`,
      { consumers: [{ concurrency: { value: 3, basis: 'declared' } }] },
    ],
  ])('%s', async (_name, body, channel) => expect((await read(body)).channels).toMatchObject([channel]));

  it('a queue with two kinds of messages: each goes to its route, and they share what goes at once', async () => {
    const queue = `const queue = client.queue({ queueName: 'orders' })`;
    const topology = await read(`${queue}; await queue.enqueueJSON({ ${url} }); await queue.enqueueJSON({ url: 'https://shop.example.org/api/mail' })`, {
      'app/api/mail/route.ts': work(),
    });
    expect(topology.channels).toMatchObject([{ id: 'orders', consumers: [{ endpoint: 'shop POST /api/work' }] }]);
    const steps = topology.endpoints.find((it) => it.id === 'shop POST /api/orders')?.steps.filter((it) => it.kind === 'publish');
    expect(steps).toMatchObject([{ job: 'shop POST /api/work' }, { job: 'shop POST /api/mail' }]);
  });

  const receiver = `const receiver = new Receiver({ currentSigningKey: 'a', nextSigningKey: 'b' });`;
  it.each<[string, string]>([
    [
      'a wrapper',
      `import { verifySignatureAppRouter } from '@upstash/qstash/nextjs'; async function handler() { await pool.query('DELETE FROM old'); return Response.json({}); } export const POST = verifySignatureAppRouter(handler);`,
    ],
    [
      'a receiver',
      `import { Receiver } from '@upstash/qstash'; ${receiver} export async function POST(req: Request) { const body = await req.text(); const isValid = await receiver.verify({ body, signature: req.headers.get('Upstash-Signature') }); if (!isValid) return new Response('no', { status: 401 }); await pool.query('DELETE FROM old'); return Response.json({}); }`,
    ],
  ])('who looks for its signature is asked by it: %s', async (_name, code) => {
    const topology = await next({ 'app/api/clean/route.ts': `import { pool } from '../../../lib/db'; ${code}`, 'app/api/orders/route.ts': work('GET') });
    expect(triggers(topology)).toEqual(['shop GET /api/orders: http external', 'shop POST /api/clean: /api/clean']);
    expect(stepsOf(topology, 'shop POST /api/clean')).toEqual(['DELETE old']);
    expect(topology.channels).toMatchObject([{ broker: 'qstash', producers: [], consumers: [{ component: 'shop' }] }]);
  });

  it('a wrapper that verifies one method alone', async () => {
    const topology = await next({
      'lib/with-cron.ts': `import { Receiver } from '@upstash/qstash'; const receiver = new Receiver(); export const withCron = (handler) => async (req) => { if (req.method === 'POST') await receiver.verify({ body: await req.text(), signature: req.headers.get('Upstash-Signature') }); return await handler(req); };`,
      'app/api/clean/route.ts': `import { pool } from '../../../lib/db'; import { withCron } from '../../../lib/with-cron'; export const GET = withCron(async () => { await pool.query('DELETE FROM old'); return Response.json({}); }); export const POST = GET;`,
    });
    expect(triggers(topology)).toEqual(['shop GET /api/clean: http external', 'shop POST /api/clean: /api/clean']);
  });

  it('a schedule asks a route', async () => {
    const topology = await next({
      'app/api/setup/route.ts': asks(`await client.schedules.create({ destination: 'https://shop.example.org/api/work', cron: '*/5 * * * *' })`),
      'app/api/work/route.ts': work(),
    });
    expect(topology.endpoints.find((it) => it.id === 'shop POST /api/work')?.trigger).toMatchObject({ kind: 'schedule', everyMs: { value: 300_000 } });
  });

  it('a workflow is started by a message, and its steps are its program', async () => {
    const topology = await next(
      {
        'app/api/workflow/route.ts': `import { serve } from '@upstash/workflow/nextjs'; import { pool } from '../../../lib/db'; export const { POST } = serve<{ id: string }>(async (context) => { const { id } = context.requestPayload; const user = await context.run('load', async () => (await pool.query('SELECT * FROM users WHERE id = $1', [id])).rows[0]); await context.sleep('wait', 60); await context.run('save', () => pool.query('UPDATE users SET seen = true')); });`,
        'app/api/orders/route.ts': `import { Client } from '@upstash/workflow'; const client = new Client({ token: process.env.QSTASH_TOKEN }); export async function POST() { await client.trigger({ url: \`\${process.env.APP_URL}/api/workflow\`, retries: 2 }); return Response.json({}); }`,
      },
      { '@upstash/workflow': '0.2' },
    );
    expect(triggers(topology)).toEqual(['shop POST /api/orders: http external', 'shop POST /api/workflow: /api/workflow']);
    expect(stepsOf(topology, 'shop POST /api/workflow')).toEqual(['SELECT users', 'UPDATE users']);
    expect(topology.channels).toMatchObject([{ attempts: { value: 3, basis: 'declared' } }]);
  });
});

it('a handler that a function of another file makes stands where it is given away', async () => {
  const topology = await next({
    'lib/with-user.ts': `export const withUser = (handler) => {\n\n\n  return async (req) => handler(req);\n};`,
    'app/api/orders/route.ts': `import { pool } from '../../../lib/db';\nimport { withUser } from '../../../lib/with-user';\n\nexport const GET = withUser(async () => {\n  await pool.query('SELECT 1 FROM orders');\n  return Response.json({});\n});\n\nexport const POST = GET;`,
  });
  expect(topology.endpoints.map((it) => `${it.id} ${it.place.file}:${it.place.line}`)).toEqual([
    'shop GET /api/orders app/api/orders/route.ts:4',
    'shop POST /api/orders app/api/orders/route.ts:4',
  ]);
});
