// A tiny runner: named steps in order over one editor, each with its own time limit; what fails leaves a picture.
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrowser } from './browser.mjs';
import { ROOT, startEmbeddedEditor } from './embedded-editor.mjs';
import { watchViolations } from './violations.mjs';
import { openWorkbench } from './workbench.mjs';

/** Ends what hangs: longer than what a step waits for, one thing after another, on a slow machine. */
const STEP_MS = 600_000;
export const PICTURES = join(ROOT, '.cache/pictures');

/**
 * Runs a spec's steps; a step gets `{ page, context, editor, workspace, violations, picture, state }` and may leave things in `state` for later steps.
 * Returns how many passed and failed. Later steps still run after a failure: each says by itself what it lacks.
 */
export async function runSpec(spec, vsix) {
  console.log(`\n${spec.title}`);
  const counts = { passed: 0, failed: 0 };
  const workspace = await copyOf(spec.workspace);
  let editor;
  let browser;
  try {
    await spec.prepare?.(workspace);
    editor = await startEmbeddedEditor({ vsix: [vsix], workspace, settings: spec.settings });
    browser = await openBrowser();
    const context = await browser.newContext({ viewport: { width: 1500, height: 950 }, permissions: ['clipboard-read', 'clipboard-write'] });
    const violations = watchViolations(context);
    const page = await openWorkbench(context, editor.url);
    const at = { page, context, editor, workspace, violations, picture: (name) => savePicture(page, name), state: {} };
    for (const [name, step] of Object.entries(spec.steps))
      await attempt(
        name,
        () => step(at),
        counts,
        () => savePicture(page, `failed ${spec.title} ${name}`),
      );
  } catch (error) {
    counts.failed += 1;
    console.log(`  ✗ ${spec.title} could not start: ${error.stack ?? error}`);
  } finally {
    await browser?.close();
    await editor?.stop();
    await rm(workspace, { recursive: true, force: true });
  }
  return counts;
}

async function attempt(name, step, counts, onFailure) {
  const started = Date.now();
  let timer;
  const tooLong = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${STEP_MS / 1000} s`)), STEP_MS);
  });
  try {
    await Promise.race([step(), tooLong]);
    counts.passed += 1;
    console.log(`  ✓ ${name} (${Date.now() - started} ms)`);
  } catch (error) {
    counts.failed += 1;
    const picture = await onFailure().catch(() => null);
    console.log(`  ✗ ${name}\n      ${String(error.message ?? error).replaceAll('\n', '\n      ')}${picture ? `\n      picture: ${picture}` : ''}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Tests write into workspaces; the fixture stays as it is. */
async function copyOf(fixture) {
  const folder = join(await mkdtemp(join(tmpdir(), 'flw-')), fixture);
  await cp(join(ROOT, 'test/fixtures', fixture), folder, { recursive: true });
  return folder;
}

async function savePicture(page, name) {
  await mkdir(PICTURES, { recursive: true });
  const path = join(PICTURES, `${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.png`);
  await page.screenshot({ path });
  return path;
}
