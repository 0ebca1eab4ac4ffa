import * as vscode from 'vscode';
import { planOf, type ScaffoldPlan } from '../scaffold/index.ts';
import type { Session } from './session.ts';

type Plan = Exclude<ScaffoldPlan, { cannot: string }>;

export async function copyScaffold(command: string): Promise<void> {
  await vscode.env.clipboard.writeText(command);
  void vscode.window.setStatusBarMessage('$(check) Scaffold command copied', 3000);
}

/**
 * Runs the command as a task in the folder's parent and checks that the project's folder is really there afterwards:
 * the generator exits 0 on a cancelled prompt too. Then it says what the new project can bear, and offers to open it. Needs a trusted workspace.
 */
export async function runScaffold(session: Session, wanted: Plan, manager: 'npx' | 'yarn' | 'pnpm', windows: vscode.Memento): Promise<void> {
  const { folder } = session;
  if (!vscode.workspace.isTrusted) throw new Error('running the scaffold command needs a trusted workspace');
  const parent = vscode.Uri.joinPath(folder.uri, '..');
  const plan = await withFreeName(wanted, parent);
  if (!plan) return;
  const command = plan[manager];
  const target = vscode.Uri.joinPath(parent, plan.folder);
  const agreed = await vscode.window.showInformationMessage(
    `Create ${plan.folder} in ${parent.fsPath}?`,
    { modal: true, detail: [command, '', ...plan.notices].join('\n') },
    'Create',
  );
  if (agreed !== 'Create') return;
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
  // A project that could not be read is there all the same.
  const looked = await session.look(target.fsPath, plan.folder, plan.notExpressible).catch(() => null);
  const chosen = await vscode.window.showInformationMessage(
    looked ? `${plan.folder} was created. ${looked.headline}` : `${plan.folder} was created.`,
    OPEN,
    ...(looked ? [NEEDS] : []),
  );
  if (chosen === OPEN) {
    await windows.update(OPENED, target.toString());
    await vscode.commands.executeCommand('vscode.openFolder', target, { forceNewWindow: true });
  }
  if (chosen === NEEDS && looked) await show(plan.folder, looked.text);
}

/** The same under a name that is free beside this folder: where its own is taken, the user gives another one. Undefined: none was given. */
async function withFreeName(plan: Plan, parent: vscode.Uri): Promise<Plan | undefined> {
  const isTaken = (name: string): Promise<boolean> => exists(vscode.Uri.joinPath(parent, name));
  if (!(await isTaken(plan.folder))) return plan;
  const named = (projectName: string) => planOf({ ...plan.choices, projectName });
  const name = await vscode.window.showInputBox({
    title: 'Faultline: Run Scaffold in Terminal',
    prompt: `${parent.fsPath} has ${plan.folder} already. Name of the new project`,
    value: `${plan.folder}-new`,
    validateInput: async (text) => {
      if ('cannot' in named(text)) return 'Small letters, digits, and single - or _ between them; a letter first';
      return (await isTaken(text)) ? `${text} is there already` : null;
    },
  });
  const renamed = name === undefined ? undefined : named(name);
  return renamed && !('cannot' in renamed) ? { ...renamed, notExpressible: plan.notExpressible } : undefined;
}

/** The project that another window has just made and opened here: true once. */
export function isJustMade(windows: vscode.Memento): boolean {
  const made = windows.get<string>(OPENED);
  const isHere = vscode.workspace.workspaceFolders?.some((it) => it.uri.toString() === made) ?? false;
  if (isHere) void windows.update(OPENED, undefined);
  return isHere;
}

const OPENED = 'faultline.openedProject';

const OPEN = 'Open in New Window';
const NEEDS = 'What It Needs';
const SCHEME = 'faultline-project';

/** As a document that nobody is asked to save. */
async function show(name: string, text: string): Promise<void> {
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md` });
  const provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, { provideTextDocumentContent: () => text });
  const closed = vscode.workspace.onDidCloseTextDocument((it) => {
    if (it.uri.toString() !== uri.toString()) return;
    closed.dispose();
    provider.dispose();
  });
  await vscode.commands.executeCommand('markdown.showPreview', uri);
}

const exists = async (uri: vscode.Uri): Promise<boolean> =>
  vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
