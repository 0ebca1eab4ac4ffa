import { lstat, open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
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
  /\.([cm]?[jt]sx?|ya?ml|json|conf|template|tmpl|env|dockerfile|sql|prisma|toml|py|go|java|php|sh|tpl|vue|svelte|tf|ini|caddyfile|caddy)$|(^|\/)index\.html$|(^|\/)(Dockerfile|Containerfile|Caddyfile|Procfile|\.env)[\w.-]*$|(^|\/)bin\/[\w-]+$/i;

/** A folder on disk. Symbolic links are followed only to files inside the root; folders behind links are left out, so there are no circles. */
export function nodeWorkspace(root: string): Workspace {
  const base = resolve(root);
  return {
    root: base,
    list: () => list(base),
    read: (path) => read(base, path),
  };
}

async function list(base: string): Promise<{ files: FileEntry[]; problems: FileProblem[] }> {
  const files: FileEntry[] = [];
  const problems: FileProblem[] = [];
  const isIgnored = ignoreRules(await readFile(join(base, '.gitignore'), 'utf8').catch(() => ''));
  const walk = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(base, folder), { withFileTypes: true }).catch(() => null);
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
      const entry = await entryOf(base, path, it.isSymbolicLink());
      if (entry) files.push(entry);
    }
  };
  await walk('', 0);
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), problems };
}

async function entryOf(base: string, path: string, isLink: boolean): Promise<FileEntry | null> {
  const full = join(base, path);
  try {
    if (isLink && !(await isInsideRoot(base, full))) return null;
    const facts = isLink ? await stat(full) : await lstat(full);
    return facts.isFile() ? { path, bytes: facts.size, modifiedMs: Math.trunc(facts.mtimeMs) } : null;
  } catch {
    return null;
  }
}

async function isInsideRoot(base: string, full: string): Promise<boolean> {
  const [target, root] = await Promise.all([realpath(full), realpath(base)]);
  return target.startsWith(`${root}/`) || target.startsWith(`${root}\\`);
}

async function read(base: string, path: string): Promise<{ text: string } | { problem: string }> {
  const full = resolve(base, path);
  if (!full.startsWith(base)) return { problem: 'This file lies outside the workspace.' };
  try {
    if (!(await isInsideRoot(base, full))) return { problem: 'This link leads out of the workspace and was not followed.' };
    const facts = await stat(full);
    if (facts.size > TOO_LARGE_BYTES) return { problem: `This file is too large to read (${Math.round(facts.size / 1024 / 1024)} MB; the limit is 2 MB).` };
    if (await isBinary(full)) return { problem: 'This file is binary and was skipped.' };
    return { text: (await readFile(full, 'utf8')).replace(/^\uFEFF/, '') };
  } catch {
    return { problem: "This file can't be read." };
  }
}

/** A zero byte near the start: no text file has one. */
async function isBinary(full: string): Promise<boolean> {
  const file = await open(full, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await file.close();
  }
}
