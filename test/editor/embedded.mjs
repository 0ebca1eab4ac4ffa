#!/usr/bin/env node
// Stands in for VS Code's executable in @vscode/test-electron's runTests: same arguments, same meaning of the exit code, embedded editor.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openBrowser } from './browser.mjs';
import { ROOT, startEmbeddedEditor } from './embedded-editor.mjs';
import { packageVsix } from './package-vsix.mjs';
import { run } from './run-command.mjs';
import { openWorkbench } from './workbench.mjs';

/** Longer than a case may take, and the start before the first one. */
const SILENT_MS = 360_000;

/** The value of `--name=value`. */
const flag = (name) => process.argv.find((it) => it.startsWith(`--${name}=`))?.slice(name.length + 3);
const suite = flag('extensionTestsPath');
const workspace = process.argv.slice(2).find((it) => !it.startsWith('-'));
const results = process.env.FAULTLINE_RESULTS;
if (!suite || !workspace || !results) throw new Error('usage: FAULTLINE_RESULTS=file embedded.mjs WORKSPACE --extensionTestsPath=FILE');

const folder = await mkdtemp(join(tmpdir(), 'flt-'));
let editor;
let browser;
try {
  const vsix = [await packageVsix(), await suiteVsix(folder)];
  editor = await startEmbeddedEditor({ vsix, workspace, env: { FAULTLINE_RESULTS: results, FAULTLINE_FIXES: process.env.FAULTLINE_FIXES ?? '' } });
  browser = await openBrowser();
  await openWorkbench(await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] }), editor.url);
  const outcomes = await outcomesOf(results);
  process.exitCode = outcomes.length > 0 && outcomes.every((it) => it.error === null) ? 0 : 1;
} catch (error) {
  console.error(error.stack ?? String(error));
  console.error(editor?.log() ?? '');
  process.exitCode = 1;
} finally {
  await browser?.close();
  await editor?.stop();
  await rm(folder, { recursive: true, force: true });
}

/** What the suite has written at its end. It may take as long as it likes while one case after another ends. */
async function outcomesOf(file) {
  const read = (path) => readFile(path, 'utf8').catch(() => null);
  let part = null;
  let heard = Date.now();
  for (;;) {
    const whole = await read(file);
    if (whole !== null) return JSON.parse(whole);
    const now = await read(`${file}.part`);
    if (now !== part) [part, heard] = [now, Date.now()];
    if (Date.now() - heard > SILENT_MS) throw new Error(`nothing was heard of the suite for ${SILENT_MS / 1000} s; so far: ${part ?? 'no case has ended'}`);
    await pause(200);
  }
}

/** A second extension, for tests only, that runs the suite on start: this editor takes no `extensionTestsPath`. */
async function suiteVsix(target) {
  const source = join(target, 'suite');
  await mkdir(source);
  await cp(dirname(suite), source, { recursive: true });
  const manifest = {
    name: 'faultline-suite',
    publisher: 'faultline',
    version: '0.0.1',
    description: 'Runs a test suite on start.',
    license: 'MIT',
    engines: { vscode: '^1.100.0' },
    main: './extension.cjs',
    activationEvents: ['*'],
  };
  await writeFile(join(source, 'package.json'), JSON.stringify(manifest));
  const out = join(target, 'suite.vsix');
  const flags = ['--no-dependencies', '--allow-star-activation', '--allow-missing-repository', '--skip-license', '--out', out];
  await run(process.execPath, [join(ROOT, 'node_modules/@vscode/vsce/vsce'), 'package', ...flags], { cwd: source });
  return out;
}
