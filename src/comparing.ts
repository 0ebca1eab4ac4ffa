import type { FactCache } from './inference/infer.ts';
import { isReadFromDisk } from './inference/node-workspace.ts';
import { overlaid } from './inference/overlaid.ts';
import type { Report } from './model/advice.ts';
import { analyse } from './pipeline.ts';
import { type CheckReport, readCheckReport } from './report/check-report.ts';
import { diffMarkdown } from './report/diff-text.ts';
import { jsonOf } from './report/json.ts';
import { diffReports } from './report/report-diff.ts';
import type { Workspace } from './workspace.ts';

/**
 * What a report has changed against the same workspace with earlier texts of some files (null: the file was not there), as Markdown.
 * The same question is put to both, and to the same deployment where both have it. `cache` is looked into and left as it is.
 */
export async function compareWith(workspace: Workspace, earlier: ReadonlyMap<string, string | null>, report: Report, cache?: FactCache): Promise<string> {
  const files = new Map([...earlier].filter(([path, text]) => text === null || isReadFromDisk(path)));
  const active = report.topology.deployments.find((it) => it.active);
  const before = await analyse(overlaid(workspace, files), {
    scenario: report.scenario,
    ...(active && { deployment: active.id }),
    ...(cache && { cache: unchanged(cache) }),
  });
  return diffMarkdown(diffReports(told(before), told(report)));
}

/** Both as the command line would tell them: one comparison for editor and pull request. */
function told(report: Report): CheckReport {
  const read = readCheckReport(JSON.parse(JSON.stringify(jsonOf(report, { command: null, notExpressible: [] }, false))));
  if ('problem' in read) throw new Error(`a report that can't be compared: ${read.problem}`);
  return read;
}

const unchanged = (cache: FactCache): FactCache => ({
  byStamp: cache.byStamp,
  byText: cache.byText,
  keep: () => {},
  settle: () => {},
  answer: () => undefined,
  keepAnswer: () => {},
  recall: cache.recall,
  remember: () => {},
  write: () => {},
});
