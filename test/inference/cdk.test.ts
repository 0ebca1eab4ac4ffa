import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { deployablesOf } from '../../src/report/deployables.ts';
import { callsOf, componentsOf, stepsOf, topologyOf } from './memory-workspace.ts';

const base = {
  'package.json': JSON.stringify({ name: 'shop', dependencies: { 'aws-cdk-lib': '2', constructs: '10', pg: '8', '@aws-sdk/client-sqs': '3', '@aws-sdk/client-dynamodb': '3' } }),
  'cdk.json': JSON.stringify({ app: 'npx ts-node --prefer-ts-exts bin/shop.ts', context: { size: 512, stage: 'prod' } }),
};
const bin = (stack = 'ShopStack', file = '../lib/shop-stack'): string =>
  `import * as cdk from 'aws-cdk-lib';\nimport { ${stack} } from '${file}';\nconst app = new cdk.App();\nnew ${stack}(app, '${stack}', {});\n`;
const imports = `import * as cdk from 'aws-cdk-lib';
import { Construct } from 'constructs';
import * as path from 'path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigwv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as s3n from 'aws-cdk-lib/aws-s3-notifications';
import { SqsEventSource, DynamoEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as ecsPatterns from 'aws-cdk-lib/aws-ecs-patterns';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
`;
const LINES = imports.split('\n').length + 2;
const stack = (body: string, before = ''): string =>
  `${imports}${before}export class ShopStack extends cdk.Stack {\n  constructor(scope: Construct, id: string, props?: cdk.StackProps) {\n    super(scope, id, props);\n${body}\n  }\n}\n`;
const of = (body: string, more: Record<string, string> = {}, before = ''): Promise<Topology> =>
  topologyOf({ ...base, 'bin/shop.ts': bin(), 'lib/shop-stack.ts': stack(body, before), 'src/orders.ts': handlers, ...more });
const one = (it: Topology, id: string) => it.components.find((component) => component.id === id);
const endpointsOf = (it: Topology): string[] =>
  it.endpoints.map(({ id, trigger }) => `${id}${'everyMs' in trigger && trigger.everyMs.state === 'known' ? ` ${trigger.everyMs.value}` : ''}`);

const handlers = `import { Pool } from 'pg';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
const sqs = new SQSClient({});
const dynamo = new DynamoDBClient({});
export const create = async () => { await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: '1' })); return { statusCode: 202 }; };
export const handler = async () => { await dynamo.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item: {} })); return { statusCode: 200 }; };
export const list = async () => { const pool = new Pool({ host: process.env.DB_HOST }); await pool.query('SELECT * FROM orders'); return { statusCode: 200 }; };
`;

describe('functions of AWS CDK', () => {
  const shop = `
    const queue = new sqs.Queue(this, 'OrdersQueue', { queueName: 'orders', visibilityTimeout: cdk.Duration.seconds(300) });
    const table = new dynamodb.Table(this, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING }, billingMode: dynamodb.BillingMode.PAY_PER_REQUEST });
    const create = new NodejsFunction(this, 'CreateOrder', {
      entry: path.join(__dirname, '../src/orders.ts'),
      handler: 'create',
      runtime: lambda.Runtime.NODEJS_20_X,
      memorySize: 256,
      timeout: cdk.Duration.minutes(1),
      reservedConcurrentExecutions: 25,
      environment: { QUEUE_URL: queue.queueUrl, DB_PASSWORD: 'S3cr3t-hunter2' },
    });
    const work = new lambda.Function(this, 'Work', {
      runtime: lambda.Runtime.NODEJS_20_X,
      code: lambda.Code.fromAsset('src'),
      handler: 'orders.handler',
      memorySize: this.node.tryGetContext('size'),
    });
    work.addEnvironment('TABLE_NAME', table.tableName);
    work.addEventSource(new SqsEventSource(queue, { batchSize: 5, maxConcurrency: 20 }));
    queue.grantSendMessages(create);
    const api = new apigateway.RestApi(this, 'Api', { deployOptions: { throttlingRateLimit: 100, throttlingBurstLimit: 200 } });
    const orders = api.root.addResource('orders');
    orders.addMethod('POST', new apigateway.LambdaIntegration(create));
    orders.addResource('{id}').addMethod('GET', new apigateway.LambdaIntegration(work));`;

  it('are deployables of their stack; stores come from its tables and queues, channels from sources', async () => {
    const topology = await of(shop);
    expect(componentsOf(topology)).toEqual(['create-order service', 'dynamodb database', 'sqs queue', 'work service']);
    expect(callsOf(topology)).toEqual(['create-order publish sqs', 'work consume sqs', 'work query dynamodb']);
    expect(endpointsOf(topology)).toEqual(['create-order POST /orders', 'work GET /orders/:id', 'work consumes orders']);
    expect(stepsOf(topology, 'work consumes orders')).toEqual(['PutItem Table']);
    expect(topology.channels).toMatchObject([{ name: 'orders', producers: [{ component: 'create-order' }], consumers: [{ component: 'work', concurrency: { value: 20 } }] }]);
    expect(topology.deployments).toMatchObject([{ id: 'cdk.json', source: 'serverless', active: true }]);
    expect(deployablesOf(topology).components.map((it) => it.id)).toContain('ShopStack');
    expect(JSON.stringify(topology)).not.toContain('S3cr3t');
  });

  it.each<[string, (it: Topology) => unknown, object]>([
    ['memory', (it) => one(it, 'create-order')?.onDemand?.memory, { value: 256 * 1024 * 1024, place: { file: 'lib/shop-stack.ts', line: LINES + 8 } }],
    ['memory of the context, at its place', (it) => one(it, 'work')?.onDemand?.memory, { value: 512 * 1024 * 1024, place: { file: 'cdk.json', line: 1 } }],
    ['a timeout', (it) => one(it, 'create-order')?.onDemand?.timeoutMs, { value: 60_000, basis: 'declared', place: { line: LINES + 9 } }],
    ['the default timeout', (it) => one(it, 'work')?.onDemand?.timeoutMs, { value: 3000, basis: 'libraryDefault' }],
    ['a limit of its own', (it) => one(it, 'create-order')?.onDemand?.most, { value: 25, place: { line: LINES + 10 } }],
    ["no limit: the account's", (it) => one(it, 'work')?.onDemand?.most, { value: 1000, basis: 'libraryDefault' }],
    ['the limit of a stage', (it) => it.rateLimiters[0], { limit: { value: 100 }, burst: { value: 200 }, key: 'global' }],
  ])('%s', async (_name, read, expected) => expect(read(await of(shop))).toMatchObject(expected));

  it.each<[string, string, string[]]>([
    ['a REST API of one function', `new apigateway.LambdaRestApi(this, 'Api', { handler: fn });`, ['fn GET /*']],
    [
      'a REST API of one function that says its routes',
      `const api = new apigateway.LambdaRestApi(this, 'Api', { handler: fn, proxy: false }); api.root.addResource('items').addMethod('GET');`,
      ['fn GET /items'],
    ],
    [
      'a default integration',
      `const api = new apigateway.RestApi(this, 'Api', { defaultIntegration: new apigateway.LambdaIntegration(fn) }); api.root.addMethod('ANY'); api.root.resourceForPath('/a/b').addMethod('PUT');`,
      ['fn GET /', 'fn PUT /a/b'],
    ],
    [
      'a proxy',
      `const api = new apigateway.RestApi(this, 'Api'); api.root.addResource('v1').addProxy({ defaultIntegration: new apigateway.LambdaIntegration(fn) });`,
      ['fn GET /v1/*'],
    ],
    [
      'routes of an HTTP API',
      `const api = new apigwv2.HttpApi(this, 'Api'); const i = new HttpLambdaIntegration('I', fn);
       api.addRoutes({ path: '/books/{id}', methods: [apigwv2.HttpMethod.GET, apigwv2.HttpMethod.DELETE], integration: i });
       new apigwv2.HttpRoute(this, 'R', { httpApi: api, routeKey: apigwv2.HttpRouteKey.with('/x', apigwv2.HttpMethod.POST), integration: i });`,
      ['fn GET /books/:id', 'fn DELETE /books/:id', 'fn POST /x'],
    ],
    [
      'routes of a list',
      `const api = new apigateway.RestApi(this, 'Api'); for (const it of ['a', 'b']) api.root.addResource(it).addMethod('GET', new apigateway.LambdaIntegration(fn));`,
      ['fn GET /a', 'fn GET /b'],
    ],
    ['an URL of its own', `fn.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });`, ['fn GET /*']],
    ['a schedule', `new events.Rule(this, 'Rule', { schedule: events.Schedule.rate(cdk.Duration.minutes(5)), targets: [new targets.LambdaFunction(fn)] });`, ['fn timer 300000']],
    [
      'a cron expression',
      `new events.Rule(this, 'Rule', { schedule: events.Schedule.cron({ minute: '0', hour: '4' }) }).addTarget(new targets.LambdaFunction(fn));`,
      ['fn timer 86400000'],
    ],
    [
      'an event pattern',
      `new events.Rule(this, 'Rule', { eventPattern: { source: ['shop'], detailType: ['order.placed'] }, targets: [new targets.LambdaFunction(fn)] });`,
      ['fn consumes order.placed'],
    ],
    ['a subscription of a topic', `const topic = new sns.Topic(this, 'Placed'); topic.addSubscription(new subscriptions.LambdaSubscription(fn));`, ['fn consumes Placed']],
    [
      'a notification of a bucket',
      `const b = new s3.Bucket(this, 'Uploads'); b.addEventNotification(s3.EventType.OBJECT_CREATED, new s3n.LambdaDestination(fn));`,
      ['fn consumes Uploads'],
    ],
    [
      'a stream of a table',
      `const t = new dynamodb.Table(this, 'Things', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } }); fn.addEventSource(new DynamoEventSource(t, { startingPosition: lambda.StartingPosition.LATEST }));`,
      ['fn consumes Things'],
    ],
    ['a mapping by ARN', `const q = new sqs.Queue(this, 'Q'); fn.addEventSourceMapping('M', { eventSourceArn: q.queueArn, batchSize: 1 });`, ['fn consumes Q']],
    [
      'events among the properties',
      `const q = new sqs.Queue(this, 'Q'); new NodejsFunction(this, 'Other', { entry: 'src/orders.ts', events: [new SqsEventSource(q)] });`,
      ['fn POST /', 'other consumes Q'],
    ],
    [
      'a task of a state machine runs when that is started',
      `const task = new tasks.LambdaInvoke(this, 'Task', { lambdaFunction: fn }); const wait = new sfn.Wait(this, 'Wait', { time: sfn.WaitTime.duration(cdk.Duration.seconds(1)) });
       const machine = new sfn.StateMachine(this, 'M', { definitionBody: sfn.DefinitionBody.fromChainable(wait.next(task)) });
       new events.Rule(this, 'Rule', { schedule: events.Schedule.rate(cdk.Duration.hours(1)), targets: [new targets.SfnStateMachine(machine)] });`,
      ['fn timer 3600000'],
    ],
    [
      'an alias stands for its function',
      `const alias = new lambda.Alias(this, 'Live', { aliasName: 'live', version: fn.currentVersion }); new apigateway.LambdaRestApi(this, 'Api', { handler: alias });`,
      ['fn GET /*'],
    ],
  ])('%s', async (_name, body, expected) => {
    const topology = await of(`const fn = new NodejsFunction(this, 'Fn', { entry: 'src/orders.ts' });\n${body}`);
    expect(endpointsOf(topology)).toEqual(expected);
    expect(topology.problems).toEqual([]);
  });

  it.each<[string, string, string[]]>([
    [
      'a rule hands events on to a queue',
      `new events.Rule(this, 'R', { eventPattern: { detailType: ['placed'] }, targets: [new targets.SqsQueue(queue)] });`,
      ['eventbridge publish sqs'],
    ],
    [
      'a schedule that fills a queue hands nothing on',
      `new events.Rule(this, 'R', { schedule: events.Schedule.rate(cdk.Duration.hours(1)), targets: [new targets.SqsQueue(queue)] });`,
      [],
    ],
    ['a topic hands messages on to a queue', `new sns.Topic(this, 'T').addSubscription(new subscriptions.SqsSubscription(queue));`, ['sns publish sqs']],
    ['a bucket tells a queue', `new s3.Bucket(this, 'B').addObjectCreatedNotification(new s3n.SqsDestination(queue));`, ['s3 publish sqs']],
  ])('%s', async (_name, body, expected) => {
    const topology = await of(`const queue = new sqs.Queue(this, 'Q'); const fn = new NodejsFunction(this, 'Fn', { entry: 'src/orders.ts' });\n${body}`);
    expect(callsOf(topology).filter((it) => !it.startsWith('fn '))).toEqual(expected);
  });

  it('a function that nothing is seen to call is read as well, and what another one starts by its name is that', async () => {
    const topology = await of(
      `const table = new dynamodb.Table(this, 'T', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
       const work = new NodejsFunction(this, 'Work', { entry: 'src/orders.ts', environment: { TABLE_NAME: table.tableName } });
       const start = new NodejsFunction(this, 'Start', { entry: 'src/start.js', environment: { WORK: work.functionName } });
       new apigateway.LambdaRestApi(this, 'Api', { handler: start });`,
      {
        'src/start.js': `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda'); const lambda = new LambdaClient({});
exports.handler = async () => lambda.send(new InvokeCommand({ FunctionName: process.env.WORK }));`,
      },
    );
    expect(callsOf(topology)).toEqual(['start http work', 'work query dynamodb']);
    expect(topology.endpoints.map((it) => `${it.id}${it.external ? ' external' : ''}`)).toEqual(['work POST /', 'start GET /* external']);
  });

  it('what CDK made of its program is not deployed once more', async () => {
    const made = `Resources:\n  Fn1234ABCD:\n    Type: AWS::Lambda::Function\n    Properties: { Runtime: nodejs20.x, Handler: orders.handler }\n    Metadata:\n      aws:cdk:path: ShopStack/Fn/Resource\n`;
    const topology = await of(`new NodejsFunction(this, 'Fn', { entry: 'src/orders.ts' });`, { 'template.yaml': made });
    expect(componentsOf(topology)).toEqual(['dynamodb database', 'fn service']);
    expect(componentsOf(await topologyOf({ 'package.json': '{}', 'template.yaml': made }))).toEqual(['fn1234-abcd worker']);
  });

  it('a function that serves several routes and a queue does for each what the event leads it to', async () => {
    const topology = await of(
      `const queue = new sqs.Queue(this, 'Q');
       const fn = new NodejsFunction(this, 'Fn', { entry: 'src/all.js', events: [new SqsEventSource(queue)] });
       const orders = new apigateway.LambdaRestApi(this, 'Api', { handler: fn, proxy: false }).root.addResource('orders');
       orders.addMethod('GET'); orders.addMethod('POST'); orders.addResource('{id}').addMethod('GET'); orders.addResource('paid').addMethod('POST');`,
      {
        'src/all.js': `const { DynamoDBClient, ScanCommand, GetItemCommand, PutItemCommand, UpdateItemCommand, DeleteItemCommand } = require('@aws-sdk/client-dynamodb'); const db = new DynamoDBClient({});
exports.handler = async (event) => {
  if (event.Records != null) { for (const it of event.Records) await db.send(new DeleteItemCommand({ TableName: 't', Key: it })); return; }
  switch (event.httpMethod) {
    case 'GET': if (event.pathParameters != null) return db.send(new GetItemCommand({ TableName: 't' })); return db.send(new ScanCommand({ TableName: 't' }));
    case 'POST': if (event.path === '/orders/paid') return db.send(new UpdateItemCommand({ TableName: 't' })); return db.send(new PutItemCommand({ TableName: 't' }));
    default: throw new Error('what?');
  }
};`,
      },
    );
    const done = topology.endpoints.map((it) => `${it.id}: ${stepsOf(topology, it.id).join(', ')}`);
    expect(done.slice(0, 4)).toEqual(['fn GET /orders: Scan t', 'fn POST /orders: PutItem t', 'fn GET /orders/:id: GetItem t', 'fn POST /orders/paid: UpdateItem t']);
    expect(done[4]).toContain('each > DeleteItem t');
  });

  it('one function behind all fields of a GraphQL API finds its resolvers in a table', async () => {
    const topology = await of(
      `const fn = new NodejsFunction(this, 'Fn', { entry: 'src/fields.js' });
       const api = new appsync.GraphqlApi(this, 'Api', { name: pascalCase('shop-api') });
       api.addLambdaDataSource(pascalCase('shop-source'), fn).createResolver('R', { typeName: 'Query', fieldName: 'orders' });`,
      {
        'src/fields.js': `const { DynamoDBClient, ScanCommand, PutItemCommand } = require('@aws-sdk/client-dynamodb'); const db = new DynamoDBClient({});
const fields = { orders: { handler: () => db.send(new ScanCommand({ TableName: 't' })) }, order: { handler: () => db.send(new PutItemCommand({ TableName: 't' })) } };
exports.handler = async (event) => fields[event.info.fieldName].handler(event);`,
      },
      `import * as appsync from 'aws-cdk-lib/aws-appsync';\nimport { pascalCase } from 'change-case';\n`,
    );
    expect(stepsOf(topology, 'fn POST /graphql')).toEqual(['one of 2', 'one of 2 > Scan t', 'one of 2 > PutItem t']);
  });

  it('constructs split over classes and files, given to each other by properties', async () => {
    const topology = await of(
      `const storage = new Storage(this, 'Storage');
       new Api(this, 'Api', { table: storage.table, settings });`,
      {
        'lib/storage.ts': `${imports}export class Storage extends Construct { public readonly table: dynamodb.Table;
          constructor(scope: Construct, id: string) { super(scope, id); this.table = new dynamodb.Table(this, 'Orders', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } }); } }`,
        'lib/api.ts': `${imports}export const settings = { runtime: lambda.Runtime.NODEJS_20_X, timeout: cdk.Duration.seconds(15) };
          export interface ApiProps { table: dynamodb.ITable; settings: object }
          export class Api extends Construct { constructor(scope: Construct, id: string, { table, settings }: ApiProps) { super(scope, id);
            const fn = new OrdersFunction(this, 'Orders', { table, ...settings });
            table.grantReadWriteData(fn);
            new apigwv2.HttpApi(this, 'Http', { defaultIntegration: new HttpLambdaIntegration('Default', fn) }); } }
          class OrdersFunction extends NodejsFunction { constructor(scope: Construct, id: string, props: any) { super(scope, id, { entry: 'src/orders.ts', environment: { TABLE_NAME: props.table.tableName }, timeout: props.timeout }); } }`,
      },
      `import { Storage } from './storage';\nimport { Api, settings } from './api';\n`,
    );
    expect(callsOf(topology)).toEqual(['orders query dynamodb']);
    expect(endpointsOf(topology)).toEqual(['orders GET /*']);
    expect(one(topology, 'orders')?.onDemand?.timeoutMs).toMatchObject({ value: 15_000, place: { file: 'lib/api.ts' } });
  });

  it('CDK 1 has a package for each module', async () => {
    const old = `import * as cdk from '@aws-cdk/core';\nimport * as lambda from '@aws-cdk/aws-lambda';\nimport { LambdaRestApi } from '@aws-cdk/aws-apigateway';
export class ShopStack extends cdk.Stack { constructor(scope: cdk.Construct, id: string) { super(scope, id);
  const fn = new lambda.Function(this, 'Fn', { runtime: lambda.Runtime.NODEJS_14_X, code: lambda.Code.fromAsset('src'), handler: 'orders.handler' });
  new LambdaRestApi(this, 'Api', { handler: fn }); } }`;
    const topology = await topologyOf({ ...base, 'bin/shop.ts': bin().replace("'aws-cdk-lib'", "'@aws-cdk/core'"), 'lib/shop-stack.ts': old, 'src/orders.ts': handlers });
    expect(endpointsOf(topology)).toEqual(['fn GET /*']);
  });

  it.each<[string, string, string]>([
    ['a route that leads to what is not known', `const api = new apigateway.RestApi(this, 'Api'); api.root.addMethod('GET', make());`, 'Where this route leads could not be read.'],
    [
      'code that lies nobody knows where',
      `new lambda.Function(this, 'Fn', { runtime: lambda.Runtime.NODEJS_20_X, code: lambda.Code.fromAsset(somewhere()), handler: 'a.b' });`,
      'Where the code of this function lies could not be read.',
    ],
    ['an engine that is not known', `new rds.DatabaseInstance(this, 'Db', { engine: engineOf(), vpc });`, 'Which engine this database has could not be read.'],
  ])('%s is a problem on its line', async (_name, body, message) => {
    const topology = await of(`const fn = new NodejsFunction(this, 'Fn', { entry: 'src/orders.ts' });\n${body}`);
    expect(topology.problems).toEqual([{ file: 'lib/shop-stack.ts', line: LINES + 2, message }]);
  });

  it('constructs of other packages are named as not read', async () => {
    const topology = await of(`new Magic(this, 'Magic', {}); new NodejsFunction(this, 'Fn', { entry: 'src/orders.ts' });`, {}, `import { Magic } from '@acme/constructs';\n`);
    expect(topology.problems).toMatchObject([{ file: 'lib/shop-stack.ts', message: 'What @acme/constructs deploys is not read here.' }]);
  });

  it.each<[string, string, object]>([
    ['a stage that nobody knows is production', `this.node.tryGetContext('env') === 'prod' ? 1024 : 128`, { value: 1024 * 1024 ** 2 }],
    ['whichever way it is asked', `given.stage !== 'production' ? 128 : 1024`, { value: 1024 * 1024 ** 2 }],
    ['a stage that is known', `this.node.tryGetContext('stage') === 'dev' ? 128 : 1024`, { value: 1024 * 1024 ** 2 }],
    ['of two values neither is taken where anything else decides', `given.isLarge ? 1024 : 128`, { state: 'unknown' }],
  ])('%s', async (_name, memory, expected) => {
    const topology = await of(`const given = load(); new NodejsFunction(this, 'Fn', { entry: 'src/orders.ts', memorySize: ${memory} });`);
    expect(one(topology, 'fn')?.onDemand?.memory).toMatchObject(expected);
  });

  it('a number that the deployment decides is unknown', async () => {
    const topology = await of(`new NodejsFunction(this, 'Fn', { entry: 'src/orders.ts', memorySize: sizes[props.stage], timeout: longest() });`);
    expect(one(topology, 'fn')?.onDemand).toMatchObject({ memory: { state: 'unknown' }, timeoutMs: { state: 'unknown' } });
  });
});

describe('stores and containers of AWS CDK', () => {
  it.each<[string, string, object]>([
    [
      'an instance with its class and version',
      `const db = new rds.DatabaseInstance(this, 'Db', { engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16_3 }), instanceType: ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.SMALL), vpc });`,
      { id: 'db', engine: 'postgres', parallelism: { value: 2, basis: 'derived' }, maxConnections: { basis: 'assumed' } },
    ],
    [
      'parameters that say how many connections it accepts',
      `const db = new rds.DatabaseInstance(this, 'Db', { engine: rds.DatabaseInstanceEngine.POSTGRES, parameters: { max_connections: '300' }, vpc });`,
      { id: 'db', maxConnections: { value: 300, basis: 'declared' } },
    ],
    [
      'a proxy pools connections',
      `const db = new rds.DatabaseCluster(this, 'Db', { engine: rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_04_0 }), writer: rds.ClusterInstance.provisioned('w', { instanceType: ec2.InstanceType.of(ec2.InstanceClass.R6G, ec2.InstanceSize.LARGE) }), vpc }); db.addProxy('Proxy', { secrets: [], vpc });`,
      { id: 'db', engine: 'mysql', parallelism: { value: 2 }, maxConnections: { state: 'unknown' } },
    ],
    [
      'a cache',
      `const db = new elasticache.CfnCacheCluster(this, 'Cache', { engine: 'redis', cacheNodeType: 'cache.t3.micro', numCacheNodes: 1 });`,
      { id: 'cache', engine: 'redis', kind: 'cache' },
    ],
  ])('%s', async (_name, body, expected) => {
    const { id } = expected as { id: string };
    expect(one(await of(body), id)).toMatchObject(expected);
  });

  it("a database's host leads code to it", async () => {
    const topology = await of(`const vpc = new ec2.Vpc(this, 'Vpc');
      const db = new rds.DatabaseInstance(this, 'OrdersDb', { engine: rds.DatabaseInstanceEngine.POSTGRES, vpc });
      const fn = new NodejsFunction(this, 'List', { entry: 'src/orders.ts', handler: 'list', environment: { DB_HOST: db.dbInstanceEndpointAddress } });
      new apigateway.LambdaRestApi(this, 'Api', { handler: fn });`);
    expect(callsOf(topology)).toEqual(['list query orders-db']);
  });

  const server = {
    'api/package.json': JSON.stringify({ name: 'api', main: 'server.js', dependencies: { express: '4', pg: '8' } }),
    'api/Dockerfile': 'FROM node:20\nCOPY . .\nCMD ["node", "server.js"]\n',
  };
  const app = `const app = require('express')(); const { Pool } = require('pg'); const pool = new Pool({ host: process.env.DB_HOST }); app.get('/orders', async (q, s) => s.json(await pool.query('SELECT 1'))); app.listen(3000);`;

  it.each<[string, string]>([
    [
      'a pattern',
      `const service = new ecsPatterns.ApplicationLoadBalancedFargateService(this, 'Api', { cpu: 512, memoryLimitMiB: 1024, desiredCount: 3,
        taskImageOptions: { image: ecs.ContainerImage.fromAsset(path.join(__dirname, '../api')), environment: { DB_HOST: db.dbInstanceEndpointAddress } } });`,
    ],
    [
      'a service with its task definition behind a balancer',
      `const task = new ecs.FargateTaskDefinition(this, 'Task', { cpu: 512, memoryLimitMiB: 1024 });
       task.addContainer('web', { image: ecs.ContainerImage.fromAsset('api'), environment: { DB_HOST: db.dbInstanceEndpointAddress } });
       const service = new ecs.FargateService(this, 'Api', { cluster, taskDefinition: task, desiredCount: 1 });
       const scaling = service.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 3 });
       new elbv2.ApplicationLoadBalancer(this, 'Lb', { vpc }).addListener('L', { port: 80 }).addTargets('T', { port: 80, targets: [service] });`,
    ],
  ])('%s', async (_name, body) => {
    const topology = await of(
      `const vpc = new ec2.Vpc(this, 'Vpc'); const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
      const db = new rds.DatabaseInstance(this, 'Db', { engine: rds.DatabaseInstanceEngine.POSTGRES, vpc });\n${body}`,
      { ...server, 'api/server.js': app },
    );
    expect(componentsOf(topology)).toEqual(['api service', 'db database']);
    expect(callsOf(topology)).toEqual(['api query db']);
    expect(one(topology, 'api')).toMatchObject({ replicas: { value: 3, basis: 'declared' }, cores: { value: 0.5 } });
    expect(topology.endpoints).toMatchObject([{ id: 'api GET /orders', external: true }]);
  });
});
