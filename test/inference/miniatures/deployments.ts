import { json, type Miniature, part, pool, QUERY, server } from './parts.ts';

const GO = 'FROM golang:1.24 AS build\nRUN go build -o /app\nFROM gcr.io/distroless/static\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n';

/** What deployment files say in words of their own: variables, layers, generated starts. */
export const DEPLOYMENTS: readonly Miniature[] = [
  {
    trap: 'images, Dockerfiles and addresses that a .env beside the compose file says',
    files: {
      ...part('src/api', server(`${pool('{ host: process.env.DB_HOST }')}`, QUERY), { express: '4', pg: '8' }),
      'src/mail/Dockerfile': GO,
      '.env':
        'DB_IMAGE=registry.example/postgres:18\nAPI_DOCKERFILE=./src/api/Dockerfile\nMAIL_DOCKERFILE=./src/mail/Dockerfile\nDB_HOST=ledger\nAPI_PORT=3000\nAPI_ADDR=http://api:${API_PORT}\n',
      'docker-compose.yml': `services:
  api:
    image: \${REGISTRY}/shop:\${TAG}-api
    build: { context: ./, dockerfile: "\${API_DOCKERFILE}" }
    ports: ["3000:3000"]
    environment:
      - DB_HOST
  mail:
    image: \${REGISTRY}/shop:\${TAG}-mail
    build: { context: ./, dockerfile: "\${MAIL_DOCKERFILE}" }
    ports: ["80:80"]
    environment:
      API_ADDR:
      DB_CONNECTION_STRING: Host=\${DB_HOST};Username=mail;Password=hunter2
  ledger:
    image: \${DB_IMAGE}
`,
    },
    nodes: ['api service', 'mail service', 'ledger database'],
    edges: ['api query ledger', 'mail http api', 'mail query ledger'],
  },
  {
    trap: 'a layer of compose that brings a broker and tells a service of the first file about it',
    files: {
      'checkout/Dockerfile': GO,
      'docker-compose.yml': 'services:\n  checkout:\n    build: ./checkout\n    ports: ["1:1"]\n',
      'docker-compose.full.yml': 'services:\n  kafka:\n    image: apache/kafka:4.0.0\n  checkout:\n    depends_on: [kafka]\n    environment:\n      KAFKA_ADDR: kafka:9092\n',
    },
    nodes: ['checkout service', 'kafka queue'],
    edges: ['checkout publish kafka'],
  },
  {
    trap: 'Next.js that is built to stand alone, with clients that a generator of gRPC code makes',
    files: {
      'web/Dockerfile': 'FROM node:24 AS build\nRUN npm run build\nFROM gcr.io/distroless/nodejs24-debian13\nCOPY --from=build /app/.next/standalone ./\nCMD ["server.js"]\n',
      'web/package.json': json({ name: 'web', scripts: { build: 'next build', start: 'node server.js' }, dependencies: { next: '16', '@grpc/grpc-js': '1' } }),
      'web/protos/shop.ts': `import { makeGenericClientConstructor } from '@grpc/grpc-js';
export const CartServiceService = { getCart: { path: '/shop.CartService/GetCart' as const, requestStream: false } } as const;
export const CartServiceClient = makeGenericClientConstructor(CartServiceService, 'shop.CartService');\n`,
      'web/clients.ts': `import { ChannelCredentials } from '@grpc/grpc-js';
import { CartServiceClient } from './protos/shop';
import { AdServiceClient } from './generated/ads';
const { CART_ADDR = '' } = process.env;
export const cart = new CartServiceClient(CART_ADDR, ChannelCredentials.createInsecure());
export const ads = new AdServiceClient(process.env.AD_ADDR, ChannelCredentials.createInsecure());\n`,
      'web/pages/api/cart.ts': `import { ads, cart } from '../../clients';
const of = (user) => new Promise((resolve, reject) => cart.getCart({ user }, (error, it) => (error ? reject(error) : resolve(it))));
export default async function handler(req, res) { ads.getAds({}, () => {}); res.json(await of(req.query.user)); }\n`,
      'cart/Dockerfile': GO,
      'ads/Dockerfile': GO,
      'docker-compose.yml':
        'services:\n  web:\n    build: web\n    ports: ["3000:3000"]\n    environment: { CART_ADDR: "cart:7070", AD_ADDR: "ads:7071" }\n  cart: { build: cart, expose: [7070], ports: ["7070"] }\n  ads: { build: ads, ports: ["7071"] }\n',
    },
    nodes: ['web service', 'cart service', 'ads service'],
    edges: ['web grpc cart', 'web grpc ads'],
  },
  {
    trap: "a load generator in another language is nobody's gateway",
    files: {
      ...part('api', server('', `app.get('/it', (q, s) => s.json({}));`)),
      ...part('shop', server('', `app.get('/shop', (q, s) => s.json({}));`)),
      'load/Dockerfile': 'FROM grafana/k6:2.0.0\nCOPY script.js .\n',
      'docker-compose.yml':
        'services:\n  api: { build: api, ports: ["1:3000"] }\n  shop: { build: shop, ports: ["2:3000"] }\n  load: { build: load, ports: ["3:3"], environment: { API_URL: "http://api:3000", SHOP_URL: "http://shop:3000" } }\n',
    },
    nodes: ['api service', 'shop service', 'load service'],
    edges: ['load http api', 'load http shop'],
  },
  {
    trap: 'a gateway whose image is built from the whole repository',
    files: {
      ...part('src/api', server('', `app.get('/it', (q, s) => s.json({}));`)),
      'src/edge/Dockerfile': 'FROM envoyproxy/envoy:v1.39.0\nCOPY src/edge/envoy.tmpl.yaml /etc/envoy/\n',
      'src/edge/envoy.tmpl.yaml': `static_resources:
  listeners:
    - filter_chains: [{ filters: [{ typed_config: { route_config: { virtual_hosts: [{ routes: [{ match: { prefix: "/" }, route: { cluster: api } }] }] } } }] }]
  clusters:
    - name: api
      load_assignment: { endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: "\${API_HOST}", port_value: 3000 } } } }] }] }
`,
      'docker-compose.yml':
        'services:\n  api: { build: { context: ., dockerfile: src/api/Dockerfile } }\n  edge: { build: { context: ., dockerfile: src/edge/Dockerfile }, ports: ["80:80"], environment: { API_HOST: api } }\n',
    },
    nodes: ['api service', 'edge gateway'],
    edges: ['edge http api'],
  },
  {
    trap: 'images that a compose file beside the deployed one builds, and one that is called like product and folder',
    files: {
      'package.json': json({ name: 'ledger', workspaces: ['web', 'jobs'] }),
      ...part('web', server(pool('{ host: process.env.DB_HOST }'), QUERY), { express: '4', pg: '8' }),
      ...part('jobs', `${pool('{ host: process.env.DB_HOST }')}\nsetInterval(() => pool.query('SELECT * FROM jobs'), 1000);`, { pg: '8' }),
      'docker-compose.yml':
        'services:\n  front: { image: "registry.example/it:4", ports: ["3000:3000"], environment: { DB_HOST: db } }\n  background: { image: "registry.example/ledger-jobs:4", environment: { DB_HOST: db } }\n  db: { image: "postgres:17" }\n',
      'docker-compose.build.yml': 'services:\n  front: { build: { context: ., dockerfile: ./web/Dockerfile } }\n',
    },
    nodes: ['front service', 'background worker', 'db database'],
    edges: ['front query db', 'background query db'],
  },
  {
    trap: "stores in somebody else's images that only their settings, a scheme or a port tell",
    files: {
      'docker-compose.yml': `services:
  users: { image: "shop/users:1", ports: ["80:80"], environment: { MONGO_HOST: "users-data:27017" } }
  users-data: { image: "shop/users-data:1" }
  goods: { image: "shop/goods:1", ports: ["81:80"], environment: { GOODS_URL: "mysql://goods-data/goods", NEWS_HOST: "users:80" } }
  goods-data: { image: "shop/goods-data:1" }
  notes-data: { image: "shop/notes-data:1", environment: [MYSQL_DATABASE=notes, MYSQL_ALLOW_EMPTY_PASSWORD=true] }
  notes: { image: "shop/notes:1", ports: ["82:80"], environment: { MYSQL_DATABASE: notes, NOTES_HOST: notes-data } }
`,
    },
    nodes: ['users service', 'users-data database', 'goods service', 'goods-data database', 'notes service', 'notes-data database'],
    edges: ['users query users-data', 'goods query goods-data', 'goods http users', 'notes query notes-data'],
  },
  {
    trap: 'a front end that nginx hands out and that passes on what its pages ask',
    files: {
      'shop/Dockerfile':
        'FROM node:24 AS build\nCOPY . .\nRUN npm run build\nFROM nginx:1.29\nCOPY --from=build /app/dist /usr/share/nginx/html\nCOPY nginx.conf /etc/nginx/conf.d/\n',
      'shop/package.json': json({ name: 'shop', scripts: { build: 'vite build' }, dependencies: { vue: '3' }, devDependencies: { vite: '8' } }),
      'shop/index.html': '<div id="app"></div>',
      'shop/nginx.conf': 'server { listen 8080; location /orders { proxy_pass http://orders:3000; } }\n',
      ...part('orders', server('', `app.get('/orders', (q, s) => s.json({}));`)),
      'docker-compose.yml': 'services:\n  shop: { build: shop, ports: ["80:8080"] }\n  orders: { build: orders }\n',
    },
    nodes: ['shop frontend', 'orders service'],
    edges: ['shop http orders'],
  },
  {
    trap: 'addresses that util.format puts together, with a domain that the command line may bring',
    files: {
      ...part(
        'web',
        server(
          `const request = require('request');
const util = require('util');
let domain = '';
process.argv.forEach((it) => { const [name, value] = it.split('='); if (name === '--domain') domain = '.' + value; });
const carts = util.format('http://carts%s/carts', domain);`,
          `app.get('/cart', (q, s) => request(\`\${carts}/\${q.query.id}\`, (e, r, body) => s.json(body)));`,
        ),
        { express: '4', request: '2' },
      ),
      'docker-compose.yml': 'services:\n  web: { build: web, ports: ["80:3000"] }\n  carts: { image: "shop/carts:1" }\n',
    },
    nodes: ['web service', 'carts service'],
    edges: ['web http carts'],
  },
  {
    trap: 'one image of everything, of which only the compose file for desks tells the parts; parts that are tested by themselves',
    files: {
      'package.json': json({ name: 'press', private: true, workspaces: ['libraries/*', 'services/*'] }),
      'docker-compose.yml': 'services:\n  press: { image: "press/press", ports: ["80:80"], environment: { DB_HOST: db } }\n  db: { image: "postgres:17" }\n',
      'develop/docker-compose.yml': `services:
  web: { build: { context: .., dockerfile: services/web/Dockerfile, target: app }, env_file: [dev.env] }
  chat: { build: { context: .., dockerfile: services/chat/Dockerfile }, env_file: [dev.env] }
  db: { image: "postgres:17" }
`,
      'develop/dev.env': 'CHAT_HOST=chat\nDB_HOST=db\nLISTEN_ADDRESS=0.0.0.0\n',
      'services/chat/docker-compose.yml':
        'services:\n  test_unit: { build: ., command: npm test }\n  test_acceptance: { build: . }\n  fakes: { image: "fake/s3" }\n  cache: { image: "redis:7" }\n',
      'libraries/settings/package.json': json({ name: '@press/settings', main: 'index.js' }),
      'libraries/settings/index.js': `const fs = require('node:fs');
const path = require('node:path');
const file = there(path.join(process.cwd(), 'config/settings.defaults.cjs')) || there(path.join(process.cwd(), 'config/settings.defaults.js'));
module.exports = file ? require(file) : {};
function there(it) { if (it && fs.existsSync(it)) return it; return null; }
`,
      'services/web/Dockerfile':
        'FROM node:24 AS app\nCOPY libraries/settings/package.json libraries/settings/\nCOPY services/web/package.json services/web/\nWORKDIR /press/services/web\nCMD ["node", "app.mjs"]\n',
      'services/web/package.json': json({ name: '@press/web', type: 'module', dependencies: { express: '4', pg: '8', '@press/settings': '*' } }),
      'services/web/config/settings.defaults.js': `module.exports = { db: { host: process.env.DB_HOST || '127.0.0.1' }, apis: { chat: { url: \`http://\${process.env.CHAT_HOST || '127.0.0.1'}:3010\` } } };\n`,
      'services/web/app.mjs': `import { fileURLToPath } from 'node:url';
import http from 'node:http';
import express from 'express';
import pg from 'pg';
import settings from '@press/settings';
const pool = new pg.Pool(settings.db);
const app = express();
app.get('/rooms', async (req, res) => { await pool.query('SELECT * FROM rooms'); res.json(await (await fetch(new URL('/rooms', settings.apis.chat.url))).json()); });
const server = http.createServer(app);
if (process.argv[1] === fileURLToPath(import.meta.url)) server.listen(3000);
`,
      'services/chat/Dockerfile': 'FROM node:24\nWORKDIR /press/services/chat\nCOPY services/chat/package.json services/chat/\nCMD ["node", "app.js"]\n',
      'services/chat/package.json': json({ name: '@press/chat', type: 'module', dependencies: { express: '4', pg: '8', '@press/settings': '*' } }),
      'services/chat/config/settings.defaults.cjs': `module.exports = { db: { host: process.env.DB_HOST || '127.0.0.1' } };\n`,
      'services/chat/app.js': `import express from 'express';
import pg from 'pg';
import settings from '@press/settings';
const pool = new pg.Pool(settings.db);
const app = express();
app.get('/rooms', async (req, res) => res.json(await pool.query('SELECT * FROM rooms')));
if (import.meta.url === \`file://\${process.argv[1]}\`) app.listen(3010);
`,
    },
    nodes: ['web service', 'chat service', 'db database'],
    edges: ['web query db', 'web http chat', 'chat query db'],
  },
  {
    trap: 'a gRPC address by the env that node:process exports, whose default is the port that the other one listens on',
    files: {
      'docker-compose.yml': 'services:\n  edge: { build: edge, ports: ["80:3000"] }\n  users: { build: users }\n',
      ...Object.fromEntries(
        ['edge', 'users'].flatMap((it) => [
          [`${it}/Dockerfile`, 'FROM node:24\nCMD ["node", "dist/main.js"]\n'],
          [
            `${it}/package.json`,
            json({ name: it, dependencies: { '@nestjs/core': '11', '@nestjs/common': '11', '@nestjs/microservices': '11', '@nestjs/config': '4', zod: '4' } }),
          ],
        ]),
      ),
      'users/src/main.ts': `import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GrpcMethod, Transport } from '@nestjs/microservices';
@Controller() class Users { @GrpcMethod('Users', 'getUser') getUser() { return {}; } }
@Module({ controllers: [Users] }) class App {}
async function start() { const app = await NestFactory.createMicroservice(App, { transport: Transport.GRPC, options: { package: 'users', protoPath: 'users.proto', url: \`0.0.0.0:\${process.env.USERS_PORT ?? 50051}\` } }); await app.listen(); }
start();
`,
      'edge/src/main.ts': `import { env } from 'node:process';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { z } from 'zod';
const schema = z.object({ url: z.string().default('0.0.0.0:50051') });
const users = registerAs('users', () => { const config = { url: env.USERS_URL ?? '0.0.0.0:50051' }; return schema.parse(config); });
@Controller('users') class Users {
  private service;
  constructor(@Inject('USERS') private readonly client) {}
  onModuleInit() { this.service = this.client.getService('Users'); }
  @Get() get() { return this.service.getUser({}); }
}
@Module({
  imports: [
    ConfigModule.forRoot({ load: [users] }),
    ClientsModule.registerAsync([{ name: 'USERS', inject: [users.KEY], useFactory: (config) => ({ transport: Transport.GRPC, options: { package: 'users', protoPath: 'users.proto', url: config.url } }) }]),
  ],
  controllers: [Users],
})
class App {}
async function start() { const app = await NestFactory.create(App); await app.listen(3000); }
start();
`,
    },
    nodes: ['edge service', 'users service'],
    edges: ['edge grpc users'],
  },
  {
    trap: 'an image called like scope and package, and two schemas of Prisma in folders called like the apps',
    files: {
      'package.json': json({ name: 'root', private: true, workspaces: ['apps/*'] }),
      ...Object.fromEntries(
        ['orders', 'bills'].flatMap((it) => [
          [`apps/${it}/package.json`, json({ name: `@shop/${it}`, main: 'index.js', dependencies: { express: '5', '@prisma/client': '5' } })],
          [
            `apps/${it}/index.js`,
            server(
              `const { PrismaClient } = require('@prisma/client');\nconst prisma = new PrismaClient();`,
              `app.get('/it', async (q, s) => s.json(await prisma.thing.findMany()));`,
            ),
          ],
          [`prisma/${it}/schema.prisma`, `datasource db {\n  provider = "postgresql"\n  url = env("${it.toUpperCase()}_URL")\n}\nmodel Thing {\n  id String @id\n}\n`],
        ]),
      ),
      'docker-compose.yml': `services:
  orders-api: { image: "someone/shop-orders:prod", ports: ["80:3000"], environment: { ORDERS_URL: "postgres://orders-db/it" } }
  bills-api: { image: "someone/shop-bills:prod", ports: ["81:3000"], environment: { BILLS_URL: "postgres://bills-db/it" } }
  orders-db: { image: "postgres:17" }
  bills-db: { image: "postgres:17" }
`,
    },
    nodes: ['orders-api service', 'bills-api service', 'orders-db database', 'bills-db database'],
    edges: ['orders-api query orders-db', 'bills-api query bills-db'],
  },
  {
    trap: "a chart of a product whose image has no name, built by the one Dockerfile beside a package, with a helper in the pod and the product's own site outside",
    files: {
      'package.json': json({ name: 'forms', private: true, workspaces: ['apps/*'] }),
      'apps/web/Dockerfile': 'FROM node:24\nCMD ["node", "apps/web/index.js"]\n',
      'apps/web/package.json': json({ name: '@forms/web', main: 'index.js', dependencies: { express: '5', pg: '8' } }),
      'apps/web/index.js': server(
        pool('{ host: process.env.DB_HOST }'),
        `app.get('/it', async (q, s) => { await pool.query('SELECT * FROM things'); await fetch('https://licence.forms.com/check'); s.json({}); });`,
      ),
      'k8s/forms.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: forms }
spec:
  selector: { matchLabels: { app: forms } }
  template:
    metadata: { labels: { app: forms } }
    spec:
      containers:
        - { name: syncer, image: "tools/kubectl:1.30", command: ["/bin/bash", "-c", "while true; do sleep 5; done"] }
        - { name: web, image: ":5.3.4", ports: [{ containerPort: 3000 }], env: [{ name: DB_HOST, value: db }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: db }
spec:
  selector: { matchLabels: { app: db } }
  template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: db, image: "postgres:17" }] } }
`,
    },
    nodes: ['forms service', 'forms-syncer service', 'db database', 'licence.forms.com external-api'],
    edges: ['forms query db', 'forms http licence.forms.com'],
  },
  {
    trap: 'releases whose names end like a package that is none of them; one part of a product that a Service is called after',
    files: {
      'package.json': json({ name: 'root', private: true, workspaces: ['apps/*'] }),
      'apps/replay/Dockerfile': 'FROM nginx:1.29\n',
      'apps/replay/package.json': json({ name: 'replay', scripts: { build: 'vite build' } }),
      'k8s/all.yaml': ['sink', 'alerts']
        .map(
          (it) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${it}-replay }
spec:
  selector: { matchLabels: { app: ${it} } }
  template: { metadata: { labels: { app: ${it} } }, spec: { containers: [{ name: ${it}, image: "registry.example/${it}:1" }] } }
`,
        )
        .join('---\n'),
    },
    nodes: ['sink-replay service', 'alerts-replay service'],
    edges: [],
  },
  {
    trap: 'a launcher that says how it shuts down and starts another file',
    files: {
      Dockerfile: 'FROM node:24\nWORKDIR /app\nCMD ["node", "run.mjs"]\n',
      'package.json': json({ name: 'app', scripts: { start: 'node dist/main' }, dependencies: { express: '5', pg: '8' } }),
      'run.mjs': `import { spawn } from 'node:child_process';\nimport process from 'node:process';\nconst child = spawn('npm', ['start']);\nprocess.on('SIGTERM', () => child.kill());\n`,
      'src/main.js': server(pool('{ host: process.env.DB_HOST }'), QUERY),
      'docker-compose.yml': 'services:\n  app: { build: ., ports: ["80:3000"], environment: { DB_HOST: db } }\n  db: { image: "postgres:17" }\n',
    },
    nodes: ['app service', 'db database'],
    edges: ['app query db'],
  },
  {
    trap: 'a broker that keeps its state in ZooKeeper',
    files: {
      'docker-compose.yml': `services:
  zookeeper: { image: confluentinc/cp-zookeeper }
  kafka: { image: confluentinc/cp-kafka, environment: { KAFKA_ZOOKEEPER_CONNECT: "zookeeper:2181", KAFKA_ADVERTISED_LISTENERS: "INSIDE://kafka:19092" } }
  news: { image: "shop/news:1", ports: ["80:80"], environment: { KAFKA_BROKER: "kafka:19092" } }
`,
    },
    nodes: ['zookeeper database', 'kafka queue', 'news service'],
    edges: ['kafka tcp zookeeper', 'news publish kafka'],
  },
];
