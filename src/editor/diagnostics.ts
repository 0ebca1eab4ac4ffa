import * as vscode from 'vscode';
import type { Finding } from '../model/advice.ts';
import type { Place } from '../model/known.ts';
import { rangeOf, uriOf } from './places.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { READINESS_SETTING, shownFindings } from './shown-findings.ts';

export const SOURCE = 'faultline';

const SEVERITY: Record<Finding['severity'], vscode.DiagnosticSeverity> = {
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

/**
 * Findings and unreadable files as diagnostics: with every report each file has what the report says of it, nothing stays behind.
 * A file whose words are the same is left alone: the editor asks for code actions anew where diagnostics change, and drops the list that a user has just asked for.
 */
export function registerDiagnostics(sessions: Sessions): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(SOURCE);
  const shown = new Map<Session, Map<string, { uri: vscode.Uri; words: string }>>();
  const update = (session: Session): void => {
    const { report, status } = session.state;
    if (status.kind === 'analysing' || status.kind === 'advising' || !report) return;
    const byFile = new Map<string, { uri: vscode.Uri; items: vscode.Diagnostic[] }>();
    const add = (file: string, item: vscode.Diagnostic): void => {
      const uri = uriOf(session.folder, file);
      if (!uri) return;
      const entry = byFile.get(file) ?? { uri, items: [] };
      entry.items.push(item);
      byFile.set(file, entry);
    };
    for (const finding of shownFindings(session)) add(finding.place.file, diagnosticOf(session.folder, finding));
    for (const problem of report.topology.problems) {
      const item = new vscode.Diagnostic(rangeOf({ file: problem.file, line: problem.line }), problem.message, vscode.DiagnosticSeverity.Information);
      item.source = SOURCE;
      item.code = 'unreadable';
      add(problem.file, item);
    }
    const before = shown.get(session);
    const now = new Map([...byFile].map(([file, { uri, items }]) => [file, { uri, words: wordsOf(items) }]));
    shown.set(session, now);
    for (const [file, { uri }] of before ?? []) if (!now.has(file)) collection.delete(uri);
    for (const [file, { uri, items }] of byFile) if (before?.get(file)?.words !== now.get(file)?.words) collection.set(uri, items);
  };
  return vscode.Disposable.from(
    collection,
    sessions.onDidChange(({ session }) => update(session)),
    vscode.workspace.onDidChangeConfiguration((it) => {
      if (it.affectsConfiguration(READINESS_SETTING)) sessions.all.forEach(update);
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      for (const [session, files] of shown)
        if (!sessions.all.includes(session)) {
          for (const { uri } of files.values()) collection.delete(uri);
          shown.delete(session);
        }
    }),
  );
}

/** What a diagnostic says, whole: its own JSON leaves the related places out. */
const wordsOf = (items: readonly vscode.Diagnostic[]): string => JSON.stringify(items.map((it) => [it, it.relatedInformation]));

/** Of what goes over several lines the first is underlined: it says where it is, and leaves the rest readable. */
function firstLineOf(place: Place): vscode.Range {
  const range = rangeOf(place);
  return range.isSingleLine ? range : new vscode.Range(range.start, range.start.with({ character: 1000 }));
}

function diagnosticOf(folder: vscode.WorkspaceFolder, finding: Finding): vscode.Diagnostic {
  const item = new vscode.Diagnostic(firstLineOf(finding.place), finding.message, SEVERITY[finding.severity]);
  item.source = SOURCE;
  item.code = { value: finding.rule, target: vscode.Uri.parse(`command:faultline.showRule?${encodeURIComponent(JSON.stringify([finding.rule]))}`) };
  item.relatedInformation = [...finding.related, ...finding.folded]
    .filter((it, index, all) => all.findIndex((row) => row.message === it.message && row.place.file === it.place.file && row.place.line === it.place.line) === index)
    .map((it) => ({ uri: uriOf(folder, it.place.file), it }))
    .filter((row): row is { uri: vscode.Uri; it: (typeof row)['it'] } => row.uri !== undefined)
    .map(({ uri, it }) => new vscode.DiagnosticRelatedInformation(new vscode.Location(uri, rangeOf(it.place)), it.message));
  return item;
}
