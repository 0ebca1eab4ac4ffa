import { expect, it } from 'vitest';
import { judged, service, testRule } from './case.ts';
import type { Files } from './sources.ts';

const app = (kept: string, body: string, more: { rest?: string; dependencies?: Record<string, string>; head?: string } = {}): Files =>
  service(
    { express: '^4.21.0', pg: '^8.13.0', ...more.dependencies },
    {
      'src/db.ts': `import { Pool } from 'pg';

export const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
`,
      'src/kept.ts': `${kept}\n`,
      'src/server.ts': `import express from 'express';
import type { Request, Response } from 'express';
${more.head ?? "import { kept } from './kept.ts';"}
import { pool } from './db.ts';

const app = express();
app.get('/quotes/:symbol', async (req: Request, res: Response) => {
${body}
});
${more.rest ?? ''}
app.listen(3000);
`,
    },
  );
const MAP = 'export const kept = new Map<string, unknown>();';
const FILL = `  const { rows } = await pool.query('SELECT * FROM quotes WHERE symbol = $1', [req.params.symbol]);
  kept.set(req.params.symbol, rows); // expect: unbounded-cache
  res.json(rows);`;

const KEPT = `  const found = kept.read(req.params.symbol);
  if (found) return res.json(found);
  const { rows } = await pool.query('SELECT * FROM quotes WHERE symbol = $1', [req.params.symbol]);
  kept.keep(req.params.symbol, rows);
  res.json(rows);`;

testRule('unbounded-cache', {
  remedy: 'bound-collection',
  cases: [
    { says: 'a map with an entry per symbol that anybody asks for', state: 'weak', files: app(MAP, FILL) },
    {
      says: 'an object with an entry per request',
      state: 'weak',
      files: app(
        'export const kept: Record<string, unknown> = {};',
        `  const { rows } = await pool.query('SELECT * FROM quotes WHERE symbol = $1', [req.params.symbol]);
  kept[\`\${req.params.symbol}:\${req.query.day}\`] = rows; // expect: unbounded-cache
  res.json(rows);`,
      ),
    },
    {
      says: 'a set of ids that are made anew',
      state: 'weak',
      files: app(
        'export const kept = new Set<string>();',
        `  const { rows } = await pool.query('SELECT * FROM quotes WHERE symbol = $1', [req.params.symbol]);
  const id = randomUUID();
  kept.add(id); // expect: unbounded-cache
  res.json({ id, rows });`,
        { head: "import { randomUUID } from 'node:crypto';\nimport { kept } from './kept.ts';" },
      ),
    },
    {
      says: 'a cache of a library without lifetime or limit',
      state: 'weak',
      files: app("import NodeCache from 'node-cache';\n\nexport const kept = new NodeCache();", FILL, { dependencies: { 'node-cache': '^5.1.0' } }),
    },
    {
      says: 'under a name by which an object of the program was asked',
      state: 'unknown',
      files: app(
        MAP,
        `  const { symbol } = req.params;
  const load = loaders[symbol];
  if (!load) return res.status(404).end();
  kept.set(symbol, await load());
  res.end();`,
        { head: "import { kept } from './kept.ts';\nconst loaders: Record<string, () => Promise<unknown>> = { a: async () => 1, b: async () => 2 };" },
      ),
    },
    {
      says: 'a client for each database that somebody names',
      state: 'unknown',
      files: app(
        MAP,
        `  const { symbol } = req.params;
  if (!kept.has(symbol)) kept.set(symbol, new Pool({ database: symbol }));
  res.end();`,
        { head: "import { Pool } from 'pg';\nimport { kept } from './kept.ts';" },
      ),
    },
    {
      says: 'the entry goes with the answer',
      state: 'sound',
      files: app(MAP, `${FILL}⟦\n  kept.delete(req.params.symbol);⟧`),
    },
    {
      says: 'its size is looked at',
      state: 'sound',
      files: app(MAP, `  ⟦if (kept.size > 1000) return res.status(503).end();⟧\n${FILL}`),
    },
    {
      says: 'emptied by a timer',
      state: 'sound',
      files: app(MAP, FILL, { rest: 'setInterval(() => {\n  ⟦kept.clear();⟧\n}, 60_000);' }),
    },
    {
      says: 'a lifetime',
      state: 'sound',
      files: app("import NodeCache from 'node-cache';\n\nexport const kept = new NodeCache(⟦{ stdTTL: 600 }⟧);", FILL, { dependencies: { 'node-cache': '^5.1.0' } }),
    },
    {
      says: 'keys that stand in the code',
      state: 'sound',
      files: app(
        MAP,
        `  const { rows } = await pool.query('SELECT * FROM quotes WHERE symbol = $1', [req.params.symbol]);
  kept.set(⟦'last' ?? ⟧req.params.symbol, rows); // expect: unbounded-cache
  res.json(rows);`,
      ),
    },
    {
      says: 'a map of one request',
      state: 'unknown',
      files: app(
        'export const none = 0;',
        `  const kept = new Map<string, unknown>();
  const { rows } = await pool.query('SELECT * FROM quotes WHERE symbol = $1', [req.params.symbol]);
  kept.set(req.params.symbol, rows);
  res.json([...kept.values()]);`,
        { head: '' },
      ),
    },
    {
      says: 'other code gets hold of it',
      state: 'unknown',
      files: app(MAP, FILL.replace(/ \/\/ expect.*/, ''), { rest: 'sweep(kept);', head: "import { kept } from './kept.ts';\nimport { sweep } from 'sweeper';" }),
    },
    {
      says: 'keys of rows, which may be few',
      state: 'unknown',
      files: app(
        MAP,
        `  const { rows } = await pool.query('SELECT * FROM quotes WHERE symbol = $1', [req.params.symbol]);
  for (const row of rows) kept.set(row.currency, row.rate);
  res.json(rows);`,
      ),
    },
  ],
  story: {
    says: 'what was asked once is kept for ever; the last ten thousand are',
    before: app(
      'const all = new Map<string, unknown>();\nexport const kept = { read: (key: string) => all.get(key), keep: (key: string, rows: unknown) => all.set(key, rows) }; // expect: unbounded-cache',
      KEPT,
    ),
    after: app(
      `import { LRUCache } from 'lru-cache';

const all = new LRUCache<string, {}>({ max: 10_000 });
export const kept = { read: (key: string) => all.get(key), keep: (key: string, rows: {}) => all.set(key, rows) };`,
      KEPT,
      { dependencies: { 'lru-cache': '^11.0.0' } },
    ),
  },
});

it.each([
  ["case 'a':", 'sound'],
  ['default:', 'weak'],
])('under the name that %s leaves: %s', async (label, state) => {
  const files = app(
    MAP,
    `  const { symbol } = req.params;
  switch (symbol) {
    ${label}
      kept.set(symbol, await pool.query('SELECT 1'));
  }
  res.end();`,
  );
  expect((await judged(files, 'unbounded-cache')).map((it) => it.state)).toEqual([state]);
});
