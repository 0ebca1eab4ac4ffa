import { compose, json, type Miniature, part, POSTGRES, pool, QUERY, REDIS, server } from './parts.ts';

const dbOnly = { nodes: ['app service', 'db database'], edges: ['app query db'] };
const one = compose({ app: '{ build: ., environment: { DB_HOST: db } }', db: POSTGRES });
const code = (head: string, more: Record<string, string> = {}, routes = QUERY) => ({
  ...part('.', server(head, routes), { express: '4', pg: '8', ioredis: '5', bullmq: '5' }),
  ...more,
});
const worker = (name: string, host = 'redis') =>
  `const { Worker } = require('bullmq');\nnew Worker('${name}', async (job) => {}, { connection: { host: '${host}' }, concurrency: 5 });\n`;
const producer = (name: string) => `const { Queue } = require('bullmq');\nconst queue = new Queue(${name}, { connection: { host: 'redis' } });`;
const ENQUEUE = `app.post('/it', async (q, s) => { await queue.add('x', q.body); s.status(202).end(); });`;

/** Who is who: indirection, ownership, boundaries, overlays, alternatives. */
export const IDENTITY: readonly Miniature[] = [
  {
    trap: 'a configuration module in another file',
    files: {
      ...code(`const config = require('./config'); ${pool('config.db')}`, {
        'config/index.js': `const db = { host: process.env.DB_HOST || 'localhost', max: 7 };\nmodule.exports = { db };`,
      }),
      ...one,
    },
    ...dbOnly,
    facts: ['pool_size app->db 7 connections config/index.js:1'],
  },
  {
    trap: 'a factory in another file',
    files: {
      ...code(`const { makePool } = require('./db'); const pool = makePool(process.env);`, {
        'db.js': `const { Pool } = require('pg');\nexports.makePool = (env) => new Pool({ host: env.DB_HOST });`,
      }),
      ...one,
    },
    ...dbOnly,
  },
  {
    trap: 'a class that keeps its client in a field',
    files: {
      ...code(
        `const { Store } = require('./store'); const store = new Store({ host: process.env.DB_HOST });`,
        {
          'store.js': `const { Pool } = require('pg');\nclass Store { constructor(options) { this.pool = new Pool(options); } all() { return this.pool.query('SELECT * FROM things'); } }\nexports.Store = Store;`,
        },
        `app.get('/it', async (q, s) => s.json(await store.all()));`,
      ),
      ...one,
    },
    ...dbOnly,
  },
  {
    trap: 'defaults in interpolation',
    files: {
      ...code(pool('{ connectionString: process.env.DATABASE_URL }')),
      ...compose({ app: '{ build: ., environment: { DATABASE_URL: "postgres://u:${PASSWORD:-x}@${DB_HOST:-db}:5432/shop" } }', db: POSTGRES }),
    },
    ...dbOnly,
  },
  {
    trap: 'variables that name variables',
    files: {
      ...code(pool('{ connectionString: process.env.DATABASE_URL }')),
      ...compose({ app: '{ build: ., env_file: .env }', db: POSTGRES }),
      '.env': 'DB_HOST=db\nDATABASE_URL=postgres://user@${DB_HOST}:5432/shop\n',
    },
    ...dbOnly,
  },
  {
    trap: 'anchors and merge keys',
    files: {
      ...code(pool('{ host: process.env.DB_HOST }')),
      'docker-compose.yml':
        'x-common: &common\n  environment: &env\n    DB_HOST: db\nservices:\n  app:\n    <<: *common\n    build: .\n    environment:\n      <<: *env\n      PORT: 3000\n  db:\n    image: postgres:16\n',
    },
    ...dbOnly,
  },
  {
    trap: 'many names for the host of one Redis',
    files: {
      ...code(
        `const Redis = require('ioredis');\nconst sessions = new Redis({ host: process.env.SESSION_REDIS_HOST }); const cache = new Redis({ host: process.env.CACHE_REDIS_HOST }); const locks = new Redis({ host: process.env.LOCK_REDIS_HOST });`,
        {},
        `app.get('/it', async (q, s) => { await sessions.get('a'); await cache.get('b'); await locks.get('c'); s.end(); });`,
      ),
      ...compose({ app: '{ build: ., environment: { SESSION_REDIS_HOST: redis, CACHE_REDIS_HOST: redis, LOCK_REDIS_HOST: redis } }', redis: REDIS }),
    },
    nodes: ['app service', 'redis cache'],
    edges: ['app cache redis'],
  },
  {
    trap: 'path aliases and barrels',
    files: {
      ...part('.', '', { express: '4', pg: '8' }, { main: 'src/index.ts' }),
      Dockerfile: 'FROM node:22\nCMD ["node", "dist/index.js"]\n',
      'tsconfig.json': json({ compilerOptions: { baseUrl: '.', paths: { '@/*': ['src/*'] }, outDir: 'dist', rootDir: 'src' } }),
      'src/index.ts': `import express from 'express'; import { pool } from '@/db'; const app = express(); app.get('/it', async (q, s) => { s.json(await pool.query('SELECT * FROM things')); }); app.listen(3000);`,
      'src/db/index.ts': `export * from './pool';`,
      'src/db/pool.ts': `import { Pool } from 'pg'; export const pool = new Pool({ host: process.env.DB_HOST });`,
      ...one,
    },
    ...dbOnly,
  },
  {
    trap: 'a client in a shared package belongs to those who import it',
    files: {
      'package.json': json({ name: 'root', private: true, workspaces: ['apps/*', 'packages/*'] }),
      'packages/data/package.json': json({ name: '@shop/data', main: 'index.js', dependencies: { pg: '8' } }),
      'packages/data/index.js': `const { Pool } = require('pg');\nlet pool;\nexports.db = () => (pool ??= new Pool({ host: 'db' }));`,
      ...part('apps/orders', server(`const { db } = require('@shop/data');`, `app.get('/orders', async (q, s) => s.json(await db().query('SELECT * FROM orders')));`)),
      ...part('apps/hello', server('', `app.get('/hello', (q, s) => s.end());`)),
      ...compose({ orders: '{ build: { context: ., dockerfile: apps/orders/Dockerfile } }', hello: '{ build: { context: ., dockerfile: apps/hello/Dockerfile } }', db: POSTGRES }),
    },
    nodes: ['orders service', 'hello service', 'db database'],
    edges: ['orders query db'],
  },
  {
    trap: 'one code base that a variable splits',
    files: {
      ...part('.', `if (process.env.ROLE === 'worker') require('./worker'); else require('./web');`, { express: '4', bullmq: '5' }),
      'web.js': server(producer(`'mail'`), ENQUEUE),
      'worker.js': worker('mail'),
      ...compose({ web: '{ build: ., environment: { ROLE: web }, ports: ["80:3000"] }', jobs: '{ build: ., environment: { ROLE: worker } }', redis: REDIS }),
    },
    nodes: ['web service', 'jobs worker', 'redis queue'],
    edges: ['web publish redis', 'jobs consume redis'],
    facts: ['worker_concurrency mail 5 jobs worker.js:2'],
  },
  {
    trap: 'a worker in the process of the server',
    files: {
      ...code(`${producer(`'mail'`)}\nrequire('./mail.worker');`, { 'mail.worker.js': worker('mail') }, ENQUEUE),
      ...compose({ app: '{ build: ., ports: ["80:3000"] }', redis: REDIS }),
    },
    nodes: ['app service', 'mail-worker worker', 'redis queue'],
    edges: ['app publish redis', 'mail-worker consume redis'],
  },
  {
    trap: 'a service of which only the image is known',
    files: {
      ...code(`const axios = require('axios');`, {}, `app.get('/it', async (q, s) => { await axios.get('http://search-api:8080/find'); s.end(); });`),
      ...compose({ app: '{ build: ., ports: ["80:3000"] }', 'search-api': '{ image: "registry.example.com/team/search-api:3" }' }),
    },
    nodes: ['app service', 'search-api service'],
    edges: ['app http search-api'],
  },
  {
    trap: 'a package that is called otherwise than what runs',
    files: {
      ...part('services/payments', server(pool('{ host: "db" }'), QUERY), { express: '4', pg: '8' }, { name: '@acme/money-mover' }),
      ...compose({ pay: '{ build: ./services/payments }', db: POSTGRES }),
    },
    nodes: ['pay service', 'db database'],
    edges: ['pay query db'],
  },
  {
    trap: 'overlays for tests and development add nothing that runs',
    files: {
      ...code(pool('{ host: process.env.DB_HOST }')),
      ...one,
      'docker-compose.test.yml': 'services:\n  app:\n    environment: { DB_HOST: testdb }\n  testdb:\n    image: postgres:16\n  localstack:\n    image: localstack/localstack\n',
      'docker-compose.dev.yml': 'services:\n  app:\n    volumes: [".:/app"]\n    command: npx nodemon index.js\n',
    },
    ...dbOnly,
  },
  {
    trap: 'containers that end before load comes',
    files: {
      ...code(pool('{ host: "db" }')),
      ...compose({ app: '{ build: . }', db: POSTGRES, flyway: '{ image: "flyway/flyway:10" }', 'db-migrate': '{ build: ., command: "npm run migrate" }' }),
    },
    nodes: ['app service', 'db database', '?flyway worker', '?db-migrate worker'],
    edges: ['app query db'],
  },
  {
    trap: 'a driver that a variable chooses',
    files: {
      ...part(
        '.',
        server(
          `const { Sequelize } = require('sequelize');\nconst db = new Sequelize({ dialect: process.env.DB_DIALECT, host: process.env.DB_HOST });\nconst Thing = db.define('Thing', {});`,
          `app.get('/it', async (q, s) => s.json(await Thing.findAll()));`,
        ),
        {
          express: '4',
          sequelize: '6',
          mysql2: '3',
          pg: '8',
        },
      ),
      ...compose({ app: '{ build: ., environment: { DB_DIALECT: mysql, DB_HOST: store } }', store: '{ image: "mysql:8" }' }),
    },
    nodes: ['app service', 'store database'],
    edges: ['app query store'],
  },
  {
    trap: 'a queue whose name is put together',
    files: {
      ...part(
        'web',
        server(`const { Queue } = require('bullmq'); const PREFIX = 'shop';\nconst queue = new Queue(\`\${PREFIX}-mail\`, { connection: { host: 'redis' } });`, ENQUEUE),
        { express: '4', bullmq: '5' },
      ),
      ...part('jobs', `const { Worker } = require('bullmq'); const NAMES = { MAIL: 'shop-mail' };\nnew Worker(NAMES.MAIL, async () => {}, { connection: { host: 'redis' } });`, {
        bullmq: '5',
      }),
      ...compose({ web: '{ build: ./web, ports: ["80:3000"] }', jobs: '{ build: ./jobs }', redis: REDIS }),
    },
    nodes: ['web service', 'jobs worker', 'redis queue'],
    edges: ['web publish redis', 'jobs consume redis'],
  },
  {
    trap: 'a library of their own around the queue',
    files: {
      ...code(
        `const { publish } = require('./bus');`,
        {
          'bus.js': `const { Queue } = require('bullmq');\nconst queues = new Map();\nexports.publish = async (name, data) => { if (!queues.has(name)) queues.set(name, new Queue(name, { connection: { host: 'redis' } })); await queues.get(name).add(name, data); };`,
        },
        `app.post('/it', async (q, s) => { await publish('mail', q.body); s.end(); });`,
      ),
      ...part('jobs', worker('mail'), { bullmq: '5' }),
      ...compose({ app: '{ build: ., ports: ["80:3000"] }', jobs: '{ build: ./jobs }', redis: REDIS }),
    },
    nodes: ['app service', 'jobs worker', 'redis queue'],
    edges: ['app publish redis', 'jobs consume redis'],
  },
  {
    trap: 'the environment beats the default in code',
    files: {
      ...code(pool('{ host: "db", max: Number(process.env.POOL_SIZE || 500) }')),
      'docker-compose.yml': 'services:\n  app:\n    build: .\n    environment:\n      POOL_SIZE: 200\n  db:\n    image: postgres:16\n',
    },
    ...dbOnly,
    facts: ['pool_size app->db 200 connections docker-compose.yml:5'],
  },
  {
    trap: 'a number that is not written is the default of the version',
    files: {
      ...part(
        '.',
        server(
          `const { Sequelize } = require('sequelize');\nconst db = new Sequelize({ dialect: 'postgres', host: 'db' });\nconst Thing = db.define('Thing', {});`,
          `app.get('/it', async (q, s) => s.json(await Thing.findAll()));`,
        ),
        { express: '4', sequelize: '6', pg: '8' },
      ),
      ...one,
    },
    ...dbOnly,
    facts: ['pool_size app->db 5 connections index.js:3'],
  },
  {
    trap: 'a database that is only called db',
    files: {
      ...part('.', server(`const mysql = require('mysql2/promise');\nconst pool = mysql.createPool({ host: 'db', connectionLimit: 12 });`, QUERY), { express: '4', mysql2: '3' }),
      ...compose({ app: '{ build: . }', db: '{ image: "mariadb:11" }' }),
    },
    ...dbOnly,
    facts: ['pool_size app->db 12 connections index.js:3'],
  },
  {
    trap: 'localhost in .env, the service in compose',
    files: { ...code(pool('{ host: process.env.DB_HOST }')), ...one, '.env': 'DB_HOST=localhost\n' },
    ...dbOnly,
  },
  {
    trap: 'a consumer that is loaded late',
    files: {
      ...part('.', server(producer(`'mail'`), `${ENQUEUE}\n(async () => { const { start } = await import('./late.js'); start(); })();`), { express: '4', bullmq: '5' }),
      'late.js': `const { Worker } = require('bullmq');\nexports.start = () => new Worker('mail', async () => {}, { connection: { host: 'redis' } });`,
      ...compose({ app: '{ build: ., ports: ["80:3000"] }', redis: REDIS }),
    },
    nodes: ['app service', 'mail-worker worker', 'redis queue'],
    edges: ['app publish redis', 'mail-worker consume redis'],
  },
  {
    trap: 'left-over templates of a generator',
    files: { ...code(pool('{ host: "db" }')), ...one, 'src/cache.ts.ejs': `import Redis from 'ioredis'; export default new Redis('<%= host %>');` },
    ...dbOnly,
  },
];
