import { describe, expect, it } from 'vitest';
import { type Topology, walkSteps } from '../../src/model/topology.ts';
import { callsOf, service, topologyOf } from './memory-workspace.ts';

const DEPENDENCIES = {
  express: '4',
  pg: '8',
  mysql2: '3',
  sequelize: '6',
  typeorm: '0.3',
  'drizzle-orm': '0.38',
  '@prisma/client': '6',
  '@prisma/extension-read-replicas': '0.4',
  '@prisma/adapter-pg': '7',
};

/** Where each query of `GET /it` goes: `db` or `copy of db`. */
async function sides(head: string, body: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const topology = await topologyOf(
    service(DEPENDENCIES, {
      'src/index.js': `const express = require('express');\n${head}\nconst app = express();\napp.get('/it', async (req, res) => {\n${body}\n  res.end();\n});\napp.listen(3000);\n`,
      ...more,
    }),
  );
  return sidesOf(topology, 'app GET /it');
}

function sidesOf(topology: Topology, endpoint: string): string[] {
  const found: string[] = [];
  walkSteps(topology.endpoints.find((it) => it.id === endpoint)?.steps ?? [], (step) => {
    if (step.kind !== 'query') return;
    const store = topology.components.find((it) => it.id === step.target);
    expect(store?.replicaOf).toBe(step.primary);
    found.push(`${step.label} ${store?.replicaOf ? `copy of ${store.replicaOf}` : store?.id}${step.usesHeld ? '^' : ''}`);
  });
  return found;
}

const SEQUELIZE = `const { Sequelize, QueryTypes, DataTypes } = require('sequelize');
const sequelize = new Sequelize('shop', null, null, {
  dialect: 'postgres',
  replication: { read: [{ host: process.env.READ_HOST, username: 'a', password: 'b' }], write: { host: 'db', username: 'a', password: 'b' } },
  pool: { max: 12 },
});
const Order = sequelize.define('Order', { note: DataTypes.STRING });`;

const TYPEORM = (mode = '') => `const { DataSource } = require('typeorm');
class Order {}
const source = new DataSource({
  type: 'mysql',
  replication: { ${mode}master: { host: 'db', port: 3306 }, slaves: [{ host: 'reader-1' }, { host: 'reader-2' }] },
});
const orders = source.getRepository(Order);`;

const PRISMA = (given: string) => `const { PrismaClient } = require('@prisma/client');
const { PrismaPg } = require('@prisma/adapter-pg');
const { readReplicas } = require('@prisma/extension-read-replicas');
const base = new PrismaClient();
const prisma = base.$extends(readReplicas(${given}));`;
const SCHEMA = { 'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\nmodel User {\n  id Int @id\n}\n' };

const DRIZZLE = `const { drizzle } = require('drizzle-orm/node-postgres');
const { pgTable, withReplicas, integer } = require('drizzle-orm/pg-core');
const users = pgTable('users', { id: integer('id') });
const primary = drizzle(process.env.DATABASE_URL);
const db = withReplicas(primary, [drizzle(process.env.READ_URL), drizzle(process.env.OTHER_READ_URL)]);`;

describe('reads that a library sends to a copy', () => {
  it.each<[string, string, string, string[], Record<string, string>?]>([
    [
      'Sequelize: finders',
      SEQUELIZE,
      'await Order.findAll(); await Order.count(); await Order.create({});',
      ['Order.findAll copy of db', 'Order.count copy of db', 'Order.create db'],
    ],
    ['Sequelize: useMaster', SEQUELIZE, 'await Order.findByPk(1, { useMaster: true });', ['Order.findByPk db']],
    ['Sequelize: a transaction', SEQUELIZE, 'await sequelize.transaction(async (transaction) => { await Order.findAll({ transaction }); });', ['Order.findAll db^']],
    [
      'Sequelize: raw SQL, only where it says so',
      SEQUELIZE,
      "await sequelize.query('SELECT * FROM orders'); await sequelize.query('SELECT * FROM orders', { type: QueryTypes.SELECT });",
      ['SELECT orders db', 'SELECT orders copy of db'],
    ],
    [
      'TypeORM: finders and builders',
      TYPEORM(),
      "await orders.find(); await orders.createQueryBuilder('o').getMany(); await orders.save({});",
      ['Order.find copy of db', 'Order.getMany copy of db', 'Order.save db'],
    ],
    [
      'TypeORM: copies of which nothing is said',
      TYPEORM().replace(/slaves: \[[^\]]*\]/, "slaves: require('js-yaml').load(require('fs').readFileSync('./none.yml')).slaves.map((it) => ({ host: it.host }))"),
      'await orders.find();',
      ['Order.find db'],
    ],
    ['TypeORM: raw SQL', TYPEORM(), "await source.query('SELECT * FROM orders');", ['SELECT orders db']],
    ['TypeORM: a transaction', TYPEORM(), 'await source.transaction(async (manager) => { await manager.find(Order); });', ['Order.find db^']],
    ['TypeORM: a query runner', TYPEORM(), "const runner = source.createQueryRunner('master'); await runner.manager.find(Order);", ['Order.find db']],
    ['TypeORM: master unless told otherwise', TYPEORM("defaultMode: 'master', "), 'await orders.find();', ['Order.find db']],
    [
      'Prisma: models',
      PRISMA('{ url: process.env.READ_URL }'),
      'await prisma.user.findMany(); await prisma.user.update({});',
      ['user.findMany copy of postgres', 'user.update postgres'],
      SCHEMA,
    ],
    ['Prisma: $primary', PRISMA('{ url: process.env.READ_URL }'), 'await prisma.$primary().user.findMany();', ['user.findMany postgres'], SCHEMA],
    ['Prisma: the client before the extension', PRISMA('{ url: process.env.READ_URL }'), 'await base.user.findMany();', ['user.findMany postgres'], SCHEMA],
    ['Prisma: raw SQL', PRISMA('{ url: process.env.READ_URL }'), 'await prisma.$queryRaw`SELECT * FROM users`;', ['SELECT users postgres'], SCHEMA],
    [
      'Prisma: a transaction',
      PRISMA('{ url: process.env.READ_URL }'),
      'await prisma.$transaction(async (tx) => { await tx.user.findMany(); });',
      ['user.findMany postgres^'],
      SCHEMA,
    ],
    [
      'Prisma: clients of their own',
      PRISMA('{ replicas: [new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.READ_URL }) })] }'),
      'await prisma.user.findMany();',
      ['user.findMany copy of postgres'],
      SCHEMA,
    ],
    ['Drizzle: builders', DRIZZLE, 'await db.select().from(users); await db.insert(users).values({});', ['SELECT users copy of postgres', 'INSERT users postgres']],
    ['Drizzle: $primary', DRIZZLE, 'await db.$primary.select().from(users);', ['SELECT users postgres']],
    ['Drizzle: the database before it', DRIZZLE, 'await primary.select().from(users);', ['SELECT users postgres']],
    ['Drizzle: a transaction', DRIZZLE, 'await db.transaction(async (tx) => { await tx.select().from(users); });', ['SELECT users postgres^']],
  ])('%s', async (_says, head, body, expected, more) => expect(await sides(head, body, more)).toEqual(expected));
});

describe('a copy', () => {
  it('is as large as its primary, with a pool of its own for each client', async () => {
    const topology = await topologyOf(
      service(DEPENDENCIES, {
        'docker-compose.yml': 'services:\n  app:\n    build: .\n    ports: ["3000:3000"]\n  db:\n    image: postgres:16\n    deploy: { resources: { limits: { cpus: "4" } } }\n',
        Dockerfile: 'FROM node:22\nCOPY . .\nCMD ["node", "src/index.js"]\n',
        'src/index.js': `const express = require('express');\n${SEQUELIZE}\nconst app = express();\napp.get('/it', async (req, res) => { await Order.findAll(); await Order.create({}); res.end(); });\napp.listen(3000);\n`,
      }),
    );
    expect(topology.components.find((it) => it.id === 'db-replica')).toMatchObject({
      kind: 'database',
      engine: 'postgres',
      replicaOf: 'db',
      replicas: { value: 1 },
      parallelism: { value: 4 },
    });
    expect(topology.pools.map((it) => `${it.id} ${it.max.state === 'known' && it.max.value}`).sort()).toEqual(['app→db pool 12', 'app→db-replica pool 12']);
    expect(callsOf(topology)).toEqual(['app query db', 'app query db-replica']);
  });

  it('is not there where nobody reads from it', async () => {
    const topology = await topologyOf(
      service(DEPENDENCIES, {
        'src/index.js': `const express = require('express');\n${SEQUELIZE}\nconst app = express();\napp.get('/it', async (req, res) => { await Order.create({}); res.end(); });\napp.listen(3000);\n`,
      }),
    );
    expect(callsOf(topology)).toEqual(['app query db']);
    expect(topology.components.filter((it) => it.replicaOf)).toEqual([]);
  });

  it('counts as often as code names it', async () => {
    const topology = await topologyOf(
      service(DEPENDENCIES, {
        'src/index.js': `const express = require('express');\n${TYPEORM()}\nconst app = express();\napp.get('/it', async (req, res) => { await orders.find(); res.end(); });\napp.listen(3000);\n`,
      }),
    );
    expect(topology.components.find((it) => it.replicaOf)?.replicas).toMatchObject({ value: 2, basis: 'declared' });
  });
});

describe('two pools', () => {
  const pools = (reader = 'db-reader') => `const { Pool } = require('pg');
const writer = new Pool({ host: 'db' });
const reader = new Pool({ host: '${reader}' });`;
  const BODY = "await reader.query('SELECT * FROM orders WHERE id = $1', [1]); await writer.query('UPDATE orders SET a = 1');";
  const compose = (second: string) => ({
    'docker-compose.yml': `services:\n  app:\n    build: .\n    ports: ["3000:3000"]\n  db:\n    image: postgres:16\n  db-reader:\n${second}`,
    Dockerfile: 'FROM node:22\nCOPY . .\nCMD ["node", "src/index.js"]\n',
  });

  it.each<[string, string, string]>([
    [
      'a server that a base backup with its recovery settings makes',
      "    image: postgres:16\n    command: sh -c 'pg_basebackup -h db -D /data -R -X stream && exec postgres'\n",
      'copy of db',
    ],
    ['long options', "    image: postgres:16\n    command: sh -c 'pg_basebackup --pgdata=/data --write-recovery-conf --host=db && exec postgres'\n", 'copy of db'],
    ["Bitnami's image", '    image: bitnami/postgresql:16\n    environment:\n      - POSTGRESQL_REPLICATION_MODE=slave\n      - POSTGRESQL_MASTER_HOST=db\n', 'copy of db'],
    ['a backup that is followed by nothing', "    image: postgres:16\n    command: sh -c 'pg_basebackup -h db -D /backup'\n", 'db-reader'],
    ['the primary of its own', '    image: bitnami/postgresql:16\n    environment:\n      - POSTGRESQL_REPLICATION_MODE=master\n', 'db-reader'],
    ['a name that says so, and nothing else', '    image: postgres:16\n', 'db-reader'],
    ['another product', '    image: mariadb:11\n    environment:\n      - MARIADB_REPLICATION_MODE=slave\n      - MARIADB_MASTER_HOST=db\n', 'db-reader'],
  ])('%s', async (_says, second, expected) => expect(await sides(pools(), BODY, compose(second))).toEqual([`SELECT orders ${expected}`, 'UPDATE orders db']));
});

describe("Amazon's endpoints", () => {
  const at = (kind: string, name = 'shop') => `${name}.${kind}-c0ffee12.eu-west-1.rds.amazonaws.com`;
  const pools = (writer: string, reader: string) => `const { Pool } = require('pg');
const writer = new Pool({ connectionString: 'postgres://a:b@${writer}:5432/shop' });
const reader = new Pool({ host: '${reader}' });`;
  const BODY = "await reader.query('SELECT * FROM orders'); await writer.query('UPDATE orders SET a = 1');";

  it.each<[string, string, string, string[]]>([
    ['the reader endpoint of a cluster', at('cluster'), at('cluster-ro'), ['SELECT orders copy of postgres', 'UPDATE orders postgres']],
    ['of another cluster', at('cluster'), at('cluster-ro', 'stock'), ['SELECT orders copy of stock', 'UPDATE orders shop']],
    ['an endpoint of its own, which may lead anywhere', at('cluster'), at('cluster-custom', 'reports'), ['SELECT orders reports', 'UPDATE orders shop']],
    ['a name that looks like one', 'shop.example.com', 'shop.cluster-ro.example.com', ['SELECT orders shop.cluster-ro.example.com', 'UPDATE orders shop.example.com']],
  ])('%s', async (_says, writer, reader, expected) => expect(await sides(pools(writer, reader), BODY)).toEqual(expected));
});

describe('copies that a cloud runs', () => {
  const code = {
    'api/Dockerfile': 'FROM node:22\nCMD ["node", "index.js"]\n',
    'api/package.json': JSON.stringify({ name: 'api', main: 'index.js', dependencies: { express: '4', pg: '8' } }),
    'api/index.js': `const express = require('express'); const { Pool } = require('pg');
const writer = new Pool({ host: process.env.DB_HOST }); const reader = new Pool({ host: process.env.READ_HOST }); const app = express();
app.get('/it', async (q, s) => { await reader.query('SELECT * FROM orders'); await writer.query('UPDATE orders SET a = 1'); s.end(); }); app.listen(3000);`,
  };
  const task = (writer: string, reader: string) => ({
    'infra/ecs.tf': `resource "aws_ecr_repository" "api" {
  name = "shop/api"
}
resource "aws_ecs_service" "api" {
  name            = "api"
  task_definition = aws_ecs_task_definition.api.arn
}
resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "\${aws_ecr_repository.api.repository_url}:1"
    environment = [{ name = "DB_HOST", value = ${writer} }, { name = "READ_HOST", value = ${reader} }]
  }])
}
`,
  });
  const instance = (more = '') => `resource "aws_db_instance" "orders" {
  engine         = "postgres"
  instance_class = "db.r6g.xlarge"
}
resource "aws_db_instance" "reports" {
  ${more}
  instance_class = "db.r6g.large"
}
`;
  const cluster = (count: string) => `resource "aws_rds_cluster" "orders" {
  engine = "aurora-postgresql"
}
resource "aws_rds_cluster_instance" "them" {
  ${count}
  cluster_identifier = aws_rds_cluster.orders.id
  instance_class     = "db.r6g.large"
}
`;
  const INSTANCES = task('aws_db_instance.orders.address', 'aws_db_instance.reports.address');
  const ENDPOINTS = task('aws_rds_cluster.orders.endpoint', 'aws_rds_cluster.orders.reader_endpoint');
  const readers = (topology: Topology): unknown => {
    const it = topology.components.find((one) => one.replicaOf);
    return it && [it.id, it.replicas.state === 'known' && it.replicas.value, it.parallelism.state === 'known' && it.parallelism.value];
  };

  it.each<[string, Record<string, string>, string[], unknown]>([
    [
      'an instance that replicates another',
      { 'infra/db.tf': instance('replicate_source_db = aws_db_instance.orders.identifier'), ...INSTANCES },
      ['SELECT orders copy of orders', 'UPDATE orders orders'],
      ['reports', 1, 2],
    ],
    ['an instance of its own', { 'infra/db.tf': instance('engine = "postgres"'), ...INSTANCES }, ['SELECT orders reports', 'UPDATE orders orders'], undefined],
    [
      'the reader endpoint of a cluster of three',
      { 'infra/db.tf': cluster('count = 3'), ...ENDPOINTS },
      ['SELECT orders copy of orders', 'UPDATE orders orders'],
      ['orders-reader', 2, 2],
    ],
    ['of a cluster of one: the writer', { 'infra/db.tf': cluster(''), ...ENDPOINTS }, ['SELECT orders orders', 'UPDATE orders orders'], undefined],
    [
      'of a cluster whose size a variable decides',
      { 'infra/db.tf': cluster('count = var.size'), ...ENDPOINTS },
      ['SELECT orders copy of orders', 'UPDATE orders orders'],
      ['orders-reader', 1, 2],
    ],
  ])('%s', async (_says, files, expected, copy) => {
    const topology = await topologyOf({ ...code, ...files });
    expect(sidesOf(topology, 'api GET /it')).toEqual(expected);
    expect(readers(topology)).toEqual(copy);
  });
});
