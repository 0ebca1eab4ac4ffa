import * as vscode from 'vscode';
import { projectWords } from './project-words.ts';
import type { Sessions } from './sessions.ts';

/** Completes the names of this workspace in its faultline.json, each root by its own. */
export function registerProjectCompletions(sessions: Sessions): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider(
    { scheme: 'file', pattern: '**/faultline.json' },
    {
      provideCompletionItems(document, position) {
        const report = sessions.of(document.uri)?.state.report;
        const before = document.getText(new vscode.Range(new vscode.Position(0, 0), position));
        const words = report && projectWords(before, report);
        if (!words) return undefined;
        const line = document.lineAt(position.line).text;
        const [start, end] = [line.lastIndexOf('"', position.character - 1) + 1, line.indexOf('"', position.character)];
        const range = new vscode.Range(position.line, start, position.line, end < 0 ? position.character : end);
        return words.map(({ text, says }) => {
          const item = new vscode.CompletionItem(text, vscode.CompletionItemKind.Value);
          item.detail = says;
          item.range = range;
          item.filterText = text;
          return item;
        });
      },
    },
    '"',
  );
}
