import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { inject } from 'vitest';

export const ROOT = resolve(import.meta.dirname, '../..');
export const SHOP = join(ROOT, 'test/fixtures/shop');
const BUILT = join(inject('ownFolder'), 'cli');

/** The command line and its thread in one piece each, as they are shipped; from source every start would take as long as what it then does. */
function build(): string {
  const entry = join(BUILT, 'cli.cjs');
  if (existsSync(entry)) return entry;
  // Whoever comes first gives it its name; the other process has built the same.
  const folder = mkdtempSync(`${BUILT}-`);
  buildSync({
    entryPoints: [join(ROOT, 'src/cli.ts'), join(ROOT, 'src/simulation-worker.ts')],
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    target: 'node20',
    minifySyntax: true,
    logLevel: 'error',
  });
  try {
    renameSync(folder, BUILT);
  } catch (error) {
    if (!existsSync(entry)) throw error;
  }
  return entry;
}

/** Runs the command line as a user's shell does. */
export function cli(...args: string[]): { code: number | null; out: string; err: string } {
  const ran = spawnSync(process.execPath, [build(), ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 2 ** 20,
    env: { ...process.env, NODE_COMPILE_CACHE: join(inject('ownFolder'), 'compiled') },
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

/** Makes a workspace on disk from path → text, hands its folder to `use`, and removes it. */
export async function inFolder<T>(files: Readonly<Record<string, string | Uint8Array>>, use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
