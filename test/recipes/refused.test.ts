import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/pipeline.ts';
import { refusalsOf, type Trials } from '../../src/recipes/refused.ts';
import { RECIPES } from '../../src/recipes/index.ts';
import type { RecipeCall } from '../../src/model/weakness.ts';
import { memoryWorkspace } from '../inference/memory-workspace.ts';

const add: RecipeCall = { recipe: 'bound-collection', args: { file: 'a.js', line: 2, most: 10 } };
const SET = 'const seen = new Map();\nseen.set(1, 2);\n';
const NESTED = 'const seen = new Map();\nif (1) seen.set(1, 2);\n';

/** A workspace that counts how often each file is read. */
function counting(files: Record<string, string>) {
  const workspace = memoryWorkspace(files);
  const reads: string[] = [];
  const read = (path: string) => {
    reads.push(path);
    return workspace.read(path);
  };
  return { reads, workspace: { ...workspace, read } };
}

describe('edits are tried before they are offered', () => {
  it('why one can’t be made', async () => {
    expect((await refusalsOf([add], memoryWorkspace({ 'a.js': SET })))(add)).toBeUndefined();
    expect((await refusalsOf([add], memoryWorkspace({ 'a.js': NESTED })))(add)).toEqual({
      why: 'the line has no block around it to write into',
      byHand: 'before a.js:2 adds, take out the oldest entry once there are 10',
    });
  });

  it('anew where what it looked at has changed, and one is forgotten for which nobody asks', async () => {
    const trials: Trials = new Map();
    const isRefused = async (text: string) => (await refusalsOf([add], memoryWorkspace({ 'a.js': text }), trials))(add) !== undefined;
    expect([await isRefused(NESTED), await isRefused(SET), await isRefused(NESTED)]).toEqual([true, false, true]);
    const [kept] = trials.values();
    await isRefused(NESTED);
    expect([...trials.values()]).toEqual([kept]);
    expect([...trials.values()][0]).toBe(kept);
    await refusalsOf([], memoryWorkspace({}), trials);
    expect(trials.size).toBe(0);
  });

  it('each file is read once for all of them', async () => {
    const { reads, workspace } = counting({ 'a.js': SET });
    await refusalsOf([add, { ...add, args: { ...add.args, most: 20 } }], workspace);
    expect(reads).toEqual(['a.js']);
  });
});

describe('what can’t be made is done by hand', () => {
  const handler = (read: string) => ({
    'package.json': JSON.stringify({ name: 'api', scripts: { start: 'node src/server.js' }, dependencies: { express: '^4.21.0', pg: '^8.13.0' } }),
    'src/server.js': `const express = require('express');
const { Pool } = require('pg');
const pool = new Pool({ connectionString: 'postgres://db:5432/shop', max: 10 });
const app = express();
app.post('/orders', async (req, res) => {
  await pool.query('INSERT INTO orders (id) VALUES ($1)', [req.body.id]);
  res.end();
});
app.get('/orders', async (req, res) => {
${read}
});
app.listen(3000);
`,
  });
  const page = async (read: string) => {
    const { advice } = await analyse(memoryWorkspace(handler(read)));
    return advice.findings.flatMap((it) => it.remedies).find((it) => it.id === 'unbounded-query/limit-rows');
  };

  it.each([
    ['awaited', "  const { rows } = await pool.query('SELECT id FROM orders');\n  res.json(rows);", true],
    ['then', "  pool.query('SELECT id FROM orders').then(({ rows }) => res.json(rows));", false],
  ])('%s', async (_says, read, isMade) => {
    const remedy = await page(read);
    expect(remedy?.edit === null, JSON.stringify(remedy)).toBe(!isMade);
    if (!isMade)
      expect(remedy?.guidance).toBe(
        'By hand: Order by a key and take 100 behind the last one that the caller has seen (WHERE id > $1 ORDER BY id LIMIT 100); where all rows are needed, stream them · No edit here: line 10 of src/server.js has no awaited call',
      );
  });
});

describe('what is done by hand', () => {
  it.each(RECIPES.map((it) => [it.id, it] as const))('%s names all that it is called with', (_id, recipe) => {
    const args = new Proxy({ file: 'src/db.ts', line: 4 } as Record<string, string | number>, { get: (own, name) => own[String(name)] ?? `<${String(name)}>` });
    const words = recipe.byHand(args);
    expect(words).not.toMatch(/undefined|null|\.$/);
    // What follows a colon begins small, unless it is a name.
    expect(words).toMatch(/^(<|[a-z])/);
  });
});
