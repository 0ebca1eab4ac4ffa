import type { ModuleSyntax } from '../code/syntax.ts';
import { folderOf, isInside, joinPath } from '../detectors/paths.ts';
import { fileAt } from './modules.ts';

/** Packages that are given the path of a file that they start. */
const STARTS_FILES = new Set(['worker_threads', 'piscina', 'tinypool', 'workerpool', 'bullmq', 'bull']);
const CODE = /\.[cm]?[jt]s$/;
const TESTS = /(^|\/)(tests?|__tests__|specs?|node_modules)\/|\.(test|spec|d)\.[cm]?[jt]sx?$/;
const MOST = 2000;

/** Files that a module leads to by a path instead of an import: whole folders that are loaded as plug-ins, and threads. */
export function filesByPath({ file, imports, body }: ModuleSyntax, files: readonly string[]): string[] {
  const names = imports.map((it) => it.replace(/^node:/, ''));
  if (names.includes('@fastify/autoload') || names.includes('fastify-autoload'))
    return files.filter((it) => CODE.test(it) && !TESTS.test(it) && isInside(it, folderOf(file)) && it !== file).slice(0, MOST);
  if (!names.some((it) => STARTS_FILES.has(it))) return [];
  const known = new Set(files);
  return textsIn(body)
    .filter((it) => /^[\w./-]+$/.test(it) && (CODE.test(it) || it.startsWith('.')))
    .flatMap((it) =>
      placesOf(file)
        .flatMap((folder) => fileAt(joinPath(folder, it), known) ?? [])
        .slice(0, 1),
    );
}

/** A path may be seen from the file itself or from where the process is started. */
const placesOf = (file: string): string[] => (file === '.' || !file.includes('/') ? ['.'] : [folderOf(file), ...placesOf(folderOf(file))]);

/** Texts anywhere in the code of a file. */
function textsIn(it: unknown): string[] {
  if (Array.isArray(it)) return it.flatMap(textsIn);
  if (typeof it !== 'object' || it === null) return [];
  const { k, v } = it as { k?: unknown; v?: unknown };
  return k === 'string' ? [v as string] : Object.values(it).flatMap(textsIn);
}
