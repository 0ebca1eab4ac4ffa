import type { Report } from '../model/advice.ts';
import type { Place } from '../model/known.ts';
import { type FindingRow, findingRows } from './finding-rows.ts';

const LEVEL = { warning: 'warning', information: 'note', hint: 'note' } as const;
const ROOT = '%SRCROOT%';

export interface SarifWishes {
  version: string;
  /** Where each rule's page can be read, without the rule's name and the ending: `https://…/src/rules`. */
  pages: string;
  /** Fingerprints of an earlier run: what it has is `unchanged`, the rest `new`. */
  baseline?: ReadonlySet<string>;
}

/**
 * SARIF 2.1.0 with paths relative to the folder, as code hosts read it.
 * What the editor folds into one diagnostic is a result of its own at its own line: a code host shows nothing else of it.
 */
export function sarifOf(report: Report, { version, pages, baseline }: SarifWishes): object {
  const { findings, layers } = report.advice;
  const titles = new Map(layers.flatMap((it) => it.rules.map((rule) => [rule.rule, rule.title] as const)));
  const results = findingRows(findings);
  const rules = [...new Set(results.map((it) => it.rule))].sort();
  const { problems } = report.topology;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Faultline',
            semanticVersion: version,
            rules: rules.map((id) => ({ id, shortDescription: { text: titles.get(id) ?? id }, ...(titles.has(id) && { helpUri: `${pages}/${id}.md` }) })),
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { description: { text: 'The folder that was checked.' } } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: problems.map((it) => ({
              level: 'note',
              message: { text: it.message },
              ...(isFile(it.file) && { locations: [locationOf({ file: it.file, line: it.line })] }),
            })),
          },
        ],
        results: results.map((it) => ({
          ruleId: it.rule,
          ruleIndex: rules.indexOf(it.rule),
          level: LEVEL[it.severity],
          message: { text: it.message },
          partialFingerprints: { 'faultline/v1': it.fingerprint },
          ...(baseline && { baselineState: baseline.has(it.fingerprint) ? 'unchanged' : 'new' }),
          ...(isFile(it.place.file) && { locations: [locationOf(it.place)] }),
          relatedLocations: relatedOf(it),
        })),
      },
    ],
  };
}

const relatedOf = (it: FindingRow): object[] =>
  it.related.filter((row) => isFile(row.place.file)).map((row, index) => ({ id: index + 1, ...locationOf(row.place), message: { text: row.message } }));

/** `.` stands for the folder itself, and some findings have no place at all. */
const isFile = (file: string): boolean => file !== '' && file !== '.';

const locationOf = ({ file, line, column, endLine, endColumn }: Place) => ({
  physicalLocation: {
    artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: ROOT },
    region: {
      startLine: Math.max(1, line),
      ...(column !== undefined && column >= 1 && { startColumn: column }),
      ...(endLine !== undefined && endLine >= line && { endLine }),
      ...(endColumn !== undefined && endColumn >= 1 && { endColumn }),
    },
  },
});
