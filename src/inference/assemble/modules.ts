import type { PackageClaim, PathAliasClaim } from '../detector.ts';
import { folderOf, isInside, joinPath } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';

const EXTENSIONS = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '/index.ts', '/index.tsx', '/index.js', '/index.mjs', '/index.cjs'];
/** `bin/www` of Express' generator is code too. */
const CODE = /\.[cm]?[jt]sx?$|(^|\/)bin\/[\w-]+$/;
const BUILTINS =
  /^(node:.*|fs|path|os|http|https|http2|crypto|events|util|stream|url|cluster|child_process|worker_threads|zlib|net|tls|dns|assert|buffer|querystring|perf_hooks|async_hooks|timers)(\/.*)?$/;

/** Files with settings that code may import; what a package says of itself is none of them. */
const isData = (path: string): boolean => /\.(json|ya?ml|graphqls?|gql)$/i.test(path) && !/(^|\/)package(-lock)?\.json$/.test(path);

export type Resolution = { file: string } | { package: string; path: readonly string[] } | null;

/** Finds what an import specifier means: a file of the workspace (relative, by path alias, or a workspace package), or a package. */
export function moduleResolver(configuration: Configuration): (from: string, specifier: string) => Resolution {
  const files = configuration.known;
  const aliases = new Map<string, readonly Alias[]>();
  for (const [file, claim] of configuration.pathAliases) aliases.set(folderOf(file), [...(aliases.get(folderOf(file)) ?? []), { folder: folderOf(file), claim }]);
  const own = new Map([...configuration.packages].map(([file, it]) => [it.name, { folder: folderOf(file), main: it.main, exports: it.exports }]));
  const generated = [...configuration.schemas].flatMap(([schema, it]) => (it.output ? [joinPath(folderOf(schema), it.output)] : []));
  const isGenerated = (path: string): boolean => generated.some((folder) => isInside(path, folder) || path === folder);
  const file = (path: string): Resolution => {
    if (isGenerated(path)) return { package: '@prisma/client', path: [] };
    const found = fileAt(path, files);
    return found === undefined ? null : { file: found };
  };
  const find = (from: string, specifier: string, { inReach }: Folder): Resolution => {
    if (specifier.startsWith('.')) {
      const path = joinPath(folderOf(from), specifier);
      return file(path) ?? (isData(path) && files.has(path) ? { file: path } : null);
    }
    if (BUILTINS.test(specifier)) return { package: specifier.replace(/^node:/, ''), path: [] };
    const alias = byAlias(specifier, inReach, file);
    if (alias) return alias;
    const parts = specifier.split('/');
    const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] as string);
    const rest = parts.slice(specifier.startsWith('@') ? 2 : 1);
    const workspace = own.get(name);
    if (workspace) {
      const found = exportedFile(workspace, rest.join('/'), file) ?? entryOfPackage(workspace.folder, workspace.main, rest.join('/'), file);
      if (found) return found;
    }
    // CDK's modules are names of its one package too: `aws-cdk-lib/aws-lambda` is `aws_lambda`.
    if (name === 'aws-cdk-lib') return { package: name, path: rest.slice(0, 1).map((it) => it.replaceAll('-', '_')) };
    // Drizzle's drivers lie behind paths of one package.
    return { package: name, path: name === 'drizzle-orm' ? rest.slice(0, 1) : rest.filter((it) => it === 'promise') };
  };
  // Every process asks for the same modules again, from the same folders.
  const folders = new Map<string, Folder>();
  const outside: Folder = { inReach: [], relative: new Map(), named: new Map() };
  const folderAt = (path: string): Folder => {
    const before = folders.get(path);
    if (before) return before;
    const above = path === '.' ? outside : folderAt(folderOf(path));
    const here = aliases.get(path);
    const made: Folder = { ...(here ? { inReach: [...here, ...above.inReach], named: new Map() } : above), relative: new Map() };
    folders.set(path, made);
    return made;
  };
  return (from, specifier) => {
    const folder = folderAt(folderOf(from));
    const known = specifier.startsWith('.') ? folder.relative : folder.named;
    const before = known.get(specifier);
    if (before !== undefined) return before;
    const found = find(from, specifier, folder);
    known.set(specifier, found);
    return found;
  };
}

type Known = Map<string, Resolution>;
type Alias = { folder: string; claim: PathAliasClaim };

/** What imports of a folder's files mean: a name means the same in all folders in which the same aliases hold. */
interface Folder {
  /** The nearest first. */
  inReach: readonly Alias[];
  relative: Known;
  named: Known;
}

/** The file behind a path without or with a wrong extension (`./x.js` for `x.ts`). */
export function fileAt(path: string, files: ReadonlySet<string>): string | undefined {
  const bare = path.replace(/\.[cm]?jsx?$/, '');
  for (const stem of bare === path ? [path] : [path, bare])
    for (const extension of EXTENSIONS) {
      const tried = stem + extension;
      if (files.has(tried) && CODE.test(tried)) return tried;
    }
  return undefined;
}

function byAlias(specifier: string, inReach: readonly Alias[], file: (path: string) => Resolution): Resolution {
  for (const { folder, claim } of inReach) {
    for (const [pattern, targets] of Object.entries(claim.paths)) {
      const [head = '', tail = ''] = pattern.split('*');
      const matches = pattern.includes('*') ? specifier.startsWith(head) && specifier.endsWith(tail) && specifier.length >= head.length + tail.length : specifier === pattern;
      if (!matches) continue;
      const middle = pattern.includes('*') ? specifier.slice(head.length, specifier.length - tail.length) : '';
      for (const target of targets) {
        const found = file(joinPath(folder, claim.baseUrl, target.replace('*', middle)));
        if (found) return found;
      }
    }
    const byBase = claim.baseUrl && file(joinPath(folder, claim.baseUrl, specifier));
    if (byBase) return byBase;
  }
  return null;
}

/** What a package exports under a path; a star stands for the same in the file's path. */
function exportedFile({ folder, exports }: { folder: string; exports: PackageClaim['exports'] }, rest: string, file: (path: string) => Resolution): Resolution {
  const asked = rest ? `./${rest}` : '.';
  for (const [path, target] of Object.entries(exports ?? {})) {
    const [head = '', tail] = path.split('*');
    const isMeant = tail === undefined ? path === asked : asked.length >= head.length + tail.length && asked.startsWith(head) && asked.endsWith(tail);
    if (!isMeant) continue;
    const own = tail === undefined ? target : target.replace('*', asked.slice(head.length, asked.length - tail.length));
    const found = file(sourceOf(joinPath(folder, own))) ?? file(joinPath(folder, own));
    if (found) return found;
  }
  return null;
}

function entryOfPackage(folder: string, main: string | undefined, rest: string, file: (path: string) => Resolution): Resolution {
  if (rest) return file(joinPath(folder, rest)) ?? file(joinPath(folder, 'src', rest));
  const built = main && sourceOf(joinPath(folder, main));
  return file(joinPath(folder, 'src/index')) ?? (built ? file(built) : null) ?? (main ? file(joinPath(folder, main)) : null) ?? file(joinPath(folder, 'index'));
}

/** `dist/server.js` was built from `src/server`. */
export const sourceOf = (path: string): string => path.replace(/(^|\/)(dist|build|built|lib|out|\.build)\//, '$1src/').replace(/\.[cm]?js$/, '');
