import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { run } from './run-command.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const USUAL_PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];
const FLAGS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** The path of a Chromium or Chrome; CHROME_PATH wins. As root on Debian or Ubuntu it is installed when missing. */
export async function findBrowser(say = console.log) {
  const found = await lookAround();
  if (found) return found;
  const root = process.getuid?.() === 0;
  if (root && (await onPath('apt-get'))) {
    say('Installing Chromium with apt-get…');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], { env });
    const installed = await lookAround();
    if (installed) return installed;
  }
  throw new Error(
    'No Chromium or Chrome was found. Install one (Debian, Ubuntu: `sudo apt-get install chromium`; macOS: `brew install --cask chromium`) or set CHROME_PATH to its executable.',
  );
}

/** A browser of its own; the caller closes it. */
export async function openBrowser({ headless = true } = {}) {
  const executablePath = await findBrowser();
  // As root, which containers usually are, Chromium starts only without its sandbox.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, headless, args: [...sandbox, ...FLAGS] });
}

async function lookAround() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  for (const name of NAMES) {
    const path = await onPath(name);
    if (path) return path;
  }
  for (const path of USUAL_PLACES) if (await isExecutable(path)) return path;
  return null;
}

/** Where a program lies on PATH; null when it does not. */
export async function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, process.platform === 'win32' ? `${name}.cmd` : name);
    if (folder && (await isExecutable(path))) return path;
  }
  return null;
}

const isExecutable = (path) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
