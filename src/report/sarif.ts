import type { Finding, Report } from '../model/advice.ts';

const LEVEL = { warning: 'warning', information: 'note', hint: 'note' } as const;

/** SARIF 2.1.0 with relative paths, as code hosts read it. */
export function sarifOf(report: Report, toolVersion: string): object {
  const { findings, layers } = report.advice;
  const titles = new Map(layers.flatMap((it) => it.rules.map((rule) => [rule.rule, rule.title] as const)));
  const results = findings.flatMap(rowsOf);
  const rules = [...new Set(results.map((it) => it.rule))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Faultline', version: toolVersion, rules: rules.map((id) => ({ id, shortDescription: { text: titles.get(id) ?? id } })) } },
        results: results.map((it) => ({
          ruleId: it.rule,
          ruleIndex: rules.indexOf(it.rule),
          level: LEVEL[it.severity],
          message: { text: it.message },
          locations: [locationOf(it.place.file, it.place.line, it.place.column)],
          relatedLocations: it.related
            .filter((row) => row.place.file !== '')
            .map((row) => ({ ...locationOf(row.place.file, row.place.line, row.place.column), message: { text: row.message } })),
        })),
      },
    ],
  };
}

type Row = Pick<Finding, 'rule' | 'severity' | 'message' | 'place' | 'related'>;

/** What the editor folds into one diagnostic is a result of its own at its own line: a code host shows nothing else of it. */
function rowsOf(finding: Finding): Row[] {
  return [finding, ...finding.folded.map((it): Row => ({ rule: it.rule, severity: it.severity ?? finding.severity, message: it.message, place: it.place, related: [] }))];
}

const locationOf = (file: string, line: number, column: number | undefined) => ({
  physicalLocation: {
    artifactLocation: { uri: encodeURI(file), uriBaseId: '%SRCROOT%' },
    region: { startLine: Math.max(1, line), ...(column !== undefined && { startColumn: column }) },
  },
});
