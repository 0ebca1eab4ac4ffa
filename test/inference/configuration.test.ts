import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { callsOf, componentsOf, service, topologyOf } from './memory-workspace.ts';

const node = { Dockerfile: 'FROM node:22 AS build\nRUN npm run build\nFROM node:22-alpine\nEXPOSE 3000\nCMD ["node", "dist/index.js"]\n' };
const code = (client: string) =>
  service(
    { express: '4', pg: '8' },
    {
      'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const pool = new Pool(${client}); const app = express(); app.get('/it', async (q, s) => s.json(await pool.query('SELECT 1 FROM a'))); app.listen(1);`,
    },
  );
const compose = (api = '', rest = '') => `services:\n  api:\n    build: .\n    ports: ["\${PORT:-3000}:3000"]\n${api}  db:\n    image: postgres:16\n${rest}`;

describe('who is who', () => {
  it.each<[string, string, Record<string, string>]>([
    ['host from compose', '{ host: process.env.DB_HOST }', { 'docker-compose.yml': compose('    environment: ["DB_HOST=db"]\n') }],
    [
      'compose beats a local .env',
      '{ host: process.env.DB_HOST || "127.0.0.1" }',
      { 'docker-compose.yml': compose('    environment:\n      DB_HOST: db\n'), '.env': 'DB_HOST=localhost\n' },
    ],
    [
      'a URL with interpolation',
      '{ connectionString: process.env.DATABASE_URL }',
      { 'docker-compose.yml': compose('    environment:\n      DATABASE_URL: postgres://shop:${POSTGRES_PASSWORD:-shop}@${DB_HOST:-db}:5432/shop\n') },
    ],
    [
      'an env file that is mounted for the code to read',
      '{ host: process.env.DB_HOST }',
      { 'docker-compose.yml': compose('    volumes:\n      - ./config/.env.live:/app/.env:ro\n'), 'config/.env.live': 'DB_HOST=db\n' },
    ],
    ['an env file', '{ host: process.env.DB_HOST }', { 'docker-compose.yml': compose('    env_file: ./config/api.env\n'), 'config/api.env': 'DB_HOST=db # here\n' }],
    ['a validated environment', '{ host: env.DB_HOST }', { 'docker-compose.yml': compose('    environment:\n      DB_HOST: db\n') }],
    ['only localhost: the one store of the engine', '{ host: "localhost" }', { 'docker-compose.yml': compose() }],
  ])('%s', async (_name, client, files) => {
    const base = code(client);
    const index = base['src/index.js']?.replace('const app', 'const app') ?? '';
    const source =
      client.includes('env.DB_HOST }') && !client.includes('process')
        ? index.replace(
            'const pool',
            "const { z } = require('zod'); const parsed = z.object({ DB_HOST: z.string() }).safeParse(process.env); const env = parsed.success ? parsed.data : process.env; const pool",
          )
        : index;
    const topology = await topologyOf({ ...node, ...base, 'src/index.js': source, ...files });
    expect(componentsOf(topology)).toEqual(['api service', 'db database']);
    expect(callsOf(topology)).toEqual(['api query db']);
  });

  it('a host that no file names is shown as a conflict', async () => {
    const topology = await topologyOf({ ...node, ...code('{ host: "postgres" }'), 'docker-compose.yml': compose() });
    expect(callsOf(topology)).toEqual(['api query db']);
    expect(topology.conflicts).toMatchObject([{ message: expect.stringContaining('postgres'), places: [{ file: 'src/index.js' }, { file: 'docker-compose.yml' }] }]);
  });

  it('depends_on without a call is no call', async () => {
    const topology = await topologyOf({ ...node, ...code('{ host: "db" }'), 'docker-compose.yml': compose('    depends_on: [db, cache]\n', '  cache:\n    image: redis:7\n') });
    expect(callsOf(topology)).toEqual(['api query db']);
  });

  it('scale, CPU limit and max_connections are declared at their lines', async () => {
    const topology = await topologyOf({
      ...node,
      ...code('{ host: "db" }'),
      'docker-compose.yml': compose('    deploy:\n      replicas: 3\n      resources:\n        limits:\n          cpus: "0.5"\n', '    command: postgres -c max_connections=250\n'),
    });
    const [api, db] = [topology.components.find((it) => it.id === 'api'), topology.components.find((it) => it.id === 'db')];
    expect(api).toMatchObject({ replicas: { value: 3, basis: 'declared', place: { line: 6 } }, cores: { value: 0.5, basis: 'declared', place: { line: 9 } } });
    expect(db).toMatchObject({ maxConnections: { value: 250, basis: 'declared' }, parallelism: { basis: 'assumed' }, technology: 'postgres 16' });
  });
});

describe('servers that no deployment file describes', () => {
  const pools = (...options: string[]) =>
    service(
      { express: '4', pg: '8' },
      {
        'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const app = express(); ${options
          .map((it, at) => `const p${at} = new Pool(${it}); app.get('/${at}', async (q, s) => s.json(await p${at}.query('SELECT 1 FROM a')));`)
          .join(' ')} app.listen(1);`,
      },
    );
  const withDb = { 'docker-compose.yml': compose() };
  it.each<[string, string[], Record<string, string>, string[]]>([
    ['two variables of their own', ['{ host: process.env.ORDERS_HOST }', '{ host: process.env.USERS_DATABASE_URL }'], {}, ['orders-db', 'users-db']],
    [
      'two variables with local defaults',
      ["process.env.ORDERS_URL || 'postgres://localhost/o'", "process.env.USERS_URL ?? 'postgres://localhost/u'"],
      {},
      ['orders-db', 'users-db'],
    ],
    ['host and URL of one thing', ['{ host: process.env.ORDERS_HOST }', '{ connectionString: process.env.ORDERS_DATABASE_URL }'], {}, ['postgres']],
    ['one variable twice', ['{ host: process.env.USERS_HOST }', '{ host: process.env.USERS_HOST }'], {}, ['postgres']],
    ['variables that name nothing', ['{ host: process.env.DB_HOST }', '{ connectionString: process.env.DATABASE_URL }'], {}, ['postgres']],
    ['a variable of its own beside the common one', ['{ host: process.env.DB_HOST }', '{ host: process.env.USERS_HOST }'], {}, ['postgres', 'users-db']],
    [
      'user and host from variables',
      ['`postgres://${process.env.ORDERS_USER}:x@${process.env.DB_HOST}/a`', '`postgres://${process.env.USERS_USER}:x@${process.env.DB_HOST}/b`'],
      {},
      ['postgres'],
    ],
    ['two literal hosts', ["{ host: 'pg-orders.internal' }", "{ host: 'pg-users.internal' }"], {}, ['pg-orders', 'pg-users']],
    ['hosts that begin alike', ["{ host: 'db.orders.internal' }", "{ host: 'db.users.internal' }"], {}, ['db.orders.internal', 'db.users.internal']],
    ['one literal host twice', ["{ host: 'pg.internal' }", "{ host: 'pg.internal' }"], {}, ['postgres']],
    ['a replica beside the store of the deployment', ["{ host: 'db' }", "{ host: 'replica' }"], withDb, ['db', 'replica']],
    ['two variables beside the one store of the deployment', ['{ host: process.env.ORDERS_HOST }', '{ host: process.env.USERS_HOST }'], withDb, ['orders-db', 'users-db']],
  ])('%s', async (_name, options, files, expected) => {
    const topology = await topologyOf({ ...node, ...pools(...options), ...files });
    const used = [...new Set(topology.pools.map((it) => it.target))].sort();
    expect(used).toEqual(expected);
    const limits = topology.components.filter((it) => used.includes(it.id)).map((it) => `${it.id} ${it.maxConnections.state}`);
    expect(limits.sort()).toEqual(expected.map((it) => `${it} ${it === 'db' ? 'known' : 'unknown'}`));
  });
});

describe('compose files', () => {
  const files = { ...node, ...code('{ host: "db" }'), 'docker-compose.yml': compose() };
  it.each<[string, Record<string, string>, string[], string]>([
    [
      'test overlay',
      { 'docker-compose.test.yml': 'services:\n  api:\n    command: npm test\n  fake:\n    image: wiremock/wiremock\n' },
      ['api service', 'db database'],
      'docker-compose.yml',
    ],
    [
      'files in a folder for tests',
      { 'test-federation/compose.yml': 'services:\n  a:\n    image: shop/api\n  db.a:\n    image: mysql:8\n' },
      ['api service', 'db database'],
      'docker-compose.yml',
    ],
    [
      'a twin for tests in the same file',
      { 'docker-compose.yml': `${compose()}  db-testing:\n    image: postgres:16\n  ab-testing:\n    image: example/ab\n` },
      ['ab-testing service', 'api service', 'db database', 'db-testing database (dev)'],
      'docker-compose.yml',
    ],
    [
      'a second way to start the code, for desks',
      { 'docker-compose-dev.yml': 'services:\n  api-server:\n    build: .\n    command: npm run dev\n' },
      ['api service', 'db database'],
      'docker-compose.yml',
    ],
    [
      'the same code with another store',
      { 'docker-compose.mysql.yml': 'services:\n  api:\n    build: .\n    environment:\n      DB: mysql\n  mysql:\n    image: mysql:8\n' },
      ['api service', 'db database', 'mysql database (optional)'],
      'docker-compose.yml',
    ],
    ['production overlay', { 'docker-compose.prod.yml': 'services:\n  api:\n    deploy:\n      replicas: 2\n' }, ['api service', 'db database'], 'docker-compose.prod.yml'],
    [
      'development overlay',
      { 'docker-compose.dev.yml': 'services:\n  api:\n    command: nodemon src/index.js\n  adminer:\n    image: adminer\n' },
      ['api service', 'db database'],
      'docker-compose.yml',
    ],
    [
      'gateway in its own file',
      {
        'deploy/gateway/docker-compose.nginx.yml': 'services:\n  nginx:\n    image: nginx:alpine\n',
        'deploy/gateway/nginx.conf': 'upstream app {\n  server api:3000;\n}\nserver { location / { proxy_pass http://app; } }\n',
      },
      ['api service', 'db database', 'nginx gateway'],
      'docker-compose.yml',
    ],
    [
      'migrations',
      { 'docker-compose.yml': compose('', '  flyway:\n    image: flyway/flyway\n    environment:\n      FLYWAY_URL: jdbc:postgresql://db:5432/x\n') },
      ['api service', 'db database', 'flyway worker (dev)'],
      'docker-compose.yml',
    ],
  ])('%s', async (_name, more, components, active) => {
    const topology = await topologyOf({ ...files, ...more });
    expect(componentsOf(topology)).toEqual(components);
    expect(topology.deployments.filter((it) => it.active).map((it) => it.name)).toEqual([active]);
  });

  it('an example that people copy is the deployment, files for tests are none', async () => {
    const { 'docker-compose.yml': whole, ...rest } = files;
    const topology = await topologyOf({
      ...rest,
      'compose_example.yml': whole,
      'compose.local-db.yml': 'services:\n  cache:\n    image: redis\n',
      'test/compose.yml': 'services:\n  x:\n    image: mysql\n',
    });
    expect(componentsOf(topology)).toEqual(['api service', 'db database']);
    expect(topology.deployments.filter((it) => it.active).map((it) => it.name)).toEqual(['compose_example.yml']);
  });

  it('a chosen deployment is the one that is judged', async () => {
    const { infer } = await import('../../src/inference/infer.ts');
    const { memoryWorkspace } = await import('./memory-workspace.ts');
    const both = { ...files, 'docker-compose.prod.yml': 'services:\n  api:\n    deploy:\n      replicas: 2\n' };
    const replicas = async (deployment: string) => (await infer(memoryWorkspace(both), { deployment })).topology.components.find((it) => it.id === 'api')?.replicas;
    expect(await replicas('docker-compose.prod.yml')).toMatchObject({ value: 2, basis: 'declared' });
    expect(await replicas('docker-compose.yml')).toMatchObject({ value: 1, basis: 'libraryDefault' });
  });
});

describe('how a process starts', () => {
  const ecosystem = 'module.exports = { apps: [{ name: "api", script: "./src/index.js", instances: 4, exec_mode: "cluster" }] };';
  it.each<[string, Record<string, string>, object]>([
    ['nothing starts PM2', { Dockerfile: 'FROM node:22\nCMD ["node", "src/index.js"]' }, { value: 1, basis: 'libraryDefault' }],
    [
      'the Dockerfile starts PM2',
      { Dockerfile: 'FROM node:22\nCMD ["pm2-runtime", "ecosystem.config.js"]' },
      { value: 4, basis: 'declared', place: { file: 'ecosystem.config.js', line: 1 } },
    ],
    [
      'the start script starts PM2',
      {
        Dockerfile: 'FROM node:22\nCMD npm start',
        'package.json': JSON.stringify({ name: 'api', scripts: { start: 'pm2 start ecosystem.config.js --no-daemon' }, dependencies: { express: '4', pg: '8' } }),
      },
      { value: 4, basis: 'declared' },
    ],
  ])('%s', async (_name, more, processes) => {
    const topology = await topologyOf({ ...code('{ host: "db" }'), 'docker-compose.yml': compose(), 'ecosystem.config.js': ecosystem, ...more });
    expect(topology.components.find((it) => it.id === 'api')?.processes).toMatchObject(processes);
    expect(topology.endpoints).toHaveLength(1);
  });

  it('without any deployment file the package itself is judged', async () => {
    const topology = await topologyOf(code('{}'));
    expect(componentsOf(topology)).toEqual(['app service', 'postgres database']);
    expect(topology.deployments).toMatchObject([{ source: 'bare', active: true }]);
    expect(topology.endpoints).toMatchObject([{ external: true }]);
  });
});

describe('suppressions', () => {
  it('are collected from code and from YAML', async () => {
    const files: Record<string, string> = {
      ...node,
      ...code('{ host: "db" }'),
      'docker-compose.yml': `# faultline-ignore-next-line single-replica -- one is enough\n${compose()}`,
    };
    files['src/index.js'] = `// faultline-ignore-next-line missing-timeout -- the gateway has one\n${files['src/index.js']}`;
    expect((await topologyOf(files)).suppressions).toEqual([
      { rule: 'single-replica', reason: 'one is enough', place: { file: 'docker-compose.yml', line: 1 } },
      { rule: 'missing-timeout', reason: 'the gateway has one', place: { file: 'src/index.js', line: 1 } },
    ]);
  });
});

describe('without containers', () => {
  it('a Procfile names the processes', async () => {
    const topology = await topologyOf({
      ...code('{}'),
      Procfile: 'web: node src/index.js\nworker: node src/worker.js\nrelease: node migrate.js\n',
      'src/worker.js': `const { Pool } = require('pg'); const pool = new Pool(); setInterval(() => pool.query('DELETE FROM a'), 1000);`,
    });
    expect(componentsOf(topology)).toEqual(['app service', 'postgres database', 'worker worker']);
  });

  it('libraries of a workspace are no processes', async () => {
    const topology = await topologyOf({
      'package.json': '{ "name": "all", "private": true, "workspaces": ["packages/*"] }',
      'packages/api/package.json': '{ "name": "@all/api", "main": "index.js", "dependencies": { "express": "4", "@all/db": "*" } }',
      'packages/api/index.js': `const express = require('express'); const { pool } = require('@all/db'); const app = express(); app.get('/it', async (q, s) => s.json(await pool.query('SELECT 1 FROM a'))); app.listen(1);`,
      'packages/db/package.json': '{ "name": "@all/db", "main": "index.js", "dependencies": { "pg": "8", "express": "4" } }',
      'packages/db/index.js': `const { Pool } = require('pg'); exports.pool = new Pool({ max: 4 });`,
    });
    expect(componentsOf(topology)).toEqual(['api service', 'postgres database']);
    expect(topology.pools).toMatchObject([{ id: 'api→postgres pool', max: { value: 4, place: { file: 'packages/db/index.js' } } }]);
  });

  it('the lock file knows the major version', async () => {
    const range = { 'package.json': '{ "name": "app", "main": "src/index.js", "dependencies": { "express": "*", "pg": "*" } }' };
    const version = async (more: Record<string, string>) => (await topologyOf({ ...code('{}'), ...range, ...more })).pools[0]?.majorVersion;
    expect(await version({})).toBeUndefined();
    expect(await version({ 'package-lock.json': '{ "packages": { "": {}, "node_modules/pg": { "version": "8.16.3" } } }' })).toBe(8);
  });

  it('forking by cluster makes the number of processes unknown', async () => {
    const base = code('{}');
    const topology = await topologyOf({
      ...base,
      'src/index.js': `const cluster = require('node:cluster'); const os = require('os'); if (cluster.isPrimary) { for (const it of os.cpus()) cluster.fork(); } else { start(); } function start() { ${base['src/index.js']} }`,
    });
    expect(topology.components.find((it) => it.id === 'app')?.processes).toMatchObject({ state: 'unknown', why: expect.stringContaining('per core') });
    expect(topology.endpoints).toHaveLength(1);
  });
});

it('one Dockerfile for several services: the stage tells whose code it is', async () => {
  const topology = await topologyOf({
    'compose.yaml': 'services:\n  api:\n    build: { context: ., target: api-dev }\n    ports: ["1:1"]\n  web:\n    build: { context: ., target: web-dev }\n',
    Dockerfile:
      'FROM node:22 AS base\nFROM base AS web-dev\nCOPY web/package.json ./\nCMD ["npm", "run", "dev"]\nFROM base AS api-dev\nCOPY api/package.json api/package-lock.json ./\nCMD ["npm", "run", "dev"]\nFROM base AS final\nCMD ["node", "src/index.js"]\n',
    'package.json': '{ "name": "all", "private": true }',
    'web/package.json': '{ "name": "web", "scripts": { "dev": "vite" } }',
    'api/package.json': '{ "name": "api", "scripts": { "dev": "nodemon src/index.js" }, "dependencies": { "express": "4" } }',
    'api/src/index.js': `const app = require('express')(); app.get('/it', (q, s) => s.json({})); app.listen(1);`,
  });
  expect(componentsOf(topology)).toEqual(['api service', 'web frontend']);
  expect(topology.endpoints.map((it) => it.id)).toEqual(['api GET /it']);
});

describe('servers that are made by hand', () => {
  it.each<[string, string]>([
    ['createServer', `require('http').createServer(app).listen(3000)`],
    ['Server', `const http = require('http'); const server = http.Server(app); server.listen(3000)`],
    ['new Server', `const http = require('http'); const server = new http.Server(app); server.listen(3000)`],
    ['a required Server', `const server = require('http').Server(app); server.listen(3000)`],
    ['an imported Server', `import { Server } from 'https'; new Server({}, app).listen(3000)`],
    [
      'a class whose setter is given the app',
      `const http = require('http'); class Up { static #app; static set app(it) { this.#app = it; } static get http() { return http.createServer(Up.#app); } } Up.app = app; Up[process.env.TYPE || 'http'].listen(3000)`,
    ],
    [
      'an object whose inherited setter is given the app',
      `class Base { set app(it) { this.inner = it; } get app() { return this.inner; } } class Up extends Base {} const up = new Up(); up.app = app; up.app.listen(3000)`,
    ],
    ['sockets beside it', `const all = require('express-ws')(app); all.app.listen(3000)`],
    ['a literal with a getter and a setter', `const up = { get app() { return app; }, set app(it) { throw it; } }; up.app.listen(3000)`],
  ])('%s', async (_name, start) => {
    const files = service({ express: '4' }, { 'src/index.js': `const express = require('express'); const app = express(); app.get('/it', (q, s) => s.end()); ${start};` });
    expect((await topologyOf(files)).endpoints.map((it) => it.id)).toEqual(['app GET /it']);
  });

  it.each<[string, string]>([
    ['Deno.serve, options first', 'Deno.serve({ port: 3000 }, app.fetch)'],
    ['Deno.serve, nothing but the handler', 'Deno.serve(app.fetch)'],
    ['Bun.serve', 'Bun.serve({ port: Bun.env.PORT, fetch: app.fetch })'],
  ])('%s', async (_name, start) => {
    const files = service({ hono: '4' }, { 'src/index.js': `import { Hono } from 'hono'; const app = new Hono(); app.get('/it', (c) => c.text('')); ${start};` });
    expect((await topologyOf(files)).endpoints.map((it) => it.id)).toEqual(['app GET /it']);
  });

  it('bin/www has no extension, here and on disk', async () => {
    const files: Record<string, string> = {
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'node ./bin/www' }, dependencies: { express: '4' } }),
      'bin/www': `#!/usr/bin/env node\nvar app = require('../app'); var http = require('http'); http.createServer(app).listen(3000);`,
      'app.js': `var express = require('express'); var app = express(); app.get('/it', function (req, res) { res.end(); }); module.exports = app;`,
    };
    expect((await topologyOf(files)).endpoints.map((it) => it.id)).toEqual(['app GET /it']);
    const folder = mkdtempSync(join(tmpdir(), 'faultline-bin-'));
    mkdirSync(join(folder, 'bin'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    expect((await nodeWorkspace(folder).list()).files.map((it) => it.path).sort()).toEqual(['app.js', 'bin/www', 'package.json']);
    rmSync(folder, { recursive: true });
  });
});

it('nx serves the usual entry', async () => {
  const topology = await topologyOf({
    'package.json': JSON.stringify({ name: 'app', scripts: { start: 'npx nx serve' }, dependencies: { express: '4' } }),
    'src/main.ts': `import express from 'express'; const app = express(); app.get('/it', (q, s) => s.end()); app.listen(3000);`,
  });
  expect(topology.endpoints.map((it) => it.id)).toEqual(['app GET /it']);
  expect(topology.problems).toEqual([]);
});

describe('which of several files is judged', () => {
  const watched = '    command: nodemon src/index.js\n    volumes: [".:/app"]\n';
  const stores = 'services:\n  db:\n    image: postgres:16\n';
  it.each<[string, Record<string, string>, string]>([
    [
      'not the one of a development container',
      { '.devcontainer/docker-compose.yml': compose(), 'docker/community/docker-compose.yml': compose().replace('build: .', 'build: ../..') },
      'docker/community/docker-compose.yml',
    ],
    ['not the one that watches the source', { 'docker-compose.yml': compose(watched), 'docker-stack.yml': 'services:\n  api:\n    image: acme/api\n' }, 'docker-stack.yml'],
    ['not the one with stores alone', { 'docker-compose.redis.yml': stores, 'deploy/docker-compose.yml': compose().replace('build: .', 'build: ..') }, 'deploy/docker-compose.yml'],
    ['the watching one beside stores alone', { 'docker-compose.yml': compose(watched), 'docker-compose.stores.yml': stores }, 'docker-compose.yml'],
    ['stores where nothing else is', { 'docker-compose.yml': stores }, 'docker-compose.yml'],
  ])('%s', async (_name, files, expected) => {
    const topology = await topologyOf({ ...node, ...code('{ host: "db" }'), ...files });
    expect(topology.deployments.filter((it) => it.active).map((it) => it.name)).toEqual([expected]);
  });
});

describe('an image that was built elsewhere from this code', () => {
  const db = '  db:\n    image: postgres:16\n';
  it.each<[string, string, string[]]>([
    ['started as the package is', '  api:\n    image: acme/api:2\n    command: npm start\n    environment:\n      DB_HOST: db\n', ['api service', 'db database']],
    ['called like the package', '  api:\n    image: registry.example.com/acme/app@sha256:00\n    environment:\n      DB_HOST: db\n', ['api service', 'db database']],
    ['of somebody else', '  proxy:\n    image: acme/proxy\n    ports: ["80:80"]\n', ['app service', 'db database', 'proxy service']],
  ])('%s', async (_name, services, expected) => {
    const topology = await topologyOf({ ...code('{ host: process.env.DB_HOST }'), 'docker-compose.prod.yml': `services:\n${services}${db}` });
    expect(componentsOf(topology)).toEqual(expected);
    expect(callsOf(topology)).toEqual([`${expected[0]?.split(' ')[0]} query db`]);
  });
});

describe('what other scripts of a package start', () => {
  const worker = `const { Worker } = require('bullmq'); new Worker('mail', async () => {}, { connection: { host: 'redis' } });`;
  const server = `const express = require('express'); const app = express(); app.get('/it', (q, s) => s.end()); app.listen(3000);`;
  it.each<[string, Record<string, string>, Record<string, string>, string[]]>([
    ['a worker', { worker: 'node dist/worker.js' }, { 'src/worker.js': worker }, ['app service', 'redis queue', 'worker worker']],
    [
      'with variables and a prefix',
      { 'start:mailer': 'cross-env NODE_ENV=production npx tsx src/worker.js' },
      { 'src/worker.js': worker },
      ['app service', 'mailer worker', 'redis queue'],
    ],
    ['a timer', { cron: 'node src/cron.js' }, { 'src/cron.js': 'setInterval(() => {}, 1000);' }, ['app service', 'cron worker']],
    ['a second server', { admin: 'pm2 start src/second.js' }, { 'src/second.js': server }, ['admin service', 'app service']],
    ['the same file', { serve: 'node src/index.js', worker: 'node src/index.js' }, {}, ['app service']],
    [
      'two scripts of one worker',
      { worker: 'node src/worker.js', 'worker:prod': 'node src/worker.js' },
      { 'src/worker.js': worker },
      ['app service', 'redis queue', 'worker worker'],
    ],
    ['another way to start', { 'start:cluster': 'node src/cluster.js' }, { 'src/cluster.js': `require('./index');` }, ['app service']],
    ['for development', { 'worker:dev': 'node src/worker.js', dev: 'node src/worker.js', work: 'node --watch src/worker.js' }, { 'src/worker.js': worker }, ['app service']],
    ['what ends by itself', { migrate: 'node src/worker.js', report: 'node src/report.js' }, { 'src/worker.js': worker, 'src/report.js': `console.log(1);` }, ['app service']],
  ])('%s', async (_name, scripts, files, expected) => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'app', scripts: { start: 'node src/index.js', ...scripts }, dependencies: { express: '4', bullmq: '5' } }),
      'src/index.js': server,
      ...files,
    });
    expect(componentsOf(topology)).toEqual(expected);
  });
});

describe('compose files that lean on each other', () => {
  it.each<[string, Record<string, string>, string[]]>([
    [
      'include',
      { 'docker-compose.yml': 'include:\n  - infra/db.yml\nservices:\n  api:\n    build: .\n', 'infra/db.yml': 'services:\n  db:\n    image: postgres:16\n' },
      ['api service', 'db database'],
    ],
    [
      'include with a path of its own, in a circle',
      {
        'docker-compose.yml': 'include: [{ path: infra/compose.yaml }]\nservices:\n  api:\n    build: .\n',
        'infra/compose.yaml': 'include: [../docker-compose.yml]\nservices:\n  db:\n    image: postgres:16\n',
      },
      ['api service', 'db database'],
    ],
    [
      'a profile has to be switched on',
      { 'docker-compose.yml': compose('', '  search:\n    image: opensearchproject/opensearch\n    profiles: [search]\n') },
      ['api service', 'db database', 'search search (optional)'],
    ],
    [
      'where every service waits for a profile, the one that starts most of what is built here is judged',
      {
        'docker-compose.yml':
          'services:\n  db:\n    image: postgres:16\n    profiles: [store, app]\n  api:\n    build: .\n    profiles: [app]\n  old:\n    build: ./old\n    profiles: [deprecated]\n  all:\n    image: shop/all\n    profiles: [single]\n',
      },
      ['all service (optional)', 'api service', 'db database', 'old service (optional)'],
    ],
    [
      'or the one that is set',
      {
        '.env': 'COMPOSE_PROFILES=app,store\n',
        'docker-compose.yml':
          'services:\n  db:\n    image: postgres:16\n    profiles: [app]\n  api:\n    build: .\n    profiles: [app]\n  more:\n    image: redis:7\n    profiles: [more]\n  most:\n    build: ./most\n    profiles: [more]\n  next:\n    build: ./next\n    profiles: [more]\n',
      },
      ['api service', 'db database', 'more cache (optional)', 'most service (optional)', 'next service (optional)'],
    ],
  ])('%s', async (_name, files, expected) => {
    const topology = await topologyOf({ ...node, ...code('{ host: "db" }'), ...files });
    expect(componentsOf(topology)).toEqual(expected);
    expect(callsOf(topology)).toEqual(['api query db']);
  });

  it.each<[string, string, object]>([
    ['a share of what is given, or one at least', 'Math.ceil(20 / globalThis.parts) || 1', { state: 'unknown' }],
    ['what is given, or one', 'globalThis.max || 1', { value: 1 }],
  ])('the size of a pool: %s', async (_name, max, expected) => {
    const topology = await topologyOf({
      ...node,
      ...code(`{ host: 'db', max: ${max} }`),
      'docker-compose.yml': 'services:\n  api:\n    build: .\n  db:\n    image: postgres:16\n',
    });
    expect(topology.pools).toMatchObject([{ max: expected }]);
  });

  it('extends: what a service says itself wins, the rest comes from its base', async () => {
    const topology = await topologyOf({
      ...node,
      ...code('{ host: process.env.DB_HOST, max: Number(process.env.POOL_SIZE) }'),
      'docker-compose.yml':
        'services:\n  api:\n    extends: { file: common/base.yml, service: node }\n    build: .\n    environment: { POOL_SIZE: 7 }\n  db:\n    image: postgres:16\n',
      'common/base.yml': 'services:\n  node:\n    environment: { DB_HOST: db, POOL_SIZE: 3 }\n    deploy: { replicas: 4 }\n',
    });
    expect(callsOf(topology)).toEqual(['api query db']);
    expect(topology.pools).toMatchObject([{ max: { value: 7 } }]);
    expect(topology.components.find((it) => it.id === 'api')?.replicas).toMatchObject({ value: 4, place: { file: 'common/base.yml', line: 4 } });
  });
});
