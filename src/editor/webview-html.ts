import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The page of a webview: one script, one style sheet, nothing inline. `inlineStyles` only for Mermaid, whose output carries style attributes. */
export function webviewHtml(webview: vscode.Webview, extensionUri: vscode.Uri, bundle: 'webview' | 'document', title: string, inlineStyles: boolean): string {
  const nonce = randomBytes(16).toString('base64');
  const at = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', name)).toString();
  const style = inlineStyles ? `${webview.cspSource} 'unsafe-inline'` : `'nonce-${nonce}' ${webview.cspSource}`;
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${style}; img-src ${webview.cspSource} data:; font-src ${webview.cspSource}; worker-src blob:; connect-src ${webview.cspSource}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" nonce="${nonce}" href="${at(`${bundle}.css`)}">
<title>${title}</title>
</head>
<body>
<div id="root"></div>
<script nonce="${nonce}" src="${at(`${bundle}.js`)}"></script>
</body>
</html>`;
}
