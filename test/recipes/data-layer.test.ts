import { describe, expect, it } from 'vitest';
import { applied, type Files, lineOf } from './bench.ts';

const only = async (recipe: string, args: Readonly<Record<string, string | number>>, file: string, text: string): Promise<string | { cannot: string }> => {
  const after = await applied(recipe, { file, ...args }, { [file]: text });
  return 'cannot' in after ? (after as { cannot: string }) : ((after as Files)[file] as string);
};

describe('keep-client', () => {
  const kept = (text: string, mark: string, library = 'pg', file = 'src/app.ts') => only('keep-client', { line: lineOf(text, mark), library }, file, text);

  it.each<[says: string, library: string, before: string, after: string]>([
    [
      'single statements: the pool itself',
      'pg',
      `import { Client } from 'pg';

// All orders.
export async function orders() {
  const client = new Client({ host: 'db' }); // MADE
  await client.connect();
  const { rows } = await client.query('SELECT 1');
  await client.end();
  return rows;
}
`,
      `import { Pool } from 'pg';

const pool = new Pool({ host: 'db' });

// All orders.
export async function orders() {
  const { rows } = await pool.query('SELECT 1');
  return rows;
}
`,
    ],
    [
      'given back in finally: a connection of the pool',
      'pg',
      `const { Client } = require('pg')
const app = make()

app.get('/', async (req, res) => {
  const client = new Client() // MADE
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
})
`,
      `const { Pool } = require('pg')
const app = make()

const pool = new Pool()

app.get('/', async (req, res) => {
  const client = await pool.connect() // MADE
  try {
    await client.query('BEGIN')
    await client.query('COMMIT')
  } finally {
    client.release()
  }
})
`,
    ],
    [
      'mysql2: a connection of the pool',
      'mysql2',
      `import mysql from 'mysql2/promise';

export async function pay() {
  const connection = await mysql.createConnection(process.env.DB!); // MADE
  try {
    await connection.beginTransaction();
    await connection.commit();
  } finally {
    await connection.end();
  }
}
`,
      `import mysql from 'mysql2/promise';

const pool = mysql.createPool(process.env.DB!);

export async function pay() {
  const connection = await pool.getConnection(); // MADE
  try {
    await connection.beginTransaction();
    await connection.commit();
  } finally {
    connection.release();
  }
}
`,
    ],
    [
      'Prisma: the client, which nobody closes any more',
      'prisma',
      `import { PrismaClient } from '@prisma/client';

export async function GET() {
  const prisma = new PrismaClient(); // MADE
  try {
    const users = await prisma.user.findMany();
    return Response.json(users);
  } finally {
    await prisma.$disconnect();
  }
}
`,
      `import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();

export async function GET() {
  const users = await prisma.user.findMany();
  return Response.json(users);
}
`,
    ],
  ])('%s', async (_says, library, before, after) => {
    const made = await kept(before, 'MADE', library);
    const bare = (text: string): string => text.replace(/^ *\/\/ MADE\n/gm, '').replace(/ \/\/ MADE/g, '');
    expect(typeof made === 'string' ? bare(made) : made).toBe(bare(after));
    if (typeof made === 'string')
      expect(await kept(`${made}// new`, library === 'pg' ? 'new Pool' : library === 'prisma' ? 'new Prisma' : 'createPool', library)).toHaveProperty('cannot');
  });

  const asked = (made: string, inside: string, params = 'req: any') => `import { Client } from 'pg';

async function ask(${params}) {
  const client = ${made};
  ${inside}
}
`;
  it.each<[says: string, text: string]>([
    ['options of the request', asked('new Client({ host: req.host })', "await client.query('SELECT 1');")],
    ['a connection that is handed on', asked('new Client()', 'await use(client);')],
    ['a transaction whose connection may stay out', asked('new Client()', "await client.query('BEGIN');\n  await client.query('COMMIT');\n  await client.end();")],
    ['one that listens', asked('new Client()', "client.on('notification', () => {});")],
    ['options that are declared further down', `${asked('new Client(options)', "await client.query('SELECT 1');")}const options = {};\n`],
  ])('refuses %s', async (_says, text) => expect(await kept(text, 'new Client')).toHaveProperty('cannot'));
});

describe('add-index', () => {
  const schema = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

model Order {
  id         Int @id
  customerId Int @map("customer_id")
}

model Line {
  id      Int @id
  orderId Int

  @@map("lines")
}
`;
  const files: Files = {
    'prisma/schema.prisma': schema,
    'prisma/migrations/20260102030405_init/migration.sql': 'CREATE TABLE x (id INT);\n',
    'prisma/migrations/migration_lock.toml': '',
  };
  const args = { file: 'prisma/schema.prisma', table: 'Order', columns: 'customer_id', fields: 'customerId' };

  it('a Prisma model, and a migration behind the last one', async () => {
    const after = (await applied('add-index', { ...args, line: lineOf(schema, 'model Order') }, files)) as Files;
    expect(after['prisma/schema.prisma']).toBe(schema.replace('@map("customer_id")\n', '@map("customer_id")\n\n  @@index([customerId])\n'));
    expect(after['prisma/migrations/20260102030406_index_Order_customer_id/migration.sql']).toBe(
      '-- CreateIndex\nCREATE INDEX "Order_customer_id_idx" ON "Order"("customer_id");\n',
    );
    expect(await applied('add-index', { ...args, line: lineOf(schema, 'model Order') }, after)).toEqual({ cannot: '@@index([customerId]) is there already' });
  });

  it('beside other attributes of the model; without migrations the schema alone', async () => {
    const after = (await applied(
      'add-index',
      { ...args, table: 'lines', columns: 'orderId,id', fields: 'orderId,id', line: lineOf(schema, 'model Line') },
      { 'prisma/schema.prisma': schema },
    )) as Files;
    expect(after).toEqual({ 'prisma/schema.prisma': schema.replace('  @@map("lines")\n', '  @@map("lines")\n  @@index([orderId, id])\n') });
  });

  it('calls a long index as Prisma does, which else would take it for another one', async () => {
    const [table, column] = ['organisation_membership_invitation', 'organisationMembershipIdentifier'];
    const after = (await applied('add-index', { ...args, table, columns: column, fields: 'customerId', line: lineOf(schema, 'model Order') }, files)) as Files;
    const migration = Object.entries(after).find(([file]) => file.includes('index_'))?.[1];
    expect(migration).toContain('"organisation_membership_invitation_organisationMembershipId_idx" ON');
  });

  it('does not write beside the migrations of Drizzle, which runs what its journal lists', async () => {
    const before = { 'drizzle/0000_a.sql': table, 'drizzle/meta/_journal.json': '{}' };
    expect(await applied('add-index', { file: 'drizzle/0000_a.sql', line: 1, table: 'orders', columns: 'customer_id', fields: 'customer_id' }, before)).toEqual({
      cannot: expect.stringMatching(/drizzle-kit generate/),
    });
  });

  it.each<[says: string, before: string, after: string]>([
    [
      'a list of others',
      "import { index, pgTable, text } from 'drizzle-orm/pg-core';\nexport const orders = pgTable('orders', { id: text(), customer: text('customer_id') }, (t) => [\n  index('a').on(t.id), // by hand\n]);\n",
      "import { index, pgTable, text } from 'drizzle-orm/pg-core';\nexport const orders = pgTable('orders', { id: text(), customer: text('customer_id') }, (t) => [\n  index('a').on(t.id), // by hand\n  index('orders_customer_id_idx').on(t.customer),\n]);\n",
    ],
    [
      'CommonJS',
      "const { pgTable, text } = require('drizzle-orm/pg-core');\nconst orders = pgTable('orders', { customer: text('customer_id') }, (t) => []);\n",
      "const { index, pgTable, text } = require('drizzle-orm/pg-core');\nconst orders = pgTable('orders', { customer: text('customer_id') }, (t) => [index('orders_customer_id_idx').on(t.customer)]);\n",
    ],
    [
      'a function of the file, among others that give an object',
      'import { pgTableCreator, text, unique } from "drizzle-orm/pg-core"\nconst createTable = pgTableCreator((it) => it)\nconst a = createTable("a", { id: text() }, (t) => ({ id: unique("id").on(t.id) }))\nexport const orders = createTable("orders", { customer: text("customer_id") })\n',
      'import { index, pgTableCreator, text, unique } from "drizzle-orm/pg-core"\nconst createTable = pgTableCreator((it) => it)\nconst a = createTable("a", { id: text() }, (t) => ({ id: unique("id").on(t.id) }))\nexport const orders = createTable("orders", { customer: text("customer_id") }, (table) => ({ ordersCustomerIdIdx: index("orders_customer_id_idx").on(table.customer) }))\n',
    ],
  ])('a table of Drizzle: %s', async (_says, before, after) => {
    const asked = { file: 'a.ts', line: lineOf(before, 'const orders'), table: 'orders', columns: 'customer_id', fields: 'customer' };
    expect(await applied('add-index', asked, { 'a.ts': before })).toEqual({ 'a.ts': after });
    expect(await applied('add-index', { ...asked, fields: 'other' }, { 'a.ts': before })).toEqual({ cannot: 'other is not written among the columns of orders' });
  });

  const table = 'CREATE TABLE orders (id INT, customer_id INT);\n';
  it.each<[says: string, files: Files, file: string, made: string, text: string]>([
    [
      'numbered migrations',
      { 'db/001_a.sql': table, 'db/002_b.sql': 'SELECT 1;\n' },
      'db/001_a.sql',
      'db/003_index_orders_customer_id.sql',
      'CREATE INDEX orders_customer_id_idx ON orders (customer_id);\n',
    ],
    ['Flyway', { 'V9__a.sql': table }, 'V9__a.sql', 'V10__index_orders_customer_id.sql', 'CREATE INDEX orders_customer_id_idx ON orders (customer_id);\n'],
    [
      'dbmate, with the way back',
      { 'db/20260101000000_a.sql': `-- migrate:up\n${table}-- migrate:down\nDROP TABLE orders;\n` },
      'db/20260101000000_a.sql',
      'db/20260101000001_index_orders_customer_id.sql',
      '-- migrate:up\nCREATE INDEX orders_customer_id_idx ON orders (customer_id);\n\n-- migrate:down\nDROP INDEX orders_customer_id_idx;\n',
    ],
    ['a pair of files', { 'db/1_a.up.sql': table, 'db/1_a.down.sql': '' }, 'db/1_a.up.sql', 'db/2_index_orders_customer_id.down.sql', 'DROP INDEX orders_customer_id_idx;\n'],
    ['a schema of one file', { 'init.sql': table }, 'init.sql', 'init.sql', `${table}\nCREATE INDEX orders_customer_id_idx ON orders (customer_id);\n`],
  ])('%s', async (_says, before, file, made, text) => {
    const after = (await applied('add-index', { file, line: 1, table: 'orders', columns: 'customer_id', fields: 'customer_id' }, before)) as Files;
    expect(after[made]).toBe(text);
  });
});

describe('load-once', () => {
  const route = (inside: string) => `import { pool } from './db';\n\napp.get('/', async (req, res) => {\n  ${inside}\n});\n`;
  const wrapped = (text: string, mark = 'pool.query') => {
    const line = lineOf(text, mark);
    const column = (text.split('\n')[line - 1] as string).indexOf(mark) + 1;
    return only('load-once', { line, column, key: "it's" }, 'src/app.ts', text);
  };

  it.each<[string, string, string]>([
    ['awaited', "const { rows } = await pool.query('SELECT 1');", `const { rows } = await loadOnce('it\\'s', () => pool.query('SELECT 1'));`],
    ['a chain of promises', "return pool.query('SELECT 1').then((it) => it.rows);", `return loadOnce('it\\'s', () => pool.query('SELECT 1')).then((it) => it.rows);`],
    ['a builder that goes on', "const rows = await pool.query('SELECT 1').limit(3);", `await loadOnce('it\\'s', () => pool.query('SELECT 1').limit(3));`],
    ['arguments that are awaited', 'await pool.query(await text());', "await loadOnce('it\\'s', async () => pool.query(await text()));"],
  ])('%s', async (_says, before, after) => {
    const made = await wrapped(route(before));
    expect(made).toContain(after);
    expect(made).toContain('function loadOnce<T>(key: string, load: () => PromiseLike<T>): Promise<T> {');
    expect(await wrapped(made as string)).toEqual({ cannot: 'the load is shared already' });
  });

  it('what is written shares a load, passes its error on to all, and forgets both', async () => {
    const made = (await only('load-once', { line: 2, column: 9, key: 'k' }, 'src/app.js', 'async function f(g) {\n return g();\n}\n')) as string;
    const f = new Function(`${made}; return f;`)() as (g: () => Promise<number>) => Promise<number>;
    let loads = 0;
    const load = async () => ++loads;
    expect(await Promise.all([f(load), f(load), f(load)])).toEqual([1, 1, 1]);
    expect(await f(load)).toBe(2);
    const fails = () => Promise.reject(new Error('down'));
    await Promise.all([expect(f(fails)).rejects.toThrow('down'), expect(f(fails)).rejects.toThrow('down')]);
    expect(await f(load)).toBe(3);
  });

  it.each([
    ['a name that is taken', "const loadOnce = 1; await pool.query('SELECT 1');"],
    ['nothing that is waited for', "pool.query('SELECT 1');"],
  ])('refuses %s', async (_says, inside) => expect(await wrapped(route(inside))).toHaveProperty('cannot'));
});

describe('set-lock-ttl', () => {
  const set = (text: string, fromMs = 5000) => only('set-lock-ttl', { line: 1, fromMs, toMs: 31_000 }, 'a.js', text);
  it.each([
    ["r.set('k', 1, 'PX', 5000, 'NX');\n", "r.set('k', 1, 'PX', 31000, 'NX');\n"],
    ["r.set('k', 1, 'PX', 5_000, 'NX');\n", "r.set('k', 1, 'PX', 31_000, 'NX');\n"],
    ["r.set('k', 1, { EX: 5, NX: true });\n", "r.set('k', 1, { EX: 31, NX: true });\n"],
  ])('%s', async (before, after) => expect(await set(before)).toBe(after));
  it.each(["r.set('k', 1, 'PX', TTL, 'NX');\n", "r.set('k', 5, 'EX', 5, 'NX');\n"])('refuses %s', async (text) => expect(await set(text)).toHaveProperty('cannot'));
});
