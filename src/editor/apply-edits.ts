import * as vscode from 'vscode';
import { type FileEdit, isSameText, positionsOf, type TextPosition } from '../model/edit.ts';
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
      if (await isThere(uri)) throw new Error(`${edit.file} is there by now: try again`);
      result.createFile(uri, { contents: new TextEncoder().encode(edit.text), ignoreIfExists: false, overwrite: false });
      continue;
    }
    const document = await vscode.workspace.openTextDocument(uri);
    const text = document.getText();
    if (!isSameText(text, edit.before)) throw new Error(otherText(edit.file, document.isDirty));
    for (const { start, end, newText } of positionsOf(edit.before, edit.edits)) result.replace(uri, new vscode.Range(at(start), at(end)), newText);
  }
  return result;
}

/** What is not saved stands only in the editor; where nothing is unsaved, the editor has not heard of a change on the disk. */
const otherText = (file: string, isDirty: boolean): string =>
  isDirty
    ? `${file} has changed since it was analysed: save it and try again`
    : `the editor shows another text of ${file} than was analysed: try again, or run "File: Revert File" in it first`;

const at = ({ line, character }: TextPosition): vscode.Position => new vscode.Position(line, character);

const isThere = (uri: vscode.Uri): Promise<boolean> =>
  Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
