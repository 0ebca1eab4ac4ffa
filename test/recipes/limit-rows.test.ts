import { describe, expect, it } from 'vitest';
import { applied, type Files, lineOf } from './bench.ts';

const OFFSET = 'Math.max(0, Number.parseInt(String(req.query.offset), 10) || 0)';
const shop = (route: string, dependencies: object = { express: '4', pg: '8' }): Files => ({
  'package.json': JSON.stringify({ dependencies }),
  'src/server.js': `const { pool, prisma, Note } = require('./db');\n\n${route}\n`,
});
const run = (files: Files, mark: string, more: Readonly<Record<string, string | number>> = { library: 'pg' }) =>
  applied('limit-rows', { file: 'src/server.js', line: lineOf(files['src/server.js'] as string, mark), most: 100, ...more }, files);
const route = (query: string, head = "app.get('/notes', async (req, res) => {"): string => `${head}\n  const { rows } = await ${query};\n  res.json(rows);\n});`;

describe('limit-rows', () => {
  it.each<[string, string, string, Readonly<Record<string, string>>]>([
    ['in its order', "pool.query('SELECT * FROM notes ORDER BY day DESC')", "pool.query('SELECT * FROM notes ORDER BY day DESC LIMIT 100 OFFSET $1', [offset])", {}],
    [
      'with a parameter',
      "pool.query('SELECT id FROM notes WHERE a = $1;', [A])",
      "pool.query('SELECT id FROM notes WHERE a = $1 ORDER BY id LIMIT 100 OFFSET $2;', [A, offset])",
      {},
    ],
    ['by a known key', "pool.query('SELECT * FROM notes', [])", "pool.query('SELECT * FROM notes ORDER BY number LIMIT 100 OFFSET $1', [offset])", { key: 'number' }],
    ['MySQL', "pool.query('SELECT * FROM notes ORDER BY day')", "pool.query('SELECT * FROM notes ORDER BY day LIMIT 100 OFFSET ?', [offset])", { library: 'mysql2' }],
    ['mongoose', 'Note.find({ a: 1 }).sort({ day: 1 }).exec()', 'Note.find({ a: 1 }).sort({ day: 1 }).skip(offset).limit(100).exec()', { library: 'mongoose' }],
    ['Sequelize', "Note.findAll({ order: ['day'] })", "Note.findAll({ order: ['day'], offset, limit: 100 })", { library: 'sequelize' }],
  ])('%s', async (_says, before, after, more) => {
    const files = shop(route(before));
    expect(((await run(files, before.slice(0, 12), { library: 'pg', ...more })) as Files)['src/server.js']).toContain(
      `async (req, res) => {\n  const offset = ${OFFSET};\n  const { rows } = await ${after};\n`,
    );
  });

  it.each<[string, string, RegExp, object?]>([
    ['rows without an order', route("pool.query('SELECT * FROM notes')"), /a stable order/],
    ['a page', route("pool.query('SELECT * FROM notes ORDER BY a LIMIT 5')"), /LIMIT and OFFSET|a limit and an offset/],
    ['groups', route("pool.query('SELECT a, count(*) FROM notes GROUP BY a ORDER BY a')"), /LIMIT and OFFSET|a limit and an offset/],
    ['a statement that is put together', route('pool.query(`SELECT * FROM ${' + 'table} ORDER BY a`)'), /does not know the call/],
    ['parameters from elsewhere', route("pool.query('SELECT * FROM notes WHERE a = $1 ORDER BY a', params)"), /parameters are not written at the call/],
    ['a write’s handler', route("pool.query('SELECT * FROM notes ORDER BY a')", "app.post('/notes', async (req, res) => {"), /GET route/],
    ['a function that is no handler', "async function all() {\n  const { rows } = await pool.query('SELECT * FROM notes ORDER BY a');\n  return rows;\n}", /GET route/],
    [
      'an offset that means something else',
      route("pool.query('SELECT * FROM notes ORDER BY a')").replace('res.json(rows)', 'res.json([offset, firstRow, rows])'),
      /offset already names something else/,
    ],
    ['two frameworks', route("pool.query('SELECT * FROM notes ORDER BY a')"), /can’t be told which framework/, { express: '4', koa: '2' }],
  ])('refuses %s', async (_says, text, why, dependencies) => {
    const files = shop(text, dependencies);
    expect(await run(files, 'pool.query')).toEqual({ cannot: expect.stringMatching(why) });
  });
});
