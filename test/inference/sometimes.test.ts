import { describe, expect, it } from 'vitest';
import { withInputs } from '../../src/model/inputs.ts';
import type { Topology } from '../../src/model/topology.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { assess } from '../../src/simulator/index.ts';
import { service, stepsOf, topologyOf } from './memory-workspace.ts';

const head = `import express from 'express'; import { Pool } from 'pg'; const pool = new Pool({ host: 'db', max: 4 }); const app = express(); app.listen(1); const running = new Map();
  const a = (x) => pool.query('SELECT * FROM a WHERE id = $1', [x]); const b = (x) => pool.query('SELECT * FROM b WHERE id = $1', [x]);`;
const read = (body: string, env = ''): Promise<Topology> =>
  topologyOf({
    ...service(
      { express: '5', pg: '8' },
      {
        'src/index.js': `${head}
app.get('/it', async (req, res) => {
${body}
res.json({}); });`,
      },
    ),
    ...(env && { 'docker-compose.yml': `services: { app: { build: ., environment: ['${env}'] } }`, Dockerfile: 'FROM node:24\nCMD node src/index.js' }),
  });
const stepsIn = async (body: string, env?: string): Promise<string[]> => (stepsOf(await read(body, env), 'app GET /it') as string[]).map((it) => it.replaceAll('SELECT ', ''));

const always = ['a'];
const sometimes = ['calls with a', 'calls with a > a'];
const kept = ['calls with a', 'calls with a > a', 'calls with a > put into a Map in memory~'];
const either = ['either way', 'either way > a', 'either way > b'];

describe('work on one side of a test', () => {
  it.each<[string, string, string[]]>([
    ['a test that cannot be read', 'if (req.query.full) await a(1);', sometimes],
    ['its other side', 'if (!req.query.full) { res.locals.x = 1; } else { await a(1); }', sometimes],
    [
      'one of two results decides',
      'const find = async () => { if (Math.random() > 0.5) return { ok: false }; return { ok: true, x: 1 }; }; const it = await find(); if (!it.ok) return res.status(404).end(); await a(1);',
      always,
    ],
    ['the last operand of &&', 'req.query.full && (await a(1));', sometimes],
    ['the last operand of ||', 'const it = req.query.it || (await a(1));', sometimes],
    ['the last operand of ??', 'const it = req.query.it ?? (await a(1));', sometimes],
    [
      'what is under way is not begun again',
      'let it = running.get(req.query.id); if (!it) { it = a(1); running.set(req.query.id, it); it.finally(() => running.delete(req.query.id)); } await it;',
      ['a', 'put into a Map in memory~'],
    ],
    [
      'what one key holds, another takes out',
      'let it = running.get(req.query.id); if (!it) { it = a(1); running.set(req.query.id, it); running.delete(req.query.old); } await it;',
      kept,
    ],
    ['what is kept for later', 'let it = running.get(req.query.id); if (!it) { it = a(1); running.set(req.query.id, it); } await it;', kept],
    ['one side of an expression', 'const it = req.query.full ? await a(1) : null;', sometimes],
    ['both sides of an expression', 'const it = req.query.full ? await a(1) : await b(1);', either],
    ['one case', "switch (req.query.kind) { case 'x': await a(1); break; case 'y': res.locals.x = 1; break; }", ['one of 2', 'one of 2 > a']],
    [
      'two of three cases',
      "switch (req.query.kind) { case 'x': await a(1); break; case 'y': await b(1); break; default: res.locals.x = 1; }",
      ['one of 3', 'one of 3 > a', 'one of 3 > one of 2', 'one of 3 > one of 2 > b'],
    ],
    ['cases that share it', "switch (req.query.kind) { case 'x': case 'y': await a(1); break; default: throw new Error(); }", always],
    [
      'two tests, one inside the other',
      'if (req.query.x) { await a(1); if (req.query.y) await b(1); }',
      [...sometimes, 'calls with a > calls with b', 'calls with a > calls with b > b'],
    ],
    ['before an early answer', 'if (req.query.full) { await a(1); res.json({}); return; } await b(1);', either],
  ])('%s', async (_what, body, steps) => expect(await stepsIn(body)).toEqual(steps));
});

describe('a guard is passed', () => {
  it.each<[string, string]>([
    ['it throws', "if (!req.query.id) throw new Error('no id'); await a(1);"],
    ['it throws in a function', "const check = (x) => { if (!x) { throw new Error('no id'); } }; check(req.query.id); await a(1);"],
    ['it throws after work', "if (!req.query.id) { await b(1); throw new Error('no id'); } await a(1);"],
    ['it refuses', 'if (!req.user) return res.status(401).json({}); await a(1);'],
    ['it refuses on the other side', 'if (req.user) { await a(1); res.json({}); } else { res.status(401).json({}); }'],
    ['it answers without work', 'if (!req.query.id) return res.json([]); await a(1);'],
    ['who is done on the other side', 'if (!req.query.id) { return res.json([]); } else { await a(1); }'],
    ['there is anything to do', 'const ids = req.query.ids; if (ids.length > 0) await a(ids);'],
    ['there is anything to do, and a list', 'const ids = req.query.ids; if (ids && ids.length) await a(ids);'],
    ['there is anything, in an expression', 'const all = req.query.ids.length ? await a(1) : [];'],
  ])('%s', async (_what, body) => expect(await stepsIn(body)).toEqual(always));

  it.each<[string, string, string[]]>([
    ['what was asked for is found', 'const row = await b(1); if (row) await a(row.id);', ['b', 'a']],
    ['what was asked for is not nothing', 'const row = await b(1); if (row !== null) await a(row.id);', ['b', 'a']],
    ['what was asked for is not there', 'const row = await b(1); if (!row) await a(1);', ['b', ...sometimes]],
    ['something stands in it', 'const row = await b(1); if (row.owner) await a(row.owner);', ['b', ...sometimes]],
  ])('%s', async (_what, body, steps) => expect(await stepsIn(body)).toEqual(steps));
});

describe('a test of the environment', () => {
  it.each<[string, string, string | undefined, string[]]>([
    ['a file says yes', "if (process.env.FULL === 'true') await a(1);", 'FULL=true', always],
    ['a file says no', "if (process.env.FULL === 'true') await a(1);", 'FULL=false', []],
    ['nothing sets it', 'if (process.env.FULL) await a(1);', undefined, ['calls with a, where FULL is set', 'calls with a, where FULL is set > a']],
    ['nothing sets what switches it off', 'if (!process.env.BARE) await a(1);', undefined, always],
    ['nothing sets what switches it off, in an expression', 'const it = process.env.BARE ? null : await a(1);', undefined, always],
  ])('%s', async (_what, body, env, steps) => expect(await stepsIn(body, env)).toEqual(steps));
});

describe('the share of calls in which it is done', () => {
  const body = 'if (req.query.full) { await a(1); await a(1); await a(1); }';
  const id = 'probability src/index.js:4';
  it('is an assumption of its own line, which may be set', async () => {
    const topology = await read(body);
    const branch = topology.endpoints[0]?.steps.find((it) => it.kind === 'branch');
    expect(branch).toMatchObject({ label: 'calls with SELECT a', probability: { value: 0.5, basis: 'assumed', range: [0.05, 0.95] }, place: { line: 4 }, otherwise: [] });
    const set = withInputs(topology, new Map([[id, 0.1]]));
    expect(set.endpoints[0]?.steps.find((it) => it.kind === 'branch')).toMatchObject({ probability: { value: 0.1, basis: 'override' } });
  });
  it('decides what the system carries, and is named for it', async () => {
    const topology = await read(body);
    const at = (share: number): number =>
      assess(withInputs(topology, new Map([[id, share]])), { ...DEFAULT_SCENARIO, targetPerSecond: 50 }, { ranges: false }).breaksAtPerSecond.value ?? Infinity;
    expect(at(0.1)).toBeGreaterThan(at(0.9) * 1.2);
    const { decidedBy } = assess(topology, { ...DEFAULT_SCENARIO, targetPerSecond: 200 });
    expect(decidedBy.find((it) => it.label === 'share of calls with SELECT a')).toMatchObject({ unit: 'ratio', places: [{ file: 'src/index.js', line: 4 }] });
  });
});

it('what is done beside the program, and sometimes, keeps nobody waiting', async () => {
  const topology = await read('const note = async () => { if (req.query.full) await a(1); }; note();');
  expect(stepsOf(topology, 'app GET /it')).toEqual(['calls with SELECT a', 'calls with SELECT a > SELECT a~']);
});

describe('a switch in a field', () => {
  const settings = (sets: string, tested: string): string => `const settings = { web: false, mode: {} }; ${sets} if (${tested}) { await a(1); } else { await b(1); }`;
  it.each<[string, string, string, string[]]>([
    ['set for certain', 'settings.web = true;', 'settings.web', ['a']],
    ['set behind a test that cannot be read', 'if (req.query.x) settings.web = true;', 'settings.web', either],
    ['set in one case of a switch', "switch (req.query.x) { case 'a': settings.web = true; break; default: }", 'settings.web', either],
    ['not there before', 'if (req.query.x) settings.mode.setup = true;', 'settings.mode.setup', either],
    ['set by a name', "for (const key of ['web']) if (req.query.x) settings[key] = true;", 'settings.web', either],
    ['set where it stood so before', 'if (req.query.x) settings.web = false;', 'settings.web', ['b']],
    ['set where somebody sets a variable', 'if (process.env.WEB) settings.web = true;', 'settings.web', ['b']],
  ])('%s', async (_name, sets, tested, steps) => {
    expect((stepsOf(await read(settings(sets, tested)), 'app GET /it') as string[]).map((it) => it.replaceAll('SELECT ', ''))).toEqual(steps);
  });
});
