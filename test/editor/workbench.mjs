// Drives the workbench as a user does: command palette, panels in nested frames, settings.
import { setTimeout as pause } from 'node:timers/promises';

const UP_MS = 60_000;
/** A late repaint may close the palette between two looks at it: then it is asked for again. */
const SOON = { timeout: 3000 };

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
  await eventually(`the palette offers “${title}”`, async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    const input = page.locator('.quick-input-widget input').first();
    await input.waitFor({ state: 'visible', ...SOON });
    await input.fill(`>${title}`, SOON);
    const row = page.locator('.quick-input-widget .monaco-list-row', { hasText: title }).first();
    await row.waitFor({ state: 'visible', ...SOON });
    await row.click(SOON);
    return true;
  });
}

/** The names the palette offers for a text. */
export async function paletteOffers(page, text) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().fill(`>${text}`);
  await pause(700);
  const names = await page.locator('.quick-input-widget .monaco-list-row .label-name').allTextContents();
  await page.keyboard.press('Escape');
  return names;
}

/** Waits for the quick input that a command opens, types, and accepts. */
export async function answerInput(page, text, { timeout = 30_000 } = {}) {
  const input = page.locator('.quick-input-widget input').first();
  await input.waitFor({ state: 'visible', timeout });
  await input.fill(text, { timeout });
  await page.keyboard.press('Enter');
}

/** The frame in which a webview's own page lives: VS Code nests it two deep. */
export function webviewFrame(page, title, timeoutMs = 30_000) {
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
  await eventually(`${name} opens`, async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    const input = page.locator('.quick-input-widget input').first();
    await input.fill(name, SOON);
    const row = page.locator('.quick-input-widget .monaco-list-row', { hasText: name.split('/').at(-1) }).first();
    await row.waitFor({ state: 'visible', timeout: 4000 });
    await row.click(SOON);
    await page.locator(`.monaco-editor[data-uri$="${name}"] .view-line`).first().waitFor({ timeout: 5000 });
    return true;
  });
}

/** The visible text of a file's editor: only lines on the screen. */
export async function editorText(page, name) {
  const lines = await page
    .locator(`.monaco-editor[data-uri$="${name}"] .view-line`)
    .evaluateAll((rows) => rows.map((row) => ({ top: Number.parseFloat(row.style.top), text: row.textContent ?? '' })).sort((a, b) => a.top - b.top));
  return lines.map((it) => it.text.replaceAll('\u00a0', ' ')).join('\n');
}

/** Puts the caret on a 1-based line and column. */
export async function goToLine(page, line, column) {
  await page.keyboard.press('Control+G');
  const input = page.locator('.quick-input-widget input').first();
  await input.waitFor({ state: 'visible' });
  await input.fill(`:${line}:${column}`);
  await page.keyboard.press('Enter');
  await page.locator('.quick-input-widget').first().waitFor({ state: 'hidden' });
}

/** Tries until the answer is truthy and returns it; errors on the way count as no. */
export async function eventually(what, attempt, timeoutMs = 30_000) {
  const until = Date.now() + timeoutMs;
  let last = null;
  do {
    try {
      const answer = await attempt();
      if (answer) return answer;
      last = null;
    } catch (error) {
      last = error;
    }
    await pause(150);
  } while (Date.now() < until);
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}${last ? ` (${String(last.message).split('\n')[0]})` : ''}`);
}
