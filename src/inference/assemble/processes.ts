import { folderOf, isInside, joinPath, nameOf } from '../detectors/paths.ts';
import type { Configuration } from './configuration.ts';
import { passedOn } from './entries.ts';
import { hasServer } from './servers.ts';

/** One process that a command starts. */
export interface ProcessStart {
  /** As the command calls it, or its package. */
  name?: string;
  /** Package in which it is started. */
  root: string;
  /** Folder of the package in which it is. */
  workingDirectory?: string;
  command?: string;
  /** It runs on when the command that started it has ended. */
  isKept?: true;
}

const DEEPEST = 6;

/**
 * The processes behind a command: package scripts, `cd`, and workspace filters are followed, and a runner of several (`concurrently`, `run-p`, a script of all packages,
 * PM2, `&`) starts them all. A command that starts one process in its own folder comes back as it is.
 */
export function processesIn(command: string | undefined, root: string, configuration: Configuration): ProcessStart[] {
  if (command === undefined) return [{ root }];
  const found = follow(command, root, configuration, 0);
  return found.length > 0 ? found : [{ root, command }];
}

function follow(command: string, root: string, configuration: Configuration, depth: number): ProcessStart[] {
  if (depth > DEEPEST) return [];
  let folder = root;
  let within = '';
  const behind: ProcessStart[] = [];
  let last: ProcessStart[] = [];
  for (const { text, goesOn } of linesOf(unwrapped(command)).flatMap(inSequence)) {
    const words = wordsOf(bare(text));
    const [first, ...rest] = words;
    if (first === undefined) continue;
    if (first === 'cd') {
      const path = rest[0] ?? '';
      const called = folderCalled(path, folder, configuration);
      // `cd packages/api/bin`: a folder of the package `packages/api`.
      const above = called === undefined ? ancestorsOf(path).find((it) => folderCalled(it, folder, configuration) !== undefined) : undefined;
      within = above === undefined ? '' : path.slice(above.length + 1);
      folder = called ?? (above === undefined ? folder : folderCalled(above, folder, configuration)) ?? folder;
      continue;
    }
    const found = started(words, text, folder, configuration, depth).map((it) => (within && it.root === folder ? { ...it, workingDirectory: within } : it));
    // PM2 keeps what it starts running and comes back.
    if (goesOn || found.some((it) => it.isKept)) behind.push(...found);
    else last = found;
  }
  return [...behind, ...last];
}

function started(words: readonly string[], part: string, folder: string, configuration: Configuration, depth: number): ProcessStart[] {
  const [first = '', ...rest] = words;
  const runner = nameOf(first);
  const again = (command: string, at = folder): ProcessStart[] => follow(command, at, configuration, depth + 1);
  if (runner === 'concurrently') {
    const at = rest.findIndex((it) => it === '-n' || it === '--names');
    const names = at >= 0 ? (rest[at + 1] ?? '').split(',') : [];
    const commands = rest.filter((it, index) => !it.startsWith('-') && !(at >= 0 && index === at + 1) && (it.includes(' ') || it.startsWith('npm:')));
    return commands.flatMap((it, index) => named(again(it.startsWith('npm:') ? `npm run ${it.slice('npm:'.length)}` : it), names[index]));
  }
  if (runner === 'run-p' || (/^npm-run-all2?$/.test(runner) && rest.some((it) => it === '-p' || it === '--parallel')))
    return rest.filter((it) => !it.startsWith('-')).flatMap((it) => again(`npm run ${it}`));
  if ((BUILDS.test(runner) && !/--onSuccess/.test(part)) || (/^(vite|parcel|ng|nest|next|nuxt|astro)$/.test(runner) && rest[0] === 'build')) return [];
  if (first.endsWith('.sh')) {
    const [file, text] = shellScript(first, configuration) ?? [];
    if (file !== undefined && text !== undefined)
      return again(text.replace(/"?\$[@*]"?/g, rest.map((it) => (it.includes(' ') ? `"${it}"` : it)).join(' ')), homeOf(file, folder, configuration));
  }
  // A proxy in front of the others has no code.
  if (/^(nginx|caddy|haproxy|httpd)$/.test(runner)) return [];
  if (runner === 'pm2') return rest[0] === 'start' ? keptByPm2(rest.slice(1), part, folder, again) : [];
  const own = packageWithCommand(first, configuration);
  if (own !== undefined) return [{ root: own, command: part }];
  const scripts = scriptsOf(words, folder, configuration);
  if (scripts.length > 0) return scripts.flatMap((it) => again(it.text, it.folder));
  return [{ root: builtHome(words, folder, configuration) ?? folder, command: part }];
}

/** The package here whose server is started by a command of this name, wherever it is installed. */
const packageWithCommand = (command: string, { packages }: Configuration): string | undefined => {
  const found = [...packages].find(([, it]) => Object.hasOwn(it.bin, nameOf(command)) && hasServer(it));
  return found && folderOf(found[0]);
};

/** Folders around one, the nearest first. */
const ancestorsOf = (path: string): string[] => (path.includes('/') ? [folderOf(path), ...ancestorsOf(folderOf(path))] : []);

/** `pm2 start pnpm --name api -- start` runs a command, `pm2 start app.js` and `pm2 start ecosystem.config.js` files: https://pm2.keymetrics.io/docs/usage/quick-start/. */
function keptByPm2(words: readonly string[], part: string, folder: string, again: (command: string) => ProcessStart[]): ProcessStart[] {
  const at = words.findIndex((it) => it === '--name' || it === '-n');
  const name = at >= 0 ? words[at + 1] : words.find((it) => it.startsWith('--name='))?.slice('--name='.length);
  const mark = words.indexOf('--');
  const isRunner = /^(npm|yarn|pnpm|bun)$/.test(words[0] ?? '');
  const found = isRunner && mark >= 0 ? again([words[0], ...words.slice(mark + 1)].join(' ')) : [{ root: folder, command: part }];
  return named(found, name).map((it) => ({ ...it, isKept: true }));
}

/** What only writes files that something else starts. */
const BUILDS = /^(esbuild|tsc|tsup|tsdown|swc|babel|webpack|rollup|rolldown|rspack|ncc|microbundle|unbuild)$/;

/** An image copies a package with its script to another folder than the workspace has them in. */
const homeOf = (script: string, folder: string, { packages, known }: Configuration): string =>
  !known.has(joinPath(folder, nameOf(script))) && packages.has(joinPath(folderOf(script), 'package.json')) ? folderOf(script) : folder;

const named = (starts: ProcessStart[], name: string | undefined): ProcessStart[] =>
  starts.length === 1 && name ? [{ ...(starts[0] as ProcessStart), name: name.trim() }] : starts;

/** The shell script of this name whose path ends most alike, with its commands. */
function shellScript(path: string, configuration: Configuration): [file: string, text: string] | undefined {
  const parts = path.split('/').reverse();
  const alike = (file: string): number => {
    const own = file.split('/').reverse();
    const at = parts.findIndex((it, index) => it !== own[index]);
    return at < 0 ? parts.length : at;
  };
  const [found] = [...configuration.starts.keys()].filter((it) => it.endsWith('.sh') && nameOf(it) === parts[0]).sort((a, b) => alike(b) - alike(a) || a.length - b.length);
  const commands = found && configuration.starts.get(found)?.map((it) => it.command);
  return found !== undefined && commands ? [found, commands.join('\n')] : undefined;
}

/** The package script that a package manager is told to run: in this folder, in a workspace that a filter names, or in all packages that have it. */
function scriptsOf(words: readonly string[], folder: string, configuration: Configuration): { text: string; folder: string }[] {
  if (!/^(npm|yarn|pnpm|bun|turbo|lerna)$/.test(words[0] ?? '')) return [];
  const rest = words.slice(1);
  const filters: string[] = [];
  const plain: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] as string;
    const [, joined] = /^(?:--filter|--workspace|--scope|-w|-F)=(.+)$/.exec(word) ?? [];
    if (joined) filters.push(joined);
    else if (/^(--filter|--workspace|--scope|-w|-F|workspace|--prefix|--cwd|-C|--dir)$/.test(word)) filters.push(rest[++at] ?? '');
    else if (word === '--') break;
    else if (!word.startsWith('-') && word !== 'run' && word !== 'exec') plain.push(word);
  }
  const own = (target: string): { text: string; folder: string }[] => {
    const scripts = configuration.packages.get(joinPath(target, 'package.json'))?.scripts ?? {};
    const script = plain.find((it) => scripts[it] !== undefined);
    if (script === undefined) return [];
    return [{ text: [scripts[script], ...passedOn(words, script).map((it) => (it.includes(' ') ? `"${it}"` : it))].join(' '), folder: target }];
  };
  if (filters.length > 0) return filters.flatMap((it) => own(packageCalled(it, configuration) ?? folderCalled(it, folder, configuration) ?? '?'));
  // Who is told to run a script of every package leaves out the root, from which it was told: https://pnpm.io/cli/recursive.
  const isForAll = isRecursive(words);
  const found = isForAll ? [] : own(folder);
  if (found.length > 0 || !(isForAll || /^(turbo|lerna)$/.test(words[0] ?? ''))) return found;
  return [...configuration.packages.keys()]
    .map(folderOf)
    .filter((it) => it !== folder && isInside(it, folder))
    .sort()
    .flatMap(own);
}

/** `pnpm -r run start`, `pnpm run --parallel start`, `yarn workspaces foreach -A run start`, `npm run start --workspaces`. */
const isRecursive = (words: readonly string[]): boolean =>
  (words[0] === 'pnpm' && words.some((it) => /^(-r|--recursive|--parallel|recursive)$/.test(it))) ||
  (words[0] === 'yarn' && words[1] === 'workspaces') ||
  (words[0] === 'npm' && words.some((it) => /^(--workspaces|-ws)$/.test(it)));

const packageCalled = (name: string, configuration: Configuration): string | undefined => {
  const wanted = name.replace(/^\.\.\.|\.\.\.$|[{}]/g, '');
  const file = [...configuration.packages].find(([, it]) => it.name === wanted)?.[0];
  return file && folderOf(file);
};

/** A folder as a command says it: relative, or a path in an image whose end is a folder here. */
function folderCalled(path: string, from: string, configuration: Configuration): string | undefined {
  const parts = path.replace(/["']/g, '').split('/').filter(Boolean);
  const isHere = (folder: string): boolean => configuration.packages.has(joinPath(folder, 'package.json'));
  if (!path.startsWith('/') && isHere(joinPath(from, path))) return joinPath(from, path);
  for (let at = 0; at < parts.length; at++) {
    const folder = joinPath(...parts.slice(at));
    if (isHere(folder)) return folder;
  }
  return undefined;
}

/** `sh -c "…"` is what it runs. */
function unwrapped(command: string): string {
  const inner = /^(?:\/bin\/)?(?:ba|da)?sh\s+(?:-\w+\s+)*-\w*c\s+([\s\S]*)$/.exec(command.trim())?.[1];
  if (inner === undefined) return command;
  const quoted = /^(["'])([\s\S]*)\1$/.exec(inner)?.[2];
  return quoted === undefined ? inner : quoted.replace(/\\(["'\\])/g, '$1');
}

/** `node apps/web/server.js` of a build: a file that is not here, in the package that it is built from. */
function builtHome(words: readonly string[], folder: string, { packages, known }: Configuration): string | undefined {
  const file = words.find((it) => /^[\w@][\w@./-]*\.[cm]?js$/.test(it));
  if (file === undefined || known.has(joinPath(folder, file))) return undefined;
  for (let at = folderOf(joinPath(folder, file)); at !== folder && at !== '.'; at = folderOf(at)) if (packages.has(joinPath(at, 'package.json'))) return at;
  return undefined;
}

/** Without what only prepares: variables, loaders of variables, init processes. */
function bare(part: string): string {
  let text = part.trim();
  for (let before = ''; before !== text; ) {
    before = text;
    text = (/^(["'])([^"']*(?:''[^"']*)*)\1$/.exec(text)?.[2] ?? text).replace(
      /^(?:exec|(?:\/\S*\/)?(?:dumb-init|tini)|npx|env|cross-env(?:-shell)?|dotenv|doppler run|infisical run|--|-e\s+\S+|\w+=("[^"]*"|'[^']*'|\S*))\s+/,
      '',
    );
  }
  return text;
}

/** Lines of a script; a quote that one leaves open is none for the next. */
const linesOf = (text: string): string[] => text.replace(/\\\s*\n/g, ' ').split('\n');

/** Parts between `&&`, `;`, `||` and `&`, outside quotes; what stands before a single `&` goes on beside what follows. */
function inSequence(text: string): { text: string; goesOn: boolean }[] {
  const parts: { text: string; goesOn: boolean }[] = [];
  let quote = '';
  let from = 0;
  const cut = (at: number, length: number, goesOn = false): void => {
    parts.push({ text: text.slice(from, at).trim(), goesOn });
    from = at + length;
  };
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if (quote) {
      if (c === '\\') at++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if (c === ';') cut(at, 1);
    else if (text.startsWith('&&', at) || text.startsWith('||', at)) cut(at++, 2);
    // Not `2>&1` and `&>log`.
    else if (c === '&' && text[at - 1] !== '>' && text[at + 1] !== '>') cut(at, 1, true);
  }
  cut(text.length, 0);
  return parts.filter((it) => it.text !== '');
}

/** Words with quoted ones whole and without their quotes. */
const wordsOf = (text: string): string[] => [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((it) => (it[1] ?? it[2] ?? it[3] ?? '').replace(/\\(["'])/g, '$1'));
