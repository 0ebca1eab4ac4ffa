import { describe, expect, it } from 'vitest';
import { applied, type Files, lineOf } from './bench.ts';

const MARK = 'SELECT * FROM lines';
const shop = (body: string): Files => ({
  'src/orders.ts': `import { pool } from './db.js';

export async function full(customer: string) {
${body}
}
`,
});
const ask = "await pool.query('SELECT * FROM lines WHERE order_id = $1', [order.id])";
const loop = (inside: string, before = "  const { rows: orders } = await pool.query('SELECT * FROM orders WHERE customer = $1', [customer]);\n"): string =>
  `${before}  const done = [];\n  for (const order of orders) {\n${inside}\n  }\n  return done;`;
const run = (files: Files, library = 'pg', mark = MARK) => applied('ask-once', { file: 'src/orders.ts', line: lineOf(files['src/orders.ts'] as string, mark), library }, files);

describe('ask-once', () => {
  it('pg, the rows taken out of the answer', async () => {
    const files = shop(loop(`    const { rows: lines } = ${ask};\n    done.push({ order, lines });`));
    expect(((await run(files)) as Files)['src/orders.ts']).toContain(`  const done = [];
  const { rows: allLines } = await pool.query('SELECT * FROM lines WHERE order_id = ANY($1)', [orders.map((order) => order.id)]);
  for (const order of orders) {
    const { rows: lines } = { rows: allLines.filter((it) => it.order_id === order.id) };
    done.push({ order, lines });
  }`);
  });

  it('pg, a row that is taken apart, a second parameter, rows behind a property', async () => {
    const text = loop(
      "    const lines = await pool.query('SELECT * FROM lines WHERE shop = $1 AND l.order_id = $2', [customer, id]);\n    done.push(lines.rows);",
      "  const orders = await pool.query('SELECT * FROM orders');\n",
    ).replace('const order of orders', 'const { id } of orders.rows');
    expect(
      ((await run(shop(text))) as Files)['src/orders.ts'],
    ).toContain(`  const { rows: allLines } = await pool.query('SELECT * FROM lines WHERE shop = $1 AND l.order_id = ANY($2)', [customer, orders.rows.map(({ id }) => id)]);
  for (const { id } of orders.rows) {
    const lines = { rows: allLines.filter((it) => it.order_id === id) };`);
  });

  it('Prisma in a map: nothing is left to wait for', async () => {
    const files = shop(`  const orders = await prisma.order.findMany();
  return await Promise.all(
    orders.map(async (it) => {
      const lines = await prisma.line.findMany({ where: { orderId: it.id, open: true }, orderBy: { number: 'asc' } });
      return { ...it, lines };
    }),
  );`);
    expect(
      ((await run(files, 'prisma', 'prisma.line')) as Files)['src/orders.ts'],
    ).toContain(`  const allLines = await prisma.line.findMany({ where: { orderId: { in: orders.map((it) => it.id) }, open: true }, orderBy: { number: 'asc' } });
  return orders.map((it) => {
      const lines = allLines.filter((one) => one.orderId === it.id);
      return { ...it, lines };
    });`);
  });

  it.each<[string, string, RegExp]>([
    ['a second wait in the round', loop(`    const { rows } = ${ask};\n    await mark(order);\n    done.push(rows);`), /awaits something else/],
    ['a limit', loop(`    const { rows } = ${ask.replace('$1', '$1 LIMIT 3')};\n    done.push(rows);`), /not a plain SELECT for one key/],
    ['an aggregate', loop(`    const { rows } = ${ask.replace('SELECT * FROM lines', 'SELECT count(*) FROM lines')};\n    done.push(rows);`), /does not select order_id/],
    ['another count', loop(`    const { rowCount } = ${ask};\n    done.push(rowCount);`), /more of the result than its rows/],
    ['the count of a whole answer', loop(`    const lines = ${ask};\n    done.push(lines.rowCount);`), /more of the result than its rows/],
    [
      'two things of the row',
      loop(`    const { rows } = ${ask.replace('$1', '$1 OR number = $2').replace('order.id', 'order.id, order.number')};\n    done.push(rows);`),
      /more than one field of the row/,
    ],
    [
      'what the round has worked out',
      loop(`    const id = order.id + 1;\n    const { rows } = ${ask.replace('order.id', 'id')};\n    done.push(rows);`),
      /the loop computes first/,
    ],
    ['a condition around it', loop(`    if (order.open) {\n      const { rows } = ${ask};\n      done.push(rows);\n    }`), /not inside a loop over rows|not directly in the body/],
    [
      'a column that is not selected',
      loop(`    const { rows } = ${ask.replace('SELECT *', 'SELECT name')};\n    done.push(rows);`).replace('SELECT name FROM lines', 'SELECT name FROM lines'),
      /does not select order_id/,
    ],
    ['a comparison that is none', loop(`    const { rows } = ${ask.replace('= $1', '> $1')};\n    done.push(rows);`), /not compared with one column/],
    [
      'rows that are made on the way',
      loop(`    const { rows } = ${ask};\n    done.push(rows);`).replace('of orders)', 'of await load())'),
      /over an expression, not over a variable/,
    ],
    [
      'a loop that counts',
      loop(`    const { rows } = ${ask};\n    done.push(rows);`).replace('const order of orders', 'let order = 0; order < 9; order++'),
      /not inside a loop over rows/,
    ],
  ])('refuses %s', async (_says, body, why) => {
    const mark = body.includes(MARK) ? MARK : 'FROM lines';
    expect(await run(shop(body), 'pg', mark)).toEqual({ cannot: expect.stringMatching(why) });
  });
});
