import * as vscode from 'vscode';
import type { Finding, Remedy } from '../model/advice.ts';
import { workspaceEditOf } from './apply-edits.ts';
import { SOURCE } from './diagnostics.ts';
import { command } from './guard.ts';
import type { Log } from './log.ts';
import { rangeOf } from './places.ts';
import type { EditWriter } from './preview.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** Files where findings can stand; providers go by pattern because language ids vary between set-ups. */
const FILES: vscode.DocumentSelector = { scheme: 'file', pattern: '**/*.{ts,tsx,js,jsx,mts,cts,mjs,cjs,yml,yaml,json,env,prisma,conf}' };

class RemedyAction extends vscode.CodeAction {
  readonly session: Session;
  readonly finding: Finding;
  readonly remedy: Remedy;
  constructor(session: Session, finding: Finding, remedy: Remedy) {
    super(remedy.title, kindOf(remedy));
    this.session = session;
    this.finding = finding;
    this.remedy = remedy;
  }
}

/** Titles come from the last report and are never waited for; only the edit is made on demand. */
export function registerCodeActions(sessions: Sessions, writer: EditWriter, log: Log): vscode.Disposable {
  const preview = command(log, 'faultline.previewRemedy', async (folder: string, findingId: string, remedyId: string) => {
    const session = sessions.all.find((it) => it.folder.uri.toString() === folder);
    const remedy = session?.state.report?.advice.findings.find((it) => it.id === findingId)?.remedies.find((it) => it.id === remedyId);
    if (!session || !remedy?.edit) throw new Error('this finding is gone; look at the newer ones');
    const { edits, cannot } = await session.edits({ kind: 'edits', calls: [remedy.edit] });
    if (edits.length === 0) throw new Error(cannot[0] ?? 'this place has changed; nothing was edited');
    await writer.write(session.folder, edits, remedy.title);
  });
  const provider = vscode.languages.registerCodeActionsProvider(
    FILES,
    {
      provideCodeActions(document, range, context) {
        const session = sessions.of(document.uri);
        const findings = session ? findingsAt(session, document, range) : [];
        return findings.flatMap((finding) => actionsOf(session as Session, document, finding, context.diagnostics));
      },
      async resolveCodeAction(action) {
        if (!(action instanceof RemedyAction) || !action.remedy.edit || action.command) return action;
        const { edits, cannot } = await action.session.edits({ kind: 'edits', calls: [action.remedy.edit] });
        if (edits.length === 0) {
          void vscode.window.showInformationMessage(`Faultline: ${cannot[0] ?? 'this place has changed; nothing was edited'}`);
          return action;
        }
        action.edit = await workspaceEditOf(action.session.folder, edits);
        return action;
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite] },
  );
  return vscode.Disposable.from(preview, provider);
}

/** By line: a squiggle under one number is easily missed by the cursor. */
function findingsAt(session: Session, document: vscode.TextDocument, range: vscode.Range): Finding[] {
  const file = document.uri.path.slice(session.folder.uri.path.length + 1);
  return (session.state.report?.advice.findings ?? []).filter((it) => {
    const at = rangeOf(it.place);
    return it.place.file === file && at.start.line <= range.end.line && at.end.line >= range.start.line;
  });
}

function actionsOf(session: Session, document: vscode.TextDocument, finding: Finding, diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction[] {
  const own = diagnostics.filter((it) => it.source === SOURCE && typeof it.code === 'object' && it.code.value === finding.rule);
  const remedies = finding.remedies
    .filter((it) => it.edit !== null)
    .map((remedy) => {
      const action = new RemedyAction(session, finding, remedy);
      action.diagnostics = own;
      action.isPreferred = remedy.preferred;
      if (touchesSeveralFiles(remedy)) action.command = { command: 'faultline.previewRemedy', title: 'Preview', arguments: [session.folder.uri.toString(), finding.id, remedy.id] };
      return action;
    });
  // JSON has no comments: there a suppression belongs into faultline.json.
  const ignore = document.uri.path.endsWith('.json') ? [] : [ignoreAction(document, finding, own)];
  return [...remedies, ...ignore, documentationAction(finding)];
}

/** These are shown as a diff before they are written; an action with an edit would be applied at once. */
const touchesSeveralFiles = (remedy: Remedy): boolean => ['insert-queue', 'insert-cache', 'extract-worker', 'add-pgbouncer'].includes(remedy.edit?.recipe ?? '');

/** Inserting a queue or a cache rewrites a design; a parameter is a quick fix. */
const kindOf = (remedy: Remedy): vscode.CodeActionKind => (remedy.effort >= 4 ? vscode.CodeActionKind.RefactorRewrite : vscode.CodeActionKind.QuickFix);

function ignoreAction(document: vscode.TextDocument, finding: Finding, diagnostics: vscode.Diagnostic[]): vscode.CodeAction {
  const action = new vscode.CodeAction(`Ignore ${finding.rule} on this line (with a reason)`, vscode.CodeActionKind.QuickFix);
  const line = Math.min(Math.max(0, finding.place.line - 1), document.lineCount - 1);
  const indent = /^\s*/.exec(document.lineAt(line).text)?.[0] ?? '';
  const marker = /\.(ya?ml|env|conf|prisma)$/.test(document.uri.path) ? '#' : '//';
  action.diagnostics = diagnostics;
  action.edit = new vscode.WorkspaceEdit();
  action.edit.insert(document.uri, new vscode.Position(line, 0), `${indent}${marker} faultline-ignore-next-line ${finding.rule} -- reason\n`);
  return action;
}

function documentationAction(finding: Finding): vscode.CodeAction {
  const action = new vscode.CodeAction(`Show documentation of ${finding.rule}`, vscode.CodeActionKind.QuickFix);
  action.command = { command: 'faultline.showRule', title: 'Show Rule', arguments: [finding.rule] };
  return action;
}
