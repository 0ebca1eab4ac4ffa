import * as vscode from 'vscode';
import type { Place } from '../model/known.ts';

/** Places count from 1, the editor from 0. A place without columns covers the line from its first column. */
export function rangeOf(place: Place): vscode.Range {
  const line = Math.max(0, place.line - 1);
  const endLine = Math.max(line, (place.endLine ?? place.line) - 1);
  const start = Math.max(0, (place.column ?? 1) - 1);
  return new vscode.Range(line, start, endLine, place.endColumn === undefined ? 1000 : Math.max(0, place.endColumn - 1));
}

/** Refuses a path that leaves the folder: places come from files that anybody may have written. What is said of the folder itself has no file either. */
export function uriOf(folder: vscode.WorkspaceFolder, file: string): vscode.Uri | undefined {
  if (file === '' || file === '.' || file.startsWith('/') || file.split('/').includes('..')) return undefined;
  return vscode.Uri.joinPath(folder.uri, file);
}

/** Opens code beside the panel, never over it: in another group, or in a new one. */
export async function openPlace(folder: vscode.WorkspaceFolder, place: Place): Promise<void> {
  const uri = uriOf(folder, place.file);
  if (!uri) return;
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const showsPanel = (group: vscode.TabGroup): boolean => group.activeTab?.input instanceof vscode.TabInputWebview;
  const column = showsPanel(activeTabGroup) ? (all.find((it) => !showsPanel(it))?.viewColumn ?? vscode.ViewColumn.Beside) : activeTabGroup.viewColumn;
  await vscode.window.showTextDocument(uri, { selection: rangeOf(place), viewColumn: column });
}
