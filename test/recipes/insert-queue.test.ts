import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VERSIONS } from '../../src/recipes/versions.ts';
import { applied, expectNodeAccepts, type Files, lineOf } from './bench.ts';

const shopRoot = join(import.meta.dirname, '../fixtures/shop');
const shop: Files = Object.fromEntries(globSync(['**/*'], { cwd: shopRoot, dot: true }).map((it) => [it, readFileSync(join(shopRoot, it), 'utf8')]));

const args = (files: Files, file: string, mark: string, more: Readonly<Record<string, string | number>> = {}) => ({
  file,
  line: lineOf(files[file] as string, mark),
  technology: 'bullmq',
  queue: 'api-writes',
  ...more,
});

async function done(files: Files, call: ReturnType<typeof args>): Promise<Files> {
  const after = await applied('insert-queue', call, files);
  if ('cannot' in after) throw new Error(String(after.cannot));
  return after as Files;
}

describe('insert-queue in the sample shop', () => {
  const marks: readonly [string, string, string][] = [
    ['the write inside what the handler calls', 'src/orders.ts', 'INSERT INTO orders'],
    ['the call in the handler', 'src/routes/orders.ts', 'await placeOrder'],
    ["the route's registration", 'src/routes/orders.ts', "orders.post('/'"],
  ];
  it.each(marks)('pointed at by %s', async (_name, file, mark) => {
    const after = await done(shop, args(shop, file, mark));
    expect(after['src/routes/orders.ts']).toBe(`import { Router } from 'express';
import { apiWritesQueue } from '../queues/api-writes.queue.js';

export const orders = Router();

orders.post('/', async (req, res) => {
  const job = await apiWritesQueue.add('placeOrder', [req.body.productId, req.body.quantity]);
  res.status(202).json({ id: job.id });
});
`);
    expect(after['src/queues/api-writes.worker.ts']).toContain("      case 'placeOrder':\n        await placeOrder(job.data[0], job.data[1]);\n        break;\n");
    expect(after['src/queues/api-writes.worker.ts']).toContain("import { placeOrder } from '../orders.js';\n\nconst connection = {\n");
    expect(after['src/queues/api-writes.queue.ts']).toContain("export const apiWritesQueue = new Queue('api-writes', {");
    expect(JSON.parse(after['package.json'] as string).dependencies).toEqual({
      bullmq: VERSIONS.packages.bullmq,
      express: '^5.1.0',
      ioredis: VERSIONS.packages.ioredis,
      pg: '^8.16.0',
    });
    expect(
      Object.keys(after)
        .filter((it) => after[it] !== shop[it])
        .sort(),
    ).toEqual(['docker-compose.yml', 'package.json', 'src/queues/api-writes.queue.ts', 'src/queues/api-writes.worker.ts', 'src/routes/orders.ts']);
  });

  it('gives the compose file a broker and a worker, and leaves its other lines alone', async () => {
    const after = (await done(shop, args(shop, 'src/orders.ts', 'INSERT')))['docker-compose.yml'] as string;
    const compose = parse(after);
    expect(Object.keys(compose.services)).toEqual(['api', 'api-writes-worker', 'redis', 'worker', 'db']);
    expect(compose.services['api-writes-worker']).toEqual({
      build: '.',
      command: 'node dist/queues/api-writes.worker.js',
      environment: compose.services.api.environment,
      depends_on: ['db', 'redis'],
    });
    expect(compose.services.api).toMatchObject({ ports: ['3000:3000'], environment: { REDIS_HOST: 'redis' }, depends_on: ['db', 'redis'] });
    for (const line of (shop['docker-compose.yml'] as string).split('\n')) expect(after.split('\n')).toContain(line);
  });

  it('the service that serves is found among several of one image, its own command does not go with it', async () => {
    const compose = (shop['docker-compose.yml'] as string).replace('    build: .\n    ports:', '    build: .\n    command: npm run serve\n    ports:');
    const files = { ...shop, 'docker-compose.yml': compose };
    const { services } = parse((await done(files, args(files, 'src/orders.ts', 'INSERT')))['docker-compose.yml'] as string);
    expect(services.api).toMatchObject({ command: 'npm run serve', environment: { REDIS_HOST: 'redis' } });
    expect(services['api-writes-worker']).toMatchObject({ command: 'node dist/queues/api-writes.worker.js' });
    expect(services.worker).not.toHaveProperty('environment.REDIS_HOST');
  });

  it('Kafka instead', async () => {
    const after = await done(shop, args(shop, 'src/orders.ts', 'INSERT', { technology: 'kafka', concurrency: 3 }));
    expect(after['src/queues/api-writes.worker.ts']).toContain('partitionsConsumedConcurrently: 3,');
    expect(after['src/queues/api-writes.worker.ts']).toContain("        case 'placeOrder':\n          await placeOrder(job.data[0], job.data[1]);\n");
    expect(parse(after['docker-compose.yml'] as string).services.api.environment.KAFKA_BROKERS).toBe('kafka:9092');
    expect(JSON.parse(after['package.json'] as string).dependencies).toHaveProperty('kafkajs');
  });

  it('a second time there is nothing to do', async () => {
    const after = await done(shop, args(shop, 'src/orders.ts', 'INSERT'));
    expect(await applied('insert-queue', args(after, 'src/routes/orders.ts', 'orders.post'), after)).toEqual({ cannot: 'the handler enqueues already' });
    expect(await applied('insert-queue', args(after, 'src/orders.ts', 'INSERT'), after)).toHaveProperty('cannot');
  });
});

const manifest = (more: object = {}) => `${JSON.stringify({ name: 'x', dependencies: { express: '4', ioredis: '5', bullmq: '5' }, ...more }, null, 2)}\n`;
const service = 'const Order = { create: async (x) => x };\nmodule.exports = Order;\n';
/** A small CommonJS package around one handler. */
const commonJs = (handler: string, more: Files = {}): Files => ({
  'package.json': manifest(),
  'src/order.js': service,
  'src/routes.js': `const express = require('express');\nconst Order = require('./order');\n\nconst router = express.Router();\n${handler}module.exports = router;\n`,
  ...more,
});

interface Row {
  name: string;
  files: Files;
  file: string;
  at: string;
  /** What becomes of the stretch between the two marks' lines. */
  handler: string;
  worker: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'CommonJS, awaited in the answer, returned',
    files: commonJs("router.post('/', async (req, res) => {\n  return res.status(201).json(await Order.create(req.body));\n});\n"),
    file: 'src/routes.js',
    at: 'await Order',
    handler: "router.post('/', async (req, res) => {\n  const job = await apiWritesQueue.add('Order.create', req.body);\n  return res.status(202).json({ id: job.id });\n});\n",
    worker: 'await Order.create(job.data);\n',
  },
  {
    name: 'in try, with next, destructured body',
    files: commonJs(
      "router.post('/', async (req, res, next) => {\n  try {\n    const { name, size } = req.body || {};\n    const order = await Order.create({ name, size: Number(size) });\n    res.status(201).json(order);\n  } catch (error) {\n    next(error);\n  }\n});\n",
    ),
    file: 'src/routes.js',
    at: 'await Order',
    handler:
      "router.post('/', async (req, res, next) => {\n  try {\n    const { name, size } = req.body || {};\n    const job = await apiWritesQueue.add('Order.create', { name, size: Number(size) });\n    res.status(202).json({ id: job.id });\n  } catch (error) {\n    next(error);\n  }\n});\n",
    worker: 'await Order.create(job.data);\n',
  },
  {
    name: 'result not used, constants stay with the worker',
    files: commonJs("router.put('/:id', async (req, res) => {\n  await Order.create('put', req.params.id, true); // write\n  res.sendStatus(204);\n});\n"),
    file: 'src/routes.js',
    at: '// write',
    handler:
      "router.put('/:id', async (req, res) => {\n  const job = await apiWritesQueue.add('Order.create', req.params.id); // write\n  res.status(202).json({ id: job.id });\n});\n",
    worker: "await Order.create('put', job.data, true);\n",
  },
  {
    name: 'a name that is taken',
    files: commonJs("router.post('/', async (req, res) => {\n  const job = req.body;\n  const done = await Order.create(job);\n  res.json(done);\n});\n"),
    file: 'src/routes.js',
    at: 'await Order',
    handler:
      "router.post('/', async (req, res) => {\n  const job = req.body;\n  const queued = await apiWritesQueue.add('Order.create', job);\n  res.status(202).json({ id: queued.id });\n});\n",
    worker: 'await Order.create(job.data);\n',
  },
];

describe('insert-queue in CommonJS', () => {
  it.each(ROWS)('$name', async ({ files, file, at, handler, worker }) => {
    const after = await done(files, args(files, file, at));
    const text = after[file] as string;
    expect(text).toBe(
      `const express = require('express');\nconst { apiWritesQueue } = require('./queues/api-writes.queue');\n\nconst router = express.Router();\n${handler}module.exports = router;\n`,
    );
    expect(after['src/queues/api-writes.worker.js']).toContain(worker);
    expect(after['src/queues/api-writes.worker.js']).toContain("const Order = require('../order');\n");
    for (const it of [file, 'src/queues/api-writes.worker.js', 'src/queues/api-writes.queue.js']) expectNodeAccepts(after[it] as string, 'commonjs');
    // No compose file starts the worker: the package says how.
    const { scripts, ...rest } = JSON.parse(after['package.json'] as string) as { scripts: object };
    expect(scripts).toEqual({ 'worker:api-writes': 'node src/queues/api-writes.worker.js' });
    expect(rest).toEqual(JSON.parse(files['package.json'] as string));
  });

  it('CRLF, tabs, double quotes and no semicolons stay', async () => {
    const files = {
      'package.json': manifest({ type: 'module' }).replaceAll('\n', '\r\n'),
      'app/order.mjs': 'export const create = async (x) => x\r\n',
      'app/routes.mjs':
        'import { Router } from "express"\r\nimport { create, find } from "./order.mjs"\r\n\r\nexport const router = Router()\r\nrouter.get("/", find)\r\nrouter.post("/", async (req, res) => {\r\n\tconst order = await create(req.body)\r\n\tres.json(order)\r\n})\r\n',
    };
    const after = await done(files, args(files, 'app/routes.mjs', 'await create'));
    expect(after['app/routes.mjs']).toBe(
      'import { Router } from "express"\r\nimport { find } from "./order.mjs"\r\nimport { apiWritesQueue } from "../queues/api-writes.queue.mjs"\r\n\r\nexport const router = Router()\r\nrouter.get("/", find)\r\nrouter.post("/", async (req, res) => {\r\n\tconst job = await apiWritesQueue.add("create", req.body)\r\n\tres.status(202).json({ id: job.id })\r\n})\r\n',
    );
    const worker = after['queues/api-writes.worker.mjs'] as string;
    expect(worker).toContain('import { create } from "../app/order.mjs"\r\n');
    expect(worker).not.toMatch(/;\r|[^\r]\n|'/);
    expectNodeAccepts(worker, 'module');
    expectNodeAccepts(after['queues/api-writes.queue.mjs'] as string, 'module');
  });

  it('a second route on the queue becomes a second case', async () => {
    const files = commonJs(
      "router.post('/', async (req, res) => {\n  res.json(await Order.create(req.body));\n});\nrouter.put('/', async (req, res) => {\n  res.json(await Order.replace(req.body));\n});\n",
    );
    const once = await done(files, args(files, 'src/routes.js', 'Order.create'));
    const twice = await done(once, args(once, 'src/routes.js', 'Order.replace'));
    expect(twice['src/queues/api-writes.worker.js']).toContain(
      "      case 'Order.create':\n        await Order.create(job.data);\n        break;\n      case 'Order.replace':\n        await Order.replace(job.data);\n        break;\n      default:\n",
    );
    expect((twice['src/queues/api-writes.worker.js'] as string).match(/require\('\.\.\/order'\)/g)).toHaveLength(1);
    expect(twice['src/routes.js']).toBe(
      "const express = require('express');\nconst { apiWritesQueue } = require('./queues/api-writes.queue');\n\nconst router = express.Router();\nrouter.post('/', async (req, res) => {\n  const job = await apiWritesQueue.add('Order.create', req.body);\n  res.status(202).json({ id: job.id });\n});\nrouter.put('/', async (req, res) => {\n  const job = await apiWritesQueue.add('Order.replace', req.body);\n  res.status(202).json({ id: job.id });\n});\nmodule.exports = router;\n",
    );
  });

  it('what follows the write goes with it, what only shaped the answer goes', async () => {
    const plain = commonJs(
      "router.post('/', async (req, res) => {\n  const { name, size } = req.body;\n  const order = await Order.create({ name, size });\n\n  await cache.del('orders:all');\n  const id = order.id ?? order._id;\n  await cache.del(`order:${id}`);\n  const shown = order.toJSON ? order.toJSON() : { ...order };\n  delete shown.secret;\n  res.status(201).json(shown);\n});\n",
    );
    const routes = (plain['src/routes.js'] as string).replace("require('./order');\n", "require('./order');\nconst cache = require('./cache');\n");
    const files: Files = { ...plain, 'src/routes.js': routes, 'src/cache.js': 'module.exports = { del: async () => {} };\n' };
    const after = await done(files, args(files, 'src/routes.js', "router.post('/'"));
    expect(after['src/routes.js']).toContain(
      "  const { name, size } = req.body;\n  const job = await apiWritesQueue.add('Order.create', { name, size });\n  res.status(202).json({ id: job.id });\n});\n",
    );
    expect(after['src/routes.js']).not.toContain('cache');
    const worker = after['src/queues/api-writes.worker.js'] as string;
    expect(worker).toContain(
      "      case 'Order.create': {\n        const order = await Order.create(job.data);\n        await cache.del('orders:all');\n        const id = order.id ?? order._id;\n        await cache.del(`order:${id}`);\n        break;\n      }\n      default:\n",
    );
    expect(worker).toContain("const Order = require('../order');\nconst cache = require('../cache');\n");
    for (const it of ['src/routes.js', 'src/queues/api-writes.worker.js']) expectNodeAccepts(after[it] as string, 'commonjs');
  });

  it('a worker that needs mongoose connects it as the program does', async () => {
    const files: Files = {
      ...commonJs("router.post('/', async (req, res) => {\n  res.json(await Order.create(req.body));\n});\n"),
      'package.json': manifest({ dependencies: { mongoose: '8' } }),
      'src/order.js': "module.exports = require('mongoose').model('Order', {});\n",
      'src/db.js': "const mongoose = require('mongoose');\nconst connect = async () => {\n  await mongoose.connect(process.env.URL);\n};\nmodule.exports = { connect };\n",
      'src/index.js': "const { connect } = require('./db');\nconnect().then(() => require('./routes'));\n",
    };
    const worker = (await done(files, args(files, 'src/routes.js', 'await Order')))['src/queues/api-writes.worker.js'] as string;
    expect(worker).toContain("const Order = require('../order');\nconst { connect } = require('../db');\n");
    expect(worker).toContain('\nconnect().catch((error) => {\n  console.error(error);\n  process.exit(1);\n});\n');
    expectNodeAccepts(worker, 'commonjs');
  });

  it('the write that is meant, not the call that happens to stand before the answer', async () => {
    const files = commonJs(
      "router.post('/', async (req, res) => {\n  const order = await Order.replace(req.body);\n  if (!order) return res.sendStatus(404);\n  await Order.forget('all');\n  res.json(order);\n});\n",
    );
    const call = args(files, 'src/routes.js', "router.post('/'", { writeFile: 'src/routes.js', writeLine: lineOf(files['src/routes.js'] as string, 'Order.replace') });
    expect(await applied('insert-queue', call, files)).toEqual({ cannot: expect.stringMatching(/no awaited call/) });
  });

  it('a method of a class that the route hands the request to', async () => {
    const files = {
      'package.json': manifest(),
      'src/order.ts': 'export const create = async (x: unknown) => x;\n',
      'src/controller.ts':
        "import { create } from './order';\n\nexport class Orders {\n  async create(req: any, res: any, next: any) {\n    const order = await create(req.body);\n    res.status(201).json(order);\n  }\n}\n",
      'src/routes.ts':
        "import { Router } from 'express';\nimport { Orders } from './controller';\n\nconst router = Router();\nconst orders = new Orders();\nrouter.post('/orders', (req, res, next) => orders.create(req, res, next));\n",
      'tsconfig.json': '{ "compilerOptions": { "outDir": "dist" } }\n',
    };
    const after = await done(files, args(files, 'src/routes.ts', "'/orders'"));
    expect(after['src/controller.ts']).toContain("    const job = await apiWritesQueue.add('create', req.body);\n    res.status(202).json({ id: job.id });\n");
  });

  it('a controller that the route names', async () => {
    const files = {
      'package.json': manifest(),
      'src/order.js': service,
      'src/controller.js':
        "const Order = require('./order');\n\nconst create = async (req, res) => {\n  const order = await Order.create(req.body);\n  res.status(201).json(order);\n};\n\nmodule.exports = { create };\n",
      'src/routes.js': "const router = require('express').Router();\nconst orders = require('./controller');\n\nrouter.post('/orders', orders.create);\nmodule.exports = router;\n",
    };
    const after = await done(files, args(files, 'src/routes.js', "'/orders'"));
    expect(after['src/controller.js']).toContain("  const job = await apiWritesQueue.add('Order.create', req.body);\n  res.status(202).json({ id: job.id });\n");
    expect(after['src/routes.js']).toBe(files['src/routes.js']);
  });

  it('Fastify answers in its own words', async () => {
    const files = commonJs("router.post('/', async (request, reply) => {\n  const order = await Order.create(request.body);\n  return reply.code(201).send(order);\n});\n");
    expect((await done(files, args(files, 'src/routes.js', 'await Order')))['src/routes.js']).toContain('  return reply.code(202).send({ id: job.id });\n');
  });
});

describe('insert-queue refuses', () => {
  const body = (inside: string) => commonJs(`router.post('/', async (req, res) => {\n${inside}});\n`);
  it.each([
    ['the whole request', body('  const o = await Order.create(req); // write\n  res.json(o);\n'), /may not be plain data/],
    ['a function among the arguments', body('  const o = await Order.create(() => 1); // write\n  res.json(o);\n'), /may not be plain data/],
    ['the result of another call', body('  const user = await load(req.body.id);\n  const o = await Order.create(user.id); // write\n  res.json(o);\n'), /may not be plain data/],
    ['a variable that changes', body('  let size = req.body.size;\n  size = 1;\n  const o = await Order.create(size); // write\n  res.json(o);\n'), /may not be plain data/],
    ['a result that is used elsewhere', body('  const o = await Order.create(req.body); // write\n  res.json(o);\n  log(o.id);\n'), /more than the response/],
    [
      'a condition between write and answer',
      body('  const o = await Order.create(req.body); // write\n  if (!o) return res.sendStatus(409);\n  res.json(o);\n'),
      /no awaited call/,
    ],
    ['a local function behind the write', body('  const o = await Order.create(req.body); // write\n  await clear();\n  res.json(o);\n'), /clear is used once more/],
    [
      'the request behind the write',
      body('  const o = await Order.create(req.body); // write\n  await Order.audit(req.ip, o.id);\n  res.json(o);\n'),
      /the request is used once more/,
    ],
    ['a part of the result behind the write', body('  const o = (await Order.create(req.body)).row; // write\n  await Order.audit(o);\n  res.json(o);\n'), /a part of the result/],
    ['a password', body('  const { password } = req.body;\n  res.json(await Order.create({ password })); // write\n'), /a password must not lie in a queue/],
    ['a write in a loop', body('  for (const it of req.body) {\n    await Order.create(req.body); // write\n    res.json(it);\n  }\n'), /no awaited call/],
    ['a promise chain', body('  Order.create(req.body).then((o) => res.json(o)); // write\n'), /no awaited call/],
    ['a function of the same file', body('  res.json(await save(req.body)); // write\n'), /made in src\/routes\.js itself/],
    ['a line outside of any handler', commonJs('const limit = 1; // write\n'), /no awaited call/],
    [
      'mongoose, which connects at start',
      {
        ...body('  res.json(await Order.create(req.body)); // write\n'),
        'src/order.js': "module.exports = require('mongoose').model('Order', {});\n",
        'package.json': manifest({ dependencies: { mongoose: '8' } }),
      },
      /start-up of its own for mongoose/,
    ],
    [
      'a compose file without the service',
      { ...body('  res.json(await Order.create(req.body)); // write\n'), 'docker-compose.yml': 'services:\n  db:\n    image: postgres\n' },
      /no compose service/,
    ],
    [
      'no package.json',
      { 'src/routes.js': (body('  res.json(await Order.create(req.body)); // write\n') as Record<string, string>)['src/routes.js'] as string, 'src/order.js': service },
      /no package\.json/,
    ],
  ] as [string, Files, RegExp][])('%s', async (_name, files, because) => {
    expect(await applied('insert-queue', args(files, 'src/routes.js', '// write'), files)).toEqual({ cannot: expect.stringMatching(because) });
  });

  it('two handlers that call the same write', async () => {
    const files = {
      ...shop,
      'src/routes/bulk.ts':
        "import { Router } from 'express';\nimport { placeOrder } from '../orders.js';\n\nexport const bulk = Router();\nbulk.post('/', async (req, res) => {\n  res.json(await placeOrder(req.body.id, 1));\n});\n",
    };
    expect(await applied('insert-queue', args(files, 'src/orders.ts', 'INSERT'), files)).toEqual({ cannot: expect.stringMatching(/several awaited calls/) });
  });
});
