import { describe, expect, it } from 'vitest';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import type { Topology } from '../../src/model/topology.ts';
import { deployablesOf } from '../../src/report/deployables.ts';
import { compile } from '../../src/simulator/index.ts';
import { callsOf, componentsOf, stepsOf, topologyOf } from './memory-workspace.ts';

const pkg = (dependencies: Record<string, string> = {}): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'shop', dependencies: { '@aws-sdk/client-sqs': '3', pg: '8', ...dependencies } }),
});
const handlers = `const { Pool } = require('pg'); const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
const pool = new Pool({ host: process.env.DB_HOST }); const sqs = new SQSClient({});
module.exports.create = async (event) => { await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: '1' })); return { statusCode: 202 }; };
module.exports.list = async () => { const { rows } = await pool.query('SELECT * FROM orders'); return { statusCode: 200, body: JSON.stringify(rows) }; };
module.exports.work = async (event) => { for (const it of event.Records) await pool.query('INSERT INTO orders VALUES (1)'); };
module.exports.clean = async () => { await pool.query('DELETE FROM orders WHERE old'); };
`;
const serverless = `service: shop
custom:
  size: { dev: 512, prod: 2048 }
provider:
  name: aws
  runtime: nodejs20.x
  stage: \${opt:stage, 'dev'}
  memorySize: \${self:custom.size.\${self:provider.stage}}
  environment:
    QUEUE_URL: !Ref OrdersQueue
    DB_HOST: !GetAtt OrdersDb.Endpoint.Address
    DB_PASSWORD: \${ssm:/shop/password}
functions:
  createOrder:
    handler: src/orders.create
    timeout: 10
    reservedConcurrency: 25
    events:
      - httpApi: POST /orders
  listOrders:
    handler: src/orders.list
    events:
      - http: { path: 'orders/{id}', method: get }
      - http: 'GET orders'
  work:
    handler: src/orders.work
    events:
      - sqs:
          arn: !GetAtt OrdersQueue.Arn
          batchSize: 10
          maximumConcurrency: 5
  clean:
    handler: src/orders.clean
    reservedConcurrency: \${param:limit}
    events:
      - schedule: rate(5 minutes)
resources:
  Resources:
    OrdersQueue:
      Type: AWS::SQS::Queue
      Properties: { QueueName: orders }
    OrdersDb:
      Type: AWS::RDS::DBInstance
      Properties:
        Engine: postgres
        EngineVersion: '16.3'
        DBInstanceClass: db.t3.small
        MasterUserPassword: S3cr3t-hunter2
    Things:
      Type: AWS::DynamoDB::Table
`;
const files = { ...pkg(), 'src/orders.js': handlers, 'serverless.yml': serverless };
const one = (it: Topology, id: string) => it.components.find((component) => component.id === id);

describe('serverless.yml', () => {
  it('functions are deployables, stores come from its resources, queues are channels', async () => {
    const topology = await topologyOf(files);
    expect(componentsOf(topology)).toEqual(['clean worker', 'create-order service', 'dynamodb database', 'list-orders service', 'orders-db database', 'sqs queue', 'work worker']);
    expect(callsOf(topology)).toEqual(['clean query orders-db', 'create-order publish sqs', 'list-orders query orders-db', 'work consume sqs', 'work query orders-db']);
    expect(topology.endpoints.map((it) => `${it.id}${it.external ? ' external' : ''}`)).toEqual([
      'create-order POST /orders external',
      'list-orders GET /orders/:id external',
      'list-orders GET /orders external',
      'work consumes orders',
      'clean timer',
    ]);
    expect(stepsOf(topology, 'work consumes orders')).toEqual(['each', 'each > INSERT orders']);
    expect(topology.channels).toMatchObject([
      { name: 'orders', producers: [{ component: 'create-order' }], consumers: [{ component: 'work', concurrency: { value: 5, place: { line: 31 } } }] },
    ]);
    expect(topology.deployments).toMatchObject([{ id: 'serverless.yml', source: 'serverless', active: true }]);
    expect(JSON.stringify(topology)).not.toContain('S3cr3t');
  });

  it.each<[string, (it: Topology) => unknown, object]>([
    ['a limit of its own', (it) => one(it, 'create-order')?.onDemand?.most, { value: 25, basis: 'declared', place: { file: 'serverless.yml', line: 17 } }],
    ['a limit that the deployment decides', (it) => one(it, 'clean')?.onDemand?.most, { state: 'unknown' }],
    ["no limit: the account's", (it) => one(it, 'work')?.onDemand?.most, { value: 1000, basis: 'libraryDefault' }],
    ['a timeout', (it) => one(it, 'create-order')?.onDemand?.timeoutMs, { value: 10_000, place: { line: 16 } }],
    ['the default timeout', (it) => one(it, 'work')?.onDemand?.timeoutMs, { value: 6000, basis: 'libraryDefault' }],
    ['memory through variables in variables', (it) => one(it, 'work')?.onDemand?.memory, { value: 512 * 1024 * 1024, place: { line: 8 } }],
    ['CPU follows memory', (it) => one(it, 'work')?.cores, { value: 512 / 1769, basis: 'derived' }],
    ['replicas are nobody’s', (it) => one(it, 'work')?.replicas, { state: 'none' }],
    ['connections by the class', (it) => one(it, 'orders-db')?.maxConnections, { basis: 'assumed', range: [157, 225], place: { line: 47 } }],
    ['cores by the class', (it) => one(it, 'orders-db')?.parallelism, { value: 2, basis: 'derived' }],
    ['the interval of a schedule', (it) => it.endpoints.find((e) => e.id === 'clean timer')?.trigger, { everyMs: { value: 300_000, place: { line: 36 } } }],
  ])('%s', async (_name, read, expected) => expect(read(await topologyOf(files))).toMatchObject(expected));

  it.each<[string, string, string]>([
    [
      'an app behind an adapter',
      `const express = require('express'); const app = express(); app.get('/users/:id', (q, s) => s.json({})); module.exports.handler = require('serverless-http')(app);`,
      'api GET /users/:id',
    ],
    [
      'an app in options',
      `const express = require('express'); const app = express(); app.get('/a', (q, s) => s.json({})); exports.handler = require('@vendia/serverless-express')({ app });`,
      'api GET /a',
    ],
    [
      'an app that the first call makes',
      `const express = require('express'); const serverlessExpress = require('@vendia/serverless-express'); let server;
       async function bootstrap() { const app = express(); app.get('/made', (q, s) => s.json({})); return serverlessExpress({ app }); }
       exports.handler = async (event, context) => { server = server ?? (await bootstrap()); return server(event, context); };`,
      'api GET /made',
    ],
    [
      'an app of Nest, through its adapter',
      `const { NestFactory } = require('@nestjs/core'); const { Module, Controller, Get } = require('@nestjs/common'); const serverlessExpress = require('@vendia/serverless-express'); let cached;
       @Controller('cats') class Cats { @Get(':id') one() { return {}; } }
       @Module({ controllers: [Cats] }) class AppModule {}
       exports.handler = async (event, context) => {
         if (!cached) { const app = await NestFactory.create(AppModule); await app.init(); cached = serverlessExpress({ app: app.getHttpAdapter().getInstance() }); }
         return cached(event, context);
       };`,
      'api GET /cats/:id',
    ],
    [
      'an app of Nest on a server of one’s own, proxied by hand',
      `const { NestFactory } = require('@nestjs/core'); const { ExpressAdapter } = require('@nestjs/platform-express'); const { Module, Controller, Get } = require('@nestjs/common');
       const express = require('express'); const { createServer, proxy } = require('aws-serverless-express'); let server;
       @Controller('dogs') class Dogs { @Get() all() { return []; } }
       @Module({ controllers: [Dogs] }) class AppModule {}
       const start = async () => { const own = express(); const app = await NestFactory.create(AppModule, new ExpressAdapter(own)); await app.init(); return createServer(own); };
       exports.handler = async (event, context) => { if (!server) { server = await start(); } return proxy(server, event, context, 'PROMISE').promise; };`,
      'api GET /dogs',
    ],
    ['middy', `const middy = require('@middy/core'); exports.handler = middy(async () => ({ statusCode: 200 })).use({});`, 'api GET /*'],
    ['middy, handler last', `const middy = require('@middy/core'); exports.handler = middy().use({}).handler(async () => ({ statusCode: 200 }));`, 'api GET /*'],
  ])('%s', async (_name, code, expected) => {
    const yml = "service: a\nprovider: { name: aws, runtime: nodejs20.x }\nfunctions:\n  api:\n    handler: api.handler\n    events:\n      - httpApi: '*'\n";
    const topology = await topologyOf({
      ...pkg({
        express: '4',
        '@nestjs/core': '10',
        '@nestjs/common': '10',
        '@nestjs/platform-express': '10',
        'aws-serverless-express': '3',
        'serverless-http': '3',
        '@middy/core': '5',
        '@vendia/serverless-express': '4',
      }),
      'api.js': code,
      'serverless.yml': yml,
    });
    expect(topology.endpoints.map((it) => it.id)).toEqual([expected]);
  });

  it('compiles to instances on demand that the simulator takes', async () => {
    const { network } = compile(await topologyOf(files), DEFAULT_SCENARIO);
    expect(network.groups.find((it) => it.id === 'create-order')).toMatchObject({ instances: 25, onDemand: { cause: expect.stringContaining('TooManyRequests') } });
    const work = network.programs.find((it) => it.id === 'work consumes orders');
    expect(work).not.toHaveProperty('group');
    expect(work).toMatchObject({ channel: 'orders', body: [{ op: 'hold', body: [{ op: 'call', program: 'work consumes orders in an instance' }] }] });
    // What scales with its load is nobody's queue.
    expect(network.stations.map((it) => it.id)).not.toContain('sqs');
  });

  it('a compose file beside it is for desks', async () => {
    const topology = await topologyOf({
      ...files,
      'docker-compose.yml': 'services:\n  db: { image: "postgres:16" }\n  cache: { image: "redis:7" }\n  admin: { image: adminer }\n',
    });
    expect(componentsOf(topology).filter((it) => /^(db|cache|admin)/.test(it))).toEqual(['admin frontend (dev)', 'cache cache', 'db database (dev)']);
    expect(topology.deployments.map((it) => `${it.id} ${it.active}`)).toEqual(['serverless.yml true', 'docker-compose.yml false']);
  });

  it('functions of another file are those of the one that includes it', async () => {
    const rest = serverless.slice(serverless.indexOf('functions:\n') + 'functions:\n'.length, serverless.indexOf('resources:\n'));
    const included = { ...files, 'serverless.yml': serverless.replace(rest, '').replace('functions:\n', 'functions: ${file(./fn.yml)}\n'), 'fn.yml': rest.replace(/^ {2}/gm, '') };
    const [one, two] = [await topologyOf(files), await topologyOf(included)];
    expect(componentsOf(two)).toEqual(componentsOf(one));
    expect(callsOf(two)).toEqual(callsOf(one));
    expect(two.components.find((it) => it.id === 'work')?.onDemand?.memory).toMatchObject({ value: 512 * 1024 * 1024, place: { file: 'serverless.yml' } });
  });

  // https://www.serverless.com/framework/docs/providers/aws/events/event-bridge
  it('events of a bus are topics, by their kind', async () => {
    const code = `const { EventBridgeClient, PutEventsCommand } = require('@aws-sdk/client-eventbridge'); const bus = new EventBridgeClient({});
      const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda'); const lambda = new LambdaClient({});
      exports.place = async () => { await bus.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'order.placed', Detail: '{}' }] })); await lambda.send(new InvokeCommand({ FunctionName: \`shop-\${process.env.STAGE}-audit\` })); await lambda.send(new InvokeCommand({ FunctionName: process.env.AUDIT_FUNCTION_NAME })); };
      exports.mail = async (event) => {}; exports.audit = async (event) => {};`;
    const yml = `service: shop\nprovider: { name: aws, runtime: nodejs22.x }\nfunctions:\n  place:\n    handler: f.place\n    events:\n      - httpApi: POST /orders\n  mail:\n    handler: f.mail\n    events:\n      - eventBridge:\n          eventBus: shop-bus\n          pattern:\n            source: [shop]\n            detail-type:\n              - order.placed\n              - order.gone\n  audit:\n    handler: f.audit\n    events:\n      - cloudwatchEvent:\n          event:\n            source: ['aws.s3']\n      - eventBridge: { schedule: rate(10 minutes) }\n`;
    const topology = await topologyOf({ ...pkg({ '@aws-sdk/client-eventbridge': '3', '@aws-sdk/client-lambda': '3' }), 'f.js': code, 'serverless.yml': yml });
    expect(callsOf(topology)).toEqual(['audit consume eventbridge', 'mail consume eventbridge', 'place http audit', 'place publish eventbridge']);
    expect(topology.channels.map((it) => [it.name, it.producers.map((one) => one.component).join(), it.consumers.map((one) => one.component).join()])).toEqual([
      ['order.placed', 'place', 'mail'],
      ['order.gone', '', 'mail'],
      ['aws.s3', '', 'audit'],
    ]);
    expect(componentsOf(topology)).toContain('eventbridge topic');
  });

  it.each<[string, string, object]>([
    // https://www.npmjs.com/package/serverless-api-gateway-throttling
    [
      'a stage throttled by a plug-in',
      'custom:\n  apiGatewayThrottling:\n    maxRequestsPerSecond: 50\n    maxConcurrentRequests: 25\nprovider: { name: aws, runtime: nodejs22.x }\n',
      { key: 'global', limit: { value: 50, place: { line: 4 } }, burst: { value: 25 } },
    ],
    // https://www.serverless.com/framework/docs/providers/aws/events/apigateway#setting-api-keys-for-your-rest-api
    [
      'a plan of each key',
      'provider:\n  name: aws\n  runtime: nodejs22.x\n  apiGateway:\n    usagePlan:\n      throttle: { burstLimit: 20, rateLimit: 10 }\n',
      { key: 'perClient', limit: { value: 10, place: { line: 7 } }, burst: { value: 20 } },
    ],
  ])('API Gateway: %s', async (_name, head, expected) => {
    const rest = 'functions:\n  list:\n    handler: f.list\n    events:\n      - http: GET /orders\n  work:\n    handler: f.list\n    events:\n      - schedule: rate(1 hour)\n';
    const topology = await topologyOf({ ...pkg(), 'f.js': 'exports.list = async () => ({ statusCode: 200 });', 'serverless.yml': `service: shop\n${head}${rest}` });
    expect(topology.rateLimiters).toMatchObject([{ component: 'list', algorithm: 'tokenBucket', windowMs: { value: 1000 }, ...expected }]);
  });

  // https://middy.js.org/docs/middlewares/ssm
  it('parameters that middy fetches are called after their paths', async () => {
    const code = `const middy = require('@middy/core'); const ssm = require('@middy/ssm'); const axios = require('axios');
      const run = async (event, context) => { await axios.get(\`\${context.usersUrl}/\${event.id}\`); };
      exports.mail = middy(run).use(ssm({ fetchData: { usersUrl: \`/\${process.env.STAGE}/users/url\` }, setToContext: true })); exports.user = async () => ({ statusCode: 200 });`;
    const unit = (name: string, functions: string): string => `service: ${name}\nprovider: { name: aws, runtime: nodejs22.x }\nfunctions:\n${functions}`;
    const files = {
      ...pkg({ '@middy/core': '5', '@middy/ssm': '5', axios: '1' }),
      'f.js': code,
      'mails/serverless.yml': unit('mails', '  mail:\n    handler: ../f.mail\n    events:\n      - schedule: rate(1 minute)\n'),
      'users/serverless.yml': unit('users', '  getUser:\n    handler: ../f.user\n    events:\n      - http: GET /{id}\n'),
    };
    expect(callsOf(await topologyOf(files))).toEqual(['mail http get-user']);
  });

  it('what is deployed as one is drawn as one', async () => {
    const drawn = deployablesOf(await topologyOf(files));
    expect(componentsOf(drawn)).toEqual(['dynamodb database', 'orders-db database', 'shop service', 'sqs queue']);
    expect(callsOf(drawn)).toEqual(['shop consume sqs', 'shop publish sqs', 'shop query orders-db']);
    expect(drawn.endpoints.map((it) => it.component)).toEqual(['shop', 'shop', 'shop', 'shop', 'shop']);
  });

  it('timeouts and batch sizes are facts', async () => {
    const { facts } = await topologyOf(files);
    expect(facts).toContainEqual(expect.objectContaining({ type: 'timeout', subject: 'create-order lambda function', value: 10_000 }));
    expect(facts).toContainEqual(expect.objectContaining({ type: 'batch_size', subject: 'work orders', value: 10, place: expect.objectContaining({ line: 30 }) }));
  });

  it.each([
    ['broken YAML', 'service: a\nfunctions:\n  a: {\n  b: [\n', 4],
    ['another provider', 'service: a\nprovider: { name: azure }\nfunctions: { a: { handler: a.b } }\n', 2],
  ])('%s is a problem at its line', async (_name, text, line) => {
    const { problems } = await topologyOf({ ...pkg(), 'serverless.yml': text });
    expect(problems.find((it) => it.file === 'serverless.yml')).toMatchObject({ line });
  });
});

describe('SAM and CloudFormation', () => {
  const template = `AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Parameters:
  Timeout: { Type: Number, Default: 20 }
Globals:
  Function:
    Runtime: nodejs20.x
    MemorySize: 256
    Timeout: !Ref Timeout
    Environment: { Variables: { QUEUE_URL: !Ref Orders } }
Resources:
  CreateFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: orders.create
      ReservedConcurrentExecutions: 3
      Events:
        Post: { Type: Api, Properties: { Path: '/orders/{id}', Method: post } }
  WorkFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: orders.work
      Environment: { Variables: { DB_HOST: !GetAtt Db.Endpoint.Address } }
      Events:
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Orders.Arn, ScalingConfig: { MaximumConcurrency: 4 } } }
        Tick: { Type: Schedule, Properties: { Schedule: 'cron(0/10 * * * ? *)' } }
  MailFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: orders.clean
      Events:
        Placed: { Type: EventBridgeRule, Properties: { Pattern: { detail-type: [order.placed] } } }
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: { source: [shop] }
      Targets: [{ Arn: !GetAtt MailFunction.Arn, Id: mail }]
  Orders: { Type: AWS::SQS::Queue }
  Db:
    Type: AWS::RDS::DBCluster
    Properties: { Engine: aurora-postgresql }
  DbInstance:
    Type: AWS::RDS::DBInstance
    Properties: { Engine: aurora-postgresql, DBClusterIdentifier: !Ref Db }
`;
  it('functions, events, globals and references', async () => {
    const topology = await topologyOf({ ...pkg(), 'src/orders.js': handlers, 'template.yaml': template });
    expect(componentsOf(topology)).toEqual(['create-function service', 'db database', 'eventbridge topic', 'mail-function worker', 'sqs queue', 'work-function worker']);
    expect(topology.endpoints.map((it) => it.id)).toEqual([
      'create-function POST /orders/:id',
      'work-function consumes Orders',
      'work-function timer',
      'mail-function consumes order.placed',
      'mail-function consumes shop',
    ]);
    expect(callsOf(topology)).toContain('create-function publish sqs');
    expect(topology.channels.find((it) => it.name === 'Orders')).toMatchObject({ consumers: [{ concurrency: { value: 4 } }] });
    expect(one(topology, 'work-function')?.onDemand).toMatchObject({
      timeoutMs: { value: 20_000, place: { file: 'template.yaml', line: 9 } },
      memory: { value: 256 * 1024 * 1024 },
      most: { value: 1000 },
    });
    expect(one(topology, 'create-function')?.onDemand?.most).toMatchObject({ value: 3, place: { line: 17 } });
    expect(topology.endpoints.find((it) => it.id === 'work-function timer')?.trigger).toMatchObject({ everyMs: { value: 600_000 } });
  });

  it('JSON, plain functions and their mappings; code of another language is a deployable too', async () => {
    const json = JSON.stringify(
      {
        Resources: {
          Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
          Worker: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs20.x', Handler: 'src/orders.work' } },
          Report: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'python3.12', Handler: 'report.main' } },
          Map: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { FunctionName: { Ref: 'Worker' }, EventSourceArn: { 'Fn::GetAtt': ['Q', 'Arn'] } } },
        },
      },
      null,
      2,
    );
    const topology = await topologyOf({ ...pkg(), 'src/orders.js': handlers, 'infra/app.template.json': json });
    expect(componentsOf(topology)).toContain('report worker');
    expect(topology.endpoints.map((it) => it.id)).toContain('worker consumes jobs');
  });

  it('a template of an example is none, other YAML with resources neither', async () => {
    const app = {
      'package.json': '{ "name": "app", "main": "i.js", "dependencies": { "express": "4" } }',
      'i.js': "const a = require('express')(); a.get('/', (q, s) => s.end()); a.listen(1);",
    };
    const topology = await topologyOf({ ...app, 'examples/lambda/template.yaml': template, 'policy.yaml': 'Resources:\n  - Type: file\n' });
    expect(componentsOf(topology)).toEqual(['app service']);
    expect(topology.problems).toEqual([]);
  });
});
