import type { Place } from '../model/known.ts';
import type { Workspace } from '../workspace.ts';
import { resolveSpecifier, specifiersOf } from './modules.ts';
import { isBesideProgram, parsed, PLAIN_SOURCE } from './read-sources.ts';

/** A module of the workspace that is imported and not there. */
export interface MissingModule {
  specifier: string;
  /** The first import of it. */
  place: Place;
  /** How many files import it. */
  files: number;
}

const WRITTEN = /(?:\bfrom\s*|\b(?:require|import)\(\s*|\bimport\s+)['"]((?:\.{1,2}|@)\/[^'"]+)['"]/g;
/** Data, styles and pictures are not looked for. */
const OTHER_FILE = /\.(?![cm]?[jt]sx?$)[a-z0-9]+$/i;

/** What files below `src` import from the workspace and nobody finds there, as case-sensitive file systems see it: the program neither compiles nor starts. */
export async function missingModules(workspace: Workspace): Promise<MissingModule[]> {
  const { files } = await workspace.list();
  const found = new Map<string, MissingModule>();
  for (const { path } of files) {
    if (!PLAIN_SOURCE.test(path) || isBesideProgram(path) || !/(^|\/)src\//.test(path)) continue;
    const read = await workspace.read(path);
    if (!('text' in read)) continue;
    const { text } = read;
    const missing = [...text.matchAll(WRITTEN)].flatMap(([, it]) => (it && !OTHER_FILE.test(it) && !resolveSpecifier(path, it, files) ? [it] : []));
    for (const it of missing.length > 0 ? imported(path, text, missing) : []) {
      const before = found.get(it);
      const line = text.slice(0, text.indexOf(it)).split('\n').length;
      found.set(it, before ? { ...before, files: before.files + 1 } : { specifier: it, place: { file: path, line }, files: 1 });
    }
  }
  return [...found.values()];
}

/** Those that the code imports indeed: a comment may have looked like an import. */
function imported(path: string, text: string, wanted: readonly string[]): string[] {
  const source = parsed(path, text);
  const written = new Set(source ? specifiersOf(source) : []);
  return [...new Set(wanted)].filter((it) => written.has(it));
}
