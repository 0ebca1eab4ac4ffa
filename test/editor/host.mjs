// The suite inside the extension host, started the way @vscode/test-electron starts it everywhere.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { ROOT } from './embedded-editor.mjs';
import { fixCases } from './fix-cases.ts';

/**
 * Runs test/editor/suite in an editor and returns its counts. With `download` a desktop VS Code is fetched;
 * otherwise the embedded one stands in for the executable (embedded.mjs) and gets the packaged extension.
 */
export async function runHostSuite({ vsix, download = false }) {
  console.log(`\nin the extension host${download ? ' of desktop VS Code' : ''}`);
  const folder = await mkdtemp(join(tmpdir(), 'flh-'));
  const results = join(folder, 'results.json');
  const workspace = join(folder, 'workspace');
  const fixes = join(folder, 'fixes.json');
  await writeFile(fixes, JSON.stringify(await fixCases()));
  let stopped = null;
  try {
    await runTests({
      ...(!download && { vscodeExecutablePath: join(ROOT, 'test/editor/embedded.mjs') }),
      extensionDevelopmentPath: ROOT,
      extensionTestsPath: join(ROOT, 'test/editor/suite/index.cjs'),
      extensionTestsEnv: { FAULTLINE_RESULTS: results, FAULTLINE_WORKSPACE: workspace, FAULTLINE_FIXES: fixes, ...(vsix && { FAULTLINE_VSIX: vsix }) },
      launchArgs: [await sampleIn(workspace)],
    });
  } catch (error) {
    stopped = error;
  }
  const outcomes = JSON.parse(await readFile(results, 'utf8').catch(() => 'null'));
  await rm(folder, { recursive: true, force: true });
  if (outcomes === null) {
    if (download) throw stopped;
    console.log(`  ✗ the suite wrote no results: ${stopped?.message ?? 'no reason given'}`);
    return { passed: 0, failed: 1 };
  }
  for (const { name, error, ms } of outcomes) console.log(error === null ? `  ✓ ${name} (${ms} ms)` : `  ✗ ${name}\n      ${error.replaceAll('\n', '\n      ')}`);
  return { passed: outcomes.filter((it) => it.error === null).length, failed: outcomes.filter((it) => it.error !== null).length };
}

async function sampleIn(workspace) {
  await cp(join(ROOT, 'test/fixtures/shop'), workspace, { recursive: true });
  await rm(join(workspace, '.vscode'), { recursive: true, force: true });
  return workspace;
}
