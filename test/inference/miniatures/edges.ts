import { compose, json, type Miniature, part, POSTGRES, pool, QUERY, REDIS, server } from './parts.ts';

const api = (head: string, routes = QUERY): Record<string, string> => part('.', server(head, routes), { express: '4', pg: '8', ioredis: '5', axios: '1' });
const dbOnly = { nodes: ['app service', 'db database'], edges: ['app query db'] };
const base = (more: Record<string, string> = {}) => compose({ app: '{ build: ., ports: ["80:3000"] }', db: POSTGRES, ...more });

/** Calls that look as if they were there, and calls that are there though nothing says so at first sight. */
export const EDGES: readonly Miniature[] = [
  {
    trap: 'an address in the environment that no code uses',
    files: { ...api(pool('{ host: "db" }')), ...compose({ app: '{ build: ., environment: { REDIS_URL: "redis://cache:6379" } }', db: POSTGRES, cache: REDIS }) },
    nodes: ['app service', 'db database', 'cache cache'],
    edges: ['app query db'],
  },
  {
    trap: 'depends_on without a call',
    files: { ...api(pool('{ host: "db" }')), ...compose({ app: '{ build: ., depends_on: [db, cache] }', db: POSTGRES, cache: REDIS }) },
    nodes: ['app service', 'db database', 'cache cache'],
    edges: ['app query db'],
  },
  {
    trap: 'a service that is commented out',
    files: { ...api(pool('{ host: "db" }')), 'docker-compose.yml': 'services:\n  app:\n    build: .\n  db:\n    image: postgres:16\n#  search:\n#    image: elasticsearch:8\n' },
    ...dbOnly,
  },
  {
    trap: 'a client in a file that nothing imports',
    files: { ...api(pool('{ host: "db" }')), ...base({ cache: REDIS }), 'old/cache.js': `const Redis = require('ioredis'); module.exports = new Redis({ host: 'cache' });` },
    nodes: ['app service', 'db database', 'cache cache'],
    edges: ['app query db'],
  },
  {
    trap: 'a client that is commented out in code',
    files: {
      ...api(`${pool('{ host: "db" }')}\n// const redis = new (require('ioredis'))({ host: 'cache' });\n/* const other = new Redis('redis://cache'); */`),
      ...base({ cache: REDIS }),
    },
    nodes: ['app service', 'db database', 'cache cache'],
    edges: ['app query db'],
  },
  {
    trap: 'a dependency that only tests use',
    files: {
      ...part('.', server(pool('{ host: "db" }'), QUERY), { express: '4', pg: '8' }, { devDependencies: { ioredis: '5', testcontainers: '10' } }),
      ...base(),
      'test/cache.test.js': `const Redis = require('ioredis'); const redis = new Redis('redis://localhost'); test('x', async () => { await redis.get('a'); });`,
    },
    ...dbOnly,
  },
  {
    trap: 'mocks beside the code',
    files: { ...api(pool('{ host: "db" }')), ...base(), '__mocks__/ioredis.js': `module.exports = class { get() {} };`, 'src/__mocks__/kafkajs.js': `exports.Kafka = class {};` },
    ...dbOnly,
  },
  {
    trap: 'a call without depends_on',
    files: { ...api(pool('{ host: process.env.DB_HOST }')), ...compose({ app: '{ build: ., environment: { DB_HOST: db } }', db: POSTGRES }) },
    ...dbOnly,
  },
  { trap: 'a host that only the default in code names', files: { ...api(pool(`{ host: process.env.DB_HOST || 'db' }`)), ...base() }, ...dbOnly },
  {
    trap: 'a port of the shared machine as a default',
    files: {
      ...part(
        'orders',
        server(
          `const axios = require('axios'); const USERS = process.env.USERS_URL ?? 'http://localhost:3002';`,
          `app.get('/orders', async (q, s) => { await axios.get(USERS + '/users'); s.end(); });`,
          3001,
        ),
        {
          express: '4',
          axios: '1',
        },
      ),
      ...part('users', server('', `app.get('/users', (q, s) => s.json([]));`, 3002)),
      ...compose({ orders: '{ build: ./orders, ports: ["3001:3001"] }', users: '{ build: ./users, ports: ["3002:3002"] }' }),
    },
    nodes: ['orders service', 'users service'],
    edges: ['orders http users'],
  },
  {
    trap: 'a proxy template with variables',
    files: {
      ...api(pool('{ host: "db" }')),
      'proxy/Dockerfile': 'FROM nginx:1.27\nCOPY default.conf.template /etc/nginx/templates/\n',
      'proxy/default.conf.template': 'server {\n  listen 80;\n  location / { proxy_pass http://${APP_HOST}:3000; }\n}\n',
      ...compose({ proxy: '{ build: ./proxy, ports: ["80:80"], environment: { APP_HOST: app } }', app: '{ build: . }', db: POSTGRES }),
    },
    nodes: ['proxy gateway', 'app service', 'db database'],
    edges: ['proxy http app', 'app query db'],
  },
  {
    trap: 'prose, prompts and other languages that name technologies',
    files: {
      ...api(pool('{ host: "db" }')),
      ...base(),
      'README.md': 'Uses Kafka, Redis and MongoDB (redis://cache).',
      'prompts/context.md': 'Connect to rabbitmq at amqp://rabbit',
    },
    ...dbOnly,
  },
  {
    trap: 'committed build output',
    files: { ...api(pool('{ host: "db" }')), ...base(), 'public/build/app.min.js': `fetch("http://tracker.example.com/x");new Redis("redis://cache")` },
    ...dbOnly,
  },
  {
    trap: 'scripts that seed and migrate',
    files: {
      ...part(
        '.',
        server(pool('{ host: "db" }'), QUERY),
        { express: '4', pg: '8', mongodb: '6' },
        { scripts: { start: 'node index.js', seed: 'node scripts/seed.js', migrate: 'node scripts/migrate.js' } },
      ),
      ...base(),
      'scripts/seed.js': `const { MongoClient } = require('mongodb'); new MongoClient('mongodb://mongo').db().collection('a').insertOne({});`,
      'scripts/migrate.js': `require('pg');`,
    },
    ...dbOnly,
  },
  {
    trap: 'telemetry is no call of the system',
    files: {
      ...part('.', server(`const Sentry = require('@sentry/node'); Sentry.init({ dsn: process.env.SENTRY_DSN });\n${pool('{ host: "db" }')}`, QUERY), {
        express: '4',
        pg: '8',
        '@sentry/node': '8',
      }),
      ...base(),
    },
    ...dbOnly,
  },
  {
    trap: 'a secret in a connection string',
    files: { ...api(pool(`{ connectionString: 'postgres://shop:S3cr3tPassw0rd99@db:5432/shop' }`)), ...base() },
    ...dbOnly,
  },
  {
    trap: 'a package file that is no project',
    files: {
      ...api(pool('{ host: "db" }')),
      ...base(),
      'docs/package.json': json({ name: 'docs', devDependencies: { vitepress: '1' } }),
      'examples/demo/package.json': json({ name: 'demo', dependencies: { express: '4', ioredis: '5' } }),
      'examples/demo/index.js': server('', ''),
    },
    ...dbOnly,
  },
];
