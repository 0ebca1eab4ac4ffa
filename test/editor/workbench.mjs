// Drives the workbench as a user does: command palette, panels in nested frames, settings.
import { setTimeout as pause } from 'node:timers/promises';

const UP_MS = 180_000;
/** What one look may take at first, and at most on a slow machine. */
const PATIENCE_MS = 3000;
const MOST_PATIENCE_MS = 24_000;

const quickInput = (page) => page.locator('.quick-input-widget input').first();
const quickRow = (page, text) => page.locator('.quick-input-widget .monaco-list-row', { hasText: text }).first();
/** Commands stand behind this sign; what asks for something else does not begin with it. */
const COMMANDS = '>';

/** Opens the editor's address and waits until the workbench takes commands. */
export async function openWorkbench(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await workbenchIsUp(page);
  return page;
}

/** After a first load or a reload. */
export async function workbenchIsUp(page) {
  await page.locator('.monaco-workbench .part.editor').first().waitFor({ timeout: UP_MS });
  await page.locator('.part.statusbar').first().waitFor({ timeout: UP_MS });
}

/** Runs a command by its title through the palette; fails when the palette does not offer it. */
export async function runCommand(page, title) {
  // A late repaint may close the palette between two looks at it: then it is asked for again.
  await eventually(`the palette offers “${title}”`, async (timeout) => {
    await openPalette(page, `${COMMANDS}${title}`, timeout);
    await quickRow(page, title).click({ timeout });
    return true;
  });
}

/** The names the palette offers for a text, once it has any. */
export async function paletteOffers(page, text, timeout) {
  await openPalette(page, `${COMMANDS}${text}`, timeout);
  await quickRow(page, text).waitFor({ timeout });
  const names = await page.locator('.quick-input-widget .monaco-list-row .label-name').allTextContents();
  await page.keyboard.press('Escape');
  return names;
}

async function openPalette(page, text, timeout) {
  await page.keyboard.press('Escape');
  await page.keyboard.press('F1');
  await quickInput(page).fill(text, { timeout });
}

/** Runs a command that asks for a text, and gives it. The question closes when a late repaint of another part takes the focus: then it is asked for again, as a person would. */
export const answer = (page, command, text) =>
  eventually(`“${command}” takes “${text}”`, async (timeout) => {
    await runCommand(page, command);
    await questionIsOpen(page, timeout);
    await quickInput(page).fill(text, { timeout });
    await quickInput(page).press('Enter', { timeout });
    await quickInput(page).waitFor({ state: 'hidden', timeout });
    return true;
  });

/** Runs a command that shows a list, and takes from it what holds a text. */
export const choose = (page, command, text) =>
  eventually(`“${command}” offers “${text}”`, async (timeout) => {
    await runCommand(page, command);
    await questionIsOpen(page, timeout);
    await quickInput(page).fill(text, { timeout });
    await quickRow(page, text).click({ timeout });
    return true;
  });

/** The palette stands where the question of its command will stand: what is typed too early would choose another command. */
const questionIsOpen = (page, timeout) => eventually('the question is open', async () => !(await quickInput(page).inputValue({ timeout })).startsWith(COMMANDS), timeout);

/** All that the editor has written down in this browser for its next start. */
export const storedState = (page) =>
  page.evaluate(async () => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const values = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) values.push(...(await done(database.transaction(store).objectStore(store).getAll())));
      database.close();
    }
    return values.map((it) => (typeof it === 'string' ? it : JSON.stringify(it))).join('\n');
  });

/** The frame in which a webview's own page lives: VS Code nests it two deep. */
export function webviewFrame(page, title, timeoutMs) {
  return eventually(
    `the webview “${title}” is there`,
    async () => {
      for (const frame of page.frames()) {
        if (frame === page.mainFrame()) continue;
        const found = await frame.evaluate(() => (document.querySelector('#root') ? document.title : null)).catch(() => null);
        if (found === title) return frame;
      }
      return null;
    },
    timeoutMs,
  );
}

/** Opens a file by its path in the folder and waits for its text. */
export async function openFile(page, name) {
  await eventually(`${name} opens`, async (timeout) => {
    await openPalette(page, name, timeout);
    await quickRow(page, name.split('/').at(-1)).click({ timeout });
    await page.locator(`.monaco-editor[data-uri$="${name}"] .view-line`).first().waitFor({ timeout });
    return true;
  });
}

/** Puts the caret on a 1-based line and column of the editor that has the focus. */
export async function goToLine(page, line, column, timeout) {
  await page.keyboard.press('Control+G');
  await quickInput(page).fill(`:${line}:${column}`, { timeout });
  await quickInput(page).press('Enter', { timeout });
  await quickInput(page).waitFor({ state: 'hidden', timeout });
}

/**
 * Tries until the answer is truthy and returns it; errors on the way count as no.
 * An attempt is told how many milliseconds it may wait for one thing. The first are short, so that a lost keystroke is soon repeated;
 * an attempt that they were too short for gives the next one twice as many, so that a slow machine gets there too.
 */
export async function eventually(what, attempt, timeoutMs = 60_000) {
  const until = Date.now() + timeoutMs;
  let patienceMs = PATIENCE_MS;
  let last = null;
  do {
    const began = Date.now();
    try {
      const answer = await attempt(patienceMs);
      if (answer) return answer;
      last = null;
    } catch (error) {
      last = error;
    }
    if (Date.now() - began >= patienceMs) patienceMs = Math.min(2 * patienceMs, MOST_PATIENCE_MS);
    await pause(150);
  } while (Date.now() < until);
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}${last ? ` (${String(last.message).split('\n')[0]})` : ''}`);
}
