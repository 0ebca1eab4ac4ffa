import * as vscode from 'vscode';
import type { Report } from '../model/advice.ts';
import { registerCodeActions } from './code-actions.ts';
import { registerCommands } from './commands.ts';
import { registerCompareWithHead } from './compare-with-head.ts';
import { registerDiagnostics } from './diagnostics.ts';
import { createDocumentView } from './document-view.ts';
import { createLog } from './log.ts';
import { registerMeasuring } from './measuring.ts';
import { PANEL_TYPE, Panels } from './panel.ts';
import { createEditWriter } from './preview.ts';
import { registerProjectCompletions } from './project-completions.ts';
import { isJustMade } from './scaffold-terminal.ts';
import { Sessions } from './sessions.ts';
import { registerStatusBar } from './status-bar.ts';
import { registerTree } from './tree.ts';

/** What other extensions may ask; read-only. */
export interface FaultlineApi {
  /** The last report of a workspace folder (the shown one by default); undefined until the first analysis has ended. */
  report(folder?: vscode.Uri): Report | undefined;
}

/** Makes and wires every part; analysis starts behind it, in worker threads. */
export function createParts(context: vscode.ExtensionContext): { parts: vscode.Disposable[]; api: FaultlineApi } {
  const log = createLog();
  const sessions = new Sessions(context, log);
  const writer = createEditWriter();
  const panels = new Panels(context, sessions, writer, log);
  const documentView = createDocumentView(context, sessions);
  const parts = [
    log,
    sessions,
    writer,
    panels,
    documentView,
    registerDiagnostics(sessions),
    registerCodeActions(sessions, writer, log),
    registerMeasuring(sessions, writer, log),
    registerCompareWithHead(sessions, log),
    registerProjectCompletions(sessions),
    registerTree(sessions),
    registerStatusBar(sessions),
    registerCommands({ context, sessions, panels, documentView, log }),
  ];
  // After a reload the editor itself brings the panel back.
  const isRestored = vscode.window.tabGroups.all.some((group) => group.tabs.some((it) => it.input instanceof vscode.TabInputWebview && it.input.viewType.endsWith(PANEL_TYPE)));
  const isWanted = isJustMade(context.globalState) || vscode.workspace.getConfiguration('faultline').get('openPanelOnStart', false);
  if (!isRestored && isWanted) panels.show(vscode.ViewColumn.One, true);
  for (const session of sessions.all) void session.beginOnOpening();
  return { parts, api: { report: (folder) => (folder ? sessions.of(folder) : sessions.current)?.state.report ?? undefined } };
}
