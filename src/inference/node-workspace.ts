import { closeSync, constants, type Dirent, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { FileEntry, FileProblem, Workspace } from '../workspace.ts';
import { ignoreRules } from './ignore-rules.ts';

/** Larger code or configuration is not read: nobody writes it by hand. */
const TOO_LARGE_BYTES = 2 * 1024 * 1024;
/** Nothing an own workspace needs lies deeper or beyond this many files. */
const DEEPEST = 40;
const MOST_FILES = 200_000;

const SKIPPED_FOLDERS = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  'dist',
  'build',
  'out',
  'coverage',
  '.next',
  '.nuxt',
  '.turbo',
  '.cache',
  '.output',
  '.vercel',
  '.yarn',
  'bower_components',
  '__pycache__',
  '.venv',
  'venv',
  '.idea',
  '.terraform',
  '.nx',
  '.parcel-cache',
  '.svelte-kit',
  '.vscode-test',
]);
const RELEVANT =
  /\.([cm]?[jt]sx?|ya?ml|json|conf|template|tmpl|env|dockerfile|sql|prisma|graphqls?|gql|toml|py|go|java|php|sh|tpl|vue|svelte|tf|ini|caddyfile|caddy)$|(^|\/)index\.html$|(^|\/)(Dockerfile|Containerfile|Caddyfile|Procfile|\.env)[\w.-]*$|(^|\/)bin\/[\w-]+$/i;

/** Whether a file of this path may matter, wherever its text comes from; what `.gitignore` hides is another question. */
export const isReadFromDisk = (path: string): boolean => RELEVANT.test(path) && !path.split('/').some((it) => SKIPPED_FOLDERS.has(it));

/** The event loop gets its turn this often: a cancellation has to come through. */
const TURN_MS = 25;

/** What a walk found. */
export interface Listing {
  files: readonly FileEntry[];
  problems: readonly FileProblem[];
  /** Some are links: a change of what they lead to does not show at their own path. */
  hasLinks: boolean;
}

interface NodeWorkspace extends Workspace {
  list(): Promise<Listing>;
}

/**
 * A folder on disk. Symbolic links are followed only to files inside the root; folders behind links are left out, so there are no circles.
 * Calls into the system are synchronous, because a promise for each of them costs more than the call: it belongs into a worker thread or a command line.
 */
export function nodeWorkspace(root: string): NodeWorkspace {
  const base = resolve(root);
  const breathe = breather();
  const isInside = insideOf(base);
  return {
    root: base,
    list: () => list(base, isInside, breathe),
    read: async (path) => {
      await breathe();
      return read(base, path, isInside);
    },
  };
}

/**
 * A listing as it is after these files, and no others, were written. Undefined where that takes a walk: a file is gone, or decides what else is listed.
 * What is new in the folder does not show: whoever hears of that walks.
 */
export function relisted(root: string, before: Listing, changed: readonly string[]): Listing | undefined {
  if (before.hasLinks || changed.includes('.gitignore')) return undefined;
  const base = resolve(root);
  const isInside = insideOf(base);
  const written = new Set(changed);
  const files: FileEntry[] = [];
  for (const it of before.files) {
    const entry = written.has(it.path) ? entryOf(base, it.path, false, isInside) : it;
    if (!entry) return undefined;
    files.push(entry);
  }
  return { ...before, files };
}

function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < TURN_MS) return undefined;
    return setImmediate().then(() => {
      last = performance.now();
    });
  };
}

interface IsInside {
  (full: string, isLink: boolean): boolean;
  /** A walk that follows no links has reached this folder. */
  reached(folder: string): void;
}

/** Whether a path leads into the root after all links. Folders are asked once: what turns into a link later is read as what it was. */
function insideOf(base: string): IsInside {
  let root: string | undefined;
  const folders = new Map<string, boolean>();
  const leadsInside = (full: string): boolean => {
    root ??= realpathSync.native(base);
    const target = realpathSync.native(full);
    return target === root || target.startsWith(`${root}/`) || target.startsWith(`${root}\\`);
  };
  const isInside = (full: string, isLink: boolean): boolean => {
    if (isLink) return leadsInside(full);
    const folder = dirname(full);
    const known = folders.get(folder) ?? leadsInside(folder);
    folders.set(folder, known);
    return known;
  };
  return Object.assign(isInside, { reached: (folder: string) => void folders.set(folder, true) });
}

async function list(base: string, isInside: IsInside, breathe: () => Promise<void> | undefined): Promise<Listing> {
  let hasLinks = false;
  const files: FileEntry[] = [];
  const problems: FileProblem[] = [];
  const isIgnored = ignoreRules(textIfAny(join(base, '.gitignore')));
  const walk = async (folder: string, depth: number): Promise<void> => {
    await breathe();
    const full = join(base, folder);
    const entries = entriesOf(full);
    isInside.reached(full);
    if (!entries) {
      problems.push({ file: folder || '.', message: "This folder can't be read." });
      return;
    }
    for (const it of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (files.length >= MOST_FILES) return;
      const path = folder ? `${folder}/${it.name}` : it.name;
      if (it.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(it.name) && depth < DEEPEST && !isIgnored(path, true)) await walk(path, depth + 1);
        continue;
      }
      if (!RELEVANT.test(path)) continue;
      // An ignored .env still decides what the program sees; everything else that git hides is output.
      if (isIgnored(path, false) && !/(^|\/)\.env[\w.-]*$/.test(path)) continue;
      const entry = entryOf(base, path, it.isSymbolicLink(), isInside);
      if (!entry) continue;
      files.push(entry);
      hasLinks ||= it.isSymbolicLink();
    }
  };
  await walk('', 0);
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), problems, hasLinks };
}

function textIfAny(full: string): string {
  try {
    return readFileSync(full, 'utf8');
  } catch {
    return '';
  }
}

function entriesOf(full: string): Dirent[] | null {
  try {
    return readdirSync(full, { withFileTypes: true });
  } catch {
    return null;
  }
}

function entryOf(base: string, path: string, isLink: boolean, isInside: IsInside): FileEntry | null {
  const full = `${base}/${path}`;
  try {
    if (isLink && !isInside(full, true)) return null;
    const facts = isLink ? statSync(full) : lstatSync(full);
    return facts.isFile() ? { path, bytes: facts.size, modifiedMs: Math.trunc(facts.mtimeMs) } : null;
  } catch {
    return null;
  }
}

function read(base: string, path: string, isInside: IsInside): { text: string } | { problem: string; mayPass?: true } {
  const full = resolve(base, path);
  if (!full.startsWith(base)) return { problem: 'This file lies outside the workspace.' };
  try {
    if (!isInside(full, false)) return LEADS_OUT;
    const file = openedUnlessLink(full);
    if (file === undefined && !isInside(full, true)) return LEADS_OUT;
    return contentOf(file ?? openSync(full, READING));
  } catch {
    return { problem: "This file can't be read.", mayPass: true };
  }
}

const LEADS_OUT = { problem: 'This link leads out of the workspace and was not followed.' };
/** What is no file could keep whoever opens it waiting. */
const READING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Undefined for a link. Most systems tell while they open, which spares a call for each of thousands of files. */
function openedUnlessLink(full: string): number | undefined {
  if (constants.O_NOFOLLOW === undefined) return lstatSync(full).isSymbolicLink() ? undefined : openSync(full, READING);
  try {
    return openSync(full, READING | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined;
    throw error;
  }
}

function contentOf(file: number): { text: string } | { problem: string } {
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) return { problem: "This file can't be read." };
    const { size } = facts;
    if (size > TOO_LARGE_BYTES) return { problem: `This file is too large to read (${Math.round(size / 1024 / 1024)} MB; the limit is 2 MB).` };
    const content = Buffer.allocUnsafe(size);
    let length = 0;
    for (let more = -1; length < size && more !== 0; length += more) more = readSync(file, content, length, size - length, null);
    // A zero byte near the start: no text file has one.
    if (content.subarray(0, Math.min(length, 4096)).includes(0)) return { problem: 'This file is binary and was skipped.' };
    return { text: content.toString('utf8', 0, length).replace(/^\uFEFF/, '') };
  } finally {
    closeSync(file);
  }
}
