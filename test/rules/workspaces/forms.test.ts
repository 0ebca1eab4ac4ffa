import { ts } from 'ts-morph';
import { describe, expect, it } from 'vitest';
import { service } from './case.ts';
import { FORMS } from './forms.ts';
import { danglingIn, type Files, isCode } from './sources.ts';

const SHOP: Files = service(
  { express: '^4.21.0', pg: '^8.13.0' },
  {
    'src/db.ts': `import { Pool } from 'pg';

export const pool: Pool = new Pool({ max: 10 });
`,
    'src/orders.ts': `import { pool } from './db.ts';

interface Order { id: number }

// expect: some-rule
export async function orderOf(id: string): Promise<Order> {
  const { rows } = await pool.query('SELECT * FROM orders WHERE id = $1', [id]);
  const lines = await pool.query('SELECT * FROM lines WHERE order_id = $1', [id]);
  return { ...(rows[0] as Order), lines };
}
`,
    'src/server.ts': `import express, { type Request } from 'express';
import { orderOf } from './orders.ts';

const app = express();
app.get('/orders/:id', async (req: Request, res) => {
  const order = await orderOf(req.params.id!);
  res.json(order);
});
app.listen(3000);
`,
  },
);

describe.each(FORMS)('the form $name', ({ make }) => {
  const after = make(SHOP);
  const texts = Object.values(after).join('\n');

  it('differs', () => expect(after).not.toEqual(SHOP));

  it('is code without a syntax error, in which every name is declared', () => {
    for (const [file, text] of Object.entries(after).filter(([it]) => isCode(it))) {
      const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true) as unknown as { parseDiagnostics: { messageText: unknown }[] };
      expect(
        tree.parseDiagnostics.map((it) => it.messageText),
        `${file}\n${text}`,
      ).toEqual([]);
    }
    expect(danglingIn(SHOP)).toEqual([]);
    expect(danglingIn(after), texts).toEqual([]);
  });

  it('keeps every mark on its line', () => {
    const before = (SHOP['src/orders.ts'] as string).split('\n').findIndex((it) => it.includes('expect:'));
    const lines = (after['src/orders.ts'] ?? after['src/orders.js'] ?? '').split('\n');
    expect(lines.findIndex((it) => it.includes('expect:'))).toBe(before);
  });

  it('leaves no form of its own in place when made twice from the same files', () => expect(make(SHOP)).toEqual(after));
});

describe('what a form writes', () => {
  it.each([
    ['JavaScript', 'src/db.js', /^export const pool\s+= new Pool\(\{ max: 10 \}\);$/m],
    ['CommonJS', 'src/orders.js', /^const \{ pool \} = require\('\.\/db\.js'\);$/m],
    ['CommonJS', 'src/orders.js', /^module\.exports = \{ orderOf \};$/m],
    ['aliased import', 'src/orders.ts', /^import \{ pool as poolAlias \}/m],
    ['aliased import', 'src/orders.ts', /await poolAlias\.query\(/],
    ['destructured import', 'src/db.ts', /^import \* as whole1 from 'pg'; const \{ Pool \} = whole1;$/m],
    ['class field', 'src/db.ts', /^export const poolKept = new \(class \{ pool: Pool = new Pool\(\{ max: 10 \}\); \}\)\(\);$/m],
    ['class field', 'src/orders.ts', /await poolKept\.pool\.query\(/],
    ['class field', 'src/server.ts', /await orderOfKept\.orderOf\(/],
    ['wrapper in another file', 'src/wrapped.ts', /poolQueryWrapped: any = \(\.\.\.args: any\[\]\) => \(pool\.query as any\)\(\.\.\.args\);/],
    ['wrapper in another file', 'src/orders.ts', /await poolQueryWrapped\('SELECT \* FROM orders/],
    ['handler in another file', 'src/server.ts', /app\.get\('\/orders\/:id', handler1\);/],
    ['then chain', 'src/orders.ts', /return pool\.query\('SELECT \* FROM orders WHERE id = \$1', \[id\]\)\.then\(async \(\{ rows \}\) => \{/],
  ])('%s: %s', (name, file, expected) => expect(FORMS.find((it) => it.name === name)?.make(SHOP)[file]).toMatch(expected));
});
