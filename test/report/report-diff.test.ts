import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/model/scenario.ts';
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

async function told(of: Record<string, string>, perSecond = 200, profile: Scenario['profile'] = { kind: 'steady' }): Promise<CheckReport> {
  const report = await analyse(memoryWorkspace(of), { scenario: { targetPerSecond: perSecond, targetSetByUser: true, profile } });
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
    expect(diff.endpoints.changed[0]?.added).toContainEqual({
      says: 'asks db for SELECT items in a loop',
      place: expect.objectContaining({ file: 'server.js', line: 7 }),
      loop: { place: expect.objectContaining({ file: 'server.js', line: 7 }), rounds: expect.objectContaining({ basis: 'assumed', range: [2, 100] }) },
    });
    const text = diffText(diff);
    expect(text).toMatch(
      /^Breaks earlier: at .* instead of .* req\/s \(×0\.\d+\) · \d new findings?\n.*the same assumed values, 64 times: earlier in all 64; on average ×.*–×.* \(95% interval\)\.\n/,
    );
    expect(text).toContain('api GET /orders now asks db for SELECT items in a loop, 2–100 rounds assumed  server.js:7');
    // The cause comes before the figures, and what would decide it comes last.
    expect([text.indexOf('What was changed'), text.indexOf('verdict at'), text.indexOf('New findings'), text.indexOf('What to measure')]).toEqual(
      [text.indexOf('What was changed'), text.indexOf('verdict at'), text.indexOf('New findings'), text.indexOf('What to measure')].sort((a, b) => a - b),
    );
    expect(text.indexOf('What was changed')).toBeGreaterThan(0);
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
    expect(diffMarkdown(diff)).toMatch(/pool size of api→db: 10 → 25.* `server\.js:3`/);
    expect(diffMarkdown(diff)).toContain('- connections that may be open to db: 10 → 25, of 100\n');
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

  it('the verdict says what it is on', async () => {
    const spiky = await told(files(), 200, { kind: 'spike', basePerSecond: 20, peakPerSecond: 200, seconds: 5 });
    expect(diffText(diffReports(plain, plain))).toContain('verdict at 200 req/s');
    expect(diffText(diffReports(spiky, spiky))).toContain('verdict on the spike to 200 req/s');
  });

  it('other questions are named', async () => {
    expect(diffReports(plain, await told(files(), 900)).askedDifferently).toEqual(['target']);
  });
});

describe('what follows from the figures is no finding of the change', () => {
  const saturation = { rule: 'pool-saturation', severity: 'hint', file: 'x.ts', line: 1, message: 'm', subject: 's', fingerprint: '7' };
  const certain = { ...saturation, rule: 'n-plus-one', fingerprint: '8' };
  const breaking = (rate: number, ...findings: object[]): CheckReport => ({
    ...plain,
    outcome: { ...plain.outcome, breaksAtPerSecond: { value: rate, low: rate, high: rate }, draws: { every: 1, breaksAtPerSecond: Array.from({ length: 64 }, () => rate) } },
    findings: findings as unknown as CheckReport['findings'],
  });
  it.each<[string, CheckReport, CheckReport, Partial<Record<'new' | 'fixed' | 'moved' | 'covered', string[]>>]>([
    ['earlier: what gave way before is not cured', breaking(100, saturation, certain), breaking(50), { covered: ['pool-saturation'], fixed: ['n-plus-one'] }],
    ['earlier: what gives way now is new', breaking(100), breaking(50, saturation), { new: ['pool-saturation'] }],
    ['later: what gives way next is no worse', breaking(100), breaking(200, saturation, certain), { moved: ['pool-saturation'], new: ['n-plus-one'] }],
    ['later: what gave way is fixed', breaking(100, saturation), breaking(200), { fixed: ['pool-saturation'] }],
    ['where it did: as it is said', breaking(100, saturation), breaking(100, certain), { fixed: ['pool-saturation'], new: ['n-plus-one'] }],
  ])('%s', (_what, before, after, expected) => {
    const { findings } = diffReports(before, after);
    const rules = (name: 'new' | 'fixed' | 'moved' | 'covered'): string[] => findings[name].map((it) => it.rule);
    expect({ new: rules('new'), fixed: rules('fixed'), moved: rules('moved'), covered: rules('covered') }).toEqual({ new: [], fixed: [], moved: [], covered: [], ...expected });
  });
});

it.each<[string, number[], string]>([
  ['all', Array.from({ length: 64 }, () => 50), 'earlier in all 64; on average'],
  ['some', Array.from({ length: 64 }, (_, at) => (at < 50 ? 20 : at < 60 ? 100 : 200)), 'earlier in 50 of 64, later in 4, the same in 10; on average'],
  ['later', Array.from({ length: 64 }, (_, at) => (at < 60 ? 300 : 50)), 'later in 60 of 64, earlier in 4; on average'],
  ['no difference', Array.from({ length: 64 }, (_, at) => (at % 2 === 0 ? 110 : 91)), '(95% interval), which is no difference.'],
])('how often a change tells: %s', (_what, rates, words) => {
  const breaking = (each: readonly number[], value: number): CheckReport => ({
    ...plain,
    outcome: { ...plain.outcome, breaksAtPerSecond: { value, low: value / 2, high: value * 2 }, draws: { every: 1, breaksAtPerSecond: each } },
  });
  const before = breaking(
    rates.map(() => 100),
    100,
  );
  expect(diffText(diffReports(before, breaking(rates, 99)))).toContain(words);
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
