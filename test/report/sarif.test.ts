import { describe, expect, it } from 'vitest';
import type { Finding, Report } from '../../src/model/advice.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { type FindingRow, findingRows, fingerprintsIn, newRows } from '../../src/report/finding-rows.ts';
import { sarifOf } from '../../src/report/sarif.ts';
import { outcomeOf } from '../advisor/outcomes.ts';
import { fits } from '../model/json-schema.ts';
import { at, shopOf } from '../rules/topologies.ts';
import { SARIF_FORM } from './sarif-form.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  id: 'x',
  rule: 'n-plus-one',
  severity: 'warning',
  place: { file: 'src/a b.ts', line: 6, column: 3, endLine: 7, endColumn: 9 },
  component: 'api',
  message: 'asked 10 times',
  subject: 'api · SELECT items',
  related: [
    { place: at('src/b.ts', 2), message: 'the rows' },
    { place: at('', 0), message: 'nowhere' },
  ],
  remedies: [],
  folded: [],
  ...more,
});
const LAYERS = [{ layer: 'data' as const, rules: [{ rule: 'n-plus-one', title: 'A query for each row', weak: 1, sound: 0, unknown: 0 }] }];

function sarif(findings: readonly Finding[], baseline?: ReadonlySet<string>) {
  const problems = [
    { file: 'a.yml', line: 3, message: 'no YAML' },
    { file: '.', line: 1, message: 'empty' },
  ];
  const report: Report = {
    topology: { ...shopOf(), problems },
    scenario: DEFAULT_SCENARIO,
    outcome: outcomeOf(),
    advice: { headline: '', explanation: '', findings, layers: LAYERS },
    read: { files: 1, parsed: 1, ms: 1 },
  };
  return JSON.parse(JSON.stringify(sarifOf(report, { version: '1.2.3', pages: 'https://example.org/rules', ...(baseline && { baseline }) })));
}

describe('form', () => {
  it.each<[string, readonly Finding[], ReadonlySet<string> | undefined]>([
    ['nothing', [], undefined],
    ['a finding', [finding()], undefined],
    ['without a place', [finding({ place: at('', 0) })], undefined],
    ['folded, against a baseline', [finding({ folded: [{ rule: 'unused-suppression', message: 'm', place: at('c.ts', 1) }] })], new Set()],
  ])('%s', (_what, findings, baseline) => expect(fits(sarif(findings, baseline), SARIF_FORM, SARIF_FORM)).toBe(true));

  it('the check sees a wrong property and a missing one', () => {
    const log = sarif([finding()]);
    log.runs[0].results[0].fingerprint = 'x';
    expect(fits(log, SARIF_FORM, SARIF_FORM)).toBe(false);
    const other = sarif([finding()]);
    delete other.runs[0].results[0].message;
    expect(fits(other, SARIF_FORM, SARIF_FORM)).toBe(false);
  });
});

it('says where to read about it, where it is and what takes part', () => {
  const { tool, results, invocations } = sarif([finding(), finding({ rule: 'unused-suppression' })]).runs[0];
  expect(tool.driver.rules).toEqual([
    { id: 'n-plus-one', shortDescription: { text: 'A query for each row' }, helpUri: 'https://example.org/rules/n-plus-one.md' },
    { id: 'unused-suppression', shortDescription: { text: 'unused-suppression' } },
  ]);
  expect(results[0].locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'src/a%20b.ts', uriBaseId: '%SRCROOT%' },
    region: { startLine: 6, startColumn: 3, endLine: 7, endColumn: 9 },
  });
  expect(results[0].relatedLocations.map((it: { id: number; message: object }) => [it.id, it.message])).toEqual([[1, { text: 'the rows' }]]);
  expect(invocations[0].toolExecutionNotifications.map((it: { locations?: object[] }) => it.locations?.length ?? 0)).toEqual([1, 0]);
});

describe('fingerprints', () => {
  const printOf = (...findings: Finding[]): string[] => findingRows(findings).map((it) => it.fingerprint);
  const [first] = printOf(finding());
  it.each<[string, Partial<Finding>, boolean]>([
    ['another line', { place: at('src/a b.ts', 60) }, true],
    ['other numbers', { message: 'asked 99 times' }, true],
    ['another severity', { severity: 'hint' }, true],
    ['another file', { place: at('src/c.ts', 6) }, false],
    ['another subject', { subject: 'api · SELECT users' }, false],
    ['another rule', { rule: 'unbounded-query' }, false],
  ])('%s', (_what, more, isSame) => expect(printOf(finding(more))[0] === first).toBe(isSame));

  it('twins in a file are told apart by their order', () => {
    const [a, b] = [finding(), finding({ place: at('src/a b.ts', 20) })];
    const prints = printOf(a, b);
    expect(new Set(prints).size).toBe(2);
    expect(printOf(b, a)).toEqual([...prints].reverse());
  });

  it('folding moves none', () => expect(printOf(finding({ rule: 'other', folded: [finding()] }))[1]).toBe(first));

  it('of a baseline count folded findings, too', () => {
    const folded = [{ rule: 'slow-consumer', severity: 'warning' as const, subject: 'worker · mails', message: 'm', place: at('w.ts', 1) }];
    const [lead, row] = findingRows([finding({ folded })]) as [FindingRow, FindingRow];
    const baseline = (...of: string[]) => fingerprintsIn({ findings: [{ fingerprint: lead.fingerprint, folded: of.map((fingerprint) => ({ fingerprint })) }] }) as Set<string>;
    expect(newRows([finding({ folded })], baseline()).map((it) => [it.rule, it.severity])).toEqual([['slow-consumer', 'warning']]);
    expect(newRows([finding({ folded })], baseline(row.fingerprint))).toEqual([]);
    expect(newRows([finding({ folded })], null)).toHaveLength(2);
  });

  it.each<[unknown, string]>([
    [null, 'expected the output of check --format json'],
    [{ findings: 1 }, 'expected the output of check --format json'],
    [{ findings: [{ rule: 'a' }] }, 'make it anew with this version'],
    [{ findings: [{ fingerprint: '1', folded: [{ rule: 'a' }] }] }, 'make it anew with this version'],
  ])('%j is no baseline', (it, problem) => expect(fingerprintsIn(it)).toContain(problem));

  it('a baseline says what is new', () => {
    const { results } = sarif([finding(), finding({ subject: 'api · SELECT users' })], new Set(printOf(finding()))).runs[0];
    expect(results.map((it: { baselineState: string }) => it.baselineState)).toEqual(['unchanged', 'new']);
  });
});
