// The panel in VS Code's four kinds of theme: legible, nothing clipped, nothing over something else.
import assert from 'node:assert/strict';
import { clippedTexts, faintTexts, overlappingBoxes } from './legible.mjs';
import { choose, eventually, runCommand, webviewFrame } from './workbench.mjs';

const THEMES = [
  { label: 'Dark Modern', kind: 'vscode-dark' },
  { label: 'Light Modern', kind: 'vscode-light' },
  { label: 'Dark High Contrast', kind: 'vscode-high-contrast' },
  { label: 'Light High Contrast', kind: 'vscode-high-contrast-light' },
];
/** Colours and texts stand by then. */
const SETTLED_MS = 20_000;
const TABS = ['Advice', 'Limits', 'Inspect', 'What-if'];

const steps = {
  'the panel opens by itself where the setting asks for it': async ({ page, violations }) => {
    const frame = await webviewFrame(page, 'Faultline Topology');
    await violations.lookInto(frame);
    await eventually('boxes are drawn', () => frame.locator('[data-box]').count());
    await runCommand(page, 'View: Close Primary Side Bar').catch(() => {});
  },
};
for (const { label, kind } of THEMES)
  steps[`${label}: no text clipped, no boxes over each other, contrast at least 4.5:1`] = async ({ page, picture }) => {
    await choose(page, 'Preferences: Color Theme', label);
    const frame = await webviewFrame(page, 'Faultline Topology');
    await eventually(`the panel has ${label}`, () => frame.evaluate((name) => document.body.classList.contains(name), kind));
    const faults = new Map();
    for (const tab of TABS) {
      // The editor's colours reach the panel one after another, and what a tab shows is drawn when it can be: what is looked at is what it comes to.
      await eventually(
        `${tab} reads well`,
        async (timeout) => {
          const button = frame.getByRole('tab', { name: new RegExp(`^${tab}`) }).first();
          await button.click({ timeout });
          assert.equal(await button.getAttribute('aria-selected', { timeout }), 'true');
          faults.set(tab, (await Promise.all([clippedTexts, overlappingBoxes, faintTexts].map((check) => check(frame)))).flat());
          return faults.get(tab).length === 0;
        },
        SETTLED_MS,
      ).catch(async (error) => {
        await picture(`faults ${label} ${tab}`);
        assert.fail(`${error.message}\n${faults.get(tab)?.join('\n')}`);
      });
    }
    await frame
      .getByRole('tab', { name: /^Advice/ })
      .first()
      .click();
    await picture(`panel ${label}`);
  };
steps['no content security policy is broken'] = async ({ violations }) => {
  assert.deepEqual(await violations.all(), []);
};

export default { title: 'themes', workspace: 'shop', steps };
