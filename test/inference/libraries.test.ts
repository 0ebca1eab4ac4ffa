import { describe, expect, it } from 'vitest';
import { type Topology, walkSteps } from '../../src/model/topology.ts';
import { callsOf, componentsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

const app = (body: string) => `const express = require('express'); const app = express(); ${body}; app.listen(3000);`;
const read = (dependencies: Record<string, string>, body: string, files: Record<string, string> = {}): Promise<Topology> =>
  topologyOf(service({ express: '^4.0.0', ...dependencies }, { 'src/index.js': app(body), ...files }));

describe('sequelize', () => {
  const model = `const { Sequelize, DataTypes } = require('sequelize'); const sequelize = new Sequelize('d', 'u', 'p', { host: 'localhost', dialect: 'mysql', pool: { max: 20, acquire: 5000 } }); const User = sequelize.define('User', {});`;
  it.each<[string, string, string[]]>([
    [
      'reads and writes of a model and its rows',
      `const it = await User.findByPk(req.params.id); if (!it) return res.status(404).json({}); await it.update({});`,
      ['User.findByPk', 'User.update'],
    ],
    [
      'a managed transaction that passes itself on',
      `await sequelize.transaction(async (t) => { await User.create({}, { transaction: t }); });`,
      ['hold always', 'hold always > User.create^'],
    ],
    ['a managed transaction that forgets to', `await sequelize.transaction(async (t) => { await User.create({}); });`, ['hold always', 'hold always > User.create']],
    [
      'an unmanaged transaction',
      `const t = await sequelize.transaction(); try { await User.create({}, { transaction: t }); await t.commit(); } catch (error) { await t.rollback(); throw error; }`,
      ['hold always', 'hold always > User.create^', 'hold always > COMMIT^'],
    ],
    [
      'a managed transaction that is passed on by itself',
      `Sequelize.useCLS({}); await sequelize.transaction(async () => { await User.create({}); }); await User.create({});`,
      ['hold always', 'hold always > User.create^', 'User.create'],
    ],
    ['models by their names', `const { models } = sequelize; await models.user.findByPk(1); await sequelize.model('user').create({});`, ['user.findByPk', 'user.create']],
    ['raw SQL', `await sequelize.query('SELECT count(*) FROM orders');`, ['SELECT orders']],
  ])('%s', async (_name, body, expected) => {
    const topology = await read({ sequelize: '^6.0.0', mysql2: '^3.0.0' }, `${model} app.get('/it', async (req, res) => { ${body} res.json({}); })`);
    expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
    expect(topology.pools).toMatchObject([{ target: 'mysql', library: 'sequelize', max: { value: 20, basis: 'declared' }, acquireTimeoutMs: { value: 5000, basis: 'declared' } }]);
  });
});

describe('redis as a cache', () => {
  const redis = `const Redis = require('ioredis'); const redis = new Redis({ host: 'cache' }); const { Pool } = require('pg'); const pool = new Pool();`;
  const load = `(await pool.query('SELECT * FROM items')).rows`;
  it.each<[string, string, string[]]>([
    [
      'early return on a hit',
      `const hit = await redis.get('all'); if (hit) return res.json(JSON.parse(hit)); const it = ${load}; await redis.set('all', JSON.stringify(it), 'EX', 60); res.json(it);`,
      ['get all', 'get all > SELECT items', 'get all > set all'],
    ],
    [
      'block on a miss',
      `let it = await redis.get('all'); if (!it) { it = ${load}; await redis.setex('all', 60, it); } res.json(it);`,
      ['get all', 'get all > SELECT items', 'get all > setex all'],
    ],
    [
      'comparison with null',
      `const hit = await redis.get('all'); if (hit === null) { const it = ${load}; await redis.setex('all', 60, it); res.json(it); } else { res.json(hit); }`,
      ['get all', 'get all > SELECT items', 'get all > setex all'],
    ],
    ['or', `const it = (await redis.get('all')) ?? ${load}; res.json(it);`, ['get all', 'get all > SELECT items']],
    [
      'a key with request data',
      `const key = \`item:\${req.params.id}\`; const hit = await redis.get(key); if (hit) return res.json(hit); const it = ${load}; await redis.set(key, it, 'PX', 5000); res.json(it);`,
      ['get item:*', 'get item:* > SELECT items', 'get item:* > set item:*'],
    ],
  ])('%s', async (_name, body, expected) => {
    const topology = await read({ ioredis: '^5.0.0', pg: '^8.0.0' }, `${redis} app.get('/it', async (req, res) => { ${body} })`);
    expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
    expect(callsOf(topology)).toEqual(['app cache cache', 'app query postgres']);
  });

  it('a constant key leaves its hit ratio to its rates and time to live; a varying one is assumed', async () => {
    const of = async (key: string) => {
      const topology = await read(
        { ioredis: '^5.0.0', pg: '^8.0.0' },
        `${redis} app.get('/it', async (req, res) => { const hit = await redis.get(${key}); if (hit) return res.json(hit); const it = ${load}; await redis.set(${key}, it, 'EX', 60); res.json(it); })`,
      );
      return topology.endpoints[0]?.steps.find((it) => it.kind === 'cache');
    };
    expect(await of(`'all'`)).toMatchObject({ keyVaries: false, ttlMs: { value: 60_000, basis: 'declared', place: { line: 1 } }, hitRatio: { state: 'unknown' } });
    expect(await of('`i:${req.query.i}`')).toMatchObject({ key: 'i:*', keyVaries: true, hitRatio: { value: 0.8, basis: 'assumed', range: [0.5, 0.95] } });
  });
});

describe('queues', () => {
  const queue = `const { Queue } = require('bullmq'); const mails = new Queue('mails', { connection: { host: 'redis' } });`;
  const worker = `const { Worker } = require('bullmq'); new Worker('mails', async (job) => { await new Promise((resolve) => setTimeout(resolve, 2000)); }, { connection: { host: 'redis' }, concurrency: 4 });`;

  it('a worker that the web process loads lives in it', async () => {
    const topology = await read({ bullmq: '^5.0.0' }, `${queue} require('./worker'); app.post('/it', async (req, res) => { await mails.add('x', {}); res.json({}); })`, {
      'src/worker.js': worker,
    });
    expect(topology.components.find((it) => it.kind === 'worker')).toMatchObject({ id: 'mails-worker', runsIn: 'app' });
    expect(topology.channels).toMatchObject([
      { name: 'mails', broker: 'redis', producers: [{ component: 'app' }], consumers: [{ component: 'mails-worker', concurrency: { value: 4, basis: 'declared' } }] },
    ]);
    expect(stepsOf(topology, 'mails-worker consumes mails')).toEqual(['wait 2000 ms']);
    expect(callsOf(topology)).toEqual(['app publish redis', 'mails-worker consume redis']);
  });

  it.each<[string, string, object]>([
    ['nothing said: one try', `new Queue('mails', { connection })`, { attempts: { value: 1, basis: 'libraryDefault' } }],
    [
      'of all its jobs',
      `new Queue('mails', { connection, defaultJobOptions: { attempts: 3, backoff: { type: 'exponential', delay: 1000 } } })`,
      { attempts: { value: 3, basis: 'declared' }, backoff: { kind: 'exponential', delayMs: { value: 1000 } } },
    ],
    [
      'a number is a fixed pause',
      `new Queue('mails', { connection, defaultJobOptions: { attempts: 2, backoff: 500 } })`,
      { attempts: { value: 2 }, backoff: { kind: 'fixed', delayMs: { value: 500 } } },
    ],
  ])('attempts: %s', async (_name, queue, expected) => {
    const code = `const { Queue } = require('bullmq'); const connection = { host: 'redis' }; const mails = ${queue}; app.post('/it', async (req, res) => { await mails.add('x', {}); res.json({}); })`;
    expect((await read({ bullmq: '^5.0.0' }, code)).channels).toMatchObject([expected]);
  });

  it('attempts that a job brings along', async () => {
    const topology = await read(
      { bullmq: '^5.0.0' },
      `const { Queue } = require('bullmq'); const mails = new Queue('mails', { connection: { host: 'redis' } }); app.post('/it', async (req, res) => { await mails.add('x', {}, { attempts: 4, backoff: { type: 'fixed', delay: 200 } }); res.json({}); })`,
    );
    expect(topology.channels).toMatchObject([{ attempts: { value: 4, basis: 'declared' }, backoff: { kind: 'fixed', delayMs: { value: 200 } } }]);
  });

  it('a worker that only its own service starts is that service', async () => {
    const topology = await topologyOf({
      'docker-compose.yml': `services:\n  web:\n    build: .\n    ports: ["1:1"]\n  jobs:\n    build: .\n    command: node src/worker.js\n  redis:\n    image: redis:7\n`,
      Dockerfile: `FROM node:22\nCMD ["node", "src/index.js"]\n`,
      ...service(
        { express: '^4.0.0', bullmq: '^5.0.0' },
        { 'src/index.js': app(`${queue} app.post('/it', async (req, res) => { mails.add('x', {}); res.json({}); })`), 'src/worker.js': worker },
      ),
    });
    expect(componentsOf(topology)).toEqual(['jobs worker', 'redis queue', 'web service']);
    expect(callsOf(topology)).toEqual(['jobs consume redis', 'web publish redis']);
    expect(stepsOf(topology, 'web POST /it')).toEqual(['publish to mails~']);
    expect(topology.components.some((it) => it.runsIn)).toBe(false);
  });

  const start = `const { Worker } = require('bullmq'); const start = () => new Worker('mails', async () => {}, { connection: { host: 'redis' } }); exports.start = start;`;
  const compose = (env = '') =>
    `services:\n  web:\n    build: .\n    ports: ["1:1"]\n    environment:\n      A: b\n${env}  jobs:\n    build: .\n    command: node src/worker.js\n  redis:\n    image: redis:7\n`;
  // [name, web's part, end of worker.js, environment of web, what consumes]
  it.each<[string, string, string, string, string[]]>([
    ['only where it is the main file', `require('./worker')`, `if (require.main === module) start();`, '', ['jobs']],
    ['not where it is the main file, and is called', `require('./worker').start()`, `if (require.main === module) start();`, '', ['jobs', 'mails-worker in web']],
    ['where nobody loads it', `require('./worker')`, `if (!module.parent) start();`, '', ['jobs']],
    ['perhaps, beside a service of its own', `require('./worker')`, `if (import.meta.url === other()) start();`, '', ['jobs']],
    ['by a variable that says no', `if (process.env.RUN === 'true') require('./worker').start()`, `if (require.main === module) start();`, `      RUN: "false"\n`, ['jobs']],
    [
      'by a variable that says yes',
      `if (process.env.RUN === 'true') require('./worker').start()`,
      `if (require.main === module) start();`,
      `      RUN: "true"\n`,
      ['jobs', 'mails-worker in web'],
    ],
    ['by a variable that nobody sets', `if (process.env.RUN === 'true') require('./worker').start()`, `if (require.main === module) start();`, '', ['jobs']],
    ['by a variable that nobody sets, in short', `process.env.RUN === 'true' && require('./worker').start()`, `if (require.main === module) start();`, '', ['jobs']],
  ])('a worker starts %s', async (_name, web, end, env, expected) => {
    const topology = await topologyOf({
      'docker-compose.yml': compose(env),
      Dockerfile: `FROM node:22\nCMD ["node", "src/index.js"]\n`,
      ...service(
        { express: '^4.0.0', bullmq: '^5.0.0' },
        { 'src/index.js': app(`${queue} ${web}; app.post('/it', async (req, res) => { mails.add('x', {}); res.json({}); })`), 'src/worker.js': start + end },
      ),
    });
    const runsIn = (id: string) => topology.components.find((it) => it.id === id)?.runsIn;
    expect(topology.channels.flatMap((it) => it.consumers.map((one) => [one.component, runsIn(one.component)].filter(Boolean).join(' in '))).sort()).toEqual(expected);
  });

  it('a worker that perhaps starts in the only process there is belongs to it, and is no worker to move out', async () => {
    const topology = await read(
      { bullmq: '^5.0.0' },
      `${queue} if (process.env.RUN === 'true') require('./worker').start(); app.post('/it', async (req, res) => { await mails.add('x', {}); res.json({}); })`,
      {
        'src/worker.js': start,
      },
    );
    expect(topology.channels).toMatchObject([{ name: 'mails', consumers: [{ component: 'app' }] }]);
    expect(topology.components.some((it) => it.runsIn)).toBe(false);
  });

  it('a queue that nothing loads is not there', async () => {
    const topology = await read({ bullmq: '^5.0.0' }, `app.get('/it', (req, res) => res.json({}))`, { 'src/worker.js': worker, 'tests/worker.test.js': worker });
    expect(topology.channels).toEqual([]);
    expect(componentsOf(topology)).toEqual(['app service']);
  });
});

describe('calls to others', () => {
  it.each<[string, string, object]>([
    [
      'axios waits for ever',
      `const axios = require('axios'); app.get('/it', async (req, res) => { await axios.get('https://api.stripe.com/v1/charges'); res.json({}); })`,
      { target: 'stripe', timeoutMs: { state: 'none' } },
    ],
    [
      'axios with a timeout',
      `const axios = require('axios'); app.get('/it', async (req, res) => { await axios.post('https://api.stripe.com/v1/charges', {}, { timeout: 2000 }); res.json({}); })`,
      { timeoutMs: { value: 2000, basis: 'declared' } },
    ],
    [
      'an axios instance with a timeout',
      `const axios = require('axios'); const api = axios.create({ baseURL: 'https://api.stripe.com', timeout: 1500 }); app.get('/it', async (req, res) => { await api.get('/v1/charges'); res.json({}); })`,
      { target: 'stripe', timeoutMs: { value: 1500, basis: 'declared' } },
    ],
    [
      'fetch',
      `app.get('/it', async (req, res) => { await fetch('https://api.stripe.com/v1/charges'); res.json({}); })`,
      { timeoutMs: { value: 300_000, basis: 'libraryDefault' } },
    ],
  ])('%s', async (_name, body, expected) => {
    const topology = await read({ axios: '^1.0.0' }, body);
    expect(topology.endpoints[0]?.steps.find((it) => it.kind === 'request')).toMatchObject(expected);
  });

  it('a service that a code default names, with the endpoint behind the path', async () => {
    const topology = await topologyOf({
      'docker-compose.yml': `services:\n  cart:\n    build: ./cart\n    ports: ["1:1"]\n  catalogue:\n    build: ./catalogue\n`,
      'cart/Dockerfile': 'FROM node:22\nCMD node index.js',
      'cart/package.json': '{"name":"cart","dependencies":{"express":"4","axios":"1"}}',
      'cart/index.js': app(
        `const axios = require('axios'); const host = process.env.CATALOGUE_HOST || 'catalogue'; app.get('/cart/:id', async (req, res) => { await axios.get(\`http://\${host}:8080/product/\${req.params.id}\`); res.json({}); })`,
      ),
      'catalogue/Dockerfile': 'FROM node:22\nCMD node index.js',
      'catalogue/package.json': '{"name":"catalogue","dependencies":{"express":"4"}}',
      'catalogue/index.js': app(`app.get('/product/:sku', (req, res) => res.json({}))`),
    });
    expect(callsOf(topology)).toEqual(['cart http catalogue']);
    expect(topology.endpoints.find((it) => it.component === 'cart')?.steps.find((it) => it.kind === 'request')).toMatchObject({
      target: 'catalogue',
      endpoint: 'catalogue GET /product/:sku',
    });
    expect(topology.endpoints.map((it) => [it.id, it.external])).toEqual([
      ['cart GET /cart/:id', true],
      ['catalogue GET /product/:sku', false],
    ]);
  });
});

describe('other parts', () => {
  it('bcrypt blocks a pool thread, bcryptjs the event loop', async () => {
    const where = async (library: string) =>
      (
        await read({ [library]: '1' }, `const b = require('${library}'); app.post('/it', async (req, res) => { await b.hash(req.body.p, 12); res.json({}); })`)
      ).endpoints[0]?.steps.find((it) => it.kind === 'compute' && /bcrypt/.test(it.label));
    expect(await where('bcrypt')).toMatchObject({ where: 'threadPool', ms: { value: 240 } });
    expect(await where('bcryptjs')).toMatchObject({ where: 'eventLoop', ms: { value: 240, range: [160, 480] } });
  });

  it('a limiter guards what comes after it, below its path', async () => {
    const topology = await read(
      { 'express-rate-limit': '^7.0.0' },
      `const limit = require('express-rate-limit'); app.get('/before', (q, s) => s.json({})); app.use('/auth', limit({ windowMs: 60 * 1000, max: 20 })); app.get('/auth/login', (q, s) => s.json({})); app.get('/other', (q, s) => s.json({}))`,
    );
    expect(topology.rateLimiters).toMatchObject([{ limit: { value: 20 }, windowMs: { value: 60_000 }, endpoints: ['app GET /auth/login'], key: 'perClient' }]);
  });

  it('fastify routes with prefixes', async () => {
    const topology = await topologyOf(
      service(
        { fastify: '^5.0.0', pg: '^8.0.0' },
        {
          'src/index.js': `import Fastify from 'fastify'; import { Pool } from 'pg'; const pool = new Pool(); const app = Fastify({ logger: true }); app.register(async (part) => { part.get('/users', async (req, reply) => (await pool.query('SELECT * FROM users')).rows); }, { prefix: '/v1' }); await app.listen({ port: 1 });`,
        },
      ),
    );
    expect(stepsOf(topology, 'app GET /v1/users')).toEqual(['SELECT users']);
  });

  it('a mail inside a request goes to an SMTP server outside', async () => {
    const topology = await read(
      { nodemailer: '^7.0.0' },
      `const mailer = require('nodemailer').createTransport({ host: process.env.SMTP_HOST }); app.post('/it', async (req, res) => { await mailer.sendMail({}); res.json({}); })`,
    );
    expect(callsOf(topology)).toEqual(['app smtp smtp']);
    expect(stepsOf(topology, 'app POST /it')).toEqual(['send mail']);
  });

  it.each([
    [
      'an app inside an http server',
      `const http = require('http'); const express = require('express'); const app = express(); app.get('/it', async (req, res) => res.json(await pool.query('SELECT 1 FROM a'))); const server = http.createServer(app); server.listen(1);`,
      'app GET /it',
    ],
    ['a bare http server', `require('node:http').createServer(async (req, res) => { await pool.query('SELECT 1 FROM a'); res.end(); }).listen(1);`, 'app GET /'],
  ])('%s', async (_name, body, endpoint) => {
    const topology = await topologyOf({
      'package.json': '{ "name": "app", "scripts": { "start": "node index.js" }, "dependencies": { "pg": "8" } }',
      'index.js': `const { Pool } = require('pg'); const pool = new Pool(); ${body}`,
    });
    expect(topology.endpoints.map((it) => it.id)).toEqual([endpoint]);
    expect(stepsOf(topology, endpoint)).toEqual(['SELECT a']);
  });

  it('a timer is an endpoint of its own', async () => {
    const topology = await topologyOf(
      service(
        { bullmq: '^5.0.0', pg: '^8.0.0' },
        { 'src/index.js': `const { Pool } = require('pg'); const pool = new Pool(); setInterval(async () => { await pool.query('DELETE FROM sessions WHERE old'); }, 5000);` },
      ),
    );
    expect(topology.endpoints).toMatchObject([{ trigger: { kind: 'schedule', everyMs: { value: 5000, basis: 'declared' } } }]);
    expect(componentsOf(topology)).toEqual(['app worker', 'postgres database']);
  });
});

describe('circuit breakers', () => {
  const pay = (breaker: string, before = ''): string =>
    `const CircuitBreaker = require('opossum'); const axios = require('axios'); const charge = (id) => axios.get('https://pay.example.com/' + id, { timeout: 3000 }); ${before} const breaker = ${breaker}; app.get('/it', async (req, res) => { res.json(await breaker.fire(req.query.id)); })`;

  it.each<[string, string, object]>([
    [
      'opossum with its defaults: opens after one failure',
      pay('new CircuitBreaker(charge)'),
      {
        timeoutMs: { value: 3000 },
        breaker: { errorThresholdPercentage: { value: 50, basis: 'libraryDefault' }, volumeThreshold: { value: 0 }, resetTimeoutMs: { value: 30_000 }, hasFallback: false },
      },
    ],
    [
      'opossum: the shorter timeout strikes',
      pay('new CircuitBreaker(charge, { timeout: 1000, volumeThreshold: 10, errorThresholdPercentage: 25 })'),
      { timeoutMs: { value: 1000, basis: 'declared' }, breaker: { errorThresholdPercentage: { value: 25, basis: 'declared' }, volumeThreshold: { value: 10 } } },
    ],
    ['opossum that waits for ever', pay('new CircuitBreaker(charge, { timeout: false })'), { timeoutMs: { value: 3000 } }],
    ['opossum with something else to answer', pay('new CircuitBreaker(charge); breaker.fallback(() => ({}))'), { breaker: { hasFallback: true } }],
    ['opossum, options computed', pay('new CircuitBreaker(charge, { volumeThreshold: Number(process.env.N) })'), { breaker: { volumeThreshold: { state: 'unknown' } } }],
  ])('%s', async (_name, code, expected) => {
    const topology = await read({ opossum: '^9.0.0', axios: '^1.0.0' }, code);
    expect(topology.endpoints[0]?.steps.find((it) => it.kind === 'request')).toMatchObject(expected);
  });

  it('a breaker that is switched off is none', async () => {
    const topology = await read({ opossum: '^9.0.0', axios: '^1.0.0' }, pay('new CircuitBreaker(charge, { enabled: false })'));
    expect(topology.endpoints[0]?.steps.find((it) => it.kind === 'request')).not.toHaveProperty('breaker');
  });
});

describe('brokers and proxies', () => {
  it('amqplib: queues, prefetch, and a consumer that a handler starts', async () => {
    const topology = await read(
      { amqplib: '^0.10.0' },
      `const amqp = require('amqplib'); let channel; setTimeout(async () => { const connection = await amqp.connect('amqp://rabbit:5672'); channel = await connection.createChannel(); await channel.assertQueue('orders'); channel.prefetch(8); channel.consume('paid', (message) => channel.ack(message)); }, 1000); app.post('/it', async (req, res) => { channel.sendToQueue('orders', Buffer.from('x')); res.json({}); })`,
    );
    expect(callsOf(topology)).toEqual(['app consume rabbit', 'app publish rabbit']);
    expect(topology.channels).toMatchObject([
      { name: 'paid', consumers: [{ component: 'app', concurrency: { value: 8, basis: 'declared' } }] },
      { name: 'orders', producers: [{ component: 'app' }], consumers: [] },
    ]);
    expect(topology.pools).toEqual([]);
  });

  it('amqplib: what is sent to an exchange reaches each queue that is bound to it, with a name or without', async () => {
    const topology = await read(
      { amqplib: '^0.10.0' },
      `const amqp = require('amqplib'); let channel;
async function on(key, handle) { const own = await channel.assertQueue('', { exclusive: true }); await channel.bindQueue(own.queue, 'events', key); channel.consume(own.queue, handle); }
setTimeout(async () => {
  channel = await (await amqp.connect('amqp://rabbit:5672')).createChannel();
  await on('post.created', (message) => channel.ack(message)); await on('post.deleted', (message) => channel.ack(message));
  await channel.assertQueue('mails'); await channel.bindQueue('mails', 'fan', ''); channel.consume('mails', (message) => channel.ack(message));
}, 1000);
app.post('/it', async (req, res) => { channel.publish('events', 'post.created', Buffer.from('x')); channel.publish('fan', '', Buffer.from('x')); channel.publish('', 'mails', Buffer.from('x')); res.json({}); })`,
    );
    expect(topology.channels).toMatchObject([
      { name: 'post.created', kind: 'topic', producers: [{ component: 'app' }], consumers: [{ component: 'app' }], failed: { fate: 'unnamed' } },
      { name: 'post.deleted', producers: [], consumers: [{ component: 'app' }] },
      { name: 'mails', kind: 'queue', producers: [{ component: 'app' }], consumers: [{ component: 'app' }], failed: { fate: 'unacknowledged' } },
      { name: 'fan', kind: 'topic', producers: [{ component: 'app' }], consumers: [{ component: 'app' }] },
    ]);
  });

  it.each([
    ['a number', 'channel.prefetch(8); channel.consume("paid", handle)', { state: 'known', value: 8 }],
    ['none at all', 'channel.consume("paid", handle)', { state: 'none' }],
    ['0, which means no limit', 'channel.prefetch(0); channel.consume("paid", handle)', { state: 'none' }],
    ['a number for messages that nobody acknowledges', 'channel.prefetch(8); channel.consume("paid", handle, { noAck: true })', { state: 'none' }],
    ['what no file says', 'channel.prefetch(Number(process.env.PREFETCH)); channel.consume("paid", handle)', { state: 'unknown' }],
  ])('amqplib prefetches %s', async (_name, calls, concurrency) => {
    const topology = await topologyOf(
      service(
        { amqplib: '^0.10.0' },
        {
          'src/index.js': `const amqp = require('amqplib'); (async () => { const connection = await amqp.connect('amqp://rabbit'); const channel = await connection.createChannel(); const handle = (message) => channel.ack(message); ${calls}; })();`,
        },
      ),
    );
    expect(topology.channels).toMatchObject([{ name: 'paid', consumers: [{ concurrency }] }]);
  });

  it('a service that only passes requests on is a gateway; what lies behind it takes its load from it', async () => {
    const topology = await topologyOf({
      'docker-compose.yml': `services:\n  edge:\n    build: ./edge\n    ports: ["1:1"]\n  users:\n    build: ./users\n`,
      'edge/Dockerfile': 'FROM node:22\nCMD node index.js',
      'edge/package.json': '{"name":"edge","dependencies":{"express":"4","http-proxy-middleware":"3"}}',
      'edge/index.js': app(
        `const { createProxyMiddleware } = require('http-proxy-middleware'); app.use((req, res, next) => next()); app.use('/users', createProxyMiddleware({ target: 'http://users:3000' }))`,
      ),
      'users/Dockerfile': 'FROM node:22\nCMD node index.js',
      'users/package.json': '{"name":"users","dependencies":{"express":"4"}}',
      'users/index.js': app(`app.use('/static', (req, res, next) => next()); app.get('/', (req, res) => res.json({}))`),
    });
    expect(componentsOf(topology)).toEqual(['edge gateway', 'users service']);
    expect(callsOf(topology)).toEqual(['edge http users']);
    expect(topology.endpoints.map((it) => [it.id, it.external])).toEqual([
      ['edge ALL /users/*', true],
      ['users GET /', false],
    ]);
    expect(passedTo(topology)).toEqual(['users GET /']);
  });

  const passedTo = (topology: Topology): string[] => {
    const found: string[] = [];
    walkSteps(topology.endpoints.find((it) => it.id.startsWith('edge ALL'))?.steps ?? [], (step, enclosing) => {
      if (step.kind === 'request') found.push([...enclosing.map((it) => ('label' in it ? it.label : it.kind)), step.endpoint ?? 'nobody knows'].join(' > '));
    });
    return found;
  };

  it.each<[string, string, string, string[]]>([
    [
      'any of its routes, where the prefix is cut off',
      'http://users:3000',
      `app.get('/', (req, res) => res.json({})); app.get('/health', (req, res) => res.json({}));\napp.post('/login', (req, res) => res.json({}));\napp.delete('/:id', (req, res) => res.json({}))`,
      ['a read > users GET /', 'a read > POST /login > users POST /login', 'a read > POST /login > users DELETE /:id'],
    ],
    [
      'those below the prefix, where it is passed on',
      'http://users:3000',
      `app.get('/users/:id', (req, res) => res.json({}));\napp.post('/users', (req, res) => res.json({}));\napp.get('/admin', (req, res) => res.json({}))`,
      ['a read > users GET /users/:id', 'a read > users POST /users'],
    ],
    [
      'those below the path of the target',
      'http://users:3000/v2',
      `app.get('/v2/all', (req, res) => res.json({}));\napp.get('/v1/all', (req, res) => res.json({}))`,
      ['users GET /v2/all'],
    ],
    ['nobody knows what', 'http://users:3000', `app.get('/health', (req, res) => res.json({}))`, ['nobody knows']],
  ])('what http-proxy passes on asks for %s', async (_name, target, routes, expected) => {
    const topology = await topologyOf({
      'docker-compose.yml': `services:\n  edge:\n    build: ./edge\n    ports: ["1:1"]\n  users:\n    build: ./users\n`,
      'edge/Dockerfile': 'FROM node:22\nCMD node index.js',
      'edge/package.json': '{"name":"edge","dependencies":{"express":"4","http-proxy":"1"}}',
      'edge/index.js': app(
        `const httpProxy = require('http-proxy'); const proxy = httpProxy.createProxyServer(); app.use('/users', (req, res) => { proxy.web(req, res, { target: '${target}' }); })`,
      ),
      'users/Dockerfile': 'FROM node:22\nCMD node index.js',
      'users/package.json': '{"name":"users","dependencies":{"express":"4"}}',
      'users/index.js': app(routes),
    });
    expect(passedTo(topology)).toEqual(expected);
  });
});

describe('the pool of MongoDB driver 3 depends on its topology', () => {
  it.each<[string, Record<string, string>, string, object, string]>([
    ['mongodb 3', { mongodb: '^3.6.0' }, `{}`, { value: 5 }, 'unknown'],
    ['mongodb 3, unified', { mongodb: '^3.6.0' }, `{ useUnifiedTopology: true }`, { value: 10, basis: 'libraryDefault' }, 'none'],
    ['mongodb 3, unified, with a size', { mongodb: '^3.6.0' }, `{ useUnifiedTopology: true, poolSize: 7 }`, { value: 7, basis: 'declared' }, 'none'],
    ['mongodb 3, perhaps unified', { mongodb: '^3.6.0' }, `{ useUnifiedTopology: req }`, { state: 'unknown' }, 'unknown'],
    ['mongodb 6 has but one', { mongodb: '^6.0.0' }, `{ useUnifiedTopology: true }`, { value: 100 }, 'none'],
  ])('%s', async (_name, dependencies, options, max, wait) => {
    const topology = await read(
      dependencies,
      `const req = require('config').x; const { MongoClient } = require('mongodb'); const db = new MongoClient('mongodb://m', ${options}).db(); app.get('/it', async (req, res) => { res.json(await db.collection('a').findOne({})); })`,
    );
    expect(topology.pools).toMatchObject([{ max, acquireTimeoutMs: { state: wait } }]);
  });

  it.each<[string, string, string, object]>([
    ['mongoose 5', '^5.9.0', `mongoose.connect('mongodb://m', { useNewUrlParser: true })`, { value: 5 }],
    ['mongoose 5, unified', '^5.9.0', `mongoose.connect('mongodb://m', { useUnifiedTopology: true })`, { value: 10 }],
    ['mongoose 5, unified for all', '^5.9.0', `mongoose.set('useUnifiedTopology', true); mongoose.connect('mongodb://m')`, { value: 10 }],
    ['mongoose 8', '^8.0.0', `mongoose.connect('mongodb://m')`, { value: 100 }],
  ])('%s', async (_name, version, connect, max) => {
    const topology = await read(
      { mongoose: version },
      `const mongoose = require('mongoose'); ${connect}; const It = mongoose.model('It', new mongoose.Schema({})); app.get('/it', async (req, res) => { res.json(await It.findOne({})); })`,
    );
    expect(topology.pools).toMatchObject([{ max }]);
  });
});

describe('a number that is written but cannot be read is unknown, never the default', () => {
  const env = 'no file of the workspace sets SIZE';
  const computed = 'the value is computed where it cannot be read';
  it.each<[string, Record<string, string>, string, string, object, object?]>([
    [
      'pg, environment',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const db = new Pool({ max: Number(process.env.SIZE) });`,
      `db.query('SELECT 1 FROM a')`,
      { why: env },
      { state: 'none' },
    ],
    [
      'pg, timeout',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const db = new Pool({ max: 7, connectionTimeoutMillis: +process.env.SIZE });`,
      `db.query('SELECT 1 FROM a')`,
      { value: 7 },
      { why: env },
    ],
    [
      'pg, all options',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const db = new Pool(require('config').get('db'));`,
      `db.query('SELECT 1 FROM a')`,
      { why: computed },
      { why: computed },
    ],
    [
      'pg, spread',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const db = new Pool({ max: 7, ...require('config').db });`,
      `db.query('SELECT 1 FROM a')`,
      { why: computed },
      { why: computed },
    ],
    [
      'pg, after a spread',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const db = new Pool({ ...require('config').db, max: 7 });`,
      `db.query('SELECT 1 FROM a')`,
      { value: 7 },
      { why: computed },
    ],
    [
      'pg, a spread that is read',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const it = { max: 7 }; const db = new Pool({ ...it });`,
      `db.query('SELECT 1 FROM a')`,
      { value: 7 },
      { state: 'none' },
    ],
    [
      'pg, connection string',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const db = new Pool({ connectionString: process.env.SIZE });`,
      `db.query('SELECT 1 FROM a')`,
      { value: 10 },
      { state: 'none' },
    ],
    [
      'pg, with a fallback',
      { pg: '^8.0.0' },
      `const { Pool } = require('pg'); const db = new Pool({ max: Number(process.env.SIZE) || 7 });`,
      `db.query('SELECT 1 FROM a')`,
      { value: 7 },
    ],
    ['mysql2', { mysql2: '^3.0.0' }, `const db = require('mysql2').createPool({ connectionLimit: parseInt(process.env.SIZE, 10) });`, `db.query('SELECT 1 FROM a')`, { why: env }],
    [
      'sequelize',
      { sequelize: '^6.0.0' },
      `const { Sequelize } = require('sequelize'); const db = new Sequelize('d', 'u', 'p', { dialect: 'mysql', pool: require('config').pool });`,
      `db.query('SELECT 1 FROM a')`,
      { why: computed },
      { why: computed },
    ],
    [
      'mongodb',
      { mongodb: '^6.0.0' },
      `const { MongoClient } = require('mongodb'); const db = new MongoClient('mongodb://m', { maxPoolSize: Number(process.env.SIZE) }).db();`,
      `db.collection('a').findOne({})`,
      { why: env },
      { state: 'none' },
    ],
    [
      'mongodb, all options',
      { mongodb: '^6.0.0' },
      `const { MongoClient } = require('mongodb'); const db = new MongoClient('mongodb://m', require('config').mongo).db();`,
      `db.collection('a').findOne({})`,
      { why: computed },
      { why: computed },
    ],
  ])('%s', async (_name, dependencies, before, query, max, acquireTimeoutMs = {}) => {
    const topology = await read(dependencies, `${before} app.get('/it', async (req, res) => { res.json(await ${query}); })`);
    expect(topology.pools).toMatchObject([{ max, acquireTimeoutMs }]);
    expect(topology.facts.some((it) => it.type === 'pool_size')).toBe('value' in max);
  });

  it.each<[string, string, string, object]>([
    [
      'bullmq',
      'bullmq',
      `const { Worker } = require('bullmq'); new Worker('mails', async () => {}, { connection: { host: 'r' }, concurrency: Number(process.env.SIZE) });`,
      { why: env },
    ],
    ['bullmq, all options', 'bullmq', `const { Worker } = require('bullmq'); new Worker('mails', async () => {}, require('config').worker);`, { why: computed }],
    [
      'bullmq, not written',
      'bullmq',
      `const { Worker } = require('bullmq'); new Worker('mails', async () => {}, { connection: { host: 'r' } });`,
      { value: 1, basis: 'libraryDefault' },
    ],
    ['bull', 'bull', `const Queue = require('bull'); const mails = new Queue('mails', 'redis://r'); mails.process(Number(process.env.SIZE), async () => {});`, { why: env }],
    [
      'bull, said',
      'bull',
      `const Queue = require('bull'); const mails = new Queue('mails', 'redis://r'); mails.process('welcome', 3, async () => {});`,
      { value: 3, basis: 'declared' },
    ],
    [
      'bull, not written',
      'bull',
      `const Queue = require('bull'); const mails = new Queue('mails', 'redis://r'); mails.process('welcome', async () => {});`,
      { value: 1, basis: 'libraryDefault' },
    ],
    [
      'kafkajs',
      'kafkajs',
      `const { Kafka } = require('kafkajs'); const c = new Kafka({ brokers: ['k:9092'] }).consumer({ groupId: 'g' }); c.subscribe({ topic: 'mails' }); c.run({ partitionsConsumedConcurrently: Number(process.env.SIZE), eachMessage: async () => {} });`,
      { why: env },
    ],
  ])('concurrency of %s', async (_name, library, body, concurrency) => {
    const topology = await read({ [library]: '^5.0.0' }, body);
    expect(topology.channels).toMatchObject([{ name: 'mails', consumers: [{ concurrency }] }]);
  });

  it.each<[string, string, object, object]>([
    ['said', `{ limit: 100, windowMs: 1000 }`, { value: 100, basis: 'declared' }, { value: 1000, basis: 'declared' }],
    ['not written', `{}`, { value: 5, basis: 'libraryDefault' }, { value: 60_000, basis: 'libraryDefault' }],
    ['environment', `{ max: Number(process.env.SIZE) }`, { why: env }, { value: 60_000, basis: 'libraryDefault' }],
    ['all options', `require('config').limits`, { why: computed }, { why: computed }],
  ])('limit of a rate limiter: %s', async (_name, options, limit, windowMs) => {
    const topology = await read({ 'express-rate-limit': '^7.0.0' }, `app.use(require('express-rate-limit')(${options})); app.get('/it', (req, res) => res.json({}))`);
    expect(topology.rateLimiters).toMatchObject([{ limit, windowMs }]);
  });

  it.each<[string, string, object]>([
    ['not written', `axios.get('https://api.stripe.com/x')`, { state: 'none' }],
    ['a body is no option', `axios.post('https://api.stripe.com/x', req.body)`, { state: 'none' }],
    ['environment', `axios.get('https://api.stripe.com/x', { timeout: Number(process.env.SIZE) })`, { why: env }],
    ['all options', `axios.post('https://api.stripe.com/x', req.body, require('config').http)`, { why: computed }],
    ['a signal of its own', `axios.get('https://api.stripe.com/x', { signal: controller.signal })`, { why: 'a signal ends the call' }],
  ])('timeout of a call: %s', async (_name, call, timeoutMs) => {
    const topology = await read(
      { axios: '^1.0.0' },
      `const axios = require('axios'); const controller = new AbortController(); app.get('/it', async (req, res) => { res.json((await ${call}).data); })`,
    );
    expect(topology.endpoints[0]?.steps.find((it) => it.kind === 'request')).toMatchObject({ timeoutMs });
  });
});

describe('what is not read is said', () => {
  const cassandra = `const { Client } = require('cassandra-driver'); const cassandra = new Client({});`;
  const MISSING = 'the load is missing from every figure.';
  it.each<[string, string, string | undefined, string[]]>([
    [
      'a driver',
      `${cassandra} app.get('/it', async (req, res) => res.json(await cassandra.execute('SELECT 1')))`,
      'calls through cassandra-driver are not read yet',
      ['Calls through cassandra-driver are not read yet'],
    ],
    [
      'a client whose server nobody names',
      `const { PrismaClient } = require('@prisma/client'); const prisma = new PrismaClient(); app.get('/it', async (req, res) => res.json(await prisma.user.findMany()))`,
      'which server its queries go to is not known',
      [],
    ],
    [
      'a container',
      `const { createContainer } = require('awilix'); const container = createContainer(); app.get('/it', async (req, res) => res.json(await container.resolve('a').all()))`,
      'what awilix gives back is not followed yet',
      ['What awilix gives back is not followed yet'],
    ],
    ['a handler out of nowhere', `app.get('/it', require('./gone').handler)`, 'its handler could not be followed', ['The handler of GET /it could not be followed']],
    [
      'a handler behind a wrapper',
      `const routes = { a: require('./gone') }; const safe = (f) => async (req, res, next) => { try { await f(req, res); } catch (error) { next(error); } }; app.get('/it', safe(routes.a.all))`,
      'the handler that is called here could not be followed',
      ['The handler that is called here could not be followed'],
    ],
    [
      'a framework',
      `const restify = require('restify'); const other = restify.createServer(); app.get('/it', (req, res) => res.end())`,
      undefined,
      ['Routes of restify are not read yet'],
    ],
    [
      'another route',
      `${cassandra} app.get('/other', async (req, res) => res.json(await cassandra.execute('SELECT 1'))); app.get('/it', (req, res) => res.end())`,
      undefined,
      ['Calls through cassandra-driver are not read yet'],
    ],
    [
      'a broker',
      `const { PubSub } = require('@google-cloud/pubsub'); const topic = new PubSub().topic('orders'); app.get('/it', async (req, res) => { await topic.publishMessage({ json: req.body }); res.end(); })`,
      'calls through @google-cloud/pubsub are not read yet',
      ['Calls through @google-cloud/pubsub are not read yet'],
    ],
    ['helmet', `app.use(require('helmet')()); app.get('/it', (req, res) => res.end())`, undefined, []],
    [
      'pages of Swagger, made in a handler',
      `const ui = require('swagger-ui-express'); app.use('/docs', ui.serve, (req, res, next) => { ui.setup({ host: req.get('host') })(req, res, next); }); app.get('/it', (req, res) => res.end())`,
      undefined,
      [],
    ],
    ['an upload', `const upload = require('multer')().single('a'); app.get('/it', (req, res) => upload(req, res, () => res.end()))`, undefined, []],
    ['a store that is read', `const pool = new (require('pg').Pool)(); app.get('/it', async (req, res) => res.json(await pool.query('SELECT * FROM a')))`, undefined, []],
  ])('%s', async (_name, body, unread, messages) => {
    const topology = await read({}, body);
    expect(topology.endpoints.find((it) => it.id === 'app GET /it')).toMatchObject(unread === undefined ? {} : { unread });
    expect(topology.endpoints.find((it) => it.id === 'app GET /it')?.unread).toBe(unread);
    expect(topology.problems).toMatchObject(messages.map((it) => ({ file: 'src/index.js', line: 1, message: `${it}: ${MISSING}` })));
  });

  it('an unknown row does not end the program early', async () => {
    const topology = await read(
      { pg: '^8.0.0' },
      `${cassandra} const pool = new (require('pg').Pool)(); app.get('/it', async (req, res) => { const it = await cassandra.execute("SELECT 1"); if (it) throw new Error('taken'); res.json(await pool.query('SELECT * FROM a')); })`,
    );
    expect(stepsOf(topology, 'app GET /it')).toContain('SELECT a');
  });
});
