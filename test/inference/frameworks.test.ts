import { describe, expect, it } from 'vitest';
import { callsOf, service, stepsOf, topologyOf } from './memory-workspace.ts';

const db = `import { Pool } from 'pg'; const pool = new Pool({ host: 'localhost' });`;
const query = (table: string): string => `await pool.query('SELECT 1 FROM ${table}')`;

describe('koa', () => {
  const app = (routes: string, after = `app.use(router.routes()); app.listen(3000);`) =>
    topologyOf(
      service(
        { koa: '^3.0.0', '@koa/router': '^14.0.0', pg: '^8.0.0' },
        {
          'src/index.js': `import Koa from 'koa'; import Router from '@koa/router'; import http from 'http'; ${db} const app = new Koa(); const router = new Router({ prefix: '/api' }); ${routes} ${after}`,
        },
      ),
    );
  it.each<[string, string, string[]]>([
    ['a route', `router.get('/users/:id', async (ctx) => { ${query('users')}; ctx.body = {}; });`, ['SELECT users']],
    ['a named route', `router.get('user', '/users/:id', async (ctx) => { ${query('users')}; });`, ['SELECT users']],
    [
      'middleware before it',
      `router.get('/users/:id', async (ctx, next) => { ${query('first')}; await next(); }, async (ctx) => { ${query('users')}; });`,
      ['SELECT first', 'SELECT users'],
    ],
    [
      'middleware of the app',
      `app.use(async (ctx, next) => { ${query('sessions')}; await next(); }); router.get('/users/:id', async (ctx) => { ${query('users')}; });`,
      ['SELECT sessions', 'SELECT users'],
    ],
    [
      'an early error',
      `router.get('/users/:id', async (ctx) => { if (!ctx.query.a) { ${query('refused')}; ctx.throw(400); } ${query('users')}; });`,
      ['either way', 'either way > SELECT refused', 'SELECT users'],
    ],
  ])('%s', async (_name, routes, expected) => {
    const topology = await app(routes);
    expect(topology.endpoints.map((it) => it.id)).toEqual(['app GET /api/users/:id']);
    const steps = stepsOf(topology, 'app GET /api/users/:id');
    expect(_name === 'an early error' ? steps.at(-1) : steps).toEqual(_name === 'an early error' ? expected.at(-1) : expected);
  });
  it('behind a server of its own', async () =>
    expect(
      stepsOf(await app(`router.get('/x', async (ctx) => { ${query('users')}; });`, `app.use(router.routes()); http.createServer(app.callback()).listen(3000);`), 'app GET /api/x'),
    ).toEqual(['SELECT users']));
});

describe('hono', () => {
  it('routes, middleware and mounted apps', async () => {
    const topology = await topologyOf(
      service(
        { hono: '^4.0.0', '@hono/node-server': '^1.0.0', pg: '^8.0.0' },
        {
          'src/index.js': `import { Hono } from 'hono'; import { serve } from '@hono/node-server'; ${db}
            const books = new Hono(); books.get('/:id', async (c) => { ${query('books')}; return c.json({}); });
            const app = new Hono(); app.use('/books/*', async (c, next) => { ${query('sessions')}; await next(); }); app.route('/books', books); app.post('/orders', async (c) => { ${query('orders')}; return c.json({}, 201); });
            serve({ fetch: app.fetch, port: 3000 });`,
        },
      ),
    );
    expect(stepsOf(topology, 'app GET /books/:id')).toEqual(['SELECT sessions', 'SELECT books']);
    expect(stepsOf(topology, 'app POST /orders')).toEqual(['SELECT orders']);
  });
});

/** Stores behind clients that vendors ship. */
describe('cloud and search', () => {
  const read = (before: string, body: string) =>
    topologyOf(
      service(
        { express: '^5.0.0' },
        { 'src/index.js': `import express from 'express'; ${before} const app = express(); app.get('/it', async (req, res) => { ${body} res.json({}); }); app.listen(3000);` },
      ),
    );
  it.each<[string, string, string, string[], string[]]>([
    [
      'S3',
      `import { S3Client, PutObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3'; const s3 = new S3Client({});`,
      `await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k' })); await s3.send(new GetObjectCommand({}));`,
      ['PutObject', 'GetObject'],
      ['app http s3'],
    ],
    [
      'S3, watched by X-Ray',
      `import { S3Client, PutObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3'; import AWSXRay from 'aws-xray-sdk-core'; const s3 = AWSXRay.captureAWSv3Client(new S3Client({}));`,
      `await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k' })); await s3.send(new GetObjectCommand({}));`,
      ['PutObject', 'GetObject'],
      ['app http s3'],
    ],
    [
      'DynamoDB',
      `import { DynamoDBClient } from '@aws-sdk/client-dynamodb'; import { DynamoDBDocumentClient, GetCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'; const db = DynamoDBDocumentClient.from(new DynamoDBClient({}));`,
      `await db.send(new GetCommand({ TableName: 'users', Key: {} })); await db.send(new ScanCommand({ TableName: 'users' }));`,
      ['Get users', 'Scan users'],
      ['app query dynamodb'],
    ],
    [
      'SQS and SNS',
      `import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs'; import { SNSClient, PublishCommand } from '@aws-sdk/client-sns'; const sqs = new SQSClient({}); const sns = new SNSClient({});`,
      `await sqs.send(new SendMessageCommand({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/orders', MessageBody: '' })); await sns.send(new PublishCommand({ TopicArn: process.env.TOPIC }));`,
      ['publish to orders', 'publish to TOPIC'],
      ['app publish sns', 'app publish sqs'],
    ],
    [
      'SES, in both versions of its interface',
      `import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses'; import { SESv2Client, SendEmailCommand as Send } from '@aws-sdk/client-sesv2'; const ses = new SESClient({ region: 'eu-west-1' }); const second = new SESv2Client({});`,
      `await ses.send(new SendEmailCommand({ Source: 'a@shop.example' })); await second.send(new Send({ FromEmailAddress: 'a@shop.example' }));`,
      ['ses SendEmail', 'ses SendEmail'],
      ['app http ses'],
    ],
    [
      'Cognito',
      `import { CognitoIdentityProviderClient, AdminGetUserCommand } from '@aws-sdk/client-cognito-identity-provider'; const users = new CognitoIdentityProviderClient({});`,
      `await users.send(new AdminGetUserCommand({ UserPoolId: process.env.POOL, Username: req.query.user }));`,
      ['cognito AdminGetUser'],
      ['app http cognito'],
    ],
    [
      'EventBridge, and under its old name',
      `import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'; import { CloudWatchEventsClient, PutEventsCommand as Put } from '@aws-sdk/client-cloudwatch-events'; const bus = new EventBridgeClient({}); const old = new CloudWatchEventsClient({});`,
      `await bus.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'order.placed', Detail: '{}' }, { Source: 'shop', DetailType: process.env.KIND }] })); await old.send(new Put({ Entries: [req.body] }));`,
      ['publish to order.placed', 'publish to KIND', 'publish to events'],
      ['app publish eventbridge'],
    ],
    [
      'a function that is started by its name, and one that nobody names',
      `import { LambdaClient, InvokeCommand } from '@aws-sdk/client-lambda'; const lambda = new LambdaClient({}); const stage = process.env.STAGE;`,
      `await lambda.send(new InvokeCommand({ FunctionName: \`resize-\${stage}\`, Payload: '{}' })); await lambda.send(new InvokeCommand({ FunctionName: req.query.name })); await lambda.send(new InvokeCommand({ FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:audit:live', InvocationType: 'Event' }));`,
      ['lambda Invoke', 'lambda Invoke', 'lambda Invoke~'],
      ['app http audit', 'app http lambda', 'app http resize'],
    ],
    [
      'the old SDK of services that are asked',
      `import AWS from 'aws-sdk'; const ses = new AWS.SES({ maxRetries: 1 }); const lambda = new AWS.Lambda(); const bus = new AWS.EventBridge(); const users = new AWS.CognitoIdentityServiceProvider();`,
      `await ses.sendEmail({ Source: 'a@shop.example' }).promise(); await lambda.invoke({ FunctionName: 'resize' }).promise(); await bus.putEvents({ Entries: [{ DetailType: 'order.placed' }] }).promise(); await users.adminGetUser({ Username: 'a' }).promise();`,
      ['ses SendEmail', 'lambda Invoke', 'publish to order.placed', 'cognito AdminGetUser'],
      ['app http cognito', 'app http resize', 'app http ses', 'app publish eventbridge'],
    ],
    [
      'the name of a queue whose address is asked for',
      `import { SQSClient, GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs'; const sqs = new SQSClient({ maxAttempts: 5 });`,
      `const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'mails' })); await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));`,
      ['publish to mails'],
      ['app publish sqs'],
    ],
    [
      'the old SDK',
      `import AWS from 'aws-sdk'; const s3 = new AWS.S3(); const table = new AWS.DynamoDB.DocumentClient();`,
      `await s3.putObject({ Bucket: 'b' }).promise(); await table.query({ TableName: 'users' }).promise();`,
      ['PutObject', 'Query users'],
      ['app http s3', 'app query dynamodb'],
    ],
    [
      'Elasticsearch',
      `import { Client } from '@elastic/elasticsearch'; const client = new Client({ node: 'http://localhost:9200' });`,
      `await client.search({ index: 'books' }); await client.index({ index: 'books', document: {} });`,
      ['search books', 'index books'],
      ['app query elasticsearch'],
    ],
    [
      'Meilisearch',
      `import { MeiliSearch } from 'meilisearch'; const client = new MeiliSearch({ host: 'http://localhost:7700' });`,
      `await client.index('books').search('x'); await client.index('books').addDocuments([]);`,
      ['search books', 'addDocuments books'],
      ['app query meilisearch'],
    ],
    [
      'ClickHouse',
      `import { createClient } from '@clickhouse/client'; const client = createClient({ url: 'http://localhost:8123' });`,
      `await client.query({ query: 'SELECT count(*) FROM events' });`,
      ['SELECT events'],
      ['app query clickhouse'],
    ],
    ['a vendor', `import Stripe from 'stripe'; const stripe = new Stripe(process.env.KEY);`, `await stripe.charges.create({});`, ['stripe charges.create'], ['app http stripe']],
  ])('%s', async (_name, before, body, steps, calls) => {
    const topology = await read(before, body);
    expect(stepsOf(topology, 'app GET /it')).toEqual(steps);
    expect(callsOf(topology)).toEqual(calls);
  });

  it('a queue that is polled', async () => {
    const topology = await topologyOf(
      service(
        { 'sqs-consumer': '^11.0.0', bullmq: '^5.0.0', pg: '^8.0.0' },
        {
          'src/index.js': `import { Consumer } from 'sqs-consumer'; ${db} const app = Consumer.create({ queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/orders', batchSize: 10, handleMessage: async (message) => { ${query('orders')}; } }); app.start();`,
        },
      ),
    );
    expect(callsOf(topology)).toEqual(['app consume sqs', 'app query postgres']);
    expect(stepsOf(topology, 'app consumes orders')).toEqual(['SELECT orders']);
    expect(topology.channels).toMatchObject([{ consumers: [{ concurrency: { value: 10, basis: 'declared' } }] }]);
  });
});

describe('sockets, remote procedures, subjects', () => {
  const one = (dependencies: Readonly<Record<string, string>>, code: string) =>
    topologyOf(service({ pg: '^8.0.0', express: '^5.0.0', ...dependencies }, { 'src/index.js': `${db} ${code}` }));

  it('socket.io: an event is an endpoint', async () => {
    const topology = await one(
      { 'socket.io': '^4.0.0' },
      `import { createServer } from 'http'; import { Server } from 'socket.io'; const server = createServer(); const io = new Server(server); io.on('connection', (socket) => { socket.on('chat', async (message) => { ${query('messages')}; io.emit('chat', message); }); socket.on('disconnect', () => {}); }); server.listen(3000);`,
    );
    expect(topology.endpoints.map((it) => it.id)).toEqual(['app WS /socket.io/chat']);
    expect(stepsOf(topology, 'app WS /socket.io/chat')).toEqual(['SELECT messages']);
  });

  it('ws: messages', async () => {
    const topology = await one(
      { ws: '^8.0.0' },
      `import { WebSocketServer } from 'ws'; const server = new WebSocketServer({ port: 8080 }); server.on('connection', (ws) => { ws.on('message', async (data) => { ${query('messages')}; ws.send('x'); }); });`,
    );
    expect(stepsOf(topology, 'app WS /ws/message')).toEqual(['SELECT messages']);
  });

  it('gRPC: a client finds the method that answers', async () => {
    const topology = await topologyOf({
      'docker-compose.yml': `services:\n  web:\n    build: web\n    ports: ["1:1"]\n  orders:\n    build: orders\n`,
      ...Object.fromEntries(
        ['web', 'orders'].flatMap((it) => [
          [`${it}/Dockerfile`, 'FROM node:22\nCMD ["node", "index.js"]\n'],
          [`${it}/package.json`, JSON.stringify({ name: it, dependencies: { express: '^5.0.0', '@grpc/grpc-js': '^1.0.0' } })],
        ]),
      ),
      'web/index.js': `const express = require('express'); const grpc = require('@grpc/grpc-js'); const loader = require('@grpc/proto-loader'); const shop = grpc.loadPackageDefinition(loader.loadSync('shop.proto')).shop; const client = new shop.OrderService('orders:50051', grpc.credentials.createInsecure()); const app = express(); app.get('/it', (req, res) => { client.getOrder({ id: 1 }, (error, order) => res.json(order)); }); app.listen(3000);`,
      'orders/index.js': `const grpc = require('@grpc/grpc-js'); const loader = require('@grpc/proto-loader'); const { Pool } = require('pg'); const pool = new Pool(); const shop = grpc.loadPackageDefinition(loader.loadSync('shop.proto')).shop; const server = new grpc.Server(); server.addService(shop.OrderService.service, { GetOrder: async (call, callback) => { ${query('orders')}; callback(null, {}); } }); server.bindAsync('0.0.0.0:50051', grpc.ServerCredentials.createInsecure(), () => {});`,
    });
    expect(callsOf(topology)).toEqual(['orders query postgres', 'web grpc orders']);
    expect(topology.endpoints.find((it) => it.id === 'web GET /it')?.steps.find((it) => it.kind === 'request')).toMatchObject({
      endpoint: 'orders POST /OrderService/getOrder',
      timeoutMs: { state: 'none' },
    });
    expect(stepsOf(topology, 'orders POST /OrderService/getOrder')).toEqual(['SELECT orders']);
  });

  it('NATS Streaming: publishers and listeners whose base classes lie in a package that is not here', async () => {
    const topology = await one(
      { 'node-nats-streaming': '^0.3.0', '@shop/common': '^1.0.0' },
      `import nats from 'node-nats-streaming'; import { Listener, Publisher, Subjects } from '@shop/common';
class Wrapper { get client() { return this._client; } connect(url) { this._client = nats.connect('shop', 'one', { url }); return new Promise((resolve) => { this.client.on('connect', () => resolve()); }); } }
const wrapper = new Wrapper();
class Updated extends Publisher { subject = Subjects.TicketUpdated; }
class Created extends Listener { subject = Subjects.OrderCreated; queueGroupName = 'tickets'; async onMessage(data, message) { ${query('tickets')}; await new Updated(this.client).publish({ id: data.id }); await new Updated(wrapper.client).publish({}); message.ack(); } }
await wrapper.connect('http://nats-srv:4222'); new Created(wrapper.client).listen();`,
    );
    expect(topology.channels.map((it) => it.name).sort()).toEqual(['OrderCreated', 'TicketUpdated']);
    expect(callsOf(topology)).toEqual(['app consume nats-srv', 'app publish nats-srv', 'app query postgres']);
  });

  it('NATS Streaming: listeners of a base class, published by one', async () => {
    const topology = await one(
      { 'node-nats-streaming': '^0.3.0' },
      `import nats from 'node-nats-streaming'; const stan = nats.connect('shop', 'one', { url: 'http://nats-srv:4222' });
class Listener { constructor(client) { this.client = client; } options() { return this.client.subscriptionOptions().setManualAckMode(true).setDurableName('orders'); }
  listen() { this.client.subscribe(this.subject, 'orders', this.options()).on('message', async (message) => { await this.onMessage(JSON.parse(message.getData()), message); }); } }
class Publisher { constructor(client) { this.client = client; } publish(data) { return new Promise((resolve, reject) => { this.client.publish(this.subject, JSON.stringify(data), (error) => error ? reject(error) : resolve()); }); } }
class Updated extends Publisher { subject = 'ticket:updated'; }
class Created extends Listener { subject = 'ticket:created'; async onMessage(data, message) { ${query('tickets')}; await new Updated(this.client).publish(data); message.ack(); } }
stan.on('connect', () => { new Created(stan).listen(); });`,
    );
    expect(callsOf(topology)).toEqual(['app consume nats-srv', 'app publish nats-srv', 'app query postgres']);
    expect(stepsOf(topology, 'app consumes ticket:created')).toEqual(['SELECT tickets', 'publish to ticket:updated']);
  });

  it.each<[string, string, string]>([
    ['answers wrong addresses', `app.all('*', (req, res) => { res.status(404).end(); });`, 'excluded'],
    ['a front end behind it', `app.get('/*', (req, res) => { res.sendFile('index.html'); });`, 'excluded'],
    ['works for whatever is asked', `app.get('*', async (req, res) => { ${query('pages')}; res.end(); });`, 'read'],
    ['only a parameter', `app.get('/:id', (req, res) => { res.end(); });`, 'read'],
  ])('a route for everything else: %s', async (_what, route, role) => {
    const topology = await one(
      { express: '4' },
      `import express from 'express'; const app = express(); app.get('/a', async (req, res) => { ${query('one')}; res.end(); }); ${route} app.listen(1);`,
    );
    expect(topology.endpoints.map((it) => it.role)).toEqual(['read', role]);
  });

  it('NATS: callbacks and loops', async () => {
    const topology = await one(
      { nats: '^2.0.0' },
      `import { connect } from 'nats'; const start = async () => { const nc = await connect({ servers: 'nats://localhost:4222' }); nc.subscribe('a', { callback: async (error, message) => { ${query('one')}; } }); const all = nc.subscribe('b'); for await (const message of all) { ${query('two')}; nc.publish('c'); } }; start();`,
    );
    expect(callsOf(topology)).toEqual(['app consume nats', 'app publish nats', 'app query postgres']);
    expect(stepsOf(topology, 'app consumes a')).toEqual(['SELECT one']);
    expect(stepsOf(topology, 'app consumes b')).toEqual(['SELECT two', 'publish to c~']);
  });

  it('tRPC: procedures of nested routers', async () => {
    const topology = await one(
      { '@trpc/server': '^11.0.0' },
      `import { initTRPC } from '@trpc/server'; import { createHTTPServer } from '@trpc/server/adapters/standalone'; const t = initTRPC.create(); const users = t.router({ list: t.procedure.query(async () => { ${query('users')}; }) }); const app = t.router({ users, add: t.procedure.use(async ({ next }) => { ${query('sessions')}; return next(); }).input(1).mutation(async ({ input }) => { ${query('added')}; }) }); createHTTPServer({ router: app }).listen(3000);`,
    );
    expect(stepsOf(topology, 'app POST /trpc')).toEqual([
      'field users.list',
      'field users.list > SELECT users',
      'field users.list > SELECT sessions',
      'field users.list > SELECT added',
    ]);
  });
});

it('middleware that is passed a request by hand', async () => {
  const topology = await topologyOf(
    service(
      { express: '^5.0.0', helmet: '^8.0.0', pg: '^8.0.0' },
      {
        'src/index.js': `import express from 'express'; import helmet from 'helmet'; ${db} const app = express(); app.use((req, res, next) => { if (req.path.startsWith('/open')) next(); else helmet({})(req, res, next); }); app.get('/it', async (req, res) => { ${query('users')}; res.json({}); }); app.listen(3000);`,
      },
    ),
  );
  expect(topology.endpoints).toMatchObject([{ id: 'app GET /it' }]);
  expect(topology.endpoints[0]?.unread).toBeUndefined();
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users']);
});
