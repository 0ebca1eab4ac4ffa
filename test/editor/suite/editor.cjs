// What every suite inside the extension host asks of the editor.
const { setTimeout: pause } = require('node:timers/promises');
const vscode = require('vscode');

const folder = () => vscode.workspace.workspaceFolders[0].uri;
const fileUri = (name) => vscode.Uri.joinPath(folder(), name);
const ours = (uri) => vscode.languages.getDiagnostics(uri).filter((it) => it.source === 'faultline');
const ruleOf = (it) => (typeof it.code === 'object' ? it.code.value : it.code);

/** Tries until the answer is truthy and returns it. */
async function until(what, ask, timeoutMs = 60_000) {
  const end = Date.now() + timeoutMs;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer) return answer;
    await pause(50);
  }
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
}

/** The editor takes a question back when the text changes before it is answered, as it does when a file on the disk is read anew: then it is asked again. */
const actionsAt = (uri, range, kind) =>
  until('the actions are answered', () =>
    vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, range, kind, 50).then(
      (actions) => actions ?? [],
      (error) => {
        if (!/cancel/i.test(String(error))) throw error;
      },
    ),
  );

Object.assign(exports, { actionsAt, fileUri, folder, ours, ruleOf, until });
