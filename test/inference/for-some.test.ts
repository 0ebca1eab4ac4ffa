import { describe, expect, it } from 'vitest';
import type { Topology } from '../../src/model/topology.ts';
import { walkSteps } from '../../src/model/topology.ts';
import { service, topologyOf } from './memory-workspace.ts';

const query = (table: string): string => `await pool.query('SELECT 1 FROM ${table}');`;

/** Tables that are asked for by administrators alone, and those that anybody asks for. */
function askedBy(it: Topology): { some: string[]; anybody: string[] } {
  const found = { some: [] as string[], anybody: [] as string[] };
  for (const endpoint of it.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (step.kind === 'query') (step.forSome ? found.some : found.anybody).push(step.label.replace('SELECT ', ''));
    });
  return found;
}

const read = (body: string, before = '', middleware = ''): Promise<Topology> =>
  topologyOf(
    service(
      { express: '^5.0.0', pg: '8' },
      {
        'src/index.js': `import express from 'express'; import { Pool } from 'pg'; const pool = new Pool({ host: 'db' }); ${before};
          const app = express(); app.get('/it', ${middleware} async (req, res) => { const user = req.user; ${body} res.json({}); }); app.listen(3000);`,
      },
    ),
  );

describe('what only administrators ask for', () => {
  const refuse = `return res.status(403).json({});`;
  it.each<[string, string, string[], string[]]>([
    ['others are refused', `if (!user.isAdmin) { ${refuse} } ${query('a')}`, ['a'], []],
    ['others are thrown out', `if (user.role !== 'admin') throw new Error('no'); ${query('a')}`, ['a'], []],
    ['in one arm', `if (user.role === 'ADMIN') { ${query('a')} } else { ${query('b')} }`, ['a'], ['b']],
    ['in the other arm', `if (!isAdmin(user)) { ${query('a')} } else { ${query('b')} }`, ['b'], ['a']],
    ['a member of an enum', `if (user.role !== Role.Admin) { ${refuse} } ${query('a')}`, ['a'], []],
    ['one of their roles', `if (!['admin', 'super-admin'].includes(user.role)) { ${refuse} } ${query('a')}`, ['a'], []],
    ['among the roles', `if (!user.roles.includes('ROLE')) { ${refuse} } ${query('a')}`, [], ['a']],
    ['some of all roles', `if (!['admin', 'customer'].includes(user.role)) { ${refuse} } ${query('a')}`, [], ['a']],
    ['the one whom a variable names', `if (user.id === Number(process.env.ADMIN_ID || 1)) { ${query('a')} } else { ${query('b')} }`, ['a'], ['b']],
    ['another row of theirs', `if (user.id === req.params.id) { ${query('a')} }`, [], ['a']],
    ['behind it, both go on', `if (user.isAdmin) { ${query('a')} } ${query('b')}`, ['a'], ['b']],
    ['a flag of everybody', `if (!user.verified) { ${refuse} } ${query('a')}`, [], ['a']],
    ['and of the account', `if (!user || user.role !== 'admin') { ${refuse} } ${query('a')}`, ['a'], []],
    ['or their own', `if (user.role !== 'admin' && user.id !== req.params.id) { ${refuse} } ${query('a')}`, [], ['a']],
  ])('%s', async (_says, body, some, anybody) =>
    expect(askedBy(await read(body, `const Role = { Admin: 'admin' }; function isAdmin(it) { return it.roles.has(1); }`))).toEqual({ some, anybody }),
  );

  it.each<[string, string, string, string[], string[]]>([
    [
      'a middleware that lets them on',
      `const admin = (req, res, next) => { if (req.user && req.user.isAdmin) { next(); } else { res.status(401); throw new Error('no'); } };`,
      'admin,',
      ['a'],
      [],
    ],
    [
      'a middleware made for roles',
      `const only = (...roles) => (req, res, next) => { if (!roles.includes(req.user.role)) return res.status(403).end(); next(); };`,
      `only('admin'),`,
      ['a'],
      [],
    ],
    [
      'made for other roles, too',
      `const only = (...roles) => (req, res, next) => { if (!roles.includes(req.user.role)) return res.status(403).end(); next(); };`,
      `only('admin', 'user'),`,
      [],
      ['a'],
    ],
  ])('%s', async (_says, before, middleware, some, anybody) => expect(askedBy(await read(query('a'), before, middleware))).toEqual({ some, anybody }));

  it('a function that others leave is left by nobody else', async () => {
    const before = `async function tell(user) { if (user.role !== 'admin') return; ${query('a')} }`;
    expect(askedBy(await read(`await tell(user); ${query('b')}`, before))).toEqual({ some: ['a'], anybody: ['b'] });
  });
});
