import type { PackageClaim, ProcessClaim } from '../detector.ts';
import { folderOf, joinPath, nameOf } from '../detectors/paths.ts';
import { imageOf, stageOf } from './images.ts';
import type { Configuration } from './configuration.ts';
import type { ExportedHandler } from '../code/exported-handlers.ts';
import { nextRoutes, remixRoutes } from './file-routes.ts';
import { fileAt, sourceOf } from './modules.ts';

/** What a command starts. */
export interface Start {
  entries: readonly string[];
  /** What the command says behind the entry's file. */
  args?: readonly string[];
  /** PM2 applications, where a process manager starts them. */
  processes: readonly ProcessClaim[];
  /** `next start` and the like: a front end, read no further. */
  isFrontend: boolean;
  /** What a framework finds by file and name. */
  handlers: readonly ExportedHandler[];
}

const NOTHING_STARTED: Start = { entries: [], processes: [], isFrontend: false, handlers: [] };
const COMMON = ['src/index', 'src/main', 'src/server', 'src/app', 'index', 'server', 'app', 'main', 'src/bin/www', 'bin/www'];

/** `workingDirectory`: where the image starts it. The entry files behind a command, following package scripts and process managers; without a command, what the package itself starts. */
export function startOf(command: string | undefined, root: string, configuration: Configuration, workingDirectory = ''): Start {
  const start = ownStartOf(command, root, configuration, workingDirectory);
  return start.entries.length > 0 && start.handlers.length === 0 ? { ...start, handlers: askedFor(root, configuration) } : start;
}

/** What a server of one's own may hand over to a framework. */
function askedFor(root: string, { packages, files }: Configuration): ExportedHandler[] {
  const has = (name: RegExp): boolean => Object.keys(packages.get(joinPath(root, 'package.json'))?.dependencies ?? {}).some((it) => name.test(it));
  const routes = [
    ...(has(/^(@remix-run\/express|@react-router\/(express|node)|remix-hono|hono-react-router-adapter)$/) ? remixRoutes(root, files) : []),
    ...(has(/^next$/) ? nextRoutes(root, files) : []),
  ];
  return routes.map((it) => ({ ...it, ifAsked: true as const }) as ExportedHandler);
}

function ownStartOf(command: string | undefined, root: string, configuration: Configuration, workingDirectory: string): Start {
  const pkg = configuration.packages.get(joinPath(root, 'package.json'));
  const files = configuration.known;
  const started = command ? byCommand(command, root, pkg, configuration, files, 0, workingDirectory) : undefined;
  if (started) return started;
  const script = pkg?.scripts['start:prod'] ?? pkg?.scripts.start;
  const byScript = script ? byCommand(script, root, pkg, configuration, files, 0) : undefined;
  if (byScript) return byScript;
  const built = builtStart(pkg, root, configuration);
  if (built) return built;
  const main = pkg?.main && entryAt(pkg.main, root, files);
  if (main) return { ...NOTHING_STARTED, entries: [main] };
  const common = COMMON.map((it) => fileAt(joinPath(root, it), files)).find((it) => it !== undefined);
  return common ? { ...NOTHING_STARTED, entries: [common] } : NOTHING_STARTED;
}

/** The file of the workspace that a command starts; undefined where it starts none. */
export const startedBy = (command: string, root: string, configuration: Configuration): string | undefined =>
  byCommand(command, root, configuration.packages.get(joinPath(root, 'package.json')), configuration, configuration.known, 0)?.entries[0];

function nextStart(root: string, { files }: Configuration): Start {
  const handlers = nextRoutes(root, files);
  return { ...NOTHING_STARTED, handlers, isFrontend: handlers.length === 0 };
}

/** `node server.js` of Next's standalone output, `node .output/server/index.mjs` of Nuxt: a file that only the build makes. */
function builtStart(pkg: PackageClaim | undefined, root: string, configuration: Configuration): Start | undefined {
  if (pkg?.dependencies.next !== undefined) return nextStart(root, configuration);
  return ['nuxt', '@sveltejs/kit', 'astro'].some((it) => pkg?.dependencies[it] !== undefined) ? { ...NOTHING_STARTED, isFrontend: true } : undefined;
}

const SKIPPED =
  /^(exec|dumb-init|tini|\/\S*\/(dumb-init|tini)|--|node|nodejs|ts-node|ts-node-dev|tsx|nodemon|bun|deno|cross-env|dotenv|npx|watch|run|env|doppler|sh|bash|-c|wait-for-it.*|\.\/wait-for.*|docker-entrypoint.*|node_modules\/.*|start|pnpm|yarn|npm)$/;
const VALUE_FLAGS = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-P',
  '--project',
  '--env-file',
  '--exec',
  '-x',
  '--watch',
  '-w',
  '-e',
  '--ext',
  '--max-old-space-size',
]);

function byCommand(
  command: string,
  root: string,
  pkg: PackageClaim | undefined,
  configuration: Configuration,
  files: ReadonlySet<string>,
  depth: number,
  workingDirectory = '',
): Start | undefined {
  if (depth > 4) return undefined;
  const parts = command
    .split(/&&|;|\|\||(?<!\|)\|(?!\|)/)
    .map((it) => it.trim().replace(/^["']|["']$/g, ''))
    .filter(Boolean)
    .reverse();
  for (const part of parts) {
    const words = part.split(/\s+/).map((it) => it.replace(/^["']|["']$/g, ''));
    const installed = binaryIn(words, pkg, root, files);
    if (installed) return startAt(installed, words, pkg, root, files);
    // `nx serve` starts whatever the project is: its usual entry tells.
    if (/^nx$/.test(words.find((it) => !/^(npx|pnpm|yarn|exec)$/.test(it)) ?? '')) continue;
    if (words.includes('next')) return nextStart(root, configuration);
    if (words.some((it) => /^(remix-serve|react-router-serve)$/.test(it))) {
      const handlers = remixRoutes(root, configuration.files);
      return { ...NOTHING_STARTED, handlers, isFrontend: handlers.length === 0 };
    }
    if (words.some((it) => /^(vite|react-scripts|ng|nuxt|astro|serve|http-server|vue-cli-service)$/.test(it))) return { ...NOTHING_STARTED, isFrontend: true };
    if (words.includes('fastify') && words.includes('start')) {
      const plugin = startedPlugin(words, root, files);
      if (plugin) return { ...NOTHING_STARTED, entries: [plugin], handlers: [{ file: plugin, export: 'default', plugin: 'fastify' }] };
    }
    if (words.some((it) => /^pm2(-runtime|-docker)?$/.test(it))) return byProcessManager(words, root, configuration, files);
    if (words.includes('nest') && words.includes('start')) {
      const main = fileAt(joinPath(root, 'src/main'), files);
      return main ? { ...NOTHING_STARTED, entries: [main] } : undefined;
    }
    const script = scriptName(words, pkg);
    const next = script !== undefined ? pkg?.scripts[script] : undefined;
    if (next) {
      const found = byCommand(next, root, pkg, configuration, files, depth + 1);
      if (found) return found.args ? { ...found, args: [...found.args, ...passedOn(words, script as string)] } : found;
      continue;
    }
    const entry = entryInWords(words, root, files, workingDirectory);
    if (entry) return startAt(entry, words, pkg, root, files);
  }
  return undefined;
}

function startAt(entry: { file: string; at: number }, words: readonly string[], pkg: PackageClaim | undefined, root: string, files: ReadonlySet<string>): Start {
  const args = words.slice(entry.at + 1);
  return ofCommands(entry.file, args, pkg, root, files) ?? { ...NOTHING_STARTED, entries: [entry.file], args };
}

/** `shop start`: the package's own command, where it is installed. */
function binaryIn(words: readonly string[], pkg: PackageClaim | undefined, root: string, files: ReadonlySet<string>): { file: string; at: number } | undefined {
  const at = words.findIndex((it) => !it.startsWith('-') && !SKIPPED.test(it) && !/^\w+=/.test(it));
  const path = pkg?.bin[nameOf(words[at] ?? '')];
  const file = path === undefined ? undefined : entryAt(path, root, files);
  return file === undefined ? undefined : { file, at };
}

/** oclif finds the command in the file that is called like it, topics are folders: https://oclif.io/docs/command_discovery_strategies. */
function ofCommands(entry: string, args: readonly string[], pkg: PackageClaim | undefined, root: string, files: ReadonlySet<string>): Start | undefined {
  const { commands } = pkg ?? {};
  if (commands === undefined || !Object.values(pkg?.bin ?? {}).some((it) => entryAt(it, root, files) === entry)) return undefined;
  const names = args.filter((it) => !it.startsWith('-')).flatMap((it) => it.split(':'));
  for (let length = names.length; length > 0; length--) {
    const file = entryAt([commands, ...names.slice(0, length)].join('/'), root, files);
    if (file) return { ...NOTHING_STARTED, entries: [file], handlers: [{ file, export: 'default', plugin: 'oclif' }] };
  }
  return undefined;
}

/** What a package manager hands on to a script: yarn, pnpm and bun all that is none of their own, others only what stands behind `--`. */
export function passedOn(words: readonly string[], script: string): readonly string[] {
  const behind = words.slice(words.indexOf(script) + 1);
  const mark = behind.indexOf('--');
  if (mark >= 0) return behind.slice(mark + 1);
  return words.some((it) => /^(npm|turbo|lerna)$/.test(it)) ? [] : behind.filter((it) => !/^(--filter|--workspace|--scope|--cwd|-w|-F|-C)(=|$)/.test(it));
}

function scriptName(words: readonly string[], pkg: PackageClaim | undefined): string | undefined {
  const at = words.findIndex((it) => /^(npm|yarn|pnpm|bun)$/.test(it));
  if (at < 0) return undefined;
  const rest = words.slice(at + 1).filter((it) => !it.startsWith('-') && it !== 'run' && it !== 'exec');
  return rest.find((it) => pkg?.scripts[it] !== undefined);
}

function byProcessManager(words: readonly string[], root: string, configuration: Configuration, files: ReadonlySet<string>): Start | undefined {
  const file = words.map((it) => joinPath(root, it)).find((it) => configuration.processes.has(it));
  const processes = file ? (configuration.processes.get(file) ?? []) : [];
  const entries = processes.map((it) => entryAt(it.script, root, files)).filter((it) => it !== undefined);
  if (entries.length > 0) return { ...NOTHING_STARTED, entries, processes };
  const entry = entryInWords(
    words.filter((it) => !/^pm2/.test(it)),
    root,
    files,
  );
  return entry ? { ...NOTHING_STARTED, entries: [entry.file] } : undefined;
}

/** `fastify start -w -l info -P app.js`: the plug-in stands last, behind options with and without values (github.com/fastify/fastify-cli). */
const startedPlugin = (words: readonly string[], root: string, files: ReadonlySet<string>): string | undefined =>
  words
    .slice(words.indexOf('start') + 1)
    .toReversed()
    .flatMap((it) => (it.startsWith('-') ? [] : (entryAt(it, root, files) ?? [])))[0];

/** The first word that leads to a file of the workspace, and which it is. */
function entryInWords(words: readonly string[], root: string, files: ReadonlySet<string>, workingDirectory = ''): { file: string; at: number } | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (VALUE_FLAGS.has(word)) {
      at += 1;
      continue;
    }
    if (word.startsWith('-') || SKIPPED.test(word) || /^\w+=/.test(word)) continue;
    const found = (workingDirectory && !word.startsWith('/') && entryAt(`${workingDirectory}/${word}`, root, files)) || entryAt(word, root, files);
    if (found) return { file: found, at };
  }
  return undefined;
}

/** The source file behind a path in an image: built folders lead back to sources, absolute paths are tried from behind. */
export function entryAt(path: string, root: string, files: ReadonlySet<string>): string | undefined {
  const parts = path.replace(/^\.?\/+/, '').split('/');
  for (let from = 0; from < parts.length; from++) {
    const rest = parts.slice(from).join('/');
    const found =
      fileAt(joinPath(root, sourceOf(rest)), files) ??
      (rest.includes('/') ? fileAt(joinPath(root, besideSource(rest)), files) : undefined) ??
      fileAt(joinPath(root, rest), files) ??
      fileAt(joinPath(root, rest.replace(/^(dist|build|built|lib|out)\//, '')), files);
    if (found) return found;
  }
  return undefined;
}

/** A workspace builds `apps/api/src/main` to `dist/apps/api/main`. */
const besideSource = (path: string): string =>
  path
    .replace(/^(dist|build|built|out)\//, '')
    .replace(/\/([^/]+)$/, '/src/$1')
    .replace(/\.[cm]?js$/, '');

/** Folder of the code that an image is built from: what its stage copies, where the Dockerfile lies, or the build context. */
export function codeFolder(build: { context: string; dockerfile: string; target?: string }, configuration: Configuration): string {
  const hasPackage = (folder: string) => configuration.packages.has(joinPath(folder, 'package.json'));
  const image = imageOf(build, configuration);
  const stage = stageOf(build, image);
  const copied = (stage?.packageFolders ?? image?.packageFolders ?? []).map((it) => joinPath(build.context, it)).filter(hasPackage);
  const beside = folderOf(build.dockerfile);
  const command = stage?.command ?? image?.command;
  // The file that is started lies in the context's own package, wherever else the image worked while it was built.
  const entry = command && hasPackage(build.context) ? entryInWords(command.split(/\s+/), build.context, configuration.known)?.file : undefined;
  const worksNested = nestedPackages([image?.workingDirectory ?? ''], build.context, hasPackage).length > 0;
  if (entry !== undefined && !worksNested && (beside === build.context || !hasPackage(beside)) && packageOf(entry, hasPackage) === build.context) return build.context;
  if (beside !== build.context && hasPackage(beside)) return beside;
  if (build.target && copied.length > 0) return copied[0] as string;
  const builtIn = nestedPackages(stage?.worksIn ?? image?.worksIn ?? [], build.context, hasPackage);
  if (builtIn.length === 1) return builtIn[0] as string;
  return hasPackage(build.context) ? build.context : (copied[0] ?? build.context);
}

const packageOf = (file: string, hasPackage: (folder: string) => boolean): string | undefined => {
  for (let folder = folderOf(file); ; folder = folderOf(folder)) if (folder === '.' || hasPackage(folder)) return folder;
};

/** `/usr/src/app/packages/api` in an image is `packages/api` of the workspace that was copied there. */
function nestedPackages(folders: readonly string[], context: string, hasPackage: (folder: string) => boolean): string[] {
  const found = folders.flatMap((folder) => {
    const parts = folder.split('/').filter((it) => it !== '' && it !== '.');
    const nested = parts.map((_, at) => joinPath(context, parts.slice(at).join('/'))).find(hasPackage);
    return nested && nested !== context ? [nested] : [];
  });
  return [...new Set(found)];
}
