import * as vscode from 'vscode';
import { mermaidOf } from '../diagram/mermaid.ts';
import type { Sessions } from './sessions.ts';
import { webviewHtml } from './webview-html.ts';

/** The same topology as a document: Mermaid, drawn and as text to copy. A webview of its own, because Mermaid needs inline styles. */
export function createDocumentView(context: vscode.ExtensionContext, sessions: Sessions): { show(): void } & vscode.Disposable {
  let panel: vscode.WebviewPanel | null = null;
  const send = (): void => {
    const report = sessions.current?.state.report;
    if (panel && report) void panel.webview.postMessage({ kind: 'document', text: mermaidOf(report.topology, report.outcome) });
  };
  const listening = vscode.Disposable.from(sessions.onDidChange(send), sessions.onDidChangeCurrent(send));
  return {
    show() {
      if (panel) return panel.reveal();
      const made = vscode.window.createWebviewPanel('faultline.document', 'Faultline Document', vscode.ViewColumn.Beside, {
        enableScripts: true,
        localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, 'dist')],
      });
      panel = made;
      made.onDidDispose(() => {
        panel = null;
      });
      made.webview.onDidReceiveMessage(async (message: unknown) => {
        if (typeof message !== 'object' || message === null || !('kind' in message)) return;
        if (message.kind === 'ready') send();
        if (message.kind === 'copyText' && 'text' in message && typeof message.text === 'string') await vscode.env.clipboard.writeText(message.text);
      });
      made.webview.html = webviewHtml(made.webview, context.extensionUri, 'document', 'Faultline Document', true);
    },
    dispose() {
      panel?.dispose();
      listening.dispose();
    },
  };
}
