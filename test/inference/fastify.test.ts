import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { callsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

const query = (table: string): string => `pool.query('SELECT 1 FROM ${table}')`;
const pool = `import { Pool } from 'pg'; export const pool = new Pool({ host: 'localhost' });`;
const fastify = (app: string, files: Record<string, string> = {}, dependencies: Record<string, string> = {}): Promise<Topology> =>
  topologyOf(
    service(
      { fastify: '^5.0.0', pg: '^8.0.0', ...dependencies },
      {
        'src/db.js': pool,
        'src/index.js': `import Fastify from 'fastify'; import { pool } from './db.js'; const app = Fastify({ logger: true }); ${app} app.listen({ port: 3000 });`,
        ...files,
      },
    ),
  );
const endpoints = (it: Topology): string[] => it.endpoints.map((one) => one.id).sort();

// https://fastify.dev/docs/latest/Reference/Decorators/, https://fastify.dev/docs/latest/Reference/Hooks/
describe('decorators and hooks', () => {
  it.each<[string, string, string[]]>([
    ['a decorated client', `app.decorate('db', pool); app.get('/it', async () => app.db.query('SELECT 1 FROM users'));`, ['SELECT users']],
    [
      'inside a plugin, by `this`',
      `app.decorate('db', pool); app.register(async (api) => { api.get('/it', async function (request) { return this.db.query('SELECT 1 FROM users'); }); });`,
      ['SELECT users'],
    ],
    [
      'a decorator of a plugin that is broken out of',
      `app.register(fp(async (api) => { api.decorate('db', pool); })); app.get('/it', async () => app.db.query('SELECT 1 FROM users'));`,
      ['SELECT users'],
    ],
    [
      'a decorator of a plugin is not seen outside',
      `app.register(async (api) => { api.decorate('db', pool); }); app.get('/it', async () => app.db.query('SELECT 1 FROM users'));`,
      [],
    ],
    [
      'hooks of the route, in their order',
      `app.get('/it', { preHandler: [async () => ${query('rights')}], onRequest: async () => ${query('sessions')} }, async () => ${query('users')});`,
      ['SELECT sessions', 'SELECT rights', 'SELECT users'],
    ],
    [
      'a hook by a decorator',
      `app.decorate('authenticate', async (request, reply) => ${query('sessions')}); app.route({ method: 'GET', url: '/it', onRequest: [app.authenticate], handler: async () => ${query('users')} });`,
      ['SELECT sessions', 'SELECT users'],
    ],
    [
      'a hook of a plugin that is broken out of',
      `app.register(fp(async (api) => { api.addHook('onRequest', async (request) => ${query('sessions')}); })); app.get('/it', async () => ${query('users')});`,
      ['SELECT sessions', 'SELECT users'],
    ],
    ['a hook after the answer', `app.addHook('onSend', async () => ${query('sent')}); app.get('/it', async () => ${query('users')});`, ['SELECT users']],
  ])('%s', async (_name, code, steps) => expect(stepsOf(await fastify(`import fp from 'fastify-plugin'; ${code}`), 'app GET /it')).toEqual(steps));
});

// https://github.com/fastify/fastify-autoload#readme
describe('autoload', () => {
  const files = {
    'src/plugins/db.js': `import fp from 'fastify-plugin'; import { Pool } from 'pg'; export default fp(async (app) => { app.decorate('pg', new Pool({ host: 'localhost' })); });`,
    'src/routes/root.js': `export default async (app) => { app.get('/', async () => app.pg.query('SELECT 1 FROM roots')); };`,
    'src/routes/users/index.js': `export default async function (app) { app.get('/:id', async () => app.pg.query('SELECT 1 FROM users')); }`,
    'src/routes/users/ignored.js': `export default async (app) => { app.get('/ignored', async () => 1); };`,
    'src/routes/users/_id/posts.js': `export default async (app) => { app.get('/posts', async () => app.pg.query('SELECT 1 FROM posts')); };`,
    'src/routes/named.js': `export default async (app) => { app.get('/one', async () => 1); }; export const autoPrefix = '/something';`,
    'src/routes/shaped.js': `export default { method: 'POST', url: '/shaped', handler: async () => 1 };`,
    'src/routes/users/users.test.js': `export default async (app) => { app.get('/tested', async () => 1); };`,
  };
  it.each<[string, string]>([
    [
      'CommonJS',
      `app.register(AutoLoad, { dir: path.join(__dirname, 'plugins') }); app.register(AutoLoad, { dir: path.join(__dirname, 'routes'), routeParams: true, options: { prefix: '/api' } });`,
    ],
    [
      'modules',
      `const here = path.dirname(fileURLToPath(import.meta.url)); app.register(AutoLoad, { dir: path.join(here, 'plugins') }); app.register(AutoLoad, { dir: path.join(here, 'routes'), routeParams: true, options: { prefix: '/api' } });`,
    ],
  ])('a folder of plugins and one of routes (%s)', async (_name, code) => {
    const topology = await fastify(`import AutoLoad from '@fastify/autoload'; import path from 'node:path'; import { fileURLToPath } from 'node:url'; ${code}`, files, {
      '@fastify/autoload': '^6.0.0',
    });
    expect(endpoints(topology)).toEqual(['app GET /api', 'app GET /api/something/one', 'app GET /api/users/:id', 'app GET /api/users/:id/posts', 'app POST /api/shaped']);
    expect(stepsOf(topology, 'app GET /api/users/:id')).toEqual(['SELECT users']);
    expect(stepsOf(topology, 'app GET /api/users/:id/posts')).toEqual(['SELECT posts']);
  });

  it.each<[string, string, number]>([
    ['an object', `export const autoConfig = { size: 30 };`, 30],
    ['a function of the app', `export const autoConfig = (app) => ({ size: app.sized });`, 40],
    ['what the call says comes after it', `export const autoConfig = { size: 30 };`, 50],
  ])('options of a file: %s', async (_name, config, size) => {
    const topology = await fastify(
      `import AutoLoad from '@fastify/autoload'; app.decorate('sized', 40); app.register(AutoLoad, { dir: import.meta.dirname + '/plugins', ${size === 50 ? 'options: { size: 50 }' : ''} });
app.get('/it', async () => app.pg.query('SELECT 1 FROM users'));`,
      {
        'src/plugins/db.js': `import fp from 'fastify-plugin'; import { Pool } from 'pg'; ${config} export default fp(async (app, { size }) => { app.decorate('pg', new Pool({ host: 'db', max: size })); });`,
      },
      { '@fastify/autoload': '^6.0.0' },
    );
    expect(topology.pools.find((it) => it.id.includes('→db'))?.max).toMatchObject({ value: size, basis: 'declared' });
  });

  it('hooks of a folder', async () => {
    const topology = await fastify(
      `import AutoLoad from '@fastify/autoload'; app.register(AutoLoad, { dir: import.meta.dirname + '/api', autoHooks: true });`,
      {
        'src/api/open.js': `import { pool } from '../db.js'; export default async (app) => { app.get('/open', async () => ${query('open')}); };`,
        'src/api/own/autohooks.js': `import { pool } from '../../db.js'; export default async (app) => { app.addHook('onRequest', async () => ${query('sessions')}); };`,
        'src/api/own/routes.js': `import { pool } from '../../db.js'; export default async (app) => { app.get('/', async () => ${query('own')}); };`,
      },
      { '@fastify/autoload': '^6.0.0' },
    );
    expect(stepsOf(topology, 'app GET /open')).toEqual(['SELECT open']);
    expect(stepsOf(topology, 'app GET /own')).toEqual(['SELECT sessions', 'SELECT own']);
  });
});

// https://github.com/fastify/fastify-rate-limit#readme
describe('rate limits', () => {
  const limits = (code: string): Promise<unknown[]> =>
    fastify(`import rateLimit from '@fastify/rate-limit'; import Redis from 'ioredis'; ${code}`, {}, { '@fastify/rate-limit': '^11.0.0', ioredis: '^5.0.0' }).then((it) =>
      it.rateLimiters.map((one) => [
        one.limit.state === 'known' && one.limit.value,
        one.windowMs.state === 'known' && one.windowMs.value,
        one.endpoints.map((id) => id.replace('app GET ', '')),
        ...(one.shared ? ['shared'] : []),
      ]),
    );
  const routes = `app.get('/a', async () => 1); app.get('/b', async () => 1);`;
  it.each<[string, string, unknown[]]>([
    ['for all routes behind it', `app.get('/before', async () => 1); app.register(rateLimit, { max: 100, timeWindow: '1 minute' }); ${routes}`, [[100, 60_000, ['/a', '/b']]]],
    ['its defaults', `app.register(rateLimit); app.get('/a', async () => 1);`, [[1000, 60_000, []]]],
    ['in Redis', `app.register(rateLimit, { max: 3, timeWindow: 1000, redis: new Redis() }); app.get('/a', async () => 1);`, [[3, 1000, [], 'shared']]],
    [
      'a route of its own',
      `app.get('/before', async () => 1); app.register(rateLimit, { max: 100, timeWindow: 5000 }); ${routes} app.get('/own', { config: { rateLimit: { max: 3, timeWindow: '1 hour' } } }, async () => 1);`,
      [
        [100, 5000, ['/a', '/b']],
        [3, 3_600_000, ['/own']],
      ],
    ],
    [
      'a route without one',
      `app.get('/before', async () => 1); app.register(rateLimit, { max: 100, timeWindow: 5000 }); ${routes} app.get('/free', { config: { rateLimit: false } }, async () => 1);`,
      [[100, 5000, ['/a', '/b']]],
    ],
    [
      'only where a route asks for it',
      `app.register(rateLimit, { global: false, timeWindow: 5000 }); ${routes} app.get('/own', { config: { rateLimit: { max: 3 } } }, async () => 1);`,
      [[3, 5000, ['/own']]],
    ],
    [
      'a handler before a route',
      `await app.register(rateLimit, { global: false }); app.get('/a', { preHandler: app.rateLimit({ max: 7, timeWindow: 1000 }) }, async () => 1);`,
      [[7, 1000, ['/a']]],
    ],
  ])('%s', async (_name, code, expected) => expect(await limits(code)).toEqual(expected));
});

describe('stores', () => {
  it.each<[string, string, Record<string, string>, string[], string[]]>([
    // https://github.com/fastify/fastify-postgres#readme
    [
      'PostgreSQL',
      `import it from '@fastify/postgres'; app.register(it, { connectionString: 'postgres://postgres@db/postgres', max: 4 }); app.get('/it', async () => app.pg.query('SELECT 1 FROM users'));`,
      { '@fastify/postgres': '^6.0.0' },
      ['SELECT users'],
      ['app query db'],
    ],
    [
      'a transaction',
      `import it from '@fastify/postgres'; app.register(it, { connectionString: 'postgres://postgres@db/postgres' }); app.post('/it', async () => app.pg.transact(async (client) => client.query('INSERT INTO users VALUES (1)')));`,
      { '@fastify/postgres': '^6.0.0' },
      ['hold always', 'hold always > BEGIN^', 'hold always > INSERT users^', 'hold always > COMMIT^'],
      ['app query db'],
    ],
    // https://github.com/fastify/fastify-redis#readme
    [
      'Redis',
      `import it from '@fastify/redis'; app.register(it, { host: '127.0.0.1' }); app.get('/it', async function () { return app.redis.get('key'); });`,
      { '@fastify/redis': '^9.0.0' },
      ['get key'],
      ['app cache redis'],
    ],
    // https://github.com/fastify/fastify-mongodb#readme
    [
      'MongoDB',
      `import it from '@fastify/mongodb'; app.register(it, { forceClose: true, url: 'mongodb://mongo/mydb' }); app.get('/it', async function () { return this.mongo.db.collection('users').findOne({}); });`,
      { '@fastify/mongodb': '^10.0.0' },
      ['users.findOne'],
      ['app query mongo'],
    ],
    // https://github.com/fastify/fastify-mysql#readme
    [
      'MySQL',
      `import it from '@fastify/mysql'; app.register(it, { promise: true, connectionString: 'mysql://root@localhost/mysql' }); app.get('/it', async () => { const connection = await app.mysql.getConnection(); const [rows] = await connection.query('SELECT 1 FROM users'); connection.release(); return rows; });`,
      { '@fastify/mysql': '^5.0.0' },
      ['hold happyPath', 'hold happyPath > SELECT users^'],
      ['app query mysql'],
    ],
  ])('%s', async (_name, code, dependencies, steps, calls) => {
    const topology = await fastify(code, { 'src/db.js': 'export const pool = 1;' }, dependencies);
    expect(stepsOf(topology, topology.endpoints[0]?.id ?? '')).toEqual(steps);
    expect(callsOf(topology)).toEqual(calls);
  });
});

it.each([
  ['fastify start -l info app.js', 'app.js'],
  ['fastify start -w -l info -P app.js', 'app.js'],
  ['npm run build:ts && fastify start -l info dist/app.js', 'src/app.ts'],
])('a plug-in that the command line of Fastify starts: %s', async (start, file) => {
  const isTyped = file.endsWith('.ts');
  const folder = isTyped ? 'src/' : '';
  const plugin = isTyped
    ? "import AutoLoad from '@fastify/autoload'; import { join } from 'node:path'; const app = async (fastify, opts) => { fastify.register(AutoLoad, { dir: join(__dirname, 'plugins'), options: opts }); fastify.register(AutoLoad, { dir: join(__dirname, 'routes'), options: opts }); }; export default app; export { app };"
    : "const path = require('node:path'); const AutoLoad = require('@fastify/autoload'); module.exports = async function (fastify, opts) { fastify.register(AutoLoad, { dir: path.join(__dirname, 'plugins'), options: Object.assign({}, opts) }); fastify.register(AutoLoad, { dir: path.join(__dirname, 'routes'), options: Object.assign({}, opts) }); };";
  const topology = await topologyOf({
    'package.json': JSON.stringify({
      name: 'app',
      scripts: { start, 'build:ts': 'tsc' },
      dependencies: { fastify: '5', 'fastify-cli': '7', 'fastify-plugin': '5', '@fastify/autoload': '6', '@fastify/postgres': '6', pg: '8' },
    }),
    [file]: plugin,
    [`${folder}plugins/db.js`]:
      "import fp from 'fastify-plugin'; import postgres from '@fastify/postgres'; export default fp(async (fastify) => { fastify.register(postgres, { connectionString: 'postgres://db/app' }); });",
    [`${folder}routes/orders/index.js`]: "export default async (fastify) => { fastify.get('/', async () => fastify.pg.query('SELECT * FROM orders')); };",
  });
  expect(topology.endpoints.map((one) => [one.id, stepsOf(topology, one.id)])).toEqual([['app GET /orders', ['SELECT orders']]]);
});
