import { parse as parseJson } from 'jsonc-parser';
import { ts } from 'ts-morph';
import type { FileEdit, TextEdit } from '../model/edit.ts';
import type { Workspace } from '../workspace.ts';
import { exchangeDependencies, type Manifest, manifestOf } from './manifest.ts';
import { folderOf } from './modules.ts';
import { importedAs } from './names.ts';
import { cannot, type Recipe, textArg, textOf } from './recipe.ts';
import { findAll, parse, type Source } from './source.ts';
import { rangesOf } from './versions.ts';

const GONE = 'bcryptjs';
const NEW = 'bcrypt';
/** What both packages have. A fourth argument of the first two tells bcryptjs whom to call on the way. */
const SHARED = /^(hash|compare|hashSync|compareSync|genSalt|genSaltSync|getRounds)$/;

/** Takes bcrypt for bcryptjs, in all files of a package: the same functions, the same hashes. */
export default {
  id: 'native-bcrypt',
  byHand: (args) => `exchange bcryptjs for bcrypt in the package of ${args.file}: it reads the same hashes`,
  make: async (args, workspace) => {
    const file = textArg(args, 'file');
    const manifest = await manifestOf(workspace, file);
    await refuseOtherRuntimes(workspace, manifest);
    const range = manifest.dependencies[GONE] ?? cannot(`${manifest.file} does not name ${GONE}`);
    const edits: FileEdit[] = [];
    let typed = false;
    for (const path of await filesOf(workspace, manifest)) {
      const text = await textOf(workspace, path);
      if (!text.includes(GONE)) continue;
      const source = parse(path, text);
      const changes = exchanged(source);
      if (changes.length === 0) continue;
      if (source.typed && (/^[~^]?[3-9]/.test(range) || !(`@types/${GONE}` in manifest.dependencies))) await refuseDefault(source, workspace, manifest);
      typed ||= source.typed;
      edits.push({ kind: 'change', file: path, before: text, edits: changes });
    }
    if (edits.length === 0) cannot(`no file of ${manifest.file} uses ${GONE}`);
    // Whoever checks JavaScript has types without a file of TypeScript.
    const wanted = { dependencies: rangesOf(['bcrypt']), devDependencies: typed || `@types/${GONE}` in manifest.dependencies ? rangesOf(['@types/bcrypt']) : {} };
    const listed = exchangeDependencies(manifest, [GONE, `@types/${GONE}`], wanted) ?? cannot(`${manifest.file} names ${NEW} already`);
    return { edits: [...edits, listed] };
  },
} satisfies Recipe;

/** Runtimes that load no native code, or only with a permission to: by a file beside package.json, or by what its scripts start. */
const OTHER_RUNTIMES: readonly (readonly [name: string, file: RegExp, script: RegExp])[] = [
  ['Deno', /^deno\.jsonc?$/, /\bdeno (run|serve|task|compile)\b/],
  ['Cloudflare Workers', /^wrangler\.(toml|jsonc?)$/, /\bwrangler (dev|deploy)\b/],
];

/** The package itself and those that take it in. */
async function refuseOtherRuntimes(workspace: Workspace, own: Manifest): Promise<void> {
  const paths = (await workspace.list()).files.map((it) => it.path);
  const name = (parseJson(own.text) as { name?: unknown }).name;
  for (const path of paths.filter((it) => /(^|\/)package\.json$/.test(it))) {
    const text = path === own.file ? own.text : await textOf(workspace, path);
    const json = parseJson(text) as { scripts?: object; dependencies?: object } | undefined;
    if (path !== own.file && !(typeof name === 'string' && name in (json?.dependencies ?? {}))) continue;
    const beside = paths.filter((it) => folderOf(it) === folderOf(path)).map((it) => it.slice(it.lastIndexOf('/') + 1));
    const scripts = Object.values(json?.scripts ?? {}).join('\n');
    const other = OTHER_RUNTIMES.find(([, file, script]) => beside.some((it) => file.test(it)) || script.test(scripts));
    if (other) cannot(`${path} is run by ${other[0]}, which may load no native code`);
  }
}

/** Code that this package.json is the nearest one of. */
async function filesOf(workspace: Workspace, manifest: Manifest): Promise<string[]> {
  const paths = (await workspace.list()).files.map((it) => it.path);
  const folders = paths.filter((it) => /(^|\/)package\.json$/.test(it)).map(folderOf);
  const isIn = (path: string, folder: string): boolean => folder === '' || path.startsWith(`${folder}/`);
  const nearest = (path: string): string | undefined => folders.filter((it) => isIn(path, it)).sort((a, b) => b.length - a.length)[0];
  return paths.filter((it) => /\.([cm]?[jt]s|[jt]sx)$/.test(it) && nearest(it) === manifest.folder);
}

/** Every text that names the package: imports, and whoever stands in for it in tests. */
function exchanged(source: Source): TextEdit[] {
  const uses = findAll(source.tree, ts.isCallExpression).filter((it) => importedAs(source, it.expression)?.module === GONE);
  for (const it of uses) {
    const name = importedAs(source, it.expression)?.member ?? '';
    if (!SHARED.test(name)) cannot(`${NEW} has no ${name}`);
    if (it.arguments.length > 3) cannot(`${NEW} reports no progress of ${name}`);
  }
  return findAll(source.tree, ts.isStringLiteral)
    .filter((it) => it.text === GONE)
    .map((it) => ({ start: it.getStart(source.tree) + 1, end: it.getEnd() - 1, newText: NEW }));
}

/** bcryptjs brings a default export of its own, bcrypt only what `esModuleInterop` makes of it. */
async function refuseDefault(source: Source, workspace: Workspace, manifest: Manifest): Promise<void> {
  const takesDefault = source.tree.statements.some(
    (it) => ts.isImportDeclaration(it) && it.importClause?.name && ts.isStringLiteral(it.moduleSpecifier) && it.moduleSpecifier.text === GONE,
  );
  if (!takesDefault || manifest.isEsModule) return;
  for (const { path } of (await workspace.list()).files)
    if (/(^|\/)tsconfig[^/]*\.json$/.test(path) && /"(esModuleInterop"\s*:\s*true|module"\s*:\s*"node(16|18|20|next)")/i.test(await textOf(workspace, path))) return;
  cannot(`${source.file} takes a default import, which ${NEW} has only with esModuleInterop`);
}
