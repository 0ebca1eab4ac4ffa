// A folder of more than two thousand source files waits to be read, and is read as soon as somebody asks.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answer, eventually, webviewFrame } from './workbench.mjs';

const MANY = 2100;
const READ_MS = 180_000;

/** Beside the shop's own files so many that only export a number. */
async function prepare(workspace) {
  const folder = join(workspace, 'packages/numbers');
  await mkdir(folder, { recursive: true });
  await Promise.all(Array.from({ length: MANY }, (_, index) => writeFile(join(folder, `n${index}.ts`), `export const n${index} = ${index};\n`)));
}

const boxes = (frame) => frame.locator('[data-box]').count();

const steps = {
  'nothing is read on opening; the panel says why and offers it': async ({ page, picture }) => {
    const frame = await webviewFrame(page, 'Faultline Topology');
    await eventually('the panel says why', async (timeout) => (await frame.locator('.standing h1').first().textContent({ timeout }))?.includes('2,000'));
    await page.waitForTimeout(1500);
    assert.equal(await boxes(frame), 0);
    assert.deepEqual(await frame.locator('.standing button').allTextContents(), ['Read It Now']);
    await picture('large workspace waits');
  },
  'the button reads it, and a load that is set while advice is worked out is answered': async ({ page }) => {
    const frame = await webviewFrame(page, 'Faultline Topology');
    await frame.locator('.standing button').click();
    await eventually('boxes are drawn', () => boxes(frame), READ_MS);
    await answer(page, 'Faultline: Set Target Load', '77');
    await eventually('the panel asks for 77', async (timeout) => (await frame.locator('.headline').first().textContent({ timeout }))?.includes('77'));
  },
};

export default { title: 'a large workspace', workspace: 'shop', prepare, steps };
