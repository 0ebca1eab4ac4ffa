// The embedded editor: a real VS Code (code-server from npm) in .cache/editor, made on demand, one process tree per start.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run } from './run-command.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MANIFEST = join(ROOT, 'test/editor/embedded');
const CACHE = join(ROOT, '.cache/editor');
const READY_MS = 180_000;

const QUIET_SETTINGS = {
  'workbench.colorTheme': 'Dark Modern',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'git.enabled': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'editor.minimap.enabled': false,
  // In a browser the editor saves by itself; on the desktop it does not.
  'files.autoSave': 'off',
  'window.restoreWindows': 'none',
};

/**
 * Makes the embedded editor unless it stands already and returns the script that starts it.
 * About 740 MB and half a minute the first time; the mark is written last, so a broken install is made again.
 */
export async function makeEmbeddedEditor(say = console.log) {
  if (process.platform === 'win32') throw new Error('The embedded editor does not run on Windows. Install desktop VS Code with `code` on PATH, or use WSL.');
  const lock = await readFile(join(MANIFEST, 'package-lock.json'), 'utf8');
  const folder = join(CACHE, createHash('sha256').update(lock).digest('hex').slice(0, 12));
  const script = join(folder, 'node_modules/code-server/out/node/entry.js');
  const mark = join(folder, 'complete');
  if ((await readFile(mark, 'utf8').catch(() => '')) === 'yes') return script;
  say('Making the embedded editor in .cache/editor (once, about half a minute)…');
  await rm(CACHE, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) await cp(join(MANIFEST, name), join(folder, name));
  // Its own scripts would build natives that need system headers; the editor works without them.
  await npm(folder, ['ci', '--ignore-scripts']);
  const vscode = join(folder, 'node_modules/code-server/lib/vscode');
  for (const inner of [vscode, join(vscode, 'extensions')]) await npm(inner, ['install', '--omit=dev', '--ignore-scripts', '--no-save']);
  await writeFile(mark, 'yes');
  return script;
}

function npm(cwd, args) {
  const options = { cwd, env: withoutNpmContext(process.env) };
  return run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], options);
}

/** Inside `npm run` the environment carries this project's npm context, which would leak into another project's install. */
function withoutNpmContext(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_(package|lifecycle|command|execpath)/.test(name)));
}

/**
 * Starts an editor of its own: fresh user data and extensions, bound to 127.0.0.1 on a free port.
 * `vsix` are installed first, as a user would. Call `stop()` in every case: it ends the processes and removes the folders.
 */
export async function startEmbeddedEditor({ vsix = [], workspace, settings = {}, trust = true, env = {}, say } = {}) {
  const script = await makeEmbeddedEditor(say);
  // Short: the editor's socket path must stay under 108 characters.
  const base = await mkdtemp(join(tmpdir(), 'fl-'));
  const [userData, extensions, config] = [join(base, 'u'), join(base, 'x'), join(base, 'config.yaml')];
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User/settings.json'), JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2));
  await writeFile(config, '');
  const places = ['--config', config, '--user-data-dir', userData, '--extensions-dir', extensions];
  const childEnv = { ...withoutEditorContext(process.env), ...env };
  let server;
  const stop = async () => {
    if (server) await endGroup(server);
    await rm(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  try {
    for (const file of vsix) await run(process.execPath, [script, ...places, '--install-extension', file, '--force'], { env: childEnv });
    const port = await freePort();
    const flags = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check'];
    if (trust) flags.push('--disable-workspace-trust');
    let log = '';
    server = spawn(process.execPath, [script, ...places, ...flags, workspace], { env: childEnv, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (log = (log + chunk).slice(-20_000)));
    endWithThisProcess(server);
    const address = `http://127.0.0.1:${port}/`;
    await answers(address, server, () => log);
    return { url: `${address}?folder=${encodeURIComponent(workspace)}`, userData, log: () => log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(address, server, log) {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    if (server.exitCode !== null) throw new Error(`the editor ended with code ${server.exitCode}:\n${log()}`);
    const response = await fetch(address, { redirect: 'manual' }).catch(() => null);
    if (response && response.status < 500) return;
    await pause(100);
  }
  throw new Error(`the editor did not answer within ${READY_MS / 1000} s:\n${log()}`);
}

/** The server is the leader of a process group of its own: its extension hosts end with it, and nothing else does. */
async function endGroup(child) {
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
      return true;
    } catch {
      return false;
    }
  };
  signal('SIGTERM');
  for (let waited = 0; waited < 3000 && signal(0); waited += 100) await pause(100);
  signal('SIGKILL');
}

/** A test run that is interrupted leaves no editor behind. */
function endWithThisProcess(server) {
  process.once('exit', () => {
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {}
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(code));
}

/** Started from a terminal inside VS Code, these would tie the new editor to the old one. */
function withoutEditorContext(env) {
  return Object.fromEntries(Object.entries(withoutNpmContext(env)).filter(([name]) => !/^(VSCODE_|ELECTRON_|PASSWORD$|CODE_SERVER_)/.test(name)));
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
