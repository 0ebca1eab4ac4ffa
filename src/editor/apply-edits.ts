import * as vscode from 'vscode';
import type { FileEdit } from '../model/edit.ts';
import { uriOf } from './places.ts';

/**
 * Edits as one undoable workspace edit.
 * Throws with a plain sentence when a file has changed since it was read: an edit is never applied to other text.
 */
export async function workspaceEditOf(folder: vscode.WorkspaceFolder, edits: readonly FileEdit[]): Promise<vscode.WorkspaceEdit> {
  const result = new vscode.WorkspaceEdit();
  // New files first: texts that stand together are one step to the editor, which opens their files to take it back; alone it can't for a closed one.
  const inOrder = [...edits.filter((it) => it.kind === 'create'), ...edits.filter((it) => it.kind === 'change')];
  for (const edit of inOrder) {
    const uri = uriOf(folder, edit.file);
    if (!uri) throw new Error(`${edit.file} lies outside the folder`);
    if (edit.kind === 'create') {
      result.createFile(uri, { contents: new TextEncoder().encode(edit.text), ignoreIfExists: false, overwrite: false });
      continue;
    }
    const document = await vscode.workspace.openTextDocument(uri);
    const text = document.getText();
    if (normal(text) !== normal(edit.before)) throw new Error(otherText(edit.file, document.isDirty));
    // Offsets belong to the text as it was read; the editor drops a byte-order mark.
    const shift = edit.before.length - text.length;
    for (const it of edit.edits) result.replace(uri, new vscode.Range(document.positionAt(it.start - shift), document.positionAt(it.end - shift)), it.newText);
  }
  return result;
}

/** What is not saved stands only in the editor; where nothing is unsaved, the editor has not heard of a change on the disk. */
const otherText = (file: string, isDirty: boolean): string =>
  isDirty
    ? `${file} has changed since it was analysed: save it and try again`
    : `the editor shows another text of ${file} than was analysed: try again, or run "File: Revert File" in it first`;

const normal = (text: string): string => text.replace(/^\uFEFF/, '');
