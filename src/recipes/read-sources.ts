import type { FileEntry, Workspace } from '../workspace.ts';
import { Cannot } from './recipe.ts';
import { parse, type Source } from './source.ts';

/** Code of a program or of its pages. */
export const SOURCE_FILE = /\.([cm]?[jt]s|[jt]sx)$/;
/** Code that may run as it is. */
export const PLAIN_SOURCE = /\.[cm]?[jt]s$/;
export const TEST_FILE = /(^|\/)(tests?|__tests__|spec|e2e)\/|\.(test|spec)\.[cm]?[jt]sx?$/;

/** Tests, and scripts that somebody runs by hand. */
export const isBesideProgram = (path: string): boolean => TEST_FILE.test(path) || /(^|\/)scripts\//.test(path);

/** Undefined for a half-typed file. */
export function parsed(file: string, text: string): Source | undefined {
  try {
    return parse(file, text);
  } catch (error) {
    if (error instanceof Cannot) return undefined;
    throw error;
  }
}

/** Those of the files whose paths and then whose texts are wanted, parsed; what can't be read or parsed is left out. */
export async function readSources(workspace: Workspace, files: readonly FileEntry[], isFile: (path: string) => boolean, isWanted: (text: string) => boolean): Promise<Source[]> {
  const found: Source[] = [];
  for (const { path } of files) {
    if (!isFile(path)) continue;
    const read = await workspace.read(path);
    const source = 'text' in read && isWanted(read.text) ? parsed(path, read.text) : undefined;
    if (source) found.push(source);
  }
  return found;
}
