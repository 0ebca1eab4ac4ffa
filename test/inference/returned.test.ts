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
    ['a status', `if (!id) return { status: 403 }; return { status: 200 };`, `if (req.method === 'GET') { ${query('a')} return res.status(it.status).json({}); }`, ['SELECT a']],
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

describe('what a handler refuses for certain, it refuses for somebody', () => {
  it.each<[string, string, string]>([
    ['a message or null', `if (!id) return 'no id'; return null;`, 'it'],
    ['null or a message', `if (id) return null; return 'no id';`, 'it'],
    ['a message or nothing', `if (!id) return 'no id';`, 'it'],
    ['an error or null', `if (!id) return { message: 'no id' }; return null;`, 'it'],
    ['a variable that is set perhaps', `let error = null; if (!id) { error = 'no id'; } return error;`, 'it'],
    ['errors that are collected', `const errors = {}; if (!id) errors.id = 'no id'; return { errors, isValid: Object.keys(errors).length === 0 };`, '!it.isValid'],
    ['a pair', `if (!id) return ['no id', null]; return [null, id];`, 'it[0]'],
  ])('%s', async (_says, body, test) => {
    const before = `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); async function check(id) { ${body} }`;
    expect(stepsOf(await routeOf({ pg: '8' }, before, `const it = await check(req.body.id); ${refused(test)}`), 'app GET /it')).toEqual(['SELECT a']);
  });

  it('what was done before it is no refusal', async () => {
    const body = `const it = 'GET'; if (it === req.method) { ${query('a')} return res.status(500).json({}); } ${query('b')}`;
    expect(stepsOf(await routeOf({ pg: '8' }, `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' });`, body), 'app GET /it')).toContain('SELECT a');
  });

  it('what leads on for certain stays', async () => {
    const before = `import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); const isNew = false;`;
    expect(stepsOf(await routeOf({ pg: '8' }, before, `if (isNew) { ${query('a')} } else { ${query('b')} }`), 'app GET /it')).toEqual(['SELECT b']);
  });
});
