// npm test: every check there is; the last line is `N passed, N failed`, and the exit code says the same.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './editor/run-command.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const bin = (path, ...args) => [join(ROOT, 'node_modules', path), ...args];
const folder = await mkdtemp(join(tmpdir(), 'flr-'));
const total = { passed: 0, failed: 0 };
const add = (passed, failed) => {
  total.passed += passed;
  total.failed += failed;
};

/** One program that either works or not. */
async function check(name, args) {
  const started = Date.now();
  try {
    await run(process.execPath, args, { cwd: ROOT });
    add(1, 0);
    console.log(`✓ ${name} (${seconds(started)})`);
  } catch (error) {
    add(0, 1);
    console.log(`✗ ${name}\n${indented(error.message)}`);
  }
}

/** Vitest's own report goes to a file; a run that writes none has failed as a whole. */
async function unitTests(what, config, env = {}) {
  const started = Date.now();
  const report = join(folder, `${what}.json`);
  const args = bin('vitest/vitest.mjs', 'run', '--config', config, '--reporter=json', `--outputFile=${report}`);
  const ended = await run(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env } }).catch((error) => error);
  const result = JSON.parse(await readFile(report, 'utf8').catch(() => 'null'));
  if (result === null) {
    add(0, 1);
    return console.log(`✗ ${what} did not run\n${indented(ended.message)}`);
  }
  // A file that cannot be loaded has no tests to count, yet has failed.
  const unloaded = result.testResults.filter((it) => it.status === 'failed' && it.assertionResults.length === 0);
  const silent = ended instanceof Error && result.numFailedTests + unloaded.length === 0 ? 1 : 0;
  add(result.numPassedTests, result.numFailedTests + unloaded.length + silent);
  for (const file of unloaded) console.log(`✗ ${file.name}\n${indented(file.message ?? '')}`);
  for (const file of result.testResults)
    for (const test of file.assertionResults)
      if (test.status === 'failed') console.log(`✗ ${file.name.slice(ROOT.length)}: ${test.fullName}\n${indented(test.failureMessages.join('\n'))}`);
  if (silent) console.log(`✗ ${what} ended badly\n${indented(ended.message)}`);
  console.log(
    `${result.numFailedTests + unloaded.length + silent === 0 ? '✓' : '✗'} ${what}: ${result.numPassedTests} passed, ${result.numFailedTests + unloaded.length} failed (${seconds(started)})`,
  );
}

/** Passes its output on and takes the counts from its last line. */
async function editorTests() {
  const out = await run(process.execPath, ['test/editor/run.mjs'], { cwd: ROOT, show: true }).catch((error) => error.message);
  const counts = /(\d+) passed, (\d+) failed\s*$/.exec(out);
  if (!counts) {
    add(0, 1);
    return console.log(`✗ the editor tests ended without a count\n${indented(out)}`);
  }
  add(Number(counts[1]), Number(counts[2]));
}

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const indented = (text) => `    ${text.trim().slice(-6000).replaceAll('\n', '\n    ')}`;

await check('build', ['esbuild.mjs']);
await check('types of the simulator entry', bin('typescript/bin/tsc', '-p', 'src/simulator'));
await check('simulator entry in another project', ['test/package/simulator-entry.mjs']);
await check('types: host, command line, tests', bin('typescript/bin/tsc', '-p', '.'));
await check('types: webview', bin('typescript/bin/tsc', '-p', 'webview'));
await check('lint and format', bin('@biomejs/biome/bin/biome', 'check', '.'));
await unitTests('unit tests', 'test/vitest.config.ts', { THEORY: 'at-length' });
await unitTests('theory at full length', 'test/theory/long/vitest.config.ts');
await editorTests();
await rm(folder, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);
