import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { readSql } from '../../src/inference/detectors/sql-statements.ts';
import { topologyOf } from './memory-workspace.ts';

const app = {
  'package.json': '{ "name": "app", "main": "i.js", "dependencies": { "express": "4" } }',
  'i.js': "const a = require('express')(); a.get('/', (q, s) => s.end()); a.listen(1);",
};
const words = (it: Topology): string[] =>
  (it.tables ?? []).map(
    (table) =>
      `${table.name}(${table.columns.map((column) => column.name).join(' ')})${table.isWhole ? '' : ' perhaps'} ${table.indexes
        .map((index) => `${index.kind}:${index.columns.join(',') || 'expression'}${index.isPartial ? '?' : ''}@${index.place.file.split('/').at(-1)}:${index.place.line}`)
        .join(' ')}${table.foreignKeys.map((key) => ` ${key.columns.join(',')}→${key.table}`).join('')}`,
  );
const tables = async (files: Record<string, string>): Promise<string[]> => words(await topologyOf({ ...app, ...files }));

describe('tables of SQL migrations', () => {
  it.each<[string, Record<string, string>, string[]]>([
    [
      'PostgreSQL: constraints, references, an index of its own',
      {
        'migrations/001_init.sql': `-- users and orders
CREATE TABLE IF NOT EXISTS public."users" (
  id serial PRIMARY KEY,
  email text NOT NULL UNIQUE, -- one each
  name varchar(80) DEFAULT 'a, (b'
);
CREATE TABLE orders (
  id bigint,
  user_id int NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  total numeric(10, 2) CHECK (total > 0),
  CONSTRAINT orders_pk PRIMARY KEY (id)
);`,
        'migrations/002_index.sql':
          'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_total ON orders USING btree (total DESC, user_id);\nCREATE UNIQUE INDEX ON users (lower(email));\nCREATE INDEX open ON orders (user_id) WHERE total IS NULL;',
      },
      [
        'orders(id user_id total) primary:id@001_init.sql:11 plain:total,user_id@002_index.sql:1 plain:user_id?@002_index.sql:3 user_id→users',
        'users(id email name) primary:id@001_init.sql:3 unique:email@001_init.sql:4 unique:expression@002_index.sql:2',
      ],
    ],
    [
      'MySQL: inline keys, backticks, prefix lengths',
      {
        'db/schema.sql':
          "CREATE TABLE `orders` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `note` text COMMENT 'it\\'s; here',\n  PRIMARY KEY (`id`),\n  KEY `by_note` (`note`(20)),\n  UNIQUE KEY (`id`, `note`),\n  FOREIGN KEY fk (`note`) REFERENCES `notes` (`id`)\n) ENGINE=InnoDB;\n",
      },
      ['orders(id note) primary:id@schema.sql:4 plain:note@schema.sql:5 unique:id,note@schema.sql:6 note→notes'],
    ],
    [
      'changes are played in the order of numbers, and what goes is gone',
      {
        'migrations/1_a.sql': 'create table a (id int primary key, b int, c int);\ncreate index by_b on a (b);\ncreate index by_c on a (c);\ncreate table gone (id int);',
        'migrations/2_b.sql': 'drop index if exists by_b; drop table gone; alter table a drop column c, add column d int unique;',
        'migrations/10_c.sql': 'alter table a rename to z; alter table z add constraint fk foreign key (d) references y(id); create index by_d on z (d);',
      },
      ['z(id b d) primary:id@1_a.sql:1 unique:d@2_b.sql:1 plain:d@10_c.sql:1 d→y'],
    ],
    [
      'the way back is not gone',
      {
        'migrations/1.sql': '-- +goose Up\ncreate table a (id int);\n-- +goose Down\ndrop table a;\n',
        'migrations/2.down.sql': 'drop table a;',
        'migrations/V3__x.sql': 'create index i on a (id);',
      },
      ['a(id) plain:id@V3__x.sql:1'],
    ],
    ['code of the database may do anything', { 'migrations/1.sql': "create table a (id int);\nDO $$ begin execute 'create index'; end $$;" }, ['a(id) perhaps ']],
    // https://typeorm.io/docs/migrations/creating
    [
      'TypeORM: SQL in code, its way up',
      {
        'src/migrations/1700000000001-users.ts': `export class Users implements MigrationInterface {\n  public async up(queryRunner: QueryRunner): Promise<void> {\n    await queryRunner.query(\`CREATE TABLE "users" ("id" SERIAL NOT NULL, "email" text, CONSTRAINT "pk" PRIMARY KEY ("id"))\`);\n    await queryRunner.query('CREATE INDEX "by_email" ON "users" ("email")');\n  }\n  public async down(queryRunner: QueryRunner): Promise<void> {\n    await queryRunner.query(\`DROP TABLE "users"\`);\n  }\n}`,
        'src/migrations/1700000000002-name.ts': `export class Name { async up(q) { await q.query("ALTER TABLE \\"users\\" ADD COLUMN \\"name\\" text"); } async down(q) { await q.query('ALTER TABLE "users" DROP COLUMN "name"'); } }`,
      },
      ['users(id email name) primary:id@1700000000001-users.ts:3 plain:email@1700000000001-users.ts:4'],
    ],
    // https://knexjs.org/guide/migrations.html
    [
      'Knex: SQL beside calls that are not read',
      {
        'migrations/1_a.js': "exports.up = (knex) => knex.schema.raw('CREATE TABLE a (id int)').createTable('b', (t) => {});\nexports.down = (knex) => knex.schema.dropTable('a');",
      },
      ['a(id) perhaps '],
    ],
    [
      'SQL that is put together',
      { 'migrations/1_a.js': "exports.up = (q) => { q.query('CREATE TABLE a (id int)'); q.query(`CREATE INDEX i ON a (${column})`); };" },
      ['a(id) perhaps '],
    ],
    [
      'tables that a program makes when it starts',
      {
        'i.js':
          "const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); pool.query(`\n  CREATE TABLE IF NOT EXISTS notes (\n    id serial PRIMARY KEY,\n    author int\n  )`); pool.query('CREATE INDEX IF NOT EXISTS by_author ON notes (author)'); const a = require('express')(); a.get('/', (q, s) => s.end()); a.listen(1);",
      },
      ['notes(id author) primary:id@i.js:3 plain:author@i.js:5'],
    ],
    [
      'and that migrations tell better',
      {
        'i.js': "require('pg'); const sql = 'CREATE TABLE a (id int, old int)'; const a = require('express')(); a.get('/', (q, s) => s.end()); a.listen(1);",
        'migrations/1.sql': 'create table a (id int);',
      },
      ['a(id) '],
    ],
    ['migrations in code beside them may too', { 'migrations/1.sql': 'create table a (id int);', 'migrations/2.js': 'exports.up = () => {};' }, ['a(id) perhaps ']],
    ['one name in two databases: whose is not known', { 'a/migrations/1.sql': 'create table a (id int);', 'b/migrations/1.sql': 'create table a (id int, x int);' }, []],
    ['columns that are called like words', { 'schema.sql': 'create table a ("key" text, index int, key text, "unique" int);' }, ['a(key index key unique) ']],
    ['fixtures and seeds are none', { 'test/fixtures/a.sql': 'create table a (id int);', 'seeds/b.sql': 'create table b (id int);' }, []],
  ])('%s', async (_name, files, expected) => expect(await tables(files)).toEqual(expected));

  it.each<[string, string, number]>([
    ['a bracket that stays open', 'create table a (id int);\ncreate table b (\n  id int\n;\n', 2],
    ['a text that stays open', "create table a (id int);\n\ncreate table b (x text default 'open);\n", 3],
    ['a comment that stays open', 'create table a (id int);\n/* no end', 2],
  ])('%s is a problem at its line; what stands before it was read', async (_name, sql, line) => {
    const topology = await topologyOf({ ...app, 'migrations/1.sql': sql });
    expect(topology.problems).toMatchObject([{ file: 'migrations/1.sql', line }]);
    expect(words(topology)).toEqual(['a(id) ']);
  });

  it('rows and their values are not kept, and long dumps are quick', async () => {
    const topology = await topologyOf({ ...app, 'schema.sql': `create table a (id int default 'S3cr3t');\n${"insert into a values (1, 'S3cr3t');\n".repeat(20_000)}` });
    expect(JSON.stringify(topology)).not.toContain('S3cr3t');
    expect(readSql("a 'b''c' \"d\" $x$ y $x$ -- z").statements).toMatchObject([[{ text: 'a' }, { kind: 'text', text: '' }, { kind: 'name', text: 'd' }, { kind: 'text' }]]);
  });
});

describe('tables of a Prisma schema', () => {
  const schema = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
model User {
  id     Int     @id @default(autoincrement())
  email  String  @unique
  orders Order[]
  @@map("users")
}
model Order {
  id      Int      @id
  userId  Int      @map("user_id")
  user    User     @relation(fields: [userId], references: [id])
  at      DateTime
  @@index([userId, at(sort: Desc)])
  @@unique(fields: [at])
}
`;
  const expected = [
    'Order(id user_id at) primary:id@schema.prisma:12 plain:user_id,at@schema.prisma:16 unique:at@schema.prisma:17 user_id→users',
    'users(id email) primary:id@schema.prisma:6 unique:email@schema.prisma:7',
  ];
  it('models, maps and relations', async () => expect(await tables({ 'prisma/schema.prisma': schema })).toEqual(expected));

  it('the schema is the last word; migrations alone say it too', async () => {
    const migration = {
      'prisma/migrations/2024_init/migration.sql': 'CREATE TABLE "users" ("id" SERIAL NOT NULL, CONSTRAINT "users_pkey" PRIMARY KEY ("id"));\n',
      'prisma/migrations/2025_more/migration.sql': 'CREATE INDEX "i" ON "users"("id");\n',
    };
    expect(await tables({ 'prisma/schema.prisma': schema, ...migration })).toEqual(expected);
    expect(await tables(migration)).toEqual(['users(id) primary:id@migration.sql:1 plain:id@migration.sql:1']);
  });

  it('a block that does not end is a problem at its line', async () => {
    const { problems } = await topologyOf({ ...app, 'prisma/schema.prisma': schema.replace('  @@map("users")\n}', '  @@map("users")') });
    expect(problems).toMatchObject([{ file: 'prisma/schema.prisma', line: 5 }]);
  });
});
