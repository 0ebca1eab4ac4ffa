// npm start [-- --once]: a real editor on the sample workspace, with the panel showing.
import { spawn } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onPath, openBrowser } from './browser.mjs';
import { ROOT, startEmbeddedEditor } from './embedded-editor.mjs';
import { packageVsix } from './package-vsix.mjs';
import { PICTURES } from './runner.mjs';
import { eventually, openWorkbench, webviewFrame } from './workbench.mjs';

const once = process.argv.includes('--once');
const sample = await freshSample();
const desktop = once ? null : await onPath('code');
const hasDisplay = process.platform === 'darwin' || process.platform === 'win32' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

if (desktop && hasDisplay) await openDesktop(desktop);
else await openEmbedded();

/** A copy, so that fixes tried in the editor leave the checkout alone. */
async function freshSample() {
  const folder = join(ROOT, '.cache/sample/shop');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(ROOT, 'test/fixtures/shop'), folder, { recursive: true });
  return folder;
}

async function openDesktop(code) {
  await packageVsix();
  spawn(code, ['--new-window', `--extensionDevelopmentPath=${ROOT}`, sample], { stdio: 'inherit', shell: process.platform === 'win32' });
  console.log(`Opened ${sample} in desktop VS Code with Faultline loaded.`);
}

async function openEmbedded() {
  const editor = await startEmbeddedEditor({ vsix: [await packageVsix()], workspace: sample });
  let browser;
  const end = async (code) => {
    await browser?.close().catch(() => {});
    await editor.stop();
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal).once(signal, () => void end(0));
  try {
    browser = await openBrowser({ headless: once || !hasDisplay });
    const page = await openWorkbench(await browser.newContext({ viewport: { width: 1500, height: 950 } }), editor.url);
    const frame = await webviewFrame(page, 'Faultline Topology');
    await eventually('the topology is drawn', () => frame.locator('[data-box]').count());
    await page.waitForTimeout(1000);
    await mkdir(PICTURES, { recursive: true });
    const picture = join(PICTURES, 'start.png');
    await page.screenshot({ path: picture });
    console.log(`\nThe panel says: ${(await frame.locator('h1').first().textContent())?.trim()}`);
    console.log(`Editor:  ${editor.url}`);
    console.log(`Picture: ${picture}`);
  } catch (error) {
    // Without a browser the address still works in the user's own.
    console.error(error.message);
    console.log(`\nEditor:  ${editor.url}`);
    if (once) return end(1);
  }
  if (once) return end(0);
  if (!hasDisplay) await browser?.close().catch(() => {});
  console.log('Ctrl+C ends it.');
}
