import { ANY_PATH, type ModuleSyntax } from '../code/syntax.ts';
import folderLoaders from '../detectors/libraries/folder-loaders.ts';
import { folderOf, isInside, joinPath } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import { fileAt } from './modules.ts';

/** Packages that are given the path of a file with settings. */
const READS_FILES = new Set(['fs', 'fs/promises', 'js-yaml', 'yaml', 'node-yaml']);
const DATA = /^[\w./-]+\.(json|ya?ml|graphqls?|gql)$/i;
/** Packages that are given patterns of schema files. */
const READS_SCHEMAS = new Set(['@graphql-tools/load', '@graphql-tools/load-files', '@graphql-tools/graphql-file-loader']);
const SCHEMA = /\.(graphqls?|gql)$/i;
/** Imports with a hole lead to so many files at most. */
const MOST_ALTERNATIVES = 20;
/** Packages that are given the path of a file that they start. */
const STARTS_FILES = new Set(['worker_threads', 'piscina', 'tinypool', 'workerpool', 'bullmq', 'bull']);
const CODE = /\.[cm]?[jt]s$/;
const TESTS = /(^|\/)(tests?|__tests__|specs?|node_modules)\/|\.(test|spec|d)\.[cm]?[jt]sx?$/;
/** Packages that require all files of a folder. */
const LOADS_FOLDERS: ReadonlySet<string> = new Set([...folderLoaders.packages, 'routing-controllers']);
/** What LoopBack boots by the names of files. */
const BOOTED = /\.(controller|repository|datasource|service)\.[cm]?[jt]s$/;
const MOST = 2000;
const AUTOLOADS: ReadonlySet<string> = new Set(['@fastify/autoload', 'fastify-autoload']);
const BOOTS = '@loopback/boot';
const LISTS_ROUTES = '@react-router/dev/routes';
/** Packages that read the folder of settings. */
const READS_SETTINGS: ReadonlySet<string> = new Set(['config', '@feathersjs/configuration']);
/** Few of thousands of modules lead anywhere by a path. */
const LEADS: ReadonlySet<string> = new Set([BOOTS, LISTS_ROUTES, ...AUTOLOADS, ...LOADS_FOLDERS, ...READS_SETTINGS, ...READS_SCHEMAS, ...READS_FILES, ...STARTS_FILES]);

type Listed = Pick<Configuration, 'files' | 'known'>;

/** Files that a module leads to by a path instead of an import: whole folders that are loaded as plug-ins, threads, and settings that are found by where the process is started. */
export function filesByPath(module: ModuleSyntax, listed: Listed, root?: string): string[] {
  const named = byNames(module, listed);
  return module.imports.includes(ANY_PATH) ? [...named, ...pathsIn(module, listed.files, root)] : named;
}

/** Files whose paths a module holds that imports what it puts together: seen from itself or from where the process is started, which is anywhere where `root` is not given. */
function pathsIn({ file, body }: ModuleSyntax, files: readonly string[], root: string | undefined): string[] {
  const texts = textsIn(body)
    .map((it) => joinPath(it))
    .filter((it) => /^[\w./-]+$/.test(it) && (CODE.test(it) || DATA.test(it)) && !TESTS.test(it));
  if (texts.length === 0) return [];
  if (root === undefined) return files.filter((it) => it !== file && texts.some((path) => it === path || it.endsWith(`/${path}`)));
  const meant = new Set([folderOf(file), ...placesOf(joinPath(root, '-'))].flatMap((place) => texts.map((path) => joinPath(place, path))));
  return files.filter((it) => it !== file && meant.has(it));
}

function byNames({ file, imports, body }: ModuleSyntax, { files, known }: Listed): string[] {
  const names = imports.map((it) => (it.startsWith('node:') ? it.slice('node:'.length) : it)).filter((it) => LEADS.has(it) || it.includes('*'));
  if (names.length === 0) return [];
  if (names.some((it) => AUTOLOADS.has(it))) return files.filter((it) => CODE.test(it) && !TESTS.test(it) && isInside(it, folderOf(file)) && it !== file).slice(0, MOST);
  if (names.some((it) => LOADS_FOLDERS.has(it))) {
    // What stands before a folder's name may be put together elsewhere.
    const folders = textsIn(body).flatMap((it) => /^[./]*([\w-]+(?:\/[\w-]+)*)\/?$/.exec(it.replace(/\/[^/]*\*.*$/, ''))?.[1] ?? []);
    return files.filter((it) => CODE.test(it) && !TESTS.test(it) && it !== file && folders.some((folder) => `/${it}`.includes(`/${folder}/`))).slice(0, MOST);
  }
  if (names.includes(BOOTS)) return files.filter((it) => BOOTED.test(it) && !TESTS.test(it) && isInside(it, folderOf(file))).slice(0, MOST);
  if (names.includes(LISTS_ROUTES)) return routeModules(body, file, known);
  const alternatives = names.filter((it) => it.includes('*')).flatMap((it) => matching(joinPath(folderOf(file), it), files));
  const settings = names.some((it) => READS_SETTINGS.has(it))
    ? files.filter((it) => placesOf(file).some((folder) => folderOf(it) === joinPath(folder, 'config')) && (CODE.test(it) || DATA.test(it)))
    : [];
  if (names.some((it) => READS_SCHEMAS.has(it))) {
    const folder = packageAbove(file, known);
    settings.push(...files.filter((it) => SCHEMA.test(it) && !TESTS.test(it) && isInside(it, folder)).slice(0, MOST));
  }
  if (!names.some((it) => STARTS_FILES.has(it) || READS_FILES.has(it))) return [...alternatives, ...settings];
  const texts = textsIn(body);
  const data = names.some((it) => READS_FILES.has(it)) ? dataIn(texts, file, known) : [];
  if (!names.some((it) => STARTS_FILES.has(it))) return [...alternatives, ...settings, ...data];
  const started = texts
    .filter((it) => /^[\w./-]+$/.test(it) && (CODE.test(it) || it.startsWith('.')))
    .flatMap((it) =>
      placesOf(file)
        .flatMap((folder) => fileAt(joinPath(folder, it), known) ?? [])
        .slice(0, 1),
    );
  return [...alternatives, ...settings, ...data, ...started];
}

/** Modules that a list of routes names, seen from the list, and the root that stands around them. */
function routeModules(body: ModuleSyntax['body'], file: string, known: Listed['known']): string[] {
  return [...textsIn(body), 'root'].flatMap((it) => (/^[\w./$()[\]-]+$/.test(it) ? (fileAt(joinPath(folderOf(file), it), known) ?? []) : []));
}

function packageAbove(file: string, known: Listed['known']): string {
  return placesOf(file).find((it) => known.has(joinPath(it, 'package.json'))) ?? '.';
}

const dataIn = (texts: readonly string[], file: string, known: ReadonlySet<string>): string[] =>
  texts
    .filter((it) => DATA.test(it))
    .flatMap(
      (it) =>
        placesOf(file)
          .map((folder) => joinPath(folder, it))
          .find((path) => known.has(path)) ?? [],
    );

/** Files of code that an import with holes may mean: a hole is a part of one name. */
function matching(pattern: string, files: readonly string[]): string[] {
  const plain = pattern
    .replace(/\.[cm]?[jt]s$/, '')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]+');
  const expression = new RegExp(`^${plain}(/index)?\\.[cm]?[jt]s$`);
  return files.filter((it) => expression.test(it) && !TESTS.test(it)).slice(0, MOST_ALTERNATIVES);
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
