// The panel in VS Code's four kinds of theme: legible, nothing clipped, nothing over something else.
import assert from 'node:assert/strict';
import { clippedTexts, faintTexts, overlappingBoxes } from './legible.mjs';
import { answerInput, eventually, runCommand, webviewFrame } from './workbench.mjs';

const THEMES = [
  { label: 'Dark Modern', kind: 'vscode-dark' },
  { label: 'Light Modern', kind: 'vscode-light' },
  { label: 'Dark High Contrast', kind: 'vscode-high-contrast' },
  { label: 'Light High Contrast', kind: 'vscode-high-contrast-light' },
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
for (const { label, kind } of THEMES)
  steps[`${label}: no text clipped, no boxes over each other, contrast at least 4.5:1`] = async ({ page, picture }) => {
    await runCommand(page, 'Preferences: Color Theme');
    await answerInput(page, label);
    const frame = await webviewFrame(page, 'Faultline Topology');
    await eventually(`the panel has ${label}`, () => frame.evaluate((name) => document.body.classList.contains(name), kind));
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
    await picture(`panel ${label}`);
    assert.deepEqual(faults, [], faults.join('\n'));
  };
steps['no content security policy is broken'] = async ({ violations }) => {
  assert.deepEqual(await violations.all(), []);
};

export default { title: 'themes', workspace: 'shop', steps };
