// One engine: what the panel shows, worked out in the analysis worker or in the webview, is to the last bit what Node works out here.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { applyChange } from '../../src/model/change.ts';
import { digestOf } from '../../src/model/digest.ts';
import { analyse } from '../../src/pipeline.ts';
import { assess } from '../../src/simulator/index.ts';
import { eventually, runCommand, webviewFrame } from './workbench.mjs';

const PANEL = 'Faultline Topology';
const STEADY = { targetPerSecond: 1000, targetSetByUser: true, profile: { kind: 'steady' } };
const shown = (frame, timeout) => frame.locator('main').getAttribute('data-digest', { timeout });

/** Answers to what was asked before draw the panel anew while it is asked. */
const ask = (frame, { perSecond, spike }) =>
  eventually(`${perSecond} req/s, ${spike ? 'in a spike' : 'steady'}`, async (timeout) => {
    const button = frame.getByRole('button', { name: /^Spike/ });
    if ((await button.getAttribute('aria-pressed', { timeout })) !== String(spike)) await button.click({ timeout });
    const box = frame.getByLabel('Requests per second', { exact: true });
    await box.fill(String(perSecond), { timeout });
    await box.press('Enter', { timeout });
    return (await box.inputValue({ timeout })) === String(perSecond) && (await button.getAttribute('aria-pressed', { timeout })) === String(spike);
  });

/** The first answer stands behind the first reading of the workspace and all the advice on it. */
const ANSWER_MS = 180_000;

/** The digests that the panel goes through until it shows this one. */
async function becomes(frame, digest, what) {
  const seen = new Set();
  await eventually(
    what,
    async (timeout) => {
      const now = await shown(frame, timeout);
      seen.add(now);
      return now === digest;
    },
    ANSWER_MS,
  ).catch((error) => assert.fail(`${error.message}: expected ${digest}, the panel showed ${[...seen]}`));
}

export default {
  title: 'the same answer everywhere',
  workspace: 'shop',
  prepare: (workspace) => rm(join(workspace, '.vscode'), { recursive: true }),
  steps: {
    'the analysis worker: a steady load': async ({ page, workspace }) => {
      await runCommand(page, 'Faultline: Show Topology');
      const frame = await webviewFrame(page, PANEL);
      await ask(frame, { perSecond: 1000, spike: false });
      const { outcome } = await analyse(nodeWorkspace(workspace), { scenario: STEADY });
      await becomes(frame, digestOf(outcome), 'the answer of the command line');
    },
    'the webview: a what-if at a steady load and through a spike that is played request by request': async ({ page, workspace }) => {
      const frame = await webviewFrame(page, PANEL);
      const report = await analyse(nodeWorkspace(workspace), { scenario: STEADY });
      const remedy = report.advice.findings.flatMap((it) => it.remedies).find((it) => it.change);
      assert(remedy, 'something is advised that can be tried');
      await eventually('it can be tried', async (timeout) => {
        await frame
          .getByRole('button', { name: `Try it: ${remedy.title}`, exact: true })
          .first()
          .click({ timeout });
        return true;
      });
      const topology = applyChange(report.topology, remedy.change);
      await becomes(frame, digestOf(assess(topology, report.scenario)), 'the answer of the command line to the what-if');
      await ask(frame, { perSecond: 1000, spike: true });
      const profile = { kind: 'spike', basePerSecond: 50, peakPerSecond: 1000, seconds: 60 };
      const played = assess(topology, { ...report.scenario, profile });
      assert(played.spike, 'a spike is played');
      await becomes(frame, digestOf(played), 'the answer of the command line to the spike');
    },
  },
};
