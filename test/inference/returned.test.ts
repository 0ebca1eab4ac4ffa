import { describe, expect, it } from 'vitest';
import { routeOf, stepsOf } from './memory-workspace.ts';

const query = (table: string): string => `await pool.query('SELECT 1 FROM ${table}');`;
const refused = (test: string): string => `if (${test}) { return res.status(403).end(); } ${query('a')}`;

describe('what a function gives back that returns in several places', () => {
  it.each<[string, string, string, string[]]>([
    ['a flag that is false first', `if (o !== id) { return { ok: false, why: 'other' }; } return { ok: true };`, refused('!it.ok'), ['SELECT a']],
    ['a flag that is true first', `if (o === id) { return { ok: true }; } return { ok: false };`, refused('!it.ok'), ['SELECT a']],
    ['in a try', `try { if (o !== id) return { ok: false }; return { ok: true }; } catch (e) { return { ok: false }; }`, refused('!it.ok'), ['SELECT a']],
    ['an error that the other way has not', `if (!id) return { error: 'no id' }; return { data: 1 };`, refused('it.error'), ['SELECT a']],
    ['an error that the other way has as null', `if (!id) return { error: 'no id', data: null }; return { error: null, data: { id } };`, refused('it.error'), ['SELECT a']],
    ['a result that the other way has not', `if (!id) return { error: 'no id' }; return { user: { id } };`, refused('!it.user'), ['SELECT a']],
    ['the same flag everywhere', `if (!id) return { ok: false, why: 'no id' }; return { ok: false };`, `if (it.ok) { ${query('a')} } ${query('b')}`, ['SELECT b']],
    [
      'rows that one way has',
      `if (!id) return { error: 'no id' }; const { rows } = await pool.query('SELECT 1 FROM lists'); return { rows };`,
      `for (const row of it.rows) { await pool.query('SELECT 1 FROM parts WHERE list = $1', [row.id]); }`,
      ['SELECT lists', 'each', 'each > SELECT parts'],
    ],
  ])('%s', async (_says, body, then, expected) => {
    const before = `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); async function check(id, o) { ${body} }`;
    expect(stepsOf(await routeOf({ pg: '8' }, before, `const it = await check(req.body.id, req.query.other); ${then}`), 'app GET /it')).toEqual(expected);
  });
});
