import * as vscode from 'vscode';
import { applyEdits, type FileEdit } from '../model/edit.ts';
import { workspaceEditOf } from './apply-edits.ts';
import { uriOf } from './places.ts';

const SCHEME = 'faultline-preview';

/** Writes edits into the workspace as one undoable step. */
export interface EditWriter extends vscode.Disposable {
  /**
   * One file is edited at once; several are shown as a diff first and written when the user says so.
   * False when he discards them. The files are saved: every reader shows what the disk says, and a save stays undoable. One that the user has not saved himself stays so.
   */
  write(folder: vscode.WorkspaceFolder, edits: readonly FileEdit[], label: string): Promise<boolean>;
}

export function createEditWriter(): EditWriter {
  const texts = new Map<string, string>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(SCHEME, { provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '' });
  let round = 0;

  const show = async (folder: vscode.WorkspaceFolder, edits: readonly FileEdit[], label: string): Promise<boolean> => {
    round += 1;
    // Effect and price follow a colon; a tab has room for what is done.
    const title = label.split(': ')[0] as string;
    const rows = edits.flatMap((edit) => {
      const file = uriOf(folder, edit.file);
      if (!file) return [];
      const side = (which: string, text: string): vscode.Uri => {
        const uri = vscode.Uri.from({ scheme: SCHEME, authority: `${which}-${round}`, path: `/${edit.file}` });
        texts.set(uri.toString(), text);
        return uri;
      };
      const after = edit.kind === 'create' ? edit.text : applyEdits(edit.before, edit.edits);
      return [[file, edit.kind === 'create' ? side('before', '') : file, side('after', after)] as const];
    });
    await vscode.commands.executeCommand('vscode.changes', `Faultline: ${title}`, rows);
    const files = `${rows.length} file${rows.length === 1 ? '' : 's'}`;
    const chosen = await vscode.window.showQuickPick(
      [
        { label: `$(check) Apply to ${files}`, description: edits.map((it) => it.file).join(', '), apply: true },
        { label: '$(discard) Discard', description: 'The code stays as it is', apply: false },
      ],
      { title, placeHolder: 'The changes stand in the diff below', ignoreFocusOut: true },
    );
    texts.clear();
    await closePreview();
    return chosen?.apply === true;
  };

  return {
    async write(folder, edits, label) {
      if (new Set(edits.map((it) => it.file)).size > 1 && !(await show(folder, edits, label))) return false;
      const edit = await workspaceEditOf(folder, edits);
      const unsaved = new Set(vscode.workspace.textDocuments.filter((it) => it.isDirty));
      if (!(await vscode.workspace.applyEdit(edit, { isRefactoring: true }))) throw new Error('the editor refused the edit; nothing was changed');
      const changed = new Set(edits.map((it) => uriOf(folder, it.file)?.toString()));
      for (const document of vscode.workspace.textDocuments) if (changed.has(document.uri.toString()) && document.isDirty && !unsaved.has(document)) await document.save();
      return true;
    },
    dispose: () => provider.dispose(),
  };
}

/** The diff is only there for the question. */
async function closePreview(): Promise<void> {
  const tabs = vscode.window.tabGroups.all
    .flatMap((it) => it.tabs)
    .filter((it) => it.label.startsWith('Faultline: ') && !(it.input instanceof vscode.TabInputWebview) && !(it.input instanceof vscode.TabInputText));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
}
