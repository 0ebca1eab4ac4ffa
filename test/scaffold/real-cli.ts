import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SCAFFOLD_PACKAGE, SCAFFOLD_VERSION } from '../../src/scaffold/grammar.ts';

const cache = resolve(import.meta.dirname, '../../.cache');
const folder = join(cache, 'scaffold-cli');
const lock = join(cache, 'scaffold-cli.lock');
const LOCK_IS_STALE_AFTER_MS = 180_000;

/**
 * Path of the real generator's bin script, installed from npm once per checkout.
 * Run it with `process.execPath`; the first call may take a minute and needs a registry. Safe from several test processes at once.
 */
export async function scaffoldCli(): Promise<string> {
  const bin = join(folder, 'node_modules', SCAFFOLD_PACKAGE, 'bin/index.js');
  while (!(await isInstalled())) {
    if (!(await taken())) await install();
    else await sleep(250);
  }
  return bin;
}

/** Runs `init` in `cwd` with no terminal. Exit code 0 proves nothing: a cancelled prompt ends with it too. */
export async function runScaffoldCli(args: readonly string[], cwd: string, timeoutMs = 30_000): Promise<{ code: number; output: string }> {
  const bin = await scaffoldCli();
  return new Promise((done) => {
    const child = execFile(process.execPath, [bin, 'init', ...args], { cwd, timeout: timeoutMs, maxBuffer: 16_000_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      done({ code, output: `${stdout}${stderr}` });
    });
    child.stdin?.end();
  });
}

/** The lock file is written last by npm, so a half-done install is not taken for a whole one. */
async function isInstalled(): Promise<boolean> {
  if (existsSync(lock) || !existsSync(join(folder, 'node_modules', '.package-lock.json'))) return false;
  const manifest = join(folder, 'node_modules', SCAFFOLD_PACKAGE, 'package.json');
  return existsSync(manifest) && JSON.parse(await readFile(manifest, 'utf8')).version === SCAFFOLD_VERSION;
}

/** True while somebody else installs; the lock of a process that died is removed. */
async function taken(): Promise<boolean> {
  await mkdir(cache, { recursive: true });
  try {
    await mkdir(lock);
    return false;
  } catch {
    const since = await stat(lock).then(
      (it) => Date.now() - it.mtimeMs,
      () => 0,
    );
    if (since > LOCK_IS_STALE_AFTER_MS) await rm(lock, { recursive: true, force: true });
    return true;
  }
}

async function install(): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['install', '--save-exact', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', `${SCAFFOLD_PACKAGE}@${SCAFFOLD_VERSION}`];
    await new Promise<void>((done, fail) => {
      execFile(npm, args, { cwd: folder, timeout: 150_000, shell: process.platform === 'win32' }, (error, _stdout, stderr) =>
        error ? fail(new Error(`could not install ${SCAFFOLD_PACKAGE}: ${stderr.slice(-500)}`)) : done(),
      );
    });
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}
