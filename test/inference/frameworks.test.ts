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
          'src/index.js': `import { Consumer } from 'sqs-consumer'; ${db} const app = Consumer.create({ queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/orders', handleMessage: async (message) => { ${query('orders')}; } }); app.start();`,
        },
      ),
    );
    expect(callsOf(topology)).toEqual(['app consume sqs', 'app query postgres']);
    expect(stepsOf(topology, 'app consumes orders')).toEqual(['SELECT orders']);
  });
});
