import * as vscode from 'vscode';
import type { ScaffoldPlan } from '../scaffold/index.ts';

export async function copyScaffold(command: string): Promise<void> {
  await vscode.env.clipboard.writeText(command);
  void vscode.window.setStatusBarMessage('$(check) Scaffold command copied', 3000);
}

/**
 * Runs the command as a task in the folder's parent and checks that the project's folder is really there afterwards:
 * the generator exits 0 on a cancelled prompt too. Needs a trusted workspace.
 */
export async function runScaffold(folder: vscode.WorkspaceFolder, plan: Exclude<ScaffoldPlan, { cannot: string }>, command: string): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new Error('running the scaffold command needs a trusted workspace');
  const parent = vscode.Uri.joinPath(folder.uri, '..');
  const target = vscode.Uri.joinPath(parent, plan.folder);
  if (await exists(target)) throw new Error(`${plan.folder} exists already beside this folder`);
  const chosen = await vscode.window.showInformationMessage(
    `Create ${plan.folder} in ${parent.fsPath}?`,
    { modal: true, detail: [command, '', ...plan.notices].join('\n') },
    'Create',
  );
  if (chosen !== 'Create') return;
  const task = new vscode.Task({ type: 'faultline' }, folder, 'scaffold', 'Faultline', new vscode.ShellExecution(command, { cwd: parent.fsPath }));
  const execution = await vscode.tasks.executeTask(task);
  const code = await new Promise<number | undefined>((resolve) => {
    const ended = vscode.tasks.onDidEndTaskProcess((event) => {
      if (event.execution !== execution) return;
      ended.dispose();
      resolve(event.exitCode);
    });
  });
  if (code !== 0 || !(await exists(target))) throw new Error(`the generator ended with code ${code ?? 'none'} and ${plan.folder} was not created`);
  const open = await vscode.window.showInformationMessage(`${plan.folder} was created.`, 'Open in New Window');
  if (open) await vscode.commands.executeCommand('vscode.openFolder', target, { forceNewWindow: true });
}

const exists = async (uri: vscode.Uri): Promise<boolean> =>
  vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
