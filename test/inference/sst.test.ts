import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { deployablesOf } from '../../src/report/deployables.ts';
import { callsOf, componentsOf, stepsOf, topologyOf } from './memory-workspace.ts';

const config = (run: string): string => `/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app(input) {
    return { name: "shop", home: "aws" };
  },
  async run() {
${run}
  },
});
`;
const LINES = 8;
const handlers = `import { Resource } from "sst";
import { Pool } from "pg";
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";
const sqs = new SQSClient({}); const dynamo = new DynamoDBClient({}); const s3 = new S3Client({});
export const create = async () => { await sqs.send(new SendMessageCommand({ QueueUrl: Resource.Orders.url, MessageBody: "1" })); return { statusCode: 202 }; };
export const handler = async () => { await dynamo.send(new PutItemCommand({ TableName: Resource.Table.name, Item: {} })); };
export const list = async () => { const pool = new Pool({ host: Resource.Db.host, port: Resource.Db.port }); await pool.query("SELECT * FROM orders"); };
export const call = async () => { await fetch(Resource.Web.url + "/orders"); };
`;
const of = (run: string, more: Record<string, string> = {}): Promise<Topology> =>
  topologyOf({
    'package.json': JSON.stringify({ name: 'repository', dependencies: { sst: '3', pg: '8', '@aws-sdk/client-sqs': '3', '@aws-sdk/client-dynamodb': '3' } }),
    'sst.config.ts': config(run),
    'src/orders.ts': handlers,
    ...more,
  });
const one = (it: Topology, id: string) => it.components.find((component) => component.id === id);
const endpointsOf = (it: Topology): string[] =>
  it.endpoints.map(({ id, trigger }) => `${id}${'everyMs' in trigger && trigger.everyMs.state === 'known' ? ` ${trigger.everyMs.value}` : ''}`);

describe('SST 3', () => {
  const shop = `    const orders = new sst.aws.Queue("Orders");
    const table = new sst.aws.Dynamo("Table", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
    const api = new sst.aws.ApiGatewayV2("Api");
    api.route("POST /orders/{id}", {
      handler: "src/orders.create",
      link: [orders],
      memory: "2 GB",
      timeout: "1 minute",
      concurrency: { reserved: 25 },
    });
    orders.subscribe({ handler: "src/orders.handler", link: [table] }, { batch: { size: 5 } });`;

  it('routes and subscriptions are functions of the app; what they are linked to leads code to its stores', async () => {
    const topology = await of(shop);
    expect(componentsOf(topology)).toEqual(['create service', 'dynamodb database', 'orders worker', 'sqs queue']);
    expect(callsOf(topology)).toEqual(['create publish sqs', 'orders consume sqs', 'orders query dynamodb']);
    expect(endpointsOf(topology)).toEqual(['create POST /orders/:id', 'orders consumes Orders']);
    expect(stepsOf(topology, 'orders consumes Orders')).toEqual(['PutItem Table']);
    expect(topology.channels).toMatchObject([{ name: 'Orders', producers: [{ component: 'create' }], consumers: [{ component: 'orders' }] }]);
    expect(topology.deployments).toMatchObject([{ id: 'sst.config.ts', active: true }]);
    expect(deployablesOf(topology).components.map((it) => it.id)).toContain('shop');
  });

  it.each<[string, (it: Topology) => unknown, object]>([
    ['memory in its unit', (it) => one(it, 'create')?.onDemand?.memory, { value: 2 * 1024 ** 3, place: { file: 'sst.config.ts', line: LINES + 6 } }],
    ['a timeout in its unit', (it) => one(it, 'create')?.onDemand?.timeoutMs, { value: 60_000, place: { line: LINES + 7 } }],
    ['a limit of its own', (it) => one(it, 'create')?.onDemand?.most, { value: 25, place: { line: LINES + 8 } }],
    ["SST's timeout", (it) => one(it, 'orders')?.onDemand?.timeoutMs, { value: 20_000, basis: 'libraryDefault', source: 'SST 3: 20 s' }],
    ["SST's memory", (it) => one(it, 'orders')?.onDemand?.memory, { value: 1024 ** 3, basis: 'libraryDefault' }],
  ])('%s', async (_name, read, expected) => expect(read(await of(shop))).toMatchObject(expected));

  it.each<[string, string, string[]]>([
    ['a function with an URL', `new sst.aws.Function("Fn", { handler: "src/orders.list", url: true });`, ['fn GET /*']],
    ['a schedule', `new sst.aws.Cron("Nightly", { schedule: "rate(1 day)", job: "src/orders.list" });`, ['nightly timer 86400000']],
    ['a schedule of a function', `new sst.aws.Cron("Nightly", { schedule: "cron(0/15 * * * ? *)", function: { handler: "src/orders.list" } });`, ['nightly timer 900000']],
    ['a topic', `const t = new sst.aws.SnsTopic("Placed"); t.subscribe("Mail", "src/orders.list");`, ['mail consumes Placed']],
    [
      'a stream of a table',
      `const t = new sst.aws.Dynamo("T", { fields: { id: "string" }, primaryIndex: { hashKey: "id" }, stream: "new-image" }); t.subscribe("Copy", "src/orders.list");`,
      ['copy consumes T'],
    ],
    ['a bus', `const bus = new sst.aws.Bus("Bus"); bus.subscribe("Mail", "src/orders.list", { pattern: { detailType: ["order.placed"] } });`, ['mail consumes order.placed']],
    [
      'a bucket',
      `const b = new sst.aws.Bucket("Files"); b.notify({ notifications: [{ name: "Thumb", function: "src/orders.list", events: ["s3:ObjectCreated:*"] }] });`,
      ['thumb consumes Files'],
    ],
    [
      'a function that is made before',
      `const fn = new sst.aws.Function("Fn", { handler: "src/orders.list" }); new sst.aws.ApiGatewayV2("Api").route("GET /a", fn.arn);`,
      ['fn GET /a'],
    ],
    [
      'what is given to all routes',
      `const a = new sst.aws.ApiGatewayV2("Api", { transform: { route: { handler: { timeout: "5 seconds" } } } }); a.route("ANY /{proxy+}", "src/orders.list");`,
      ['list GET /*'],
    ],
  ])('%s', async (_name, run, expected) => {
    const topology = await of(run);
    expect(endpointsOf(topology)).toEqual(expected);
    expect(topology.problems).toEqual([]);
  });

  it('parts in files of their own, links of an API beside those of a route', async () => {
    const topology = await of(`    await import("./infra/api");\n    const storage = await import("./infra/storage");\n    return { table: storage.table.name };`, {
      'infra/storage.ts': `export const table = new sst.aws.Dynamo("Table", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });`,
      'infra/api.ts': `import { table } from "./storage";
export const api = new sst.aws.ApiGatewayV2("Api", { transform: { route: { handler: { link: [table] } } } });
api.route("PUT /orders", "src/orders.handler");`,
    });
    expect(stepsOf(topology, 'orders PUT /orders')).toEqual(['PutItem Table']);
    expect(topology.problems).toEqual([]);
  });

  it('a database with its class; behind a proxy nobody knows its connections', async () => {
    const topology = await of(`    const vpc = new sst.aws.Vpc("Vpc");
    const db = new sst.aws.Postgres("Db", { vpc, instance: "t4g.small", version: "16.4", proxy: true });
    const cache = new sst.aws.Redis("Cache", { vpc });
    new sst.aws.Function("List", { handler: "src/orders.list", url: true, link: [db] });`);
    expect(callsOf(topology)).toEqual(['list query db']);
    expect(one(topology, 'db')).toMatchObject({ engine: 'postgres', parallelism: { value: 2 }, maxConnections: { state: 'unknown' } });
    expect(one(topology, 'cache')).toMatchObject({ engine: 'redis' });
  });

  it.each<[string, string]>([
    ['a service of a cluster', `const cluster = new sst.aws.Cluster("Cluster", { vpc }); const web = new sst.aws.Service("Web", { cluster, image: { context: "./web" }, `],
    [
      'containers of a service',
      `const cluster = new sst.aws.Cluster("Cluster", { vpc }); const pages = new sst.aws.StaticSite("Pages", { path: "pages" });
       const web = new sst.aws.Service("Web", { cluster, containers: [{ name: "web", image: { context: "./web" } }], ...{ link: [pages] }, `,
    ],
    ['a service that its cluster adds', `const cluster = new sst.aws.Cluster("Cluster", { vpc }); const web = cluster.addService("Web", { image: { context: "./web" }, `],
  ])('%s', async (_name, run) => {
    const topology = await of(
      `const vpc = new sst.aws.Vpc("Vpc"); const db = new sst.aws.Postgres("Db", { vpc });
       ${run} cpu: "0.5 vCPU", scaling: { min: 2, max: 6 }, loadBalancer: { ports: [{ listen: "80/http" }] }, link: [db] });
       new sst.aws.Cron("Call", { schedule: "rate(1 hour)", function: { handler: "src/orders.call", link: [web] } });`,
      {
        'web/package.json': JSON.stringify({ name: 'web', main: 'server.js', dependencies: { express: '4', pg: '8', sst: '3' } }),
        'web/Dockerfile': 'FROM node:20\nCOPY . .\nCMD ["node", "server.js"]\n',
        'web/server.js': `import { Resource } from "sst"; import express from "express"; import { Pool } from "pg"; const pool = new Pool({ host: Resource.Db.host }); const app = express(); app.get("/orders", async (q, s) => s.json(await pool.query("SELECT 1"))); app.listen(3000);`,
      },
    );
    expect(callsOf(topology)).toEqual(['call http web', 'web query db']);
    expect(one(topology, 'web')).toMatchObject({ replicas: { value: 6 }, cores: { value: 0.5 } });
    expect(topology.endpoints.filter((it) => it.external).map((it) => it.id)).toEqual(['web GET /orders']);
  });

  it('a Next.js application runs as a function', async () => {
    const topology = await of(
      `const table = new sst.aws.Dynamo("Table", { fields: { id: "string" }, primaryIndex: { hashKey: "id" } });
      new sst.aws.Nextjs("Web", { path: "web", link: [table], server: { memory: "512 MB" } });`,
      {
        'web/package.json': JSON.stringify({ name: 'web', scripts: { start: 'next start' }, dependencies: { next: '15', sst: '3', '@aws-sdk/client-dynamodb': '3' } }),
        'web/app/api/orders/route.ts': `import { Resource } from "sst"; import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb"; const db = new DynamoDBClient({});
export async function GET() { return Response.json(await db.send(new ScanCommand({ TableName: Resource.Table.name }))); }`,
      },
    );
    expect(callsOf(topology)).toEqual(['web query dynamodb']);
    expect(stepsOf(topology, 'web GET /api/orders')).toEqual(['Scan Table']);
    expect(one(topology, 'web')?.onDemand?.memory).toMatchObject({ value: 512 * 1024 ** 2 });
  });

  it('every file of a folder that the configuration lists while it runs', async () => {
    const topology = await of(`    for (const value of readdirSync("./infra/")) {\n      await import("./infra/" + value);\n    }`, {
      'sst.config.ts': `import { readdirSync } from "fs";\n${config('    for (const value of readdirSync("./infra/")) {\n      await import("./infra/" + value);\n    }')}`,
      'infra/one.ts': `new sst.aws.Cron("One", { schedule: "rate(1 hour)", job: "src/orders.list" });`,
      'infra/two.ts': `import { name } from "./names"; new sst.aws.Cron(name, { schedule: "rate(2 hours)", job: "src/orders.list" });`,
      'infra/names.ts': `export const name = "Two";`,
    });
    expect(endpointsOf(topology)).toEqual(['one timer 3600000', 'two timer 7200000']);
  });

  it('its own bus: events by their kinds, published and subscribed to by its helpers', async () => {
    const topology = await of(
      `const bus = new sst.aws.Bus("Bus"); const queue = new sst.aws.Queue("Q"); bus.subscribeQueue("Copy", queue.arn);
       bus.subscribe("Mail", "src/bus.receive", { pattern: { detailType: ["order.placed"] } });
       new sst.aws.Function("Place", { handler: "src/bus.place", url: true, link: [bus] });`,
      {
        'src/bus.ts': `import { Resource } from "sst"; import { bus } from "sst/aws/bus"; import { event } from "sst/event";
const defineEvent = event.builder({});
const Placed = defineEvent("order.placed", {});
export const place = async () => { await bus.publish(Resource.Bus, Placed, { id: "1" }); };
export const receive = bus.subscriber([Placed], async (it) => { await fetch("https://api.posthouse.com/send"); });`,
      },
    );
    expect(callsOf(topology)).toEqual(['eventbridge publish sqs', 'mail consume eventbridge', 'mail http posthouse', 'place publish eventbridge']);
    expect(topology.channels).toMatchObject([{ name: 'order.placed', producers: [{ component: 'place' }], consumers: [{ component: 'mail' }] }]);
  });

  it('properties of a Linkable, and workers of another cloud that pass requests on', async () => {
    const topology = await of(
      `const fn = new sst.aws.Function("Api", { handler: "src/orders.list", url: true });
       const proxy = new sst.cloudflare.Worker("Proxy", { handler: "src/proxy.ts", url: true, environment: { ORIGIN_URL: fn.url } });
       const web = new sst.Linkable("Web", { properties: { url: proxy.url } });
       new sst.aws.Cron("Call", { schedule: "rate(1 hour)", function: { handler: "src/orders.call", link: [web] } });`,
    );
    expect(callsOf(topology)).toEqual(expect.arrayContaining(['call http proxy', 'proxy http api']));
  });

  it('a handler that is not known is a problem on its line', async () => {
    const topology = await of(`    const q = new sst.aws.Queue("Q");\n    q.subscribe(make());`);
    expect(topology.problems).toEqual([{ file: 'sst.config.ts', line: LINES + 1, message: 'Which function is called here could not be read.' }]);
  });
});
