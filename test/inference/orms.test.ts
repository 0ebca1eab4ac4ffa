import { describe, expect, it } from 'vitest';
import { type Step, type Topology, walkSteps } from '../../src/model/topology.ts';
import { callsOf, routeOf, stepsOf, topologyOf } from './memory-workspace.ts';

type Query = Extract<Step, { kind: 'query' }> & { holdMs: { source?: string; value?: number } };

function queriesOf(topology: Topology, endpoint: string): Query[] {
  const found: Query[] = [];
  walkSteps(topology.endpoints.find((it) => it.id === endpoint)?.steps ?? [], (step) => {
    if (step.kind === 'query') found.push(step as Query);
  });
  return found;
}

describe('prisma', () => {
  const client = `import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient();`;
  const schema = (url = 'env("DATABASE_URL")') => ({
    'prisma/schema.prisma': `datasource db {\n  provider = "postgresql"\n  url      = ${url}\n}\nmodel User {\n  id Int @id\n}\n`,
  });
  const v6 = { '@prisma/client': '^6.0.0' };

  it.each<[string, string, string[]]>([
    [
      'reads and writes',
      `const it = await prisma.user.findUnique({ where: { id: 1 } }); if (!it) return res.status(404).json({}); await prisma.user.update({ where: { id: 1 }, data: {} });`,
      ['user.findUnique', 'user.update'],
    ],
    ['raw SQL', 'await prisma.$queryRaw`SELECT * FROM users WHERE id = ${req.params.id}`;', ['SELECT users']],
    [
      'an interactive transaction',
      `await prisma.$transaction(async (tx) => { await tx.user.create({ data: {} }); await tx.order.count(); });`,
      ['hold always', 'hold always > user.create^', 'hold always > order.count^'],
    ],
    ['a transaction that forgets itself', `await prisma.$transaction(async (tx) => { await prisma.user.create({ data: {} }); });`, ['hold always', 'hold always > user.create']],
    [
      'a list of queries',
      `await prisma.$transaction([prisma.user.create({ data: {} }), prisma.order.count()]);`,
      ['hold always', 'hold always > user.create^', 'hold always > order.count^'],
    ],
    [
      'a list that was made before',
      `const all = [prisma.user.create({ data: {} })]; all.push(prisma.order.count()); await prisma.$transaction(all); await prisma.user.count();`,
      ['hold always', 'hold always > user.create^', 'hold always > order.count^', 'user.count'],
    ],
    [
      'a list of each of many',
      `await prisma.$transaction(req.body.users.map((it) => prisma.user.update({ where: { id: it.id }, data: it })));`,
      ['hold always', 'hold always > each', 'hold always > each > user.update^'],
    ],
    [
      'a list that depends',
      `const n = await prisma.order.count(); await prisma.$transaction([...(n === 0 ? [prisma.user.delete({ where: { id: 1 } })] : [prisma.user.update({ where: { id: 1 }, data: {} })]), prisma.order.count()]);`,
      [
        'order.count',
        'hold always',
        'hold always > either way',
        'hold always > either way > user.delete^',
        'hold always > either way > user.update^',
        'hold always > order.count^',
      ],
    ],
    [
      'what a query gives back is data',
      `const user = await prisma.user.findUnique({ where: { id: 1 } }); for (const it of user.orders) await prisma.order.count();`,
      ['user.findUnique', 'each', 'each > order.count'],
    ],
    ['an extended client', `const other = prisma.$extends({}); await other.user.findMany({ include: { orders: true } });`, ['user.findMany']],
  ])('%s', async (_name, body, expected) => {
    const topology = await routeOf(v6, client, body, schema());
    expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
    expect(callsOf(topology)).toEqual(['app query postgres']);
  });

  const adapter = (options: string) =>
    `import { PrismaClient } from '@prisma/client'; import { PrismaPg } from '@prisma/adapter-pg'; import { Pool } from 'pg'; const prisma = new PrismaClient({ adapter: new PrismaPg(${options}) });`;
  // [case, version, code, schema's URL, .env, pool]
  it.each<[string, string, string, string, string, unknown]>([
    [
      'its own pool, by the cores of a host that nobody knows',
      '^6.0.0',
      client,
      'env("DATABASE_URL")',
      '',
      { max: { value: 9, basis: 'assumed', range: [5, 33] }, acquireTimeoutMs: { value: 10_000 } },
    ],
    ['the URL says', '^6.0.0', client, 'env("DATABASE_URL")', 'DATABASE_URL=postgresql://u@db/x?connection_limit=4', { max: { value: 4, basis: 'declared' } }],
    [
      'the URL says how long to wait',
      '^6.0.0',
      client,
      'env("DATABASE_URL")',
      'DATABASE_URL=postgresql://u@db/x?pool_timeout=3',
      { acquireTimeoutMs: { value: 3000, basis: 'declared' } },
    ],
    ['the URL says to wait for ever', '^6.0.0', client, 'env("DATABASE_URL")', 'DATABASE_URL=postgresql://u@db/x?pool_timeout=0', { acquireTimeoutMs: { state: 'none' } }],
    [
      "the adapter's pool",
      '^7.0.0',
      adapter(`{ connectionString: process.env.DATABASE_URL, max: 25 }`),
      'env("DATABASE_URL")',
      '',
      { max: { value: 25, basis: 'declared' }, acquireTimeoutMs: { state: 'none' } },
    ],
    [
      "the adapter's default",
      '^7.0.0',
      adapter(`{ connectionString: process.env.DATABASE_URL }`),
      'env("DATABASE_URL")',
      'DATABASE_URL=postgresql://u@db/x?connection_limit=4',
      { max: { value: 10, basis: 'libraryDefault' } },
    ],
    ['a pool for the adapter', '^7.0.0', adapter(`new Pool({ max: 40 })`), 'env("DATABASE_URL")', '', { max: { value: 40 } }],
    ['version 7 without an adapter that is read', '^7.0.0', client, 'env("DATABASE_URL")', '', { max: { state: 'unknown' } }],
  ])('%s', async (_name, version, code, url, env, pool) => {
    const topology = await routeOf({ '@prisma/client': version, pg: '^8.0.0' }, code, 'await prisma.user.findMany();', { ...schema(url), '.env': env });
    expect(topology.pools).toMatchObject([pool]);
  });

  it("a client that the schema of another package generates here; a template among the sources is nobody's", async () => {
    const topology = await topologyOf({
      'apps/api/package.json': JSON.stringify({ name: 'api', main: 'src/index.js', dependencies: { express: '5', ...v6 } }),
      'apps/api/src/index.js': `import express from 'express'; import { PrismaClient } from '../generated/client'; const prisma = new PrismaClient(); const app = express(); app.get('/it', async (q, s) => s.json(await prisma.user.findMany())); app.listen(1);`,
      'apps/api/src/templates/shop.prisma': 'datasource db {\n  provider = "mysql"\n}\n',
      'packages/db/schema.prisma': 'generator client {\n  provider = "prisma-client"\n  output = "../../apps/api/generated"\n}\ndatasource db {\n  provider = "postgresql"\n}\n',
    });
    expect(callsOf(topology)).toEqual(['api query postgres']);
  });

  it.each([
    ['beside them', './generated/client', {}],
    ['by an alias', '@/generated/client', { 'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }' }],
  ])('a client that is generated into the sources, imported from %s', async (_name, from, more) => {
    const files = {
      'prisma/schema.prisma': `generator client {\n  provider = "prisma-client"\n  output = "../src/generated"\n}\ndatasource db {\n  provider = "mysql"\n}\n`,
      ...more,
    };
    const topology = await routeOf(v6, `import { PrismaClient } from '${from}'; const prisma = new PrismaClient();`, 'await prisma.user.findMany();', files);
    expect(callsOf(topology)).toEqual(['app query mysql']);
  });
});

describe('knex', () => {
  const knex = `import knex from 'knex'; const db = knex({ client: 'pg', connection: { host: 'localhost' }, pool: { min: 0, max: 7 } });`;
  it.each<[string, string, string[]]>([
    ['reads', `await db('users').where('id', 1).first();`, ['SELECT users']],
    ['reads, the table last', `await db.select('name').from('users').orderBy('name');`, ['SELECT users']],
    [
      'writes',
      `await db('users').insert({ name: 'x' }); await db('users').where({ id: 1 }).update({}); await db('users').where({ id: 1 }).del();`,
      ['INSERT users', 'UPDATE users', 'DELETE users'],
    ],
    ['a query inside another', `await db('users').whereIn('id', db('admins').select('id'));`, ['SELECT users']],
    ['a query that is put together', `let query = db('users'); if (req.query.name) query = query.where('name', req.query.name); res.json(await query);`, ['SELECT users']],
    ['raw SQL', `await db.raw('SELECT * FROM orders WHERE id = ?', [1]);`, ['SELECT orders']],
    [
      'a transaction',
      `await db.transaction(async (trx) => { await trx('users').insert({}); await db('log').insert({}).transacting(trx); });`,
      ['hold always', 'hold always > INSERT users^', 'hold always > INSERT log^'],
    ],
    [
      'a transaction by hand',
      `const trx = await db.transaction(); try { await trx('users').insert({}); await trx.commit(); } catch (error) { await trx.rollback(); throw error; }`,
      ['hold always', 'hold always > INSERT users^', 'hold always > COMMIT^'],
    ],
    [
      'a transaction of a provider',
      `const provider = db.transactionProvider(); const trx = await provider(); await trx('users').insert({}); await trx.commit();`,
      ['hold happyPath', 'hold happyPath > INSERT users^', 'hold happyPath > COMMIT^'],
    ],
  ])('%s', async (_name, body, expected) => {
    const topology = await routeOf({ knex: '^3.0.0', pg: '^8.0.0' }, knex, body);
    expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
    expect(topology.pools).toMatchObject([
      { library: 'knex', target: 'postgres', max: { value: 7, basis: 'declared' }, acquireTimeoutMs: { value: 60_000, basis: 'libraryDefault' } },
    ]);
  });
});

it.each<[string, string, number]>([
  ['of the pool', `pool: { max: 7, acquireTimeoutMillis: 1500 }`, 1500],
  ['the shorter of both', `acquireConnectionTimeout: 900, pool: { acquireTimeoutMillis: 1500 }`, 900],
])('knex: acquire timeout %s', async (_name, options, ms) => {
  const topology = await routeOf(
    { knex: '^3.0.0', pg: '^8.0.0' },
    `import knex from 'knex'; const db = knex({ client: 'pg', connection: { host: 'localhost' }, ${options} });`,
    `await db('users');`,
  );
  expect(topology.pools).toMatchObject([{ acquireTimeoutMs: { value: ms, basis: 'declared' } }]);
});

it.each<[string, string, string[]]>([
  [
    'a reserved connection',
    'const own = await sql.reserve(); try { await own`SELECT 1 FROM a`; await sql`SELECT 1 FROM b`; } finally { own.release(); }',
    ['hold always', 'hold always > SELECT a^', 'hold always > SELECT b'],
  ],
  ['a savepoint', 'await sql.begin(async (sql) => { await sql.savepoint((sql) => sql`SELECT 1 FROM a`); });', ['hold always', 'hold always > SELECT a^']],
])('postgres.js: %s', async (_name, body, expected) => {
  const topology = await routeOf({ postgres: '^3.0.0' }, `import postgres from 'postgres'; const sql = postgres('postgres://localhost/x');`, body);
  expect(stepsOf(topology, 'app GET /it')).toEqual(expected);
});

it('postgres.js: templates, fragments, transactions', async () => {
  const topology = await routeOf(
    { postgres: '^3.0.0' },
    `import postgres from 'postgres'; const sql = postgres('postgres://localhost/x', { max: 20 });`,
    'const name = req.query.name; await sql`SELECT * FROM users WHERE ${name ? sql`name = ${name}` : sql`true`}`; await sql.begin(async (sql) => { await sql`INSERT INTO log ${sql({ name })}`; });',
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users', 'hold always', 'hold always > INSERT log^']);
  expect(topology.pools).toMatchObject([{ library: 'postgres', multiplexed: false, max: { value: 20, basis: 'declared' }, acquireTimeoutMs: { state: 'none' } }]);
});

it.each<[string, string, unknown]>([
  ['a pool that is given', `import { Pool } from 'pg'; const db = drizzle({ client: new Pool({ max: 9 }) });`, { value: 9 }],
  ['an address', `const db = drizzle(process.env.DATABASE_URL);`, { value: 10, basis: 'libraryDefault' }],
])('drizzle on node-postgres: %s', async (_name, before, max) => {
  const topology = await routeOf(
    { 'drizzle-orm': '^0.40.0', pg: '^8.0.0' },
    `import { drizzle } from 'drizzle-orm/node-postgres'; import { eq } from 'drizzle-orm'; import { pgTable, text } from 'drizzle-orm/pg-core'; const users = pgTable('users', { name: text() }); ${before}`,
    `await db.select().from(users).where(eq(users.name, 'x')); await db.insert(users).values({}); await db.query.users.findFirst(); await db.transaction(async (tx) => { await tx.update(users).set({}); });`,
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT users', 'INSERT users', 'users.findFirst', 'hold always', 'hold always > UPDATE users^']);
  expect(topology.pools).toMatchObject([{ library: 'pg', target: 'postgres', max }]);
});

it('kysely on node-postgres', async () => {
  const topology = await routeOf(
    { kysely: '^0.27.0', pg: '^8.0.0' },
    `import { Kysely, PostgresDialect, sql } from 'kysely'; import { Pool } from 'pg'; const db = new Kysely({ dialect: new PostgresDialect({ pool: new Pool({ max: 12 }) }) });`,
    'await db.selectFrom("person").selectAll().where("id", "=", 1).executeTakeFirst(); await db.transaction().execute(async (trx) => { await trx.insertInto("person").values({}).execute(); }); await sql`SELECT * FROM pets`.execute(db);',
  );
  expect(stepsOf(topology, 'app GET /it')).toEqual(['SELECT person', 'hold always', 'hold always > INSERT person^', 'SELECT pets']);
  expect(topology.pools).toMatchObject([{ library: 'pg', max: { value: 12 } }]);
  expect(queriesOf(topology, 'app GET /it')[0]).toMatchObject({ holdMs: { source: 'lookup by primary key' }, statement: { table: 'person', adds: false, limit: 'unknown' } });
});

it('kysely: what limits a list, and what only takes its first row', async () => {
  const topology = await routeOf(
    { kysely: '^0.28.0', 'kysely-postgres-js': '^3.0.0', postgres: '^3.4.0' },
    `import { Kysely } from 'kysely'; import { PostgresJSDialect } from 'kysely-postgres-js'; import postgres from 'postgres'; const db = new Kysely({ dialect: new PostgresJSDialect({ postgres: postgres('postgres://u:p@db:5432/x', { max: 7 }) }) });`,
    `await db.selectFrom('a').selectAll().execute(); await db.selectFrom('b').selectAll().limit(20).execute(); await db.selectFrom('c').selectAll().where('name', '=', 'x').executeTakeFirst(); await db.deleteFrom('d').where('d.id', '=', 1).execute();`,
  );
  expect(queriesOf(topology, 'app GET /it').map((it) => [it.label, it.statement?.limit, it.statement?.most, it.holdMs.source])).toEqual([
    ['SELECT a', 'none', undefined, 'indexed list query'],
    ['SELECT b', 'some', 20, 'indexed list query'],
    ['SELECT c', 'unknown', undefined, 'indexed list query'],
    ['DELETE d', 'unknown', undefined, 'single-row write'],
  ]);
  expect(topology.pools).toMatchObject([{ library: 'postgres', target: 'db', max: { value: 7 } }]);
});

// https://knexjs.org/guide/#configuration-options
it('knex: one connection to a file', async () => {
  const topology = await routeOf(
    { knex: '^3.0.0', 'better-sqlite3': '^12.0.0' },
    `import knex from 'knex'; const db = knex({ client: 'better-sqlite3', connection: { filename: './mydb.sqlite' } });`,
    `await db('users').where({ id: 1 }); await db('users').insert({});`,
  );
  expect(topology.pools).toMatchObject([{ library: 'knex', max: { value: 1, basis: 'libraryDefault', source: 'knex 3 pool.max with SQLite' } }]);
  // No network lies between: an assumed time of a server would make one connection the first limit.
  expect(queriesOf(topology, 'app GET /it').map((it) => it.holdMs)).toMatchObject([
    { value: 0.1, source: 'a query of SQLite in the process' },
    { value: 1, source: 'a write of SQLite in the process, with its wait for the disk' },
  ]);
});

// https://sequelize.org/docs/v6/other-topics/scopes
describe('what narrows a question to Sequelize', () => {
  const models = `import { Sequelize, Model } from 'sequelize';
class User extends Model {}
class Group extends Model { static ofMember(id) { return id ? this.scope({ method: ['ofMember', id] }) : this.scope('defaultScope'); } }
const sequelize = new Sequelize('postgres://db/shop');
User.init({}, { sequelize, modelName: 'User' }); Group.init({}, { sequelize, modelName: 'Group' });`;
  it.each([
    ['all rows', 'Group.findAll()', []],
    ['a scope without arguments', "Group.scope('open').findAll()", []],
    ['a scope that is told who asks', "Group.scope({ method: ['ofMember', req.query.user] }).findAll()", undefined],
    ['one that a method chooses', 'Group.ofMember(req.query.user).findAll()', undefined],
    ['a scope with a constant', "Group.scope({ method: ['inState', 'open'] }).findAll()", []],
    ['rows of another model that the request names', 'Group.findAll({ include: [{ model: User, where: { mail: req.query.mail } }] })', undefined],
    ['the same of a constant', 'Group.findAll({ include: [{ model: User, where: { active: true } }] })', []],
    ['the others as well', 'Group.findAll({ include: [{ model: User, required: false, where: { mail: req.query.mail } }] })', []],
  ])('%s', async (_says, asks, expected) => {
    const topology = await routeOf({ sequelize: '^6.0.0', pg: '^8.0.0' }, models, `await ${asks};`);
    const [query] = topology.endpoints.flatMap((it) => it.steps.flatMap((step) => (step.kind === 'query' ? [step] : [])));
    expect([query?.statement?.where, query?.statement?.limit]).toEqual([expected, 'none']);
  });
});

describe('sequelize-typescript', () => {
  const own = `import { Sequelize, Model, Table } from 'sequelize-typescript';
class Base extends Model { static createWithLog(values) { return this.create(values); } }
@Table class Order extends Base {}
@Table class User extends Base { static withTeams() { return this.scope('teams'); } }`;
  it.each<[string, string, string, string[]]>([
    ['models in a list', `new Sequelize('postgres://db/shop', { models: [Order, User] })`, 'await Order.findAll({ limit: 9 });', ['Order.findAll']],
    ['models added later', `const sequelize = new Sequelize('postgres://db/shop'); sequelize.addModels([Order, User])`, 'await Order.findByPk(1);', ['Order.findByPk']],
    ['models found by a path', `new Sequelize('postgres://db/shop', { models: [import.meta.dirname + '/models'] })`, 'await User.count();', ['User.count']],
    ['a static of a parent', `new Sequelize('postgres://db/shop', { models: [Order, User] })`, 'await Order.createWithLog({});', ['Order.create']],
    ['a scope of its own', `new Sequelize('postgres://db/shop', { models: [Order, User] })`, 'await User.withTeams().findOne({ where: { id: 1 } });', ['User.findOne']],
    ['what every class has', `new Sequelize('postgres://db/shop', { models: [Order, User] })`, 'await Order.toString(); await Order.constructor(1);', []],
  ])('%s', async (_name, made, asks, expected) => {
    const topology = await routeOf({ 'sequelize-typescript': '^2.0.0', pg: '^8.0.0' }, `${own} ${made}`, asks);
    expect(topology.endpoints[0]?.steps.flatMap((it) => (it.kind === 'query' ? [it.label] : []))).toEqual(expected);
    if (expected.length > 0) expect(callsOf(topology)).toEqual(['app query db']);
  });
});
