import { describe, expect, it } from 'vitest';
import { callsOf, componentsOf, topologyOf } from './memory-workspace.ts';

const folder = (name: string, body: string) => ({
  [`${name}/Dockerfile`]: 'FROM node:22\nCMD ["node", "index.js"]\n',
  [`${name}/package.json`]: JSON.stringify({ name: `@shop/${name}-service`, main: 'index.js', dependencies: { express: '4', mongoose: '8' } }),
  [`${name}/index.js`]: `const app = require('express')(); ${body} app.listen(3000);`,
});
const code = {
  ...folder(
    'orders',
    `const mongoose = require('mongoose'); mongoose.connect(process.env.MONGO_URI); const Order = mongoose.model('Order', {}); app.get('/orders', async (q, s) => s.json(await Order.findById(q.query.id)));`,
  ),
  ...folder('users', `app.get('/users', (q, s) => s.json([]));`),
};
const deployment = (name: string, image: string, env = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec:\n  selector: { matchLabels: { app: ${name} } }\n  template:\n    metadata: { labels: { app: ${name} } }\n    spec:\n      containers:\n        - name: main\n          image: ${image}\n          env: [${env}]\n---\napiVersion: v1\nkind: Service\nmetadata: { name: ${name.replace('-depl', '')}-srv }\nspec: { selector: { app: ${name} }, ports: [{ port: 3000 }] }\n`;
const MONGO = '{ name: MONGO_URI, value: "mongodb://orders-mongo-srv:27017/orders" }';
const deployed = (orders: string, users: string) => ({
  'infra/k8s/orders.yaml': deployment('orders-depl', orders, MONGO),
  'infra/k8s/users.yaml': deployment('users-depl', users),
  'infra/k8s/orders-mongo.yaml': deployment('orders-mongo-depl', 'mongo:7'),
});
const artifacts = (more = '') =>
  `apiVersion: skaffold/v4beta11\nkind: Config\nbuild:\n  artifacts:\n    - image: acme/ticket-office\n      context: orders\n${more}    - image: acme/people\n      context: users\n      docker: { dockerfile: Dockerfile }\n`;
const workflow = (step: string) => `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n${step}`;
const asCode = ['orders-depl query orders-mongo-depl'];
/** The image stays what its variables say, and the code is a process that nothing deploys. */
const apart = ['orders-depl query orders-mongo-depl', 'orders-service query orders-mongo-depl'];

describe('manifests name images; who builds them says from which folder', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['Skaffold', { ...deployed('acme/ticket-office', 'acme/people'), 'skaffold.yaml': artifacts() }, asCode],
    ['a tag in the manifest changes nothing', { ...deployed('acme/ticket-office:v3', 'acme/people@sha256:12ab'), 'skaffold.yaml': artifacts() }, asCode],
    [
      'a workflow that runs docker build in a folder',
      {
        ...deployed('acme/ticket-office', 'acme/people'),
        '.github/workflows/deploy.yml': workflow('      - run: cd orders && docker build --build-arg A=1 -t acme/ticket-office:$GITHUB_SHA .\n'),
      },
      asCode,
    ],
    [
      'a workflow with a Dockerfile and a context of its own',
      {
        ...deployed('ghcr.io/acme/tickets', 'x'),
        '.github/workflows/deploy.yml': workflow(
          '      - run: |\n          docker buildx build \\\n            --tag=ghcr.io/acme/tickets \\\n            --file orders/Dockerfile .\n',
        ),
      },
      asCode,
    ],
    [
      "Docker's own action",
      {
        ...deployed('acme/ticket-office', 'x'),
        '.github/workflows/d.yml': workflow(
          '      - uses: docker/build-push-action@v6\n        with:\n          context: ./orders\n          tags: |\n            acme/ticket-office:latest\n            acme/ticket-office:1\n',
        ),
      },
      asCode,
    ],
    [
      'a workflow whose tag is an expression with blanks',
      {
        ...deployed('ghcr.io/acme/tickets:latest', 'x'),
        '.github/workflows/deploy.yml': workflow(
          '      - run: docker buildx build -f orders/Dockerfile -t ghcr.io/acme/tickets:${{ env.VERSION }}-${{ matrix.arch }} --output "type=registry,name=ghcr.io/acme/tickets:${{ env.VERSION }}" .\n',
        ),
      },
      asCode,
    ],
    [
      'a script of a package; the base that it is made from has its name, too, and starts nothing',
      {
        ...deployed('acme/ticket-office:2', 'x'),
        'package.json': JSON.stringify({
          name: 'tools',
          private: true,
          scripts: {
            base: 'docker build -f base/Dockerfile -t acme/ticket-office:base .',
            image: 'docker buildx build -f orders/Dockerfile -t acme/ticket-office:nightly . --push',
          },
        }),
        'base/Dockerfile': 'FROM node:22\nRUN apt-get update\n',
      },
      asCode,
    ],
    [
      "names that Docker's metadata action gives to the tags, their owner open",
      {
        ...deployed('ghcr.io/acme/tickets:latest', 'ghcr.io/acme/other'),
        '.github/workflows/d.yml': workflow(
          '      - id: meta\n        uses: docker/metadata-action@v5\n        with:\n          images: |\n            ghcr.io/${{ github.repository_owner }}/tickets\n      - uses: docker/build-push-action@v6\n        with:\n          context: .\n          file: ./orders/Dockerfile\n          tags: ${{ steps.meta.outputs.tags }}\n',
        ),
      },
      asCode,
    ],
    [
      'docker build with an open owner',
      {
        ...deployed('ghcr.io/acme/tickets:latest', 'x'),
        '.github/workflows/d.yml': workflow('      - run: docker build -t ghcr.io/${{ github.repository_owner }}/tickets -f orders/Dockerfile .\n'),
      },
      asCode,
    ],
    [
      'a name that is open as a whole',
      {
        ...deployed('ghcr.io/acme/tickets:latest', 'x'),
        '.github/workflows/d.yml': workflow('      - run: docker build -t ghcr.io/acme/${{ matrix.app }} -f orders/Dockerfile .\n'),
      },
      apart,
    ],
    ['the system before the name of the folder, which the service has, too', deployed('acme/ticketing-orders', 'acme/ticketing-users'), asCode],
    ['another service is called so', deployed('acme/ticketing-people', 'acme/ticketing-orders'), apart],
    ['two folders for one image', { ...deployed('acme/ticket-office', 'x'), 'skaffold.yaml': artifacts('    - image: acme/ticket-office\n      context: users\n') }, apart],
    ['a name that only the run knows', { ...deployed('acme/ticket-office', 'x'), '.github/workflows/d.yml': workflow('      - run: docker build -t $IMAGE orders\n') }, apart],
    ['a broken file', { ...deployed('acme/ticketing-orders', 'x'), 'skaffold.yaml': 'build:\n  artifacts:\n    - image: [a\n  context: {' }, asCode],
  ])('%s', async (_what, files, calls) => {
    const topology = await topologyOf({ ...code, ...files });
    expect(callsOf(topology)).toEqual(calls);
  });

  it.each<[string, string, Record<string, string>, string[]]>([
    ['an image called like the scope of the root', '@acme/root', {}, ['acme service', 'mongo database']],
    ['an image called like the root', 'acme', {}, ['acme service', 'mongo database']],
    ['another name', 'shop', {}, ['mongo database', 'orders-service service']],
    ['a second Dockerfile of the whole', 'acme', { Dockerfile: 'FROM node:22\nCMD ["node", "tool.js"]\n' }, ['mongo database', 'orders-service service']],
  ])('one image for a repository: %s', async (_what, name, more, runtime) => {
    const { 'orders/Dockerfile': _own, ...rest } = folder(
      'orders',
      `const mongoose = require('mongoose'); mongoose.connect('mongodb://mongo/x'); app.get('/orders', (q, s) => s.json([]));`,
    );
    const topology = await topologyOf({
      ...rest,
      'package.json': JSON.stringify({ name, workspaces: ['orders'] }),
      'docker/Dockerfile': 'FROM node:22\nWORKDIR /app\nCOPY . .\nWORKDIR /app/orders\nCMD ["node", "index.js"]\n',
      'docker-compose.yml': 'services:\n  acme:\n    image: acme/acme:latest\n    ports: ["80:3000"]\n  mongo:\n    image: mongo:7\n',
      ...more,
    });
    expect(topology.endpoints.map((it) => it.component)).toEqual([(runtime.find((it) => it.endsWith(' service')) as string).replace(' service', '')]);
  });

  // Two ways into one image: the stage that is built decides what it starts.
  it.each<[string, string, string[]]>([
    ['--target nightly', 'docker build -t acme/shop:nightly --target nightly .', ['acme service']],
    ['one for tests under another tag', 'docker build -t acme/shop:1 --target nightly . && docker build -t acme/shop:pr --target pr-test2 .', ['acme service']],
    ['two that start different things', 'docker build -t acme/shop:1 --target nightly . && docker build -t acme/shop:jobs --target jobs .', ['acme worker']],
  ])('a stage: %s', async (_what, image, expected) => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'shop', scripts: { image }, dependencies: { express: '4', bullmq: '5' } }),
      Dockerfile: 'FROM node:22 AS nightly\nCMD ["node", "web.js"]\nFROM node:22 AS pr-test2\nCMD ["node", "test.js"]\nFROM node:22 AS jobs\nCMD ["node", "jobs.js"]\n',
      'web.js': `const app = require('express')(); app.get('/orders', (q, s) => s.json([])); app.listen(3000);`,
      'jobs.js': `const { Worker } = require('bullmq'); new Worker('mail', async () => {}, { connection: { host: 'redis' } });`,
      'docker-compose.yml': 'services:\n  acme:\n    image: acme/shop:2\n  redis:\n    image: redis:7\n',
    });
    expect(componentsOf(topology).filter((it) => it.startsWith('acme'))).toEqual(expected);
  });

  const service = (name: string, body: string): Record<string, string> => ({
    [`apps/${name}/package.json`]: JSON.stringify({ name, dependencies: { next: '16', react: '19', pg: '8' } }),
    [`apps/${name}/app/api/${name}/route.ts`]: `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); export const GET = async () => Response.json((await pool.query('${body}')).rows);`,
  });
  const parts = {
    'package.json': JSON.stringify({ name: '@acme/root', workspaces: ['apps/*'] }),
    Dockerfile: 'ARG APP=site\nFROM node:22\nCOPY --from=builder /app/apps/${APP}/.next/standalone ./\nCOPY scripts/${APP}-entrypoint.sh ./\nENTRYPOINT ./${APP}-entrypoint.sh\n',
    'scripts/site-entrypoint.sh': '#!/bin/sh\ncd apps/site;\nnode -e "prepare()";\ncd ../..;\nPORT=${PORT:-3000} node apps/site/server.js;\n',
    'scripts/admin-entrypoint.sh': '#!/bin/sh\nnode apps/admin/server.js\n',
    ...service('site', 'SELECT * FROM pages'),
    ...service('admin', 'SELECT * FROM users'),
  };
  it.each<[string, Record<string, string>, string[]]>([
    [
      'its argument says which part of the workspace it is, or the default does',
      { 'compose.yaml': 'services:\n  front:\n    build: .\n  back:\n    build: { context: ., args: [APP=admin] }\n  db:\n    image: postgres:16\n' },
      ['back GET /api/admin', 'front GET /api/site'],
    ],
    [
      'another file builds what the first one names, and brings a database of its own',
      {
        'compose.yaml': 'services:\n  front:\n    image: acme/front\n  db:\n    image: postgres:16\n',
        'compose.build.yaml': 'services:\n  front:\n    build: { context: ., args: { APP: admin } }\n  db-of-build:\n    image: postgres:16\n',
      },
      ['front GET /api/admin'],
    ],
  ])('one Dockerfile for several parts: %s', async (_what, files, expected) => {
    const topology = await topologyOf({ ...parts, ...files });
    expect(topology.endpoints.map((it) => it.id).sort()).toEqual(expected);
    expect(topology.components.filter((it) => it.kind === 'database' && it.scope === 'runtime').map((it) => it.id)).toEqual(['db']);
  });

  it('a compose file elsewhere that runs the same images is another place where the whole runs', async () => {
    const files = {
      'package.json': JSON.stringify({ name: 'acme', dependencies: { express: '4' } }),
      Dockerfile: 'FROM node:22\nCMD ["node", "web.js"]\n',
      'web.js': `const app = require('express')(); app.get('/orders', (q, s) => s.json([])); app.listen(3000);`,
      'docker-compose.yml': 'services:\n  shop:\n    image: ghcr.io/acme/acme:latest\n',
      'docs/hosting/docker-compose.yml': 'services:\n  shop-demo:\n    image: ghcr.io/acme/acme:v1\n  shop-staging:\n    image: ghcr.io/acme/acme:main\n',
    };
    expect(componentsOf(await topologyOf(files))).toEqual(['shop service']);
  });

  it('an image that a chart leaves open is nobody', async () => {
    const topology = await topologyOf({
      ...code,
      'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'chart/values.yaml': 'a: 1\n',
      'chart/templates/api.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: orders }\nspec:\n  selector: { matchLabels: { app: a } }\n  template:\n    metadata: { labels: { app: a } }\n    spec:\n      containers:\n        - name: main\n          image: {{ include "shop.image" (dict "image" .Values.image) }}\n',
    });
    expect(JSON.stringify(topology)).not.toContain('__unknown__');
  });

  it('a broken file is told at its line', async () => {
    const { problems } = await topologyOf({ ...code, 'skaffold.yaml': 'build:\n  artifacts:\n    - image: [a\n  context: {' });
    expect(problems).toEqual([expect.objectContaining({ file: 'skaffold.yaml' })]);
  });
});

describe('stages beside what all of them share', () => {
  const shared = { 'infra/k8s/orders-mongo.yaml': deployment('orders-mongo-depl', 'mongo:7') };
  const orders = (more = '') => deployment('orders-depl', 'acme/shop-orders', MONGO) + more;
  it.each<[string, Record<string, string>, string[], string[]]>([
    [
      'a stage is applied with what lies above it',
      { ...shared, 'infra/k8s/prod/a.yaml': orders(), 'infra/k8s/dev/a.yaml': orders() },
      ['infra/k8s/dev', 'infra/k8s/prod'],
      ['orders-depl service', 'orders-mongo-depl database'],
    ],
    [
      'its own file wins',
      { ...shared, 'infra/k8s/cache.yaml': deployment('cache-depl', 'redis:7'), 'infra/k8s/prod/a.yaml': orders(`---\n${deployment('cache-depl', 'rabbitmq:4')}`) },
      ['infra/k8s/prod'],
      ['cache-depl queue', 'orders-depl service', 'orders-mongo-depl database'],
    ],
    [
      'what only changes what lies above is no reason to leave that out',
      { ...shared, 'infra/k8s/orders.yaml': orders(), 'infra/k8s/dev/a.yaml': orders() },
      ['infra', 'infra/k8s/dev'],
      ['orders-depl service', 'orders-mongo-depl database'],
    ],
  ])('%s', async (_what, files, deployments, components) => {
    const topology = await topologyOf({ ...code, ...files });
    expect(topology.deployments.map((it) => it.id).sort()).toEqual(deployments);
    expect(componentsOf(topology)).toEqual(components);
  });
});
