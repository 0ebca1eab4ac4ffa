import * as vscode from 'vscode';
import type { Finding } from '../model/advice.ts';
import type { RecipeCall } from '../model/weakness.ts';
import { workspaceEditOf } from './apply-edits.ts';
import { SOURCE } from './diagnostics.ts';
import { actionsAt, type FindingAction, ignoreCall, type IgnoreScope, safeFixesIn } from './finding-actions.ts';
import { command } from './guard.ts';
import type { Log } from './log.ts';
import type { EditWriter } from './preview.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { shownFindings } from './shown-findings.ts';

/** Files where findings can stand; providers go by pattern because language ids vary between set-ups. */
const FILES: vscode.DocumentSelector = { scheme: 'file', pattern: '**/*.{ts,tsx,js,jsx,mts,cts,mjs,cjs,yml,yaml,json,env,prisma,conf}' };
const KINDS = { quickfix: vscode.CodeActionKind.QuickFix, 'refactor.rewrite': vscode.CodeActionKind.RefactorRewrite } as const;
const FIX_ALL = vscode.CodeActionKind.SourceFixAll.append(SOURCE);

/** An action whose edit is made when it is chosen. */
class LazyAction extends vscode.CodeAction {
  readonly session: Session;
  readonly calls: readonly RecipeCall[];
  constructor(title: string, kind: vscode.CodeActionKind, session: Session, calls: readonly RecipeCall[]) {
    super(title, kind);
    this.session = session;
    this.calls = calls;
  }
}

/** Titles come from the last report and are never waited for; only the edit is made on demand. */
export function registerCodeActions(sessions: Sessions, writer: EditWriter, log: Log): vscode.Disposable {
  const found = (folder: string, findingId: string): { session: Session; finding: Finding } => {
    const session = sessions.at(folder);
    const finding = session && shownFindings(session).find((it) => it.id === findingId);
    if (!session || !finding) throw new Error('this finding is gone; look at the newer ones');
    return { session, finding };
  };
  const write = async (session: Session, calls: readonly RecipeCall[], title: string): Promise<void> => {
    const { edits, cannot } = await session.edits({ kind: 'edits', calls });
    if (edits.length === 0) throw new Error(cannot[0] ?? 'this place has changed; nothing was edited');
    await writer.write(session.folder, edits, title);
  };
  const preview = command(log, 'faultline.previewRemedy', async (folder: string, findingId: string, remedyId: string) => {
    const { session, finding } = found(folder, findingId);
    const remedy = finding.remedies.find((it) => it.id === remedyId);
    if (!remedy?.edit) throw new Error('this finding is gone; look at the newer ones');
    await write(session, [remedy.edit], remedy.title);
  });
  const ignore = command(log, 'faultline.ignoreFinding', async (folder: string, findingId: string, scope: IgnoreScope) => {
    const { session, finding } = found(folder, findingId);
    const reason = await vscode.window.showInputBox({
      title: `Faultline: Ignore ${finding.rule}`,
      prompt: 'Why is it right as it is? The reason stands beside the rule for whoever reads it next.',
      validateInput: (text) => (text.trim() === '' ? 'A finding is excused only for a reason' : null),
    });
    if (reason !== undefined) await write(session, [ignoreCall(finding, scope, reason)], `Ignore ${finding.rule}`);
  });
  const provider = vscode.languages.registerCodeActionsProvider(
    FILES,
    {
      provideCodeActions(document, range, context) {
        const session = sessions.of(document.uri);
        const findings = session ? shownFindings(session) : [];
        if (!session || findings.length === 0) return [];
        const file = document.uri.path.slice(session.folder.uri.path.length + 1);
        // Asked for by a save or from the menu of source actions; the light bulb does not show them.
        if (context.only?.contains(FIX_ALL)) return fixAll(session, safeFixesIn(findings, file));
        // By line: a squiggle under one number is easily missed by the cursor.
        return actionsAt(findings, file, range.start.line + 1, range.end.line + 1).map((it) => actionOf(session, it, context.diagnostics));
      },
      async resolveCodeAction(action) {
        if (!(action instanceof LazyAction) || action.command) return action;
        const { edits, cannot } = await action.session.edits({ kind: 'edits', calls: action.calls });
        if (edits.length === 0) {
          void vscode.window.showInformationMessage(`Faultline: ${cannot[0] ?? 'this place has changed; nothing was edited'}`);
          return action;
        }
        action.edit = await workspaceEditOf(action.session.folder, edits);
        return action;
      },
    },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite, FIX_ALL] },
  );
  return vscode.Disposable.from(preview, ignore, provider);
}

const fixAll = (session: Session, calls: readonly RecipeCall[]): vscode.CodeAction[] =>
  calls.length === 0 ? [] : [new LazyAction(`Fix what is safe to fix (${calls.length})`, FIX_ALL, session, calls)];

/** Two findings of one rule may stand on one line. */
const isOf = ({ rule, message }: Finding, it: vscode.Diagnostic): boolean =>
  it.source === SOURCE && typeof it.code === 'object' && it.code.value === rule && it.message === message;

function actionOf(session: Session, { title, kind, isPreferred, finding, does }: FindingAction, diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction {
  const action = does.kind === 'edit' ? new LazyAction(title, KINDS[kind], session, [does.edit]) : new vscode.CodeAction(title, KINDS[kind]);
  const folder = session.folder.uri.toString();
  action.isPreferred = isPreferred;
  // The editor lists what names a diagnostic before what names none: excuses would stand before the fixes of what reaches over this line.
  if (does.kind === 'edit') action.diagnostics = diagnostics.filter((it) => isOf(finding, it));
  if (does.kind === 'document') action.command = { command: 'faultline.showRule', title: 'Show Rule', arguments: [finding.rule] };
  if (does.kind === 'ignore') action.command = { command: 'faultline.ignoreFinding', title: 'Ignore', arguments: [folder, finding.id, does.scope] };
  // An action with an edit would be applied at once.
  if (does.kind === 'edit' && does.isPreviewed) action.command = { command: 'faultline.previewRemedy', title: 'Preview', arguments: [folder, finding.id, does.remedy.id] };
  return action;
}
