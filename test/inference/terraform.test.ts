import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { readHcl } from '../../src/inference/detectors/hcl.ts';
import { callsOf, componentsOf, topologyOf } from './memory-workspace.ts';

const one = (it: Topology, id: string) => it.components.find((component) => component.id === id);
const api = {
  'api/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
  'api/package.json': JSON.stringify({ name: 'api', main: 'index.js', dependencies: { express: '4', pg: '8', ioredis: '5' } }),
  'api/index.js': `const express = require('express'); const { Pool } = require('pg'); const Redis = require('ioredis');
const pool = new Pool({ host: process.env.DB_HOST, max: 8 }); const cache = new Redis(process.env.REDIS_URL); const app = express();
app.get('/orders', async (q, s) => { await cache.get('a'); s.json(await pool.query('SELECT * FROM orders')); }); app.listen(3000);`,
};
const database = `resource "aws_db_parameter_group" "orders" {
  family = "postgres16"
  parameter {
    name  = "max_connections"
    value = "350"
  }
}
resource "aws_db_instance" "orders" {
  engine               = "postgres"
  engine_version       = var.engine_version
  instance_class       = var.size
  parameter_group_name = aws_db_parameter_group.orders.name
  password             = "S3cr3t-hunter2"
}
resource "aws_db_instance" "replica" {
  replicate_source_db = aws_db_instance.orders.identifier
  instance_class      = "db.t3.micro"
}
variable "size" {
  default = "db.r6g.xlarge"
}
variable "engine_version" {
  default = "16.3"
}
`;
const cache = `resource "aws_elasticache_replication_group" "sessions" {
  engine    = "redis"
  node_type = "cache.t4g.small"
}
`;
const ecs = `resource "aws_ecr_repository" "api" {
  name = "shop/api"
}
resource "aws_ecs_task_definition" "api" {
  family = "api"
  cpu    = 512
  memory = 1024
  container_definitions = jsonencode([
    {
      name  = "api"
      image = "\${aws_ecr_repository.api.repository_url}:\${var.tag}"
      environment = [
        { name = "DB_HOST", value = aws_db_instance.orders.address },
        { name = "REDIS_URL", value = "redis://\${aws_elasticache_replication_group.sessions.primary_endpoint_address}:6379" },
        { name = "API_KEY", value = "sk_live_S3cr3t" }
      ]
    }
  ])
}
resource "aws_ecs_service" "api" {
  name            = "api"
  task_definition = aws_ecs_task_definition.api.arn
  desired_count   = 2
  load_balancer {
    container_name = "api"
  }
}
`;

describe('Terraform', () => {
  it('containers, servers and their limits', async () => {
    const topology = await topologyOf({ ...api, 'infra/db.tf': database, 'infra/cache.tf': cache, 'infra/ecs.tf': ecs });
    expect(componentsOf(topology)).toEqual(['api service', 'orders database', 'sessions cache']);
    expect(callsOf(topology)).toEqual(['api cache sessions', 'api query orders']);
    expect(one(topology, 'api')).toMatchObject({ replicas: { value: 2, place: { file: 'infra/ecs.tf', line: 23 } }, cores: { value: 0.5, place: { line: 6 } } });
    expect(one(topology, 'orders')).toMatchObject({
      technology: 'postgres 16.3',
      maxConnections: { value: 350, basis: 'declared', place: { file: 'infra/db.tf', line: 5 } },
      parallelism: { value: 4, basis: 'derived', place: { file: 'infra/db.tf', line: 11 } },
    });
    expect(topology.endpoints).toMatchObject([{ id: 'api GET /orders', external: true }]);
    expect(topology.deployments).toMatchObject([{ id: 'infra', source: 'terraform', active: true }]);
    expect(JSON.stringify(topology)).not.toContain('S3cr3t');
  });

  it.each<[string, Record<string, string>, (it: Topology) => unknown, unknown]>([
    [
      'an autoscaler: replicas are its most',
      { 'infra/scale.tf': 'resource "aws_appautoscaling_target" "api" {\n  max_capacity = 9\n  resource_id  = "service/shop/${aws_ecs_service.api.name}"\n}\n' },
      (it) => one(it, 'api')?.replicas,
      { value: 9, place: { file: 'infra/scale.tf', line: 2 } },
    ],
    [
      'a compose file beside it is for desks',
      { 'docker-compose.yml': 'services:\n  api: { build: ./api }\n  mailhog: { image: mailhog/mailhog }\n' },
      (it) => it.deployments.map((d) => `${d.id} ${d.active}`),
      ['infra true', 'docker-compose.yml false'],
    ],
    ['what count switches off is not there', { 'infra/more.tf': 'resource "aws_sqs_queue" "a" {\n  count = 0\n}\n' }, (it) => one(it, 'sqs') ?? null, null],
    ['examples are none', { 'infra/examples/x/main.tf': 'resource "aws_sqs_queue" "a" {}\n' }, (it) => one(it, 'sqs') ?? null, null],
  ])('%s', async (_name, files, read, expected) => {
    const seen = read(await topologyOf({ ...api, 'infra/db.tf': database, 'infra/cache.tf': cache, 'infra/ecs.tf': ecs, ...files }));
    if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) expect(seen).toMatchObject(expected);
    else expect(seen).toEqual(expected);
  });

  const compose = { 'docker-compose.prod.yml': 'services:\n  api:\n    build: ./api\n    ports: ["80:3000"]\n    environment: { DB_HOST: db }\n  db: { image: "postgres:16" }\n' };
  it.each<[string, string, object]>([
    ['its limit', database, { maxConnections: { value: 350 }, places: [{ file: 'docker-compose.prod.yml' }, { file: 'infra/db.tf' }] }],
    [
      'its class, by the formula of the provider',
      database.replace('parameter_group_name = aws_db_parameter_group.orders.name', ''),
      { maxConnections: { basis: 'assumed', range: [2522, 3604] } },
    ],
    ['a parameter group of elsewhere: unknown', database.replace('aws_db_parameter_group.orders.name', '"shared"'), { maxConnections: { state: 'unknown' } }],
    [
      'a class that nobody knows: unknown',
      'resource "aws_db_instance" "x" {\n  engine = "postgres"\n  instance_class = var.size\n}\n',
      { maxConnections: { state: 'unknown' }, parallelism: { basis: 'assumed' } },
    ],
  ])('stores alone say more of the one that runs: %s', async (_name, text, expected) => {
    const topology = await topologyOf({ ...api, ...compose, 'infra/db.tf': text });
    expect(componentsOf(topology).filter((it) => it.endsWith('database'))).toEqual(['db database']);
    expect(one(topology, 'db')).toMatchObject(expected);
  });

  it('modules: variables from the caller, outputs to it, well-known ones of the registry', async () => {
    const topology = await topologyOf({
      ...api,
      'tf/envs/prod/main.tf': `module "db" {
  source = "../../modules/db"
  size   = "db.m6g.2xlarge"
}
module "cache" {
  source    = "terraform-aws-modules/elasticache/aws"
  node_type = "cache.r7g.large"
}
module "app" {
  source  = "../../modules/app"
  db_host = module.db.host
}
`,
      'tf/envs/dev/main.tf': 'module "db" {\n  source = "../../modules/db"\n  size   = "db.t3.micro"\n}\n',
      'tf/modules/db/main.tf': `${database}output "host" {\n  value = aws_db_instance.orders.address\n}\n`,
      'tf/modules/app/main.tf': `${ecs.replace('aws_db_instance.orders.address', 'var.db_host').replace(/redis:.*6379/, 'redis://cache:6379')}variable "db_host" {}\n`,
    });
    expect(componentsOf(topology)).toEqual(['api service', 'orders database', 'redis cache']);
    expect(callsOf(topology)).toEqual(['api cache redis', 'api query orders']);
    expect(one(topology, 'orders')?.parallelism).toMatchObject({ value: 8, place: { file: 'tf/modules/db/main.tf' } });
    expect(topology.deployments.map((it) => `${it.id} ${it.stage} ${it.active}`)).toEqual(['tf/envs/prod production true']);
  });

  it('functions and what calls them', async () => {
    const topology = await topologyOf({
      'package.json': JSON.stringify({ name: 'fn', dependencies: { pg: '8' } }),
      'src/work.js':
        "const { Pool } = require('pg'); const pool = new Pool({ host: process.env.DB_HOST }); exports.handler = async () => { await pool.query('INSERT INTO a VALUES (1)'); };",
      'infra/main.tf': `${database}resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}
resource "aws_lambda_function" "work" {
  handler     = "src/work.handler"
  runtime     = "nodejs20.x"
  memory_size = 512
  timeout     = 30
  reserved_concurrent_executions = 7
  environment {
    variables = {
      DB_HOST = aws_db_instance.orders.address
    }
  }
}
resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.work.arn
  scaling_config {
    maximum_concurrency = 4
  }
}
resource "aws_lambda_function" "report" {
  handler = "report.main"
  runtime = "python3.12"
}
resource "aws_apigatewayv2_integration" "report" {
  integration_uri = aws_lambda_function.report.invoke_arn
}
resource "aws_apigatewayv2_route" "report" {
  route_key = "GET /reports/{id}"
  target    = "integrations/\${aws_apigatewayv2_integration.report.id}"
}
`,
    });
    expect(componentsOf(topology)).toEqual(['orders database', 'report service', 'sqs queue', 'work worker']);
    expect(callsOf(topology)).toEqual(['work consume sqs', 'work query orders']);
    expect(one(topology, 'work')?.onDemand).toMatchObject({ most: { value: 7 }, timeoutMs: { value: 30_000 }, memory: { value: 512 * 1024 * 1024 } });
    expect(topology.channels).toMatchObject([{ name: 'jobs', consumers: [{ concurrency: { value: 4 } }] }]);
  });

  it.each<[string, string, string[]]>([
    [
      'google',
      'resource "google_sql_database_instance" "main" {\n  name = "orders"\n  database_version = "POSTGRES_15"\n  settings {\n    tier = "db-f1-micro"\n    database_flags {\n      name  = "max_connections"\n      value = "60"\n    }\n  }\n}\nresource "google_redis_instance" "cache" {}\n',
      ['orders postgres 15 60', 'redis redis 10000'],
    ],
    [
      'azure',
      'resource "azurerm_postgresql_flexible_server" "main" {\n  name = "orders"\n  version = "16"\n}\nresource "azurerm_postgresql_flexible_server_configuration" "x" {\n  name      = "max_connections"\n  server_id = azurerm_postgresql_flexible_server.main.id\n  value     = "75"\n}\nresource "azurerm_servicebus_namespace" "bus" {}\n',
      ['orders postgres 16 75', 'servicebus servicebus ?'],
    ],
  ])('stores of %s', async (_name, text, expected) => {
    const topology = await topologyOf({
      'package.json': '{ "name": "a", "main": "i.js" , "dependencies": { "express": "4" } }',
      'i.js': "const a = require('express')(); a.get('/', (q, s) => s.end()); a.listen(1);",
      'main.tf': text,
    });
    const stores = topology.components.filter((it) => it.engine).map((it) => `${it.id} ${it.technology} ${it.maxConnections.state === 'known' ? it.maxConnections.value : '?'}`);
    expect(stores.sort()).toEqual(expected);
  });

  it('a broken block is a problem at its line, the others count', async () => {
    const topology = await topologyOf({ ...api, 'infra/db.tf': `${database}resource "x" "y" {\n  a = = 1\n}\n`, 'infra/cache.tf': cache, 'infra/ecs.tf': ecs });
    expect(topology.problems).toMatchObject([{ file: 'infra/db.tf', line: 26 }]);
    expect(componentsOf(topology)).toHaveLength(3);
  });
});

describe('the block reader', () => {
  const attribute = (text: string): unknown => {
    const { blocks, problems } = readHcl('a.tf', `a "b" {\n  x = ${text}\n}\n`);
    return problems.length > 0 ? 'problem' : JSON.parse(JSON.stringify(blocks[0]?.attributes.x, (key, value) => (key === 'place' ? undefined : value)));
  };
  it.each<[string, unknown]>([
    ['"a\\"b"', { t: 'value', v: 'a"b' }],
    ['-3.5', { t: 'value', v: -3.5 }],
    ['null', { t: 'value', v: null }],
    ['var.a', { t: 'reference', path: ['var', 'a'] }],
    ['aws_x.y[0].z', { t: 'reference', path: ['aws_x', 'y', 'z'] }],
    ['aws_x.y[*].z', { t: 'reference', path: ['aws_x', 'y', 'z'] }],
    [
      '"a-${var.b}"',
      {
        t: 'template',
        parts: [
          { t: 'value', v: 'a-' },
          { t: 'reference', path: ['var', 'b'] },
        ],
      },
    ],
    ['"$${a}"', { t: 'value', v: '${a}' }],
    [
      '[1, 2,]',
      {
        t: 'list',
        items: [
          { t: 'value', v: 1 },
          { t: 'value', v: 2 },
        ],
      },
    ],
    [
      '{ a = 1, "b" : 2 }',
      {
        t: 'map',
        entries: [
          ['a', { t: 'value', v: 1 }],
          ['b', { t: 'value', v: 2 }],
        ],
      },
    ],
    [
      'f(1, var.a...)',
      {
        t: 'call',
        name: 'f',
        args: [
          { t: 'value', v: 1 },
          { t: 'reference', path: ['var', 'a'] },
        ],
      },
    ],
    ['a == 1 ? 2 : 3', { t: 'unknown' }],
    ['!var.a', { t: 'unknown' }],
    ['[for it in var.a : "${it}]"]', { t: 'unknown' }],
    ['{ for k, v in var.a : k => v }', { t: 'unknown' }],
    [
      '<<-EOT\n  one ${var.a}\n  EOT',
      {
        t: 'template',
        parts: [
          { t: 'value', v: '  one ' },
          { t: 'reference', path: ['var', 'a'] },
          { t: 'value', v: '\n' },
        ],
      },
    ],
    ['"open', 'problem'],
    ['', 'problem'],
    ['[1', 'problem'],
    ['<<EOT\n', 'problem'],
  ])('%s', (text, expected) => expect(attribute(text)).toEqual(expected));

  it('comments and odd blanks', () => {
    const { blocks, problems } = readHcl('a.tf', '# a\n/* b\n { */ a { // c\n x = 1 # d\n b "c" { y = 2 } \r\n}\n');
    expect(problems).toEqual([]);
    expect(blocks).toMatchObject([{ type: 'a', attributes: { x: { v: 1 } }, blocks: [{ type: 'b', labels: ['c'], attributes: { y: { v: 2, place: { line: 5 } } } }] }]);
  });

  it('is fast on what is no Terraform', () => {
    for (const text of ['{'.repeat(5000), '['.repeat(5000), '"${'.repeat(5000), 'a {\n'.repeat(5000)])
      expect(readHcl('a.tf', `a = ${text}`).problems.length).toBeLessThanOrEqual(3);
  });
});
