// What every suite inside the extension host asks of the editor.
const { setTimeout: pause } = require('node:timers/promises');
const vscode = require('vscode');

const folder = () => vscode.workspace.workspaceFolders[0].uri;
const fileUri = (name) => vscode.Uri.joinPath(folder(), name);
const ours = (uri) => vscode.languages.getDiagnostics(uri).filter((it) => it.source === 'faultline');
const ruleOf = (it) => (typeof it.code === 'object' ? it.code.value : it.code);

async function until(what, ask, timeoutMs = 30_000) {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await pause(50);
  }
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
}

async function actionsAt(uri, range) {
  const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, range, undefined, 50);
  return actions ?? [];
}

Object.assign(exports, { actionsAt, fileUri, folder, ours, ruleOf, until });
