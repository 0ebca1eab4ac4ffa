import * as vscode from 'vscode';
import { span } from '../model/amounts.ts';
import type { Place } from '../model/known.ts';
import { command } from './guard.ts';
import type { Log } from './log.ts';
import type { EditWriter } from './preview.ts';
import type { Session } from './session.ts';
import type { Sessions } from './sessions.ts';

/** More is not handed to the worker; the reader says the same of longer texts. */
const MOST_BYTES = 200_000_000;

/** Commands and hovers for what is assumed: how to measure it, and the way back into faultline.json. */
export function registerMeasuring(sessions: Sessions, writer: EditWriter, log: Log): vscode.Disposable {
  const shown = async (): Promise<Session> => {
    const session = await sessions.pick();
    if (!session) throw new Error('open a folder with a Node.js project first');
    await session.begin();
    if (!session.state.report) throw new Error('there is nothing to measure yet');
    return session;
  };
  return vscode.Disposable.from(
    command(log, 'faultline.importMeasurements', async (files?: readonly vscode.Uri[]) => {
      const session = await shown();
      const chosen = files ?? (await vscode.window.showOpenDialog({ canSelectMany: true, openLabel: 'Import', title: 'Faultline: Import Measurements' }));
      if (!chosen || chosen.length === 0) return;
      const imported = await session.imports(await Promise.all(chosen.map(given)));
      if (imported.cannot !== null) throw new Error(imported.cannot);
      if (imported.edits.length > 0) await writer.write(session.folder, imported.edits, 'Import measurements');
      void tell(imported);
    }),
    command(log, 'faultline.measureThis', async (input?: string, folder?: string) => {
      const session = sessions.at(folder) ?? (await shown());
      const wanted = typeof input === 'string' ? input : await chosenInput(session);
      if (wanted !== undefined) await copyRecipe(session, wanted);
    }),
    vscode.languages.registerHoverProvider({ scheme: 'file' }, { provideHover: (document, position) => hoverAt(sessions.of(document.uri), document, position) }),
  );
}

/** Copies how to measure a number; the panel asks for the same. */
export async function copyRecipe(session: Session, input: string): Promise<void> {
  const text = await session.recipe(input);
  if (text === null) throw new Error('this number is gone; look at the newer ones');
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage('Faultline: the recipe is in the clipboard', 5000);
}

async function given(uri: vscode.Uri): Promise<{ name: string; text: string; modifiedAt: string }> {
  const name = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  const { size, mtime } = await vscode.workspace.fs.stat(uri);
  if (size > MOST_BYTES) throw new Error(`${name} is larger than ${MOST_BYTES / 1_000_000} MB: import a part of it`);
  return { name, text: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)), modifiedAt: new Date(mtime).toISOString().slice(0, 10) };
}

async function tell({ values, unmatched, text }: Awaited<ReturnType<Session['imports']>>): Promise<void> {
  const count = values === 1 ? '1 value' : `${values} values`;
  const said = values === 0 ? 'nothing in these files belongs to a number of this workspace' : `${count} imported`;
  const chosen = await vscode.window.showInformationMessage(`Faultline: ${said}${unmatched > 0 ? `, ${unmatched} not matched` : ''}`, 'Show Details');
  if (chosen) await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: text, language: 'plaintext' }));
}

async function chosenInput(session: Session): Promise<string | undefined> {
  const decidedBy = session.state.report?.outcome.decidedBy ?? [];
  if (decidedBy.length === 0) throw new Error('nothing that is assumed decides the verdict: there is nothing to measure first');
  const rows = decidedBy.map((it) => ({ label: it.label, description: `assumed ${span(it.low, it.high, it.unit)}`, input: it.input }));
  return (await vscode.window.showQuickPick(rows, { title: 'Faultline: Measure This', placeHolder: 'Choose a number; how to measure it is copied' }))?.input;
}

/** On the line of code that a deciding guess is about. */
function hoverAt(session: Session | undefined, document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const file = session && document.uri.path.slice(session.folder.uri.path.length + 1);
  const isHere = (it: Place): boolean => it.file === file && it.line <= position.line + 1 && position.line + 1 <= (it.endLine ?? it.line);
  const here = (session?.state.report?.outcome.decidedBy ?? []).filter((it) => it.places.some(isHere));
  if (here.length === 0) return undefined;
  const text = new vscode.MarkdownString(undefined);
  text.isTrusted = { enabledCommands: ['faultline.measureThis'] };
  for (const it of here) {
    text.appendText(`${it.label}: assumed ${span(it.low, it.high, it.unit)}, and the verdict rests on it. `);
    text.appendMarkdown(
      `[Measure this](command:faultline.measureThis?${encodeURIComponent(JSON.stringify([it.input, session?.folder.uri.toString()]))} "Copies how to measure it")\n\n`,
    );
  }
  return new vscode.Hover(text);
}
