import { object, textOf, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector } from '../../detector.ts';
import { folderOf, joinPath } from '../paths.ts';

const CODE = /\.[cm]?[jt]s$/;

/**
 * Packages that require every file of a folder: an object of what the files export, by their names, with one inside for each folder.
 * https://github.com/jbdemonte/auto-load, https://github.com/aseemk/requireDir, https://github.com/troygoode/node-require-directory
 */
export default {
  id: 'folder-loaders',
  packages: ['auto-load', 'require-dir', 'require-directory', 'require-all', 'requireindex'],
  call(it, run) {
    if (it.receiver) return undefined;
    const given = it.args.map((arg) => textOf(arg)).filter((arg) => arg !== undefined);
    // `requireDirectory(module, './models')` goes from the module's own folder.
    const folder = given[0] ?? (it.package === 'require-dir' || it.package === 'require-directory' ? '.' : undefined);
    if (folder === undefined) return UNKNOWN;
    return loaded(/^\.\.?(\/|$)/.test(folder) ? joinPath(folderOf(it.place.file), folder) : folder, it.place.file, run);
  },
} satisfies LibraryDetector;

function loaded(folder: string, from: string, run: CodeRun): Value {
  const below = run
    .filesIn(folder)
    .filter((it) => it !== from && CODE.test(it))
    .map((it) => it.slice(folder === '.' ? 0 : folder.length + 1));
  const here = below.filter((it) => !it.includes('/'));
  const folders = [...new Set(below.flatMap((it) => (it.includes('/') ? [it.slice(0, it.indexOf('/'))] : [])))];
  return object([
    ...here.map((it): [string, Value] => [it.replace(CODE, ''), run.load(joinPath(folder, it))?.exports ?? UNKNOWN]),
    ...folders.map((it): [string, Value] => [it, loaded(joinPath(folder, it), from, run)]),
  ]);
}
