import { describe, expect, it } from 'vitest';
import { readProject } from '../../src/inference/project.ts';
import { importInto } from '../../src/measuring.ts';
import { applyEdits } from '../../src/model/edit.ts';
import { inputsOf } from '../../src/model/inputs.ts';
import { analyse } from '../../src/pipeline.ts';
import { textOf } from '../../src/report/text.ts';
import { memoryWorkspace, service } from '../inference/memory-workspace.ts';

const SQL = 'SELECT * FROM orders WHERE customer = $1 LIMIT 50';
const code = (sql = SQL, max = 10): Record<string, string> =>
  service(
    { express: '5', pg: '8' },
    {
      'src/index.js': `const app = require('express')();
const { Pool } = require('pg');
const pool = new Pool({ host: 'db', max: ${max} });
app.get('/orders', async (req, res) => {
  res.json(await pool.query('${sql}', [req.query.customer]));
});
app.listen(3000);
`,
    },
  );
const STATEMENTS = `query,calls,mean_exec_time\n${SQL},900,3\n`;
const K6 = JSON.stringify({
  metrics: {
    http_reqs: { count: 2400, rate: 80 },
    'http_req_duration{name:GET /orders}': { 'p(95)': 400 },
    'http_reqs{name:GET /orders}': { count: 2400, rate: 80 },
    'http_req_failed{name:GET /orders}': { rate: 0 },
  },
});

async function imported(...files: string[]): Promise<string> {
  const given = files.map((text, at) => ({ name: `file ${at}`, text, modifiedAt: '2026-11-20' }));
  const { edits } = await importInto(memoryWorkspace(code()), given);
  const [edit] = edits;
  return edit?.kind === 'create' ? edit.text : edit ? applyEdits(edit.before, edit.edits) : '';
}
const [project, tested] = await Promise.all([imported(STATEMENTS), imported(K6)]);

describe('a measured value and the code that it is about', () => {
  const isStale = async (files: Record<string, string>): Promise<boolean> => {
    const { topology } = await analyse(memoryWorkspace({ ...files, 'faultline.json': project }));
    const measured = inputsOf(topology).flatMap(({ value }) => (value.state === 'known' && value.basis === 'measured' ? [value] : []));
    expect(measured).toHaveLength(1);
    return measured[0]?.isStale === true;
  };
  it.each<[string, Record<string, string>, boolean]>([
    ['as it was', code(), false],
    ['with a line above it', { ...code(), 'src/index.js': `// new\n${code()['src/index.js']}` }, false],
    ['another pool is no other statement', code(SQL, 25), false],
    ['another statement of the same name', code(SQL.replace('*', 'id, name')), true],
  ])('%s', async (_what, files, expected) => expect(await isStale(files)).toBe(expected));

  it('is told of', async () => {
    const report = await analyse(memoryWorkspace({ ...code(SQL.replace('*', 'id, name')), 'faultline.json': project }));
    expect(textOf(report, { command: null, notExpressible: [] })).toMatch(
      /Measured before the code was changed\n {2}SELECT orders holds a connection: 3\.\d+ ms, measured 2026-11-20 by pg_stat_statements.* src\/index\.js:5/,
    );
  });

  it('without a print nobody knows', async () => {
    const report = await analyse(memoryWorkspace({ ...code('SELECT id FROM orders'), 'faultline.json': project.replace(/, "code": "[0-9a-f]{16}"/, '') }));
    expect(JSON.stringify(report.topology)).not.toContain('isStale');
  });
});

describe('a load test', () => {
  it('is kept with all its routes and a print', () => {
    const reading = readProject(tested);
    expect(reading.problems).toEqual([]);
    expect(reading.project.loadTests).toEqual([
      { source: 'k6', at: '2026-11-20', routes: { 'app GET /orders': { perSecond: 80, p95Ms: 400, errorShare: 0, count: 2400 } }, code: expect.stringMatching(/^[0-9a-f]{16}$/) },
    ]);
  });

  it('stands beside its prediction, with what is most likely wrong', async () => {
    const report = await analyse(memoryWorkspace({ ...code(), 'faultline.json': tested }));
    expect(report.measured).toMatchObject([
      { source: 'k6', isStale: false, routes: [{ endpoint: 'app GET /orders', measuredP95Ms: 400 }], suspect: { label: expect.stringContaining('SELECT orders') } },
    ]);
    expect(textOf(report, { command: null, notExpressible: [] })).toMatch(
      /Measured beside predicted\n {2}k6, 2026-11-20\n {4}app GET \/orders at 80\/s: p95 400 ms measured, [\d.]+ ms predicted \(.*\), \d+% too low: .*\n {4}Most likely wrong: SELECT orders holds a connection, assumed 1–30 ms; /,
    );
  });

  it.each<[string, Record<string, string>, boolean]>([
    ['the pool is part of what was loaded', code(SQL, 25), true],
    ['nothing was changed', code(), false],
  ])('stale: %s', async (_what, files, expected) => expect((await analyse(memoryWorkspace({ ...files, 'faultline.json': tested }))).measured?.[0]?.isStale).toBe(expected));

  it('of the same routes gives way to a newer one', async () => {
    const newer = { name: 'k6', text: K6.replace(':400', ':90'), modifiedAt: '2026-11-21' };
    const { edits } = await importInto(memoryWorkspace({ ...code(), 'faultline.json': tested }), [newer]);
    const [edit] = edits;
    const text = edit?.kind === 'change' ? applyEdits(edit.before, edit.edits) : '';
    expect(readProject(text).project.loadTests?.map((it) => [it.at, it.routes['app GET /orders']?.p95Ms])).toEqual([['2026-11-21', 90]]);
  });

  it.each([
    ['no routes', '{ "routes": {} }', '"routes" must hold routes'],
    ['a route without its load', '{ "routes": { "GET /orders": { "p95Ms": 4 } } }', '"routes" must hold routes'],
    ['another field', '{ "routes": { "GET /orders": { "perSecond": 1, "p95Ms": 4, "p50": 1 } } }', '"routes" must hold routes'],
    ['a print of another kind', '{ "routes": { "GET /orders": { "perSecond": 1, "p95Ms": 4 } }, "code": "x" }', '"code" must be sixteen'],
    ['a route that is not there', '{ "routes": { "GET /none": { "perSecond": 1, "p95Ms": 4 } } }', 'No one route of this workspace is called "GET /none"'],
  ])('%s is a problem at its line', async (_what, entry, message) => {
    const { topology } = await analyse(memoryWorkspace({ ...code(), 'faultline.json': `{\n  "loadTests": [\n    ${entry}\n  ]\n}\n` }));
    expect(topology.problems).toEqual([{ file: 'faultline.json', line: 3, message: expect.stringContaining(message) }]);
  });
});
