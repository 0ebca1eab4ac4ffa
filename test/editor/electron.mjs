// npm run test:electron: the same suite in a desktop VS Code that @vscode/test-electron downloads.
import { ROOT } from './embedded-editor.mjs';
import { runHostSuite } from './host.mjs';
import { run } from './run-command.mjs';

await run(process.execPath, ['esbuild.mjs', '--production'], { cwd: ROOT });
try {
  const { passed, failed } = await runHostSuite({ download: true });
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  console.error(`\nDesktop VS Code could not be downloaded or started: ${error.message}`);
  console.error(
    "This needs a connection to update.code.visualstudio.com and, on Linux, a display (xvfb-run) and Electron's libraries. `npm run test:editor` runs the same suite without them.",
  );
  console.log('\n0 passed, 1 failed');
  process.exitCode = 1;
}
