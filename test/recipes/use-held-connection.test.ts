import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/model/edit.ts';
import type { RecipeCall } from '../../src/model/weakness.ts';
import { makeAllEdits, makeEdits } from '../../src/recipes/index.ts';
import { applied, lineOf, memoryWorkspace } from './bench.ts';

describe('use-held-connection', () => {
  const body = (query: string) =>
    `const client = await pool.connect();\n  try {\n    await client.query('BEGIN');\n    const { rows } = ${query}; // audit\n  } finally {\n    client.release();\n  }\n`;
  const before = `async function pay(id) {\n  ${body("await pool.query('SELECT 1', [id])")}}\n`;

  it.each([
    ['a function', before, before.replace("pool.query('SELECT", "client.query('SELECT")],
    ['a method', `class Bank {\n  async pay() {\n  ${body('await this.pool.query(sql)')}}\n}\n`, `class Bank {\n  async pay() {\n  ${body('await client.query(sql)')}}\n}\n`],
    [
      'a callback that gets the client',
      'withTransaction(async (client) => {\n  await db.query(sql); // audit\n});\n',
      'withTransaction(async (client) => {\n  await client.query(sql); // audit\n});\n',
    ],
  ])('in %s', async (_name, text, after) => {
    const args = { file: 'src/bank.js', line: lineOf(text, 'audit'), client: 'client' };
    const done = await applied('use-held-connection', args, { 'src/bank.js': text });
    expect(done).toEqual({ 'src/bank.js': after });
    expect(await applied('use-held-connection', args, done as Record<string, string>)).toEqual({ cannot: expect.stringMatching(/it runs on \w+ already/) });
  });

  it.each([
    ['nothing is held', "async function a() {\n  await pool.query('x'); // audit\n}\n", 'client', /no connection is held/],
    [
      'held in another function',
      "async function b() { const client = await pool.connect(); }\nasync function a() {\n  await pool.query('x'); // audit\n}\n",
      'client',
      /no connection is held/,
    ],
    ['held in an inner block only', "async function a() {\n  { const client = await pool.connect(); }\n  await pool.query('x'); // audit\n}\n", 'client', /no connection is held/],
    ['two queries on the line', 'async function a(client) {\n  await pool.query(x), pool.query(y); // audit\n}\n', 'client', /more than one query/],
    ['no query', 'async function a(client) {\n  await save(x); // audit\n}\n', 'client', /not a plain call of query/],
    [
      'two are held',
      'async function a() {\n  const x = await pool.connect();\n  const y = await pool.connect();\n  await pool.query(1); // audit\n}\n',
      'client',
      /more than one held/,
    ],
  ] as [string, string, string, RegExp][])('refuses: %s', async (_name, text, client, because) => {
    expect(await applied('use-held-connection', { file: 'a.ts', line: lineOf(text, 'audit'), client }, { 'a.ts': text })).toEqual({ cannot: expect.stringMatching(because) });
  });

  const PRISMA = `async function move(id) {
  // both, or none
  await prisma.$transaction(async () => {
    const found = await prisma.folder.findMany({ where: { parent: id } }); // first
    await Promise.all([prisma.link.deleteMany({ where: { folder: id } }), prisma.$executeRaw\`DELETE FROM notes\`]);
    await save(found);
    void prisma.visit.create({ data: { id } });
  });
}
`;
  const call = (file: string, mark: string, text: string, part?: true): RecipeCall => ({
    recipe: 'use-held-connection',
    args: { file, line: lineOf(text, mark), client: 'transaction', ...(part && { part }) },
  });

  it('all that a transaction of Prisma waits for', async () => {
    const done = await applied('use-held-connection', call('a.js', 'first', PRISMA).args, { 'a.js': PRISMA });
    const after = PRISMA.replace('async () =>', 'async (tx) =>')
      .replace('await prisma.folder', 'await tx.folder')
      .replace('[prisma.link', '[tx.link')
      .replace('prisma.$executeRaw', 'tx.$executeRaw');
    expect(done).toEqual({ 'a.js': after });
    const whole = await makeAllEdits([{ ...call('a.js', 'first', PRISMA), also: [call('a.js', 'link', PRISMA, true)] }], memoryWorkspace({ 'a.js': PRISMA }));
    expect(whole.edits.map((it) => it.kind === 'change' && applyEdits(it.before, it.edits))).toEqual([after]);
    expect(await applied('use-held-connection', call('a.js', 'first', PRISMA).args, done as Record<string, string>)).toEqual({ cannot: 'it runs on the transaction already' });
  });

  it.each([
    [
      'a query in a function of its own',
      'first',
      PRISMA.replace('await save(found);', 'await save(found);\n').concat('const save = (all) => prisma.note.createMany({ data: all }); // apart\n'),
      'apart',
      /function of its own/,
    ],
    ['the client goes elsewhere', 'first', PRISMA.replace('save(found)', 'save(prisma, found)'), undefined, /uses prisma for something else/],
    [
      'a transaction in the transaction',
      'first',
      PRISMA.replace('await save(found);', 'await prisma.$transaction(async (tx) => tx.a.count());'),
      undefined,
      /uses prisma for something else/,
    ],
  ] as [string, string, string, string | undefined, RegExp][])('none of them: %s', async (_name, mark, text, other, because) => {
    const also = other === undefined ? [] : [call('a.js', other, text, true)];
    expect(await makeEdits({ ...call('a.js', mark, text), also }, memoryWorkspace({ 'a.js': text }))).toEqual({ cannot: expect.stringMatching(because) });
  });

  it.each<[says: string, before: string, after: string]>([
    [
      'Knex',
      "await knex.transaction(async (trx) => {\n  await knex('orders').where({ id }).del(); // here\n});\n",
      "await knex.transaction(async (trx) => {\n  await trx('orders').where({ id }).del(); // here\n});\n",
    ],
    [
      'Drizzle, over several lines',
      'await db.transaction(async (tx) => {\n  await db\n    .insert(orders) // here\n    .values(order);\n  return db.select().from(orders);\n});\n',
      'await db.transaction(async (tx) => {\n  await tx\n    .insert(orders) // here\n    .values(order);\n  return tx.select().from(orders);\n});\n',
    ],
    [
      'Kysely',
      "await this.db.transaction().execute(async (trx) => {\n  await this.db.deleteFrom('orders').execute(); // here\n});\n",
      "await this.db.transaction().execute(async (trx) => {\n  await trx.deleteFrom('orders').execute(); // here\n});\n",
    ],
    [
      'a model that is named like a method',
      'await prisma.$transaction(async () => {\n  await prisma.end.create(x); // here\n});\n',
      'await prisma.$transaction(async (tx) => {\n  await tx.end.create(x); // here\n});\n',
    ],
  ])('%s', async (_says, before, after) => {
    expect(await applied('use-held-connection', call('a.ts', 'here', before).args, { 'a.ts': before })).toEqual({ 'a.ts': after });
  });

  it.each<[says: string, before: string, after: string]>([
    [
      'what would take it',
      'async function count(id, tx = null) {\n  return (tx || prisma).link.count({ where: { id } }); // here\n}\nawait prisma.$transaction(async (tx) => {\n  const links = await count(7);\n});\n',
      'async function count(id, tx = null) {\n  return (tx || prisma).link.count({ where: { id } }); // here\n}\nawait prisma.$transaction(async (tx) => {\n  const links = await count(7, tx);\n});\n',
    ],
    [
      'what is given the pool',
      "async function clear(db, id) {\n  await db('orders').where({ id }).del(); // here\n}\nawait knex.transaction(async () => {\n  await clear(knex, 7);\n});\n",
      "async function clear(db, id) {\n  await db('orders').where({ id }).del(); // here\n}\nawait knex.transaction(async (tx) => {\n  await clear(tx, 7);\n});\n",
    ],
  ])('hands it on to %s', async (_says, before, after) => {
    const args = { ...call('a.ts', 'here', before).args, heldFile: 'a.ts', heldLine: lineOf(before, 'ransaction(') };
    expect(await applied('use-held-connection', args, { 'a.ts': before })).toEqual({ 'a.ts': after });
    expect(await applied('use-held-connection', args, { 'a.ts': after })).toEqual({ cannot: 'it runs on the transaction already' });
  });

  it('does not hand it on to what is called with another client', async () => {
    const text = "async function clear(db) {\n  await db('orders').del(); // here\n}\nawait knex.transaction(async (tx) => {\n  await clear(other);\n});\n";
    const args = { ...call('a.ts', 'here', text).args, heldFile: 'a.ts', heldLine: lineOf(text, 'ransaction(') };
    expect(await applied('use-held-connection', args, { 'a.ts': text })).toEqual({ cannot: 'clear is called with a client of its own' });
  });

  it('of several edits, one behind lines that another one has added', async () => {
    const text = `const pool = new Pool({\n  max: 10,\n});\n${before.replace('// audit', "// audit\n    await pool.query('SELECT 2');")}`;
    const held = (mark: string) => ({ recipe: 'use-held-connection', args: { file: 'a.js', line: lineOf(text, mark), client: 'client' } });
    const timeout = { recipe: 'set-acquire-timeout', args: { file: 'a.js', line: 1, library: 'pg', valueMs: 2000 } };
    const made = await makeAllEdits([timeout, { ...held('SELECT 1'), also: [held('SELECT 2')] }], memoryWorkspace({ 'a.js': text }));
    expect(made.cannot).toEqual([]);
    const [edit] = made.edits;
    if (edit?.kind !== 'change') throw new Error('no edit');
    expect(applyEdits(edit.before, edit.edits)).toBe(
      text.replace('  max: 10,', '  max: 10,\n  connectionTimeoutMillis: 2000,').replaceAll('await pool.query', 'await client.query'),
    );
  });
});
