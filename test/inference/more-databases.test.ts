import { describe, expect, it } from 'vitest';
import { callsOf, routeOf, stepsOf, topologyOf } from './memory-workspace.ts';

type Row = readonly [name: string, body: string, steps: readonly string[]];
const libraries: readonly (readonly [library: string, dependencies: Record<string, string>, before: string, engine: string, pool: object, rows: readonly Row[]])[] = [
  [
    'slonik',
    { slonik: '^46.0.0' },
    `import { createPool, sql } from 'slonik'; const pool = await createPool(process.env.DATABASE_URL, { maximumPoolSize: 4 });`,
    'postgres',
    { max: { value: 4 }, acquireTimeoutMs: { value: 5000, basis: 'libraryDefault' } },
    [
      ['a typed statement', 'await pool.one(sql.type(row)`SELECT * FROM users WHERE id = ${req.params.id}`);', ['SELECT users']],
      ['one of any rows', 'await pool.maybeOneFirst(sql.unsafe`UPDATE users SET seen = now()`);', ['UPDATE users']],
      ['a connection', 'await pool.connect(async (c) => { await c.any(sql.unsafe`SELECT * FROM users`); });', ['hold always', 'hold always > SELECT users^']],
      [
        'a transaction, and one inside it',
        'await pool.transaction(async (t) => { await t.query(sql.unsafe`DELETE FROM users`); await t.transaction((n) => n.query(sql.unsafe`DELETE FROM orders`)); });',
        ['hold always', 'hold always > DELETE users^', 'hold always > DELETE orders^'],
      ],
    ],
  ],
  [
    'pg-promise',
    { 'pg-promise': '^12.0.0' },
    `import pgPromise from 'pg-promise'; class Users { constructor(db) { this.db = db; } all() { return this.db.any('SELECT * FROM users'); } }
     const pgp = pgPromise({ extend(obj) { obj.users = new Users(obj); } }); const db = pgp({ host: 'db', max: 30 });`,
    'postgres',
    { max: { value: 30 } },
    [
      ['a query', `await db.one('SELECT * FROM users WHERE id = $1', [req.params.id]);`, ['SELECT users']],
      ['a repository of its own', 'await db.users.all();', ['SELECT users']],
      ['a task', `await db.task(async (t) => { await t.users.all(); });`, ['hold always', 'hold always > SELECT users^']],
      [
        'a transaction, and one inside it',
        `await db.tx(async (t) => { await t.none('INSERT INTO users(name) VALUES($1)', [1]); await t.tx((n) => n.none('INSERT INTO orders(id) VALUES($1)', [1])); });`,
        ['hold always', 'hold always > INSERT users^', 'hold always > INSERT orders^'],
      ],
    ],
  ],
  [
    'mariadb',
    { mariadb: '^3.0.0' },
    `import mariadb from 'mariadb'; const pool = mariadb.createPool({ host: 'db', connectionLimit: 5 });`,
    'mariadb',
    { max: { value: 5 }, acquireTimeoutMs: { value: 10_000, basis: 'libraryDefault' } },
    [
      ['a query', `await pool.query('SELECT * FROM users');`, ['SELECT users']],
      [
        'a connection that is given back',
        `const c = await pool.getConnection(); try { await c.batch('INSERT INTO users VALUES (?)', [1]); } finally { await c.end(); }`,
        ['hold always', 'hold always > INSERT users^'],
      ],
    ],
  ],
  [
    'objection',
    { objection: '^3.0.0', knex: '^3.0.0', pg: '^8.0.0' },
    `import knexOf from 'knex'; import { Model } from 'objection'; const knex = knexOf({ client: 'pg', connection: process.env.DATABASE_URL, pool: { max: 7 } }); Model.knex(knex);
     class User extends Model { static get tableName() { return 'users'; } }`,
    'postgres',
    { max: { value: 7 } },
    [
      ['a chain', `await User.query().where('age', '>', 3).orderBy('name');`, ['users.select']],
      ['by its key', 'await User.query().findById(req.params.id);', ['users.findById']],
      ['a write', 'await User.query().patch({ name: 1 }).where({ id: 1 });', ['users.patch']],
      ['relations beside it', `await User.query().withGraphFetched('[pets, orders]');`, ['users.select', 'users.pets', 'users.orders']],
      ['a query inside another', `await User.query().whereIn('id', User.query().select('id'));`, ['users.select']],
      ['a transaction', 'await User.transaction(async (trx) => { await User.query(trx).insert({}); });', ['hold always', 'hold always > users.insert^']],
    ],
  ],
  [
    'mikro-orm',
    { '@mikro-orm/core': '^6.0.0', '@mikro-orm/postgresql': '^6.0.0' },
    `import { MikroORM } from '@mikro-orm/postgresql'; class User {} const orm = await MikroORM.init({ dbName: 'shop', pool: { max: 12 } });`,
    'postgres',
    { max: { value: 12 } },
    [
      ['a find', 'await orm.em.fork().find(User, {});', ['User.find']],
      ['a repository', 'const users = orm.em.getRepository(User); await users.findOne({ id: 1 });', ['User.findOne']],
      [
        'what is changed is written by flush, in a transaction',
        `const em = orm.em.fork(); const user = await em.findOne(User, 1); user.name = 'x'; em.persist(user); await em.flush();`,
        ['User.findOne', 'hold always', 'hold always > BEGIN^', 'hold always > flush^', 'hold always > COMMIT^'],
      ],
      [
        'a transaction',
        'await orm.em.transactional(async (em) => { await em.nativeUpdate(User, {}, {}); });',
        ['hold always', 'hold always > User.nativeUpdate^', 'hold always > flush^'],
      ],
      ['a builder', `await orm.em.createQueryBuilder(User).where({ age: 1 }).getResult();`, ['User.getResult']],
    ],
  ],
];

describe.each(libraries)('%s', (_library, dependencies, before, engine, pool, rows) => {
  it.each(rows)('%s', async (_name, body, steps) => {
    const topology = await routeOf(dependencies, before, body);
    expect(stepsOf(topology, 'app GET /it')).toEqual(steps);
    expect(callsOf(topology).map((it) => it.split(' ').slice(0, 2).join(' '))).toEqual(['app query']);
    expect(topology.components.map((it) => it.technology ?? it.id)).toEqual(expect.arrayContaining([expect.stringContaining(engine)]));
    expect(topology.pools).toMatchObject([pool]);
  });
});

it('MikroORM of NestJS: repositories by entity and by their own class, the manager by its class', async () => {
  const topology = await topologyOf({
    'package.json': JSON.stringify({
      name: 'app',
      scripts: { start: 'nest start' },
      dependencies: { '@nestjs/core': '11', '@nestjs/common': '11', '@mikro-orm/nestjs': '7', '@mikro-orm/core': '7', '@mikro-orm/mysql': '7' },
    }),
    'src/main.ts': `import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; (async () => { const app = await NestFactory.create(AppModule); await app.listen(3000); })();`,
    'src/app.module.ts': `import { Module } from '@nestjs/common'; import { MikroOrmModule } from '@mikro-orm/nestjs'; import config from './config'; import { User, Users, Pet } from './user'; import { UserController } from './user.controller';
      @Module({ imports: [MikroOrmModule.forRoot(config), MikroOrmModule.forFeature([User, Pet])], controllers: [UserController] }) export class AppModule {}`,
    'src/user.ts': `import { Entity, EntityRepository } from '@mikro-orm/mysql'; export class Users extends EntityRepository { named(name: string) { return this.findOne({ name }); } }
      @Entity({ repository: () => Users }) export class User {} @Entity() export class Pet {}`,
    'src/user.controller.ts': `import { Controller, Get } from '@nestjs/common'; import { EntityManager, EntityRepository } from '@mikro-orm/mysql'; import { InjectRepository } from '@mikro-orm/nestjs'; import { Pet, Users } from './user';
      @Controller('users') export class UserController { constructor(private readonly users: Users, private readonly em: EntityManager, @InjectRepository(Pet) private readonly pets: EntityRepository<Pet>) {}
      @Get() async all() { await this.users.named('x'); await this.users.findAll(); await this.pets.count(); await this.em.execute('SELECT * FROM logs'); } }`,
  });
  expect(stepsOf(topology, 'app GET /users')).toEqual(['User.findOne', 'User.findAll', 'Pet.count', 'SELECT logs']);
  expect(callsOf(topology)).toEqual(['app query mysql']);
});
