// The panel in VS Code's four kinds of theme: legible, nothing clipped, nothing over something else.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clippedTexts, faintTexts, overlappingBoxes } from './legible.mjs';
import { eventually, runCommand, webviewFrame } from './workbench.mjs';

const THEMES = [
  { id: 'Dark Modern', kind: 'vscode-dark' },
  { id: 'Light Modern', kind: 'vscode-light' },
  { id: 'Default High Contrast', kind: 'vscode-high-contrast' },
  { id: 'Default High Contrast Light', kind: 'vscode-high-contrast-light' },
];
const TABS = ['Advice', 'Limits', 'Inspect', 'What-if'];

const steps = {
  'the panel opens by itself where the setting asks for it': async ({ page, violations }) => {
    const frame = await webviewFrame(page, 'Faultline Topology', 60_000);
    await violations.lookInto(frame);
    await eventually('boxes are drawn', () => frame.locator('[data-box]').count());
    await runCommand(page, 'View: Close Primary Side Bar').catch(() => {});
  },
};
for (const { id, kind } of THEMES)
  steps[`${id}: no text clipped, no boxes over each other, contrast at least 4.5:1`] = async ({ page, editor, picture }) => {
    const path = join(editor.userData, 'User/settings.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), 'workbench.colorTheme': id }));
    const frame = await webviewFrame(page, 'Faultline Topology');
    await eventually(`the panel has ${id}`, () => frame.evaluate((name) => document.body.classList.contains(name), kind));
    await page.waitForTimeout(600);
    const faults = [];
    for (const tab of TABS) {
      await frame
        .getByRole('tab', { name: new RegExp(`^${tab}`) })
        .first()
        .click();
      await page.waitForTimeout(150);
      for (const check of [clippedTexts, overlappingBoxes, faintTexts]) for (const fault of await check(frame)) faults.push(`${tab}: ${fault}`);
    }
    await frame
      .getByRole('tab', { name: /^Advice/ })
      .first()
      .click();
    await picture(`panel ${id}`);
    assert.deepEqual(faults, [], faults.join('\n'));
  };
steps['no content security policy is broken'] = async ({ violations }) => {
  assert.deepEqual(await violations.all(), []);
};

export default { title: 'themes', workspace: 'shop', steps };
