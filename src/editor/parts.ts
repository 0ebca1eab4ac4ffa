import * as vscode from 'vscode';
import { registerCodeActions } from './code-actions.ts';
import { registerCommands } from './commands.ts';
import { registerDiagnostics } from './diagnostics.ts';
import { createDocumentView } from './document-view.ts';
import { createLog } from './log.ts';
import { Panels } from './panel.ts';
import { Sessions } from './sessions.ts';
import { registerStatusBar } from './status-bar.ts';
import { registerTree } from './tree.ts';

/** Makes and wires every part; analysis starts behind it, in worker threads. */
export function createParts(context: vscode.ExtensionContext): vscode.Disposable[] {
  const log = createLog();
  const sessions = new Sessions(context, log);
  const panels = new Panels(context, sessions, log);
  const documentView = createDocumentView(context, sessions);
  const parts = [
    log,
    sessions,
    panels,
    documentView,
    registerDiagnostics(sessions),
    registerCodeActions(sessions),
    registerTree(sessions),
    registerStatusBar(sessions),
    registerCommands({ context, sessions, panels, documentView, log }),
  ];
  if (vscode.workspace.getConfiguration('faultline').get('openPanelOnStart', false)) panels.show(vscode.ViewColumn.One, true);
  for (const session of sessions.all) void session.begin();
  return parts;
}
