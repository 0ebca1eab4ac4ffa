import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nodeCache } from './inference/node-cache.ts';
import { nodeWorkspace } from './inference/node-workspace.ts';
import { answer, importInto, loadScript, recipesOf } from './measuring.ts';
import { importText } from './measurements/import-text.ts';
import { recipesText } from './measurements/recipe-text.ts';
import { MOST_CHARACTERS } from './measurements/read-measurements.ts';
import { applyEdits } from './model/edit.ts';
import type { Scenario } from './model/scenario.ts';

/** `faultline import FILE…`: the text to print and its exit code: 2 where no file could be read, nothing was lost. */
export async function importFiles(
  folder: string,
  files: readonly string[],
  { isWriting, isJson, deployment }: { isWriting: boolean; isJson: boolean; deployment?: string },
): Promise<{ text: string; code: number }> {
  // The workspace is read twice, with another faultline.json the second time: all other files are the same.
  const imported = await importInto(nodeWorkspace(folder), files.map(givenFile), { cache: nodeCache(null, folder), ...(deployment !== undefined && { deployment }) });
  const written = isWriting && imported.cannot === null ? imported.edits : [];
  for (const edit of written) writeFileSync(join(folder, edit.file), edit.kind === 'create' ? edit.text : applyEdits(edit.before, edit.edits));
  const text = isJson ? `${JSON.stringify({ version: 1, ...imported, written: written.length > 0 }, null, 2)}\n` : importText(imported, isWriting);
  return { text, code: imported.cannot !== null || imported.files.every((it) => 'problem' in it) ? 2 : 0 };
}

/** `faultline measure`: how to measure what the verdict rests on. */
export async function measureText(folder: string, wishes: { scenario: Partial<Scenario>; deployment?: string }, isJson: boolean): Promise<string> {
  const workspace = nodeWorkspace(folder);
  const { topology, outcome, headline } = await answer(workspace, wishes);
  const recipes = await recipesOf(workspace, topology, outcome);
  return isJson ? `${JSON.stringify({ version: 1, headline, recipes }, null, 2)}\n` : recipesText(recipes, headline);
}

/** `faultline export-k6`: a script of the load that the verdict is about. */
export async function loadScriptText(folder: string, wishes: { scenario: Partial<Scenario>; deployment?: string }): Promise<string> {
  const made = await loadScript(nodeWorkspace(folder), wishes);
  if ('cannot' in made) throw new Unreadable(made.cannot);
  return made.text;
}

/** A file that can't be read is one of the problems that are listed, like one that can't be understood. */
function givenFile(path: string): { name: string; text: string; modifiedAt: string } {
  const name = basename(path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new Unreadable(`${path} is a folder: name the files in it`);
  if (!found?.isFile()) throw new Unreadable(`${path} can't be read`);
  if (found.size > MOST_CHARACTERS) throw new Unreadable(`${path} is larger than ${MOST_CHARACTERS / 1_000_000} MB: import a part of it`);
  return { name, text: readFileSync(path, 'utf8'), modifiedAt: found.mtime.toISOString().slice(0, 10) };
}

/** A file that the caller named and that is not there. */
export class Unreadable extends Error {}
