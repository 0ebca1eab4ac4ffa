import { json, type Miniature } from './parts.ts';

const CDK = {
  'cdk.json': json({ app: 'npx ts-node bin/app.ts' }),
  'package.json': json({ name: 'shop', dependencies: { 'aws-cdk-lib': '2', constructs: '10', '@aws-sdk/client-dynamodb': '3', '@aws-sdk/client-sqs': '3' } }),
};
const orders = `import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
const dynamo = new DynamoDBClient({});
const sqs = new SQSClient({});
export const add = async () => {
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: '1' }));
  return { statusCode: 202 };
};
export const store = async () => {
  await dynamo.send(new PutItemCommand({ TableName: process.env.TABLE, Item: {} }));
};
`;

/** Deployments that are programs: what they bring is known once they have been followed. */
export const PROGRAMS: readonly Miniature[] = [
  {
    trap: 'AWS CDK: a stack for each stage, from a list; a construct of a class of its own gets the table of another stack',
    files: {
      ...CDK,
      'bin/app.ts': `import * as cdk from 'aws-cdk-lib';
import { DataStack } from '../lib/data';
import { ApiStack } from '../lib/api';
const app = new cdk.App();
for (const stage of ['dev', 'prod']) {
  const data = new DataStack(app, \`Data-\${stage}\`);
  new ApiStack(app, \`Api-\${stage}\`, { table: data.table, memory: stage === 'prod' ? 1024 : 128 });
}
`,
      'lib/data.ts': `import { Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
export class DataStack extends Stack {
  readonly table = new Table(this, 'Orders', { partitionKey: { name: 'id', type: AttributeType.STRING } });
}
`,
      'lib/api.ts': `import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction, type NodejsFunctionProps } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
class Handler extends NodejsFunction {
  constructor(scope: Construct, id: string, props: NodejsFunctionProps) {
    super(scope, id, { entry: 'src/orders.ts', timeout: Duration.seconds(10), ...props });
  }
}
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { table: ITable; memory: number }) {
    super(scope, id, props);
    const queue = new Queue(this, 'Placed');
    const add = new Handler(this, 'AddOrder', { handler: 'add', memorySize: props.memory, environment: { QUEUE_URL: queue.queueUrl } });
    const store = new Handler(this, 'StoreOrder', { handler: 'store', environment: { TABLE: props.table.tableName } });
    store.addEventSource(new SqsEventSource(queue));
    new HttpApi(this, 'Http').addRoutes({ path: '/orders', methods: [HttpMethod.POST], integration: new HttpLambdaIntegration('Add', add) });
  }
}
`,
      'src/orders.ts': orders,
    },
    nodes: ['add-order service', 'store-order worker', 'sqs queue', 'dynamodb database'],
    edges: ['add-order publish sqs', 'store-order consume sqs', 'store-order query dynamodb'],
    facts: ['timeout add-order 10000 ms lib/api.ts:11'],
  },
  {
    trap: 'AWS CDK: containers behind a balancer, one that is somebody else’s image, and stores that only their variables name',
    files: {
      ...CDK,
      'bin/app.ts': `import { App, Stack, aws_ecs as ecs, aws_ecs_patterns as patterns, aws_ec2 as ec2, aws_rds as rds } from 'aws-cdk-lib';
const app = new App();
const stack = new Stack(app, 'Shop');
const vpc = new ec2.Vpc(stack, 'Vpc');
const ledger = new rds.DatabaseCluster(stack, 'Ledger', { engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_16_1 }), vpc });
new patterns.ApplicationLoadBalancedFargateService(stack, 'Web', {
  vpc,
  taskImageOptions: { image: ecs.ContainerImage.fromAsset('web'), environment: { DB_HOST: ledger.clusterEndpoint.hostname } },
});
const task = new ecs.FargateTaskDefinition(stack, 'ReportsTask');
task.addContainer('reports', { image: ecs.ContainerImage.fromRegistry('acme/reports:3'), environment: { LEDGER: ledger.clusterEndpoint.hostname, DB_PASSWORD: 'S3cr3t' } });
new ecs.FargateService(stack, 'Reports', { taskDefinition: task });
`,
      'web/package.json': json({ name: 'web', main: 'index.js', dependencies: { express: '4', pg: '8' } }),
      'web/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
      'web/index.js': `const { Pool } = require('pg'); const pool = new Pool({ host: process.env.DB_HOST }); const app = require('express')();\napp.get('/', async (q, s) => s.json(await pool.query('SELECT 1'))); app.listen(80);\n`,
    },
    nodes: ['web service', 'reports service', 'ledger database'],
    edges: ['web query ledger', 'reports query ledger'],
  },
  {
    trap: 'SST: parts in files that the configuration imports while it runs, functions that know their stores by links alone',
    files: {
      'package.json': json({ name: 'monorepo', workspaces: ['packages/*'], dependencies: { sst: '3' } }),
      'sst.config.ts': `export default $config({
  app: () => ({ name: 'shop', home: 'aws' }),
  async run() {
    await import('./infra/api');
    await import('./infra/jobs');
  },
});
`,
      'infra/storage.ts': `export const table = new sst.aws.Dynamo('Orders', { fields: { id: 'string' }, primaryIndex: { hashKey: 'id' } });
export const queue = new sst.aws.Queue('Placed', { visibilityTimeout: '2 minutes' });
`,
      'infra/api.ts': `import { queue } from './storage';
const api = new sst.aws.ApiGatewayV2('Api', { transform: { route: { handler: { link: [queue], timeout: '9 seconds' } } } });
api.route('POST /orders', 'packages/functions/src/orders.add');
`,
      'infra/jobs.ts': `import { queue, table } from './storage';
queue.subscribe({ handler: 'packages/functions/src/orders.store', link: [table] });
`,
      'packages/functions/package.json': json({ name: '@shop/functions', dependencies: { sst: '*', '@aws-sdk/client-dynamodb': '3', '@aws-sdk/client-sqs': '3' } }),
      'packages/functions/src/orders.ts': `import { Resource } from 'sst';\n${orders.replace('process.env.QUEUE_URL', 'Resource.Placed.url').replace('process.env.TABLE', 'Resource.Orders.name')}`,
    },
    nodes: ['add service', 'store worker', 'sqs queue', 'dynamodb database'],
    edges: ['add publish sqs', 'store consume sqs', 'store query dynamodb'],
    facts: ['timeout add 9000 ms infra/api.ts:2'],
  },
];
