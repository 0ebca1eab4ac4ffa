import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/pipeline.ts';
import { type CheckReport, readCheckReport } from '../../src/report/check-report.ts';
import { diffMarkdown, diffText } from '../../src/report/diff-text.ts';
import { jsonOf } from '../../src/report/json.ts';
import { diffReports } from '../../src/report/report-diff.ts';
import { memoryWorkspace } from '../inference/memory-workspace.ts';

const SERVER = (handler: string, max: number): string => `const express = require('express');
const { Pool } = require('pg');
const pool = new Pool({ host: 'db', max: ${max} });
const app = express();
app.get('/orders', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM orders WHERE customer = $1 LIMIT 200', [req.query.customer]);
${handler}  res.json(rows);
});
app.listen(3000);
`;
const LOOP = "  for (const row of rows) row.items = (await pool.query('SELECT * FROM items WHERE order_id = $1', [row.id])).rows;\n";
const COMPOSE = 'services:\n  api:\n    build: .\n    ports: ["3000:3000"]\n    depends_on: [db]\n  db:\n    image: postgres:16\n';
const files = (handler = '', max = 10, compose = COMPOSE) => ({
  'package.json': JSON.stringify({ name: 'api', scripts: { start: 'node server.js' }, dependencies: { express: '5', pg: '8' } }),
  'docker-compose.yml': compose,
  'server.js': SERVER(handler, max),
});

async function told(of: Record<string, string>, perSecond = 200): Promise<CheckReport> {
  const report = await analyse(memoryWorkspace(of), { scenario: { targetPerSecond: perSecond, targetSetByUser: true } });
  const read = readCheckReport(JSON.parse(JSON.stringify(jsonOf(report, { command: null, notExpressible: [] }, false))));
  if ('problem' in read) throw new Error(read.problem);
  return read;
}

const [plain, looped, enlarged, cached] = await Promise.all([
  told(files()),
  told(files(LOOP)),
  told(files('', 25)),
  told({ ...files(), 'docker-compose.yml': `${COMPOSE}  redis:\n    image: redis:7\n` }),
]);

describe('two commits', () => {
  it('a query in a loop: earlier, and why, at its line', () => {
    const diff = diffReports(plain, looped);
    expect(diff.breaksAt).toMatchObject({ isSignificant: true, draws: 64, later: 0, earlier: 64 });
    expect(diff.breaksAt.ratio).toBeLessThan(0.5);
    expect(diff.findings.new.map((it) => [it.rule, it.file, it.line])).toContainEqual(['n-plus-one', 'server.js', 7]);
    expect(diff.findings.fixed).toEqual([]);
    expect(diff.endpoints.changed[0]?.added).toContainEqual({ says: 'asks db for SELECT items in a loop', place: expect.objectContaining({ file: 'server.js', line: 7 }) });
    const text = diffText(diff);
    expect(text).toMatch(/^Breaks earlier: at .* instead of .* req\/s \(×0\.\d+, 95% interval ×.* to ×.*; earlier in 64 of 64 draws of what is assumed\) · \d new findings?\n/);
    expect(text).toContain('api GET /orders now asks db for SELECT items in a loop  server.js:7');
  });

  it('the other way round it is fixed', () => {
    const diff = diffReports(looped, plain);
    expect(diff.breaksAt).toMatchObject({ isSignificant: true, later: 64, earlier: 0 });
    expect(diff.findings.new).toEqual([]);
    expect(diff.findings.fixed.map((it) => it.rule)).toContain('n-plus-one');
    expect(diffText(diff)).toContain('api GET /orders no longer asks db for SELECT items in a loop');
  });

  it('a larger pool: the value before and after, and no finding is new for its line having moved', () => {
    const diff = diffReports(plain, enlarged);
    expect(diff.facts.changed).toContainEqual(
      expect.objectContaining({ type: 'pool_size', before: expect.objectContaining({ value: 10 }), after: expect.objectContaining({ value: 25 }) }),
    );
    expect(diff.breaksAt.ratio).toBeGreaterThan(1);
    expect(diff.findings.new.filter((it) => it.rule === 'missing-acquire-timeout')).toEqual([]);
    expect(diffMarkdown(diff)).toMatch(/pool size of .*: 10 → 25.* `server\.js:3`/);
  });

  it('a component', () => {
    const diff = diffReports(plain, cached);
    expect(diff.components.added.map((it) => [it.id, it.places[0]?.file])).toEqual([['redis', 'docker-compose.yml']]);
    expect(diffReports(cached, plain).components.removed.map((it) => it.id)).toEqual(['redis']);
  });

  it('nothing', () => {
    const diff = diffReports(plain, plain);
    expect(diff).toMatchObject({ askedDifferently: [], breaksAt: { ratio: 1, isSignificant: false }, responses: [], findings: { new: [], fixed: [], severer: [] } });
    expect(diffMarkdown(diff)).toMatch(/^### Breaks where it did.*\n[\s\S]*Nothing that the analysis reads was changed\.\n$/);
  });

  it('other questions are named', async () => {
    expect(diffReports(plain, await told(files(), 900)).askedDifferently).toEqual(['target']);
  });
});

describe('findings', () => {
  const row = { rule: 'a', severity: 'information', file: 'x.ts', line: 1, message: 'm', subject: 's', fingerprint: '1' };
  const of = (...findings: object[]): CheckReport => ({ ...plain, findings: findings as unknown as CheckReport['findings'] });
  it.each<[string, CheckReport, CheckReport, [number, number, number]]>([
    ['the same', of(row), of({ ...row, line: 9 }), [0, 0, 0]],
    ['moved to another file', of(row), of({ ...row, file: 'y.ts', fingerprint: '2' }), [0, 0, 0]],
    ['twice now', of(row), of(row, { ...row, fingerprint: '2' }), [1, 0, 0]],
    ['folded now', of(row), of({ ...row, rule: 'b', fingerprint: '3', folded: [row] }), [1, 0, 0]],
    ['a warning now', of(row), of({ ...row, severity: 'warning' }), [0, 0, 1]],
    ['a hint now', of(row), of({ ...row, severity: 'hint' }), [0, 0, 0]],
    ['gone', of(row), of(), [0, 1, 0]],
  ])('%s', (_what, before, after, [fresh, fixed, severer]) => {
    const { findings } = diffReports(before, after);
    expect([findings.new.length, findings.fixed.length, findings.severer.length]).toEqual([fresh, fixed, severer]);
  });
});

it.each<[unknown, string]>([
  [null, '"version" is missing'],
  [{ version: 2 }, '"version" has another form'],
  [{ ...plain, topology: {} }, '"topology.components" is missing'],
  [{ ...plain, topology: { ...plain.topology, facts: [{}] } }, '"topology.facts" has another form'],
  [{ ...plain, outcome: { ...plain.outcome, breaksAtPerSecond: { value: 'x' } } }, '"outcome.breaksAtPerSecond" has another form'],
  [{ ...plain, findings: [{ rule: 'a' }] }, '"findings" has another form'],
])('%# is no report', (it, problem) => expect(readCheckReport(it)).toEqual({ problem: `${problem}: expected the output of check --format json` }));
