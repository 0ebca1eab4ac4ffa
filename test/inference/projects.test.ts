import { describe, expect, it } from 'vitest';
import { processAtOwnDomain, processNamedBy } from '../../src/inference/assemble/process-names.ts';
import workspaceProjects from '../../src/inference/detectors/workspace-projects.ts';
import { callsOf, componentsOf, topologyOf } from './memory-workspace.ts';

const nest = JSON.stringify({
  monorepo: true,
  projects: {
    users: { type: 'application', root: 'apps/users', entryFile: 'main', sourceRoot: 'apps/users/src' },
    'geo-data': { type: 'application', root: 'apps/geo-data', sourceRoot: 'apps/geo-data/src' },
    shared: { type: 'library', root: 'libs/shared' },
  },
});
const nx = (main: string) => JSON.stringify({ name: 'orders', projectType: 'application', targets: { build: { executor: '@nx/webpack:webpack', options: { main } } } });

describe('applications of a workspace', () => {
  it.each<[string, string, string[]]>([
    ['nest-cli.json', nest, ['users apps/users apps/users/src/main.ts', 'geo-data apps/geo-data apps/geo-data/src/main.ts']],
    ['apps/orders/project.json', nx('apps/orders/src/main.ts'), ['orders apps/orders apps/orders/src/main.ts']],
    ['apps/orders/project.json', nx('{projectRoot}/src/main.ts'), ['orders apps/orders src/main.ts']],
    ['libs/shared/project.json', '{"name":"shared","projectType":"library","targets":{}}', []],
    ['project.json', '{"name":"somebody else\'s format"}', []],
    ['nest-cli.json', '{"collection":"@nestjs/schematics"}', []],
    ['nest-cli.json', '{"projects":{"users":', []],
    ['nest-cli.json', '[1]', []],
  ])('%s of %s', (path, text, expected) => {
    expect(workspaceProjects.detect(path, text).claims.map((it) => `${it.name} ${it.root} ${it.entry}`)).toEqual(expected);
  });

  const app = (name: string, port: number, more = '') => `
import { Controller, Get, Module } from '@nestjs/common'; import { NestFactory } from '@nestjs/core';
@Controller('${name}') class Routes { @Get() all() { ${more} return []; } }
@Module({ controllers: [Routes] }) class App {}
async function start() { const app = await NestFactory.create(App); await app.listen(${port}); } start();`;
  const root = JSON.stringify({ name: 'shop', scripts: { 'start:prod': 'node dist/apps/users/main' }, dependencies: { '@nestjs/core': '11', '@nestjs/common': '11', axios: '1' } });

  it('of a Nest monorepo stand behind the images that are called like them', async () => {
    const topology = await topologyOf({
      'package.json': root,
      'nest-cli.json': nest,
      'apps/users/src/main.ts': `import axios from 'axios';${app('users', 3000, 'await axios.get(`${process.env.GEO_DATA_URL}/places`);')}`.replace('all()', 'async all()'),
      'apps/geo-data/src/main.ts': app('places', 3001),
      'apps/geo-data/package.json': '{"name":"geo-data","dependencies":{"geojson":"1"}}',
      'docker-compose.yml':
        'services:\n  users:\n    image: ghcr.io/shop/users:latest\n    ports: ["80:3000"]\n  geodata:\n    image: ghcr.io/shop/geodata:latest\n    environment: {}\n',
    });
    expect(componentsOf(topology)).toEqual(['geodata service', 'users service']);
    expect(topology.endpoints.map((it) => it.id)).toEqual(['users GET /users', 'geodata GET /places']);
  });

  it('of Nx run from their own folders where nothing deploys them; the root starts nothing', async () => {
    const topology = await topologyOf({
      'package.json': root,
      'apps/orders/project.json': nx('apps/orders/src/main.ts'),
      'apps/orders/src/main.ts': app('orders', 3000),
      'apps/users/project.json': JSON.stringify({ projectType: 'application', targets: { serve: {} } }),
      'apps/users/src/main.ts': `import axios from 'axios';${app('users', 3001, 'await axios.get(process.env.ORDERS_SERVICE_URL + "/orders");')}`.replace('all()', 'async all()'),
    });
    expect(componentsOf(topology)).toEqual(['orders service', 'users service']);
    expect(callsOf(topology)).toEqual(['users http orders']);
    expect(topology.components.flatMap((one) => one.places.map((place) => place.file)).sort()).toEqual(['apps/orders/project.json', 'apps/users/project.json']);
  });

  it('that answer messages over a broker are services, those that only take events are workers', async () => {
    const microservice = (decorator: string) => `
import { Controller, Module } from '@nestjs/common'; import { NestFactory } from '@nestjs/core'; import { ${decorator}, Transport } from '@nestjs/microservices';
@Controller() class Handlers { @${decorator}({ cmd: 'x' }) take() { return 1; } }
@Module({ controllers: [Handlers] }) class App {}
async function start() { const app = await NestFactory.createMicroservice(App, { transport: Transport.NATS, options: { servers: ['nats://nats:4222'] } }); await app.listen(); } start();`;
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'shop', dependencies: { '@nestjs/core': '11', '@nestjs/common': '11', '@nestjs/microservices': '11', nats: '2' } }),
      'nest-cli.json': nest,
      'apps/users/src/main.ts': microservice('MessagePattern'),
      'apps/geo-data/src/main.ts': microservice('EventPattern'),
    });
    expect(componentsOf(topology)).toEqual(['geo-data worker', 'nats queue', 'users service']);
  });

  it('templates of compose files deploy nothing beside a real one', async () => {
    const topology = await topologyOf({
      'docker-compose.dev.yml': 'services:\n  db:\n    image: postgres:16\n',
      'packages/generator/src/docker-compose.template.yml': 'services:\n  server:\n    build: .\n  cache:\n    image: redis:7\n',
    });
    expect(componentsOf(topology)).toEqual(['db database']);
  });
});

describe('the process that a variable is called after', () => {
  const processes = new Set(['users', 'order-service', 'billing-api', 'schema-file-server', 'mail', 'mail-service']);
  it.each<[string, string | undefined]>([
    ['USERS_URL', 'users'],
    ['USERS_SERVICE_HOST', 'users'],
    ['ORDER_SERVICE_URL', 'order-service'],
    ['ORDER_HOST', 'order-service'],
    ['BILLING_API_BASE_URL', 'billing-api'],
    ['NEXT_PUBLIC_BILLING_API_URL', 'billing-api'],
    ['SCHEMA_FILE_SERVER_URL', 'schema-file-server'],
    ['MAIL_URL', undefined],
    ['STRIPE_API_URL', undefined],
    ['VITE_FILE_SERVER_WS_URL', 'schema-file-server'],
    ['USERS', undefined],
    ['URL', undefined],
  ])('%s: %s', (variable, expected) => {
    expect(processNamedBy(variable, processes)).toBe(expected);
  });
});

describe('the process behind a domain of the workspace', () => {
  const processes = new Set(['shop-server', 'billing', 'catalog']);
  it.each<[string, string | undefined]>([
    ['server.shop.com', 'shop-server'],
    ['billing.shop.co.uk', 'billing'],
    ['billing.stripe.com', undefined],
    ['shop.com', undefined],
    ['cdn.shop.com', undefined],
    ['billing.eu.shop.com', undefined],
  ])('%s: %s', (host, expected) => {
    expect(processAtOwnDomain(host, new Set(['shop']), processes)).toBe(expected);
  });
});
