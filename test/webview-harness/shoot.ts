// Pictures of the panel for looking at: node test/webview-harness/shoot.ts <folder> [name…]
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createStand, type Stage } from './page.ts';
import { manyServices, measuredReportOf, reportOf, SCENARIO, SPIKE, shopTopology } from './shop.ts';
import { mermaidOf } from '../../src/diagram/index.ts';

const [folder = 'dist/pictures', ...names] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const stand = await createStand();
const shop = reportOf(shopTopology, SCENARIO);
const insertQueue = async ({ page }: Stage): Promise<void> => {
  await page.locator('.react-flow__edge[data-id="api→db"]').focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-insert="bullmq"]').click();
  await page.waitForTimeout(900);
};
const tab = (name: string) => async (it: Stage) => {
  await it.page.getByRole('tab', { name }).click();
  await it.page.waitForTimeout(200);
};

const outage = async (it: Stage): Promise<void> => {
  await tab('Limits')(it);
  await it.page.getByRole('button', { name: /Play an outage/ }).click();
  await it.page
    .getByText(/comes back by itself|stays down|does not come back/i)
    .first()
    .waitFor({ timeout: 120_000 });
};

const pictures: Record<string, () => Promise<Stage>> = {
  dark: () => stand.open({ report: shop }),
  light: () => stand.open({ report: shop, theme: 'vscode-light' }),
  contrast: () => stand.open({ report: shop, theme: 'vscode-high-contrast' }),
  limits: () => stand.open({ report: shop, theme: 'vscode-light' }).then(after(tab('Limits'))),
  'limits-dark': () => stand.open({ report: shop, height: 1500 }).then(after(tab('Limits'))),
  'limits-contrast': () => stand.open({ report: shop, theme: 'vscode-high-contrast', height: 1500 }).then(after(tab('Limits'))),
  'limits-tall': () => stand.open({ report: shop, theme: 'vscode-light', height: 1500 }).then(after(outage)),
  measured: () => stand.open({ report: measuredReportOf(shopTopology, SCENARIO), theme: 'vscode-light', height: 1700 }).then(after(tab('Limits'))),
  'measured-dark': () => stand.open({ report: measuredReportOf(shopTopology, SCENARIO), height: 1700 }).then(after(tab('Limits'))),
  'measured-contrast': () => stand.open({ report: measuredReportOf(shopTopology, SCENARIO), theme: 'vscode-high-contrast', height: 1700 }).then(after(tab('Limits'))),
  inspect: () => stand.open({ report: shop }).then(after(async (it) => it.page.locator('.react-flow__node[data-id="api"]').click())),
  queue: () => stand.open({ report: shop }).then(after(insertQueue)),
  spike: () => stand.open({ report: reportOf(shopTopology, SPIKE), height: 1100 }).then(after(tab('Limits'))),
  'spike-queue': () => stand.open({ report: reportOf(shopTopology, SPIKE), theme: 'vscode-light' }).then(after(insertQueue)),
  small: () => stand.open({ report: shop, width: 900, height: 600 }),
  narrow: () => stand.open({ report: shop, width: 400, height: 900, theme: 'vscode-light' }),
  many: () => stand.open({ report: reportOf(manyServices(), SCENARIO), width: 1500, height: 950 }),
  empty: () =>
    stand.open({
      snapshot: { status: { kind: 'empty', why: 'No Node.js code was found.', next: 'Open a folder that has a package.json, or a compose file with Node services.' } },
    }),
  analysing: () => stand.open({ snapshot: { status: { kind: 'analysing', done: 41, total: 220 } } }),
  failed: () => stand.open({ snapshot: { status: { kind: 'failed', why: 'The analysis worker stopped: out of memory.' } } }),
  document: () => stand.open({ bundle: 'document', document: mermaidOf(shopTopology, shop.outcome), theme: 'vscode-light' }),
  'document-dark': () => stand.open({ bundle: 'document', document: mermaidOf(shopTopology, shop.outcome) }),
};

for (const [name, open] of Object.entries(pictures)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const stage = await open();
  await stage.page.waitForTimeout(700);
  await stage.page.screenshot({ path: join(folder, `${name}.png`), fullPage: name === 'narrow' });
  console.log(name, [...stage.errors, ...stage.violations].join(' | ') || 'ok');
}
await stand.close();

function after(act: (stage: Stage) => Promise<void>): (stage: Stage) => Promise<Stage> {
  return async (stage) => {
    await stage.page.waitForSelector('.line-label');
    await stage.page.waitForTimeout(400);
    await act(stage);
    return stage;
  };
}
