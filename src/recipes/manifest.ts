import { applyEdits as applyJson, findNodeAtLocation, modify, parse, parseTree } from 'jsonc-parser';
import type { FileEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { folderOf, joined } from './modules.ts';
import { cannot, textOf } from './recipe.ts';
import { indentUnit } from './source.ts';

export interface Manifest {
  file: string;
  folder: string;
  text: string;
  isEsModule: boolean;
  dependencies: Readonly<Record<string, string>>;
  scripts: Readonly<Record<string, string>>;
}

/** The package.json that a file belongs to: the nearest one above it. */
export async function manifestOf(workspace: Workspace, file: string): Promise<Manifest> {
  const { files } = await workspace.list();
  const paths = new Set(files.map((it) => it.path));
  for (let folder = folderOf(file); ; folder = folderOf(folder)) {
    const path = joined(folder, 'package.json');
    if (paths.has(path)) {
      const text = await textOf(workspace, path);
      const json: unknown = parse(text);
      if (typeof json !== 'object' || json === null) return cannot(`${path} is not a JSON object`);
      const { type, dependencies, devDependencies, scripts } = json as { type?: unknown; dependencies?: object; devDependencies?: object; scripts?: object };
      return {
        file: path,
        folder,
        text,
        isEsModule: type === 'module',
        dependencies: { ...(devDependencies as Record<string, string>), ...(dependencies as Record<string, string>) },
        scripts: { ...(scripts as Record<string, string>) },
      };
    }
    if (folder === '') return cannot(`${file} has no package.json above it`);
  }
}

type Lists = Partial<Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>>;

/**
 * Adds packages that are missing, in alphabetical order where the list is in it, and scripts behind the others. Null where nothing is missing.
 * A script of that name that is there already stays as it is.
 */
export function addDependencies(manifest: Manifest, wanted: Readonly<Record<string, string>>, scripts: Readonly<Record<string, string>> = {}): FileEdit | null {
  const started = Object.entries(scripts).filter(([name]) => !(name in manifest.scripts));
  return changed(manifest, [], { dependencies: wanted }, started);
}

/** The same with packages that go, from whichever list they stand in. */
export const exchangeDependencies = (manifest: Manifest, gone: readonly string[], wanted: Lists): FileEdit | null => changed(manifest, gone, wanted, []);

function changed(manifest: Manifest, gone: readonly string[], wanted: Lists, scripts: readonly (readonly [name: string, command: string])[]): FileEdit | null {
  const unit = indentUnit(manifest.text);
  const formattingOptions = { insertSpaces: unit !== '\t', tabSize: unit === '\t' ? 1 : unit.length, eol: manifest.text.includes('\r\n') ? '\r\n' : '\n' };
  const getInsertionIndex = (names: string[]) => {
    const sorted = names.every((it, index) => index === 0 || (names[index - 1] as string) <= it);
    return sorted ? names.filter((it) => it < current).length : names.length;
  };
  let current = '';
  let text = manifest.text;
  for (const list of ['dependencies', 'devDependencies'] as const) {
    for (const [name, range] of Object.entries(wanted[list] ?? {})) {
      if (name in manifest.dependencies) continue;
      current = name;
      text = applyJson(text, modify(text, [list, name], asOthersAre(manifest, range), { formattingOptions, getInsertionIndex }));
      if (!findNodeAtLocation(parseTree(text) ?? cannot(`${manifest.file} can't be read`), [list])) return cannot(`${manifest.file} can't be edited`);
    }
    for (const name of gone)
      if (findNodeAtLocation(parseTree(text) ?? cannot(`${manifest.file} can't be read`), [list, name]))
        text = applyJson(text, modify(text, [list, name], undefined, { formattingOptions }));
  }
  for (const [name, command] of scripts) text = applyJson(text, modify(text, ['scripts', name], command, { formattingOptions }));
  return text === manifest.text ? null : { kind: 'change', file: manifest.file, before: manifest.text, edits: [difference(manifest.text, text)] };
}

/** A range as this file writes its versions: most of them may be exact, or open for patches alone. */
function asOthersAre(manifest: Manifest, range: string): string {
  const written = Object.values(manifest.dependencies).filter((it) => /^[~^]?\d/.test(it));
  const most = (mark: RegExp): boolean => written.filter((it) => mark.test(it)).length * 2 > written.length;
  if (most(/^\d+\.\d+\.\d+/)) return range.replace(/^\^/, '');
  return most(/^~/) ? range.replace(/^\^/, '~') : range;
}

/** The one stretch in which two texts differ. */
export function difference(before: string, after: string): { start: number; end: number; newText: string } {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let tail = 0;
  while (tail < before.length - start && tail < after.length - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return { start, end: before.length - tail, newText: after.slice(start, after.length - tail) };
}
