import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../src/inference/assemble/configuration.ts';
import { processesIn } from '../../src/inference/assemble/processes.ts';
import type { FileFacts } from '../../src/inference/detector.ts';
import packageJson from '../../src/inference/detectors/package-json.ts';
import type { Topology } from '../../src/model/topology.ts';
import { callsOf, componentsOf, stepsOf, topologyOf } from './memory-workspace.ts';

const packages: Record<string, object> = {
  'package.json': {
    name: 'shop',
    workspaces: ['apps/*'],
    scripts: { all: 'concurrently "yarn workspace @shop/web start" "yarn workspace @shop/jobs start"', both: 'run-p start:*', api: 'pnpm --filter @shop/web start' },
  },
  'apps/web/package.json': { name: '@shop/web', scripts: { start: 'next start', pm2: 'pm2 start npm --name site -- start' } },
  'apps/jobs/package.json': { name: '@shop/jobs', scripts: { start: 'tsx index.ts', pm2: 'pm2 start dist/index.js --name=jobs' } },
};
const facts = new Map<string, FileFacts>(Object.entries(packages).map(([path, it]) => [path, { suppressions: [], ...packageJson.detect(path, JSON.stringify(it)) } as FileFacts]));
const configuration = configurationOf([...facts.keys()], facts);

describe('processes behind a command', () => {
  it.each<[string, string[]]>([
    ['node server.js', ['.: node server.js']],
    ['yarn all', ['apps/web: next start', 'apps/jobs: tsx index.ts']],
    ['npm run api', ['apps/web: next start']],
    ['yarn workspace @shop/jobs start', ['apps/jobs: tsx index.ts']],
    ['npm run start --workspace=@shop/web', ['apps/web: next start']],
    ['turbo run start --filter=@shop/jobs...', ['apps/jobs: tsx index.ts']],
    ['cd apps/jobs && npm start', ['apps/jobs: tsx index.ts']],
    ['NODE_ENV=production dotenv -- npm start --prefix apps/web', ['apps/web: next start']],
    [
      'sh -c "prisma migrate deploy && exec concurrently -k -n web,worker \\"cd /data/apps/web && exec next start\\" \\"cd /data/apps/jobs && exec tsx index.ts\\""',
      ['apps/web: exec next start (web)', 'apps/jobs: exec tsx index.ts (worker)'],
    ],
    ['/usr/bin/tini -- pnpm --filter @shop/jobs start', ['apps/jobs: tsx index.ts']],
    ['cd apps/jobs && cross-env-shell "npm start"', ['apps/jobs: tsx index.ts']],
    ['set -e\necho "it\'s up\nexec npm run api', ['apps/web: next start']],
    ['concurrently "esbuild src/app.ts --watch" "node --watch dist/app.js"', ['.: node --watch dist/app.js']],
    ['tsup src/app.ts --onSuccess "node dist/app.js"', ['.: tsup src/app.ts --onSuccess "node dist/app.js"']],
    ['yarn workspace @shop/jobs start --queue=mail', ['apps/jobs: tsx index.ts --queue=mail']],
    ['npm run start --workspace=@shop/jobs -- --queue "a b"', ['apps/jobs: tsx index.ts --queue "a b"']],
    ['npm run start --workspace=@shop/jobs --silent', ['apps/jobs: tsx index.ts']],
    ['nginx && pnpm run --parallel start', ['apps/jobs: tsx index.ts', 'apps/web: next start']],
    ['pnpm -r start', ['apps/jobs: tsx index.ts', 'apps/web: next start']],
    ['turbo run start', ['apps/jobs: tsx index.ts', 'apps/web: next start']],
    ['yarn workspaces foreach -Ap run start', ['apps/jobs: tsx index.ts', 'apps/web: next start']],
    ['npm run start --workspaces', ['apps/jobs: tsx index.ts', 'apps/web: next start']],
    ['pnpm --parallel --filter @shop/web --filter @shop/jobs start', ['apps/web: next start', 'apps/jobs: tsx index.ts']],
    [
      'sh -c "pm2 delete all || true && prisma db push && pnpm run --parallel pm2 && pm2 logs"',
      ['apps/jobs: pm2 start dist/index.js --name=jobs (jobs)', 'apps/web: next start (site)'],
    ],
    ['node jobs.js & exec node server.js', ['.: node jobs.js', '.: exec node server.js']],
    ['node jobs.js > log 2>&1 && node server.js', ['.: node server.js']],
    ['npm run nothing-here', ['.: npm run nothing-here']],
  ])('%s', (command, expected) => {
    expect(processesIn(command, '.', configuration).map((it) => `${it.root}: ${it.command}${it.name ? ` (${it.name})` : ''}`)).toEqual(expected);
  });

  it('scripts that call each other in a circle come to an end', () => {
    const circle = new Map<string, FileFacts>([
      ['package.json', { suppressions: [], ...packageJson.detect('package.json', '{"name":"a","scripts":{"start":"npm run next","next":"npm start"}}') } as FileFacts],
    ]);
    expect(processesIn('npm start', '.', configurationOf(['package.json'], circle))).toHaveLength(1);
  });

  const split = (start: string): Promise<Topology> =>
    topologyOf({
      'package.json': JSON.stringify({ name: 'shop', scripts: { start: 'node index.js' }, dependencies: { koa: '3', '@koa/router': '15', bullmq: '5', throng: '5', lodash: '4' } }),
      Procfile: 'web: yarn start --services=web\nworker: yarn start --services=worker\n',
      'args.js': `exports.get = (name) => { const found = process.argv.slice(2).filter((it) => it === '--' + name || it.startsWith('--' + name + '=')).map((it) => it.split('=')[1] ?? 'true').join(','); return found || undefined; };`,
      'services.js': `exports.services = require('lodash').uniq((require('./args').get('services') ?? process.env.SERVICES ?? 'web,worker').split(',').map((it) => it.toLowerCase()));`,
      'web.js': `module.exports = (app) => { const router = new (require('@koa/router'))(); const queue = new (require('bullmq').Queue)('mail', { connection: { host: 'redis' } }); router.get('/orders', async (ctx) => { await queue.add('m', {}); ctx.body = 1; }); app.use(router.routes()); };`,
      'worker.js': `module.exports = () => { new (require('bullmq').Worker)('mail', async () => {}, { connection: { host: 'redis' } }); };`,
      'main.js': `const { services } = require('./services'); const all = { web: () => require('./web'), worker: () => require('./worker') };
exports.run = () => { const app = new (require('koa'))(); const own = new (require('@koa/router'))(); own.get('/_health', (ctx) => { ctx.body = 1; }); app.use(own.routes()); for (const name of services) { const init = all[name](); init(app); } app.listen(3000); };`,
      'index.js': start,
    });
  it.each([
    ['by itself', `require('./main').run();`],
    ['by throng', `require('throng')({ worker: () => require('./main').run(), count: 2 });`],
    ['by throng of version 4', `require('throng')({ workers: 2, start: () => require('./main').run() });`],
    ['by throng of a function', `require('throng')((id) => require('./main').run());`],
  ])('one program that a flag splits, started %s, is a service and a worker', async (_name, start) => {
    const topology = await split(start);
    expect(topology.endpoints.filter((it) => it.trigger.kind === 'http' && it.role !== 'excluded').map((it) => it.id)).toEqual(['shop GET /orders']);
    expect(topology.channels.flatMap((it) => it.consumers.map((one) => one.component))).toEqual(['worker']);
    expect(componentsOf(topology)).toEqual(['redis queue', 'shop service', 'worker worker']);
  });

  it('programs of others beside each other are what the package itself starts, once', async () => {
    const topology = await topologyOf({
      Dockerfile: 'FROM node:22\nCMD ["sh", "-c", "(asset-server & metrics-agent)"]\n',
      'package.json': JSON.stringify({ name: 'shop', main: 'api.js', dependencies: { express: '4' } }),
      'api.js': `const app = require('express')(); app.get('/orders', (q, s) => s.json([])); app.listen(3000);`,
      'compose.yaml': 'services:\n  backend:\n    build: .\n',
    });
    expect(componentsOf(topology)).toEqual(['backend service']);
  });

  it.each([
    ['nothing that was read starts it', 'shop-server', ['server/package.json']],
    ['its own start does', 'server', []],
  ])('a package that serves, where nobody takes load: %s', async (_says, name, told) => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'acme', workspaces: ['server'] }),
      'server/package.json': JSON.stringify({ name, main: 'index.js', dependencies: { express: '4' } }),
      'server/index.js': `const app = require('express')(); app.listen(3000);`,
      'docker-compose.yml': `services:\n  shop:\n    image: acme/${name === 'server' ? 'server' : 'other'}\n  tool:\n    build: ./tool\n`,
      'tool/Dockerfile': 'FROM node:22\nCMD ["node", "tool.js"]\n',
      'tool/package.json': JSON.stringify({ name: 'tool' }),
      'tool/tool.js': 'console.log(1);',
    });
    expect(topology.endpoints).toEqual([]);
    expect(topology.problems.map((it) => it.file)).toEqual(told);
    if (told.length > 0) expect(topology.problems[0]?.message).toContain('depends on express');
  });

  it('one image of two processes is two components, and calls to the image reach the one that serves', async () => {
    const topology = await topologyOf({
      Dockerfile: 'FROM node:22\nCMD ["sh", "-c", "concurrently \\"node api.js\\" \\"cd jobs && node worker.js\\""]\n',
      'package.json': JSON.stringify({ name: 'shop', dependencies: { express: '4', bullmq: '5' } }),
      'jobs/package.json': JSON.stringify({ name: 'jobs', dependencies: { bullmq: '5' } }),
      'api.js': `const { Queue } = require('bullmq'); const queue = new Queue('mail', { connection: { host: 'redis' } });
const app = require('express')(); app.post('/mail', async (q, s) => { await queue.add('m', {}); s.json({}); }); app.listen(3000);`,
      'jobs/worker.js': `const { Worker } = require('bullmq'); new Worker('mail', async () => {}, { connection: { host: 'redis' } });`,
      'front/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
      'front/package.json': JSON.stringify({ name: 'front', dependencies: { express: '4', axios: '1' } }),
      'front/index.js': `const axios = require('axios'); const app = require('express')(); app.get('/', async (q, s) => { await axios.post('http://backend:3000/mail'); s.end(); }); app.listen(80);`,
      'compose.yaml': 'services:\n  backend:\n    build: .\n  front:\n    build: ./front\n    ports: ["80:80"]\n  redis:\n    image: redis:7\n',
    });
    expect(componentsOf(topology)).toEqual(['front service', 'jobs worker', 'redis queue', 'shop service']);
    expect(callsOf(topology)).toEqual(['front http shop', 'jobs consume redis', 'shop publish redis']);
  });
});

describe('what code starts on several of its ways', () => {
  const started = (serve: string, start: string): Promise<Topology> =>
    topologyOf({
      'package.json': JSON.stringify({ name: 'app', main: 'src/index.js', dependencies: { express: '^5.0.0', bullmq: '^5.0.0', pg: '^8.0.0' } }),
      'src/index.js': `import cluster from 'node:cluster'; import express from 'express'; import { Worker } from 'bullmq'; import { Pool } from 'pg'; const pool = new Pool({ host: 'db' });
        const load = (req, res) => pool.query('SELECT 1 FROM a').then(() => res.json({})); const other = (req, res) => pool.query('SELECT 1 FROM b').then(() => res.json({}));
        function serve(handler) { ${serve} } ${start}`,
    });
  const app = `const app = express(); app.get('/it', handler); app.listen(3000);`;
  const either = `if (process.env.ALONE) { serve(load); } else if (cluster.isPrimary) { serve(load); } else { serve(load); }`;

  it.each<[string, string, string, string[]]>([
    ['a server', app, either, ['app GET /it']],
    ['a consumer', `new Worker('mails', async () => { await pool.query('SELECT 1 FROM a'); }, { connection: { host: 'redis' } });`, either, ['app consumes mails']],
    ['servers that do something else', app, `serve(load); serve(other);`, ['app GET /it', 'app GET /it']],
    ['what each wraps', `const app = express(); app.get('/it', (req, res) => handler(req, res)); app.listen(3000);`, `serve(load); serve(other);`, ['app GET /it', 'app GET /it']],
  ])('%s', async (_name, serve, start, expected) => {
    const topology = await started(serve, start);
    expect(topology.endpoints.map((it) => it.id)).toEqual(expected);
  });
});

describe('Next.js', () => {
  const app = {
    'package.json': JSON.stringify({ name: 'site', scripts: { start: 'next start' }, dependencies: { next: '15', react: '19', pg: '8' } }),
    'lib/db.ts': `import { Pool } from 'pg'; export const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 4 });`,
    'pages/index.tsx': `export default function Page() { return null; }`,
    'pages/api/posts/[id].ts': `import { pool } from '../../../lib/db';
export default async function handler(req, res) {
  if (req.method === 'GET') { const { rows } = await pool.query('SELECT * FROM posts WHERE id = $1', [req.query.id]); return res.status(200).json(rows); }
  if (req.method === 'DELETE') { await pool.query('DELETE FROM posts WHERE id = $1', [req.query.id]); return res.status(204).end(); }
  res.status(405).end();
}`,
    'app/(shop)/orders/route.ts': `import { pool } from '../../../lib/db';
export async function POST(request: Request) { const body = await request.json(); await pool.query('INSERT INTO orders VALUES ($1)', [body.id]); return Response.json({}); }
export const GET = async () => Response.json((await pool.query('SELECT * FROM orders')).rows);`,
    'app/orders/[...path]/page.tsx': `export default function Page() { return null; }`,
  };
  it('handlers are found by file and export, each method with the steps that it takes', async () => {
    const topology = await topologyOf(app);
    expect(topology.endpoints.map((it) => it.id).sort()).toEqual(['site DELETE /api/posts/:id', 'site GET /api/posts/:id', 'site GET /orders', 'site POST /orders']);
    expect(stepsOf(topology, 'site GET /api/posts/:id')).toEqual(['SELECT posts']);
    expect(stepsOf(topology, 'site DELETE /api/posts/:id')).toEqual(['DELETE posts']);
    expect(stepsOf(topology, 'site POST /orders')).toEqual(['INSERT orders']);
    expect(callsOf(topology)).toEqual(['site query postgres']);
  });

  it('without a handler it is a front end', async () => {
    const topology = await topologyOf({
      Dockerfile: 'FROM node:22\nCMD ["npx", "next", "start"]\n',
      'package.json': app['package.json'],
      'pages/index.tsx': app['pages/index.tsx'],
      'compose.yaml': 'services:\n  site:\n    build: .\n',
    });
    expect(componentsOf(topology)).toEqual(['site frontend']);
  });

  // https://nextjs.org/docs/pages/api-reference/functions/get-server-side-props, https://nextjs.org/docs/app/api-reference/file-conventions/route-segment-config
  it('pages that are made for every request, where something else makes it a server', async () => {
    const topology = await topologyOf({
      ...app,
      'pages/index.tsx': `export async function getStaticProps() { return { props: {} }; } export default function Page() { return null; }`,
      'pages/posts/[id].tsx': `import { pool } from '../../lib/db'; export async function getServerSideProps({ params }) { return { props: (await pool.query('SELECT * FROM posts')).rows }; } export default function Page() { return null; }`,
      'app/live/page.tsx': `import { pool } from '../../lib/db'; export const dynamic = 'force-dynamic'; export default async function Page() { await pool.query('SELECT * FROM live'); return null; }`,
      'app/fresh/page.tsx': `export const revalidate = 0; export default async function Page() { return null; }`,
    });
    expect(
      topology.endpoints
        .map((it) => it.id)
        .filter((it) => it.includes('GET'))
        .sort(),
    ).toEqual(['site GET /api/posts/:id', 'site GET /fresh', 'site GET /live', 'site GET /orders', 'site GET /posts/:id']);
    expect(stepsOf(topology, 'site GET /posts/:id')).toEqual(['SELECT posts', 'rendering in site']);
    expect(stepsOf(topology, 'site GET /live')).toEqual(['SELECT live', 'rendering in site']);
  });
});

// https://remix.run/docs/en/main/file-conventions/routes, https://reactrouter.com/how-to/file-route-conventions
describe('Remix and React Router', () => {
  const page = 'export default function Page() { return null; }';
  const loads = (table: string): string => `export const loader = async ({ params }) => (await pool.query('SELECT * FROM ${table}')).rows;`;
  const app = (start: string) =>
    topologyOf({
      'package.json': JSON.stringify({ name: 'site', scripts: { start }, dependencies: { react: '19', pg: '8' } }),
      'tsconfig.json': JSON.stringify({ compilerOptions: { baseUrl: '.', paths: { '~/*': ['./app/*'] } } }),
      'app/db.server.ts': `import { Pool } from 'pg'; export const pool = new Pool({ connectionString: process.env.DATABASE_URL });`,
      'app/root.tsx': `import { pool } from '~/db.server'; ${loads('session')} export default function App() { return null; }`,
      ...Object.fromEntries(
        Object.entries({
          '_index.tsx': page,
          'concerts.tsx': `${loads('concerts')} ${page}`,
          'concerts.$city.tsx': `${loads('cities')} export async function action({ request }) { await pool.query('INSERT INTO cities VALUES (1)'); return null; } ${page}`,
          'concerts_.mine.tsx': `${loads('mine')} ${page}`,
          '_auth.login.tsx': `export async function action() { await pool.query('SELECT * FROM users'); return null; } ${page}`,
          'sitemap[.]xml.ts': loads('pages'),
          'files.$.tsx': loads('files'),
          'tickets/route.tsx': `import { one } from './part'; ${loads('tickets')} ${page}`,
          'tickets/part.tsx': 'export const one = 1; export const loader = () => 1;',
        }).map(([name, text]) => [`app/routes/${name}`, `import { pool } from '~/db.server'; ${text}`]),
      ),
    });
  it.each(['remix-serve ./build/server/index.js', 'react-router-serve ./build/server/index.js'])('%s', async (start) => {
    const topology = await app(start);
    expect(topology.endpoints.map((it) => it.id).sort()).toEqual([
      'site GET /concerts',
      'site GET /concerts/:city',
      'site GET /concerts/mine',
      'site GET /files/*',
      'site GET /sitemap.xml',
      'site GET /tickets',
      'site POST /concerts/:city',
      'site POST /login',
    ]);
    const around = (own: string[], ...more: string[]): string[] => [...own.map((it) => `parallel > SELECT ${it}`), ...more];
    expect(stepsOf(topology, 'site GET /concerts/:city')).toEqual(['parallel', ...around(['session', 'concerts', 'cities'], 'rendering in site')]);
    expect(stepsOf(topology, 'site GET /concerts/mine')).toEqual(['parallel', ...around(['session', 'mine'], 'rendering in site')]);
    expect(stepsOf(topology, 'site POST /concerts/:city')).toEqual(['INSERT cities']);
    expect(componentsOf(topology)).toEqual(['postgres database', 'site service']);
  });

  // https://reactrouter.com/start/framework/routing
  it.each<[string, string, string[]]>([
    [
      'a list of routes',
      `import { type RouteConfig, route, index, layout, prefix } from '@react-router/dev/routes';
        export default [index('./home.tsx'), route('about', './about.tsx'), layout('./auth/layout.tsx', [route('login', './auth/login.tsx')]),
          ...prefix('concerts', [index('./concerts/home.tsx'), route(':city', './concerts/city.tsx'), layout('./auth/layout.tsx', [route('mine', './concerts/mine.tsx')])]), route('files/*', './files.tsx')] satisfies RouteConfig;`,
      ['site GET /about', 'site GET /concerts', 'site GET /concerts/:city', 'site GET /concerts/mine', 'site GET /files/*', 'site POST /concerts/:city', 'site POST /login'],
    ],
    [
      'routes in routes',
      `import { route, index } from '@react-router/dev/routes'; export default [route('concerts', './concerts/home.tsx', [index('./about.tsx'), route(':city', './concerts/city.tsx')])];`,
      ['site GET /concerts', 'site GET /concerts/:city', 'site POST /concerts/:city'],
    ],
    ['found by their names after all', `import { flatRoutes } from '@react-router/fs-routes'; export default flatRoutes();`, ['site GET /named']],
  ])('React Router 7: %s', async (_name, routes, expected) => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'site', scripts: { start: 'react-router-serve ./build/server/index.js' }, dependencies: { react: '19', pg: '8' } }),
      'app/db.server.ts': `import { Pool } from 'pg'; export const pool = new Pool({ host: 'db' });`,
      'app/routes.ts': routes,
      ...Object.fromEntries(
        Object.entries({
          'root.tsx': loads('session'),
          'home.tsx': '',
          'about.tsx': loads('about'),
          'auth/layout.tsx': loads('accounts'),
          'auth/login.tsx': `export async function action() { await pool.query('SELECT * FROM users'); }`,
          'concerts/home.tsx': loads('concerts'),
          'concerts/city.tsx': `${loads('cities')} export const action = async () => { await pool.query('INSERT INTO cities VALUES (1)'); };`,
          'concerts/mine.tsx': loads('mine'),
          'files.tsx': loads('files'),
          'routes/named.tsx': loads('named'),
        }).map(([name, text]) => [`app/${name}`, `import { pool } from '${name.includes('/') ? '../' : './'}db.server'; ${text} ${page}`]),
      ),
    });
    expect(topology.endpoints.map((it) => it.id).sort()).toEqual(expected);
    if (expected.includes('site GET /concerts/mine'))
      expect(stepsOf(topology, 'site GET /concerts/mine')).toEqual([
        'parallel',
        'parallel > SELECT session',
        'parallel > SELECT accounts',
        'parallel > SELECT mine',
        'rendering in site',
      ]);
  });
});

describe('what an image starts', () => {
  const api = `const app = require('express')(); app.get('/it', (q, s) => s.end()); app.listen(3000);`;
  const compose = { 'compose.yaml': 'services:\n  api:\n    build: .\n    ports: ["80:3000"]\n' };
  const pkg = { 'package.json': JSON.stringify({ name: 'shop', dependencies: { express: '4' } }) };
  it.each<[string, Record<string, string>]>([
    [
      'a shell script with its last command',
      {
        Dockerfile: 'FROM node:22\nENTRYPOINT ["/srv/entrypoint.sh"]\n',
        'docker/entrypoint.sh': '#!/bin/sh\nset -e\nnpx prisma migrate deploy\nexec node services/api.js\n',
        'services/api.js': api,
      },
    ],
    [
      'a shell script that starts what it is given',
      {
        Dockerfile: 'FROM node:22\nENTRYPOINT ["./docker-entrypoint.sh"]\nCMD ["node", "services/api.js"]\n',
        'docker-entrypoint.sh': '#!/bin/sh\nif [ -n "$X" ]; then\n  echo hi\nfi\nexec "$@"\n',
        'services/api.js': api,
      },
    ],
    ['a path below its working directory, built from a workspace', { Dockerfile: 'FROM node:22\nWORKDIR /shop/apps/api\nCMD ["node", "main"]\n', 'apps/api/src/main.js': api }],
    [
      'a script of a package that is copied to the root of the image',
      {
        Dockerfile: 'FROM node:22\nWORKDIR /app\nCOPY server .\nCMD ["./start.sh"]\n',
        'server/start.sh': 'exec node web.js\n',
        'server/package.json': '{"dependencies":{"express":"4"}}',
        'server/web.js': api,
      },
    ],
    [
      'the root, whichever package was built on the way',
      {
        Dockerfile: 'FROM node:22\nWORKDIR /app\nWORKDIR /app/portal\nRUN npm run build\nWORKDIR /app\nENTRYPOINT ["node", "main"]\n',
        'portal/package.json': '{"name":"portal","scripts":{"start":"vite"}}',
        'main.js': api,
      },
    ],
    ['a folder called built', { Dockerfile: 'FROM node:22\nCMD ["node", "./built/boot/entry.js"]\n', 'src/boot/entry.js': api }],
    ['a built workspace', { Dockerfile: 'FROM node:22\nCMD ["node", "dist/apps/api/main.js"]\n', 'apps/api/src/main.js': api }],
  ])('%s', async (_name, files) => {
    const topology = await topologyOf({ ...pkg, ...compose, ...files });
    expect(topology.endpoints.map((it) => it.id)).toEqual(['api GET /it']);
  });

  it("Next's standalone output is the application", async () => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'shop', scripts: { start: 'node dist/server.js' }, dependencies: { next: '14' } }),
      ...compose,
      Dockerfile: 'FROM node:22\nWORKDIR /app\nCMD ["node", "server.js"]\n',
      'pages/api/it.js': 'export default function handler(req, res) { res.json({}); }',
    });
    expect(topology.endpoints.map((it) => it.id)).toEqual(['api GET /api/it']);
  });

  it.each(['nuxt', '@sveltejs/kit', 'astro'])('what %s builds is a front end', async (name) => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'shop', dependencies: { [name]: '1' } }),
      ...compose,
      Dockerfile: 'FROM node:22\nCMD ["node", "build/index.mjs"]\n',
    });
    expect(componentsOf(topology)).toEqual(['api frontend']);
  });

  it('front ends that nobody deploys by themselves are front ends of the whole', async () => {
    const topology = await topologyOf({
      ...pkg,
      ...compose,
      Dockerfile: 'FROM node:22\nCMD ["node", "api.js"]\n',
      'api.js': api,
      'apps/client/project.json': '{"name":"client","projectType":"application"}',
      'apps/client/src/index.html': '<html></html>',
      'apps/client/src/app/items.service.ts': 'class A { load() { return this.http.get<Item[]>("/it"); } }',
      'packages/buttons/package.json': JSON.stringify({ name: 'buttons', dependencies: { 'react-dom': '19' } }),
    });
    expect(componentsOf(topology)).toEqual(['api service', 'client frontend']);
    expect(callsOf(topology)).toEqual(['client http api']);
  });
});
