import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mermaidOf } from '../../src/diagram/index.ts';
import { EMPTY_TOPOLOGY } from '../../src/model/topology.ts';
import { createStand, type Stage, type Stand } from './page.ts';
import { manyServices, measuredReportOf, reportOf, SCENARIO, SPIKE, shopTopology } from './shop.ts';
import { THEME_NAMES } from './themes.ts';

const shop = reportOf(shopTopology, SCENARIO);
const spike = reportOf(shopTopology, SPIKE);
const measured = measuredReportOf(shopTopology, SPIKE);
let stand: Stand;
let stage: Stage;

beforeAll(async () => {
  stand = await createStand();
});
afterAll(() => stand?.close());
afterEach(() => {
  const { errors, violations } = stage;
  expect({ errors, violations }).toEqual({ errors: [], violations: [] });
});

async function open(options: Parameters<Stand['open']>[0]): Promise<Page> {
  stage = await stand.open(options);
  if (options.report) await framed(stage.page);
  return stage.page;
}

/** Until the picture stands in its frame: before, it is drawn at the origin. */
async function framed(page: Page): Promise<void> {
  await page.waitForSelector('.line-label');
  await page.waitForFunction(`!/^(none|translate\\(0px, 0px\\) scale\\(1\\))$/.test(document.querySelector('.react-flow__viewport').style.transform)`);
}

const TABS = ['Advice', 'Limits', 'Inspect', 'What-if'];
const headline = (page: Page): Promise<string | null> => page.locator('.headline h1').textContent();
const verdict = (page: Page): Promise<string | null> => page.locator('.headline .verdict').textContent();

/** Boxes that share area, texts that stick out of their box or are cut off, and sideways scrolling. */
const faults = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const found = [];
    const boxes = [...document.querySelectorAll('.box')].map((it) => [it.dataset.box, it.getBoundingClientRect()]);
    const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
    boxes.forEach(([name, a], index) => boxes.slice(index + 1).forEach(([other, b]) => { if (meet(a, b)) found.push('boxes meet: ' + name + ', ' + other); }));
    for (const box of document.querySelectorAll('.box')) {
      const outer = box.getBoundingClientRect();
      for (const part of box.querySelectorAll('.box-name, .box-detail, .meter-text')) {
        const range = document.createRange();
        range.selectNodeContents(part);
        for (const it of range.getClientRects())
          if (it.left < outer.left - 1 || it.right > outer.right + 1 || it.top < outer.top - 1 || it.bottom > outer.bottom + 1) found.push('sticks out: ' + part.textContent);
      }
    }
    for (const it of document.querySelectorAll('body *')) {
      if (it.closest('.live, .hidden, svg, .react-flow__a11y-description, [id^=react-flow__]') || it.clientWidth === 0) continue;
      const hasText = [...it.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
      const cuts = getComputedStyle(it).overflowX !== 'visible' && it.tagName !== 'PRE';
      if ((hasText || it.matches('button, .tab-body, .tabs, .toolbar')) && it.scrollWidth > it.clientWidth + 1 && (cuts || it.matches('button'))) found.push('cut off: ' + it.className + ' ' + it.textContent.slice(0, 60));
    }
    for (const it of document.querySelectorAll('input.number'))
      if (it.scrollWidth > it.clientWidth + 1) found.push('number cut off: ' + it.value);
    const page = document.scrollingElement;
    if (page.scrollWidth > page.clientWidth + 1) found.push('page scrolls sideways: ' + page.scrollWidth);
    return found;
  })()`);

/** Of the boxes that the first look is for (who sends load, where it enters, what gives way), those not wholly on the canvas. */
const outOfSight = (page: Page): Promise<string[]> =>
  page.evaluate(`(() => {
    const canvas = document.querySelector('.canvas').getBoundingClientRect();
    return [...document.querySelectorAll('.box.plain, .box.binds')].filter((it) => {
      const box = it.getBoundingClientRect();
      return box.left < canvas.left || box.right > canvas.right || box.top < canvas.top || box.bottom > canvas.bottom;
    }).map((it) => it.dataset.box);
  })()`);

async function contrast(page: Page, part = 'body'): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).include(part).withRules(['color-contrast']).analyze();
  return violations.flatMap((it) => it.nodes.map((node) => `${node.html.slice(0, 120)}: ${node.any[0]?.message}`));
}

describe.each(THEME_NAMES)('in %s', (theme) => {
  it('every text reads well on every tab and beside a selection', async () => {
    const page = await open({ report: measured, theme });
    expect(await contrast(page)).toEqual([]);
    for (const name of TABS.slice(1)) {
      await page.getByRole('tab', { name }).click();
      expect(await contrast(page, '.sidebar'), name).toEqual([]);
    }
    // A selected part dims the others, which still read well.
    await page.locator('.react-flow__node[data-id="api"]').click();
    expect(await page.locator('.box.dimmed').count()).toBeGreaterThan(0);
    expect(await contrast(page)).toEqual([]);
  });

  it('the document reads well', async () => {
    const page = await open({ bundle: 'document', document: mermaidOf(shopTopology, shop.outcome), theme });
    await page.waitForSelector('.drawing svg .node');
    const fills = await page.evaluate(`[...document.querySelectorAll('.drawing .node text, .drawing .edgeLabel text')].map((it) => getComputedStyle(it).fill)`);
    const ground = await page.evaluate(`getComputedStyle(document.body).backgroundColor`);
    expect((fills as string[]).length).toBeGreaterThan(0);
    for (const fill of fills as string[]) expect(ratio(fill, ground as string)).toBeGreaterThan(4.5);
  });
});

it('nothing is cut off and no boxes meet at any size, and the picture follows the size', async () => {
  const page = await open({ report: spike });
  for (const size of [
    { width: 1280, height: 800 },
    { width: 900, height: 600 },
    { width: 450, height: 900 },
    { width: 400, height: 900 },
  ]) {
    const at = `${size.width} × ${size.height}`;
    await page.setViewportSize(size);
    await expect.poll(() => outOfSight(page), { message: at }).toEqual([]);
    for (const name of TABS) {
      await page.getByRole('tab', { name }).click();
      expect(await faults(page), `${at}, ${name}`).toEqual([]);
    }
    await page.locator('.react-flow__edge[data-id="api→db"]').focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-insert="redis"]').click();
    await page.waitForSelector('.box.ghost');
    await expect.poll(() => outOfSight(page), { message: at }).toEqual([]);
    expect(await faults(page), at).toEqual([]);
    await page.keyboard.press('Control+z');
    await page.waitForSelector('.box.ghost', { state: 'detached' });
  }
});

// What is seen counts: cells side by side are apart.
// biome-ignore lint/performance/useDomNodeTextContent: as above
const textOf = (it: Locator): Promise<string> => it.innerText();

it('what was measured stands beside what is predicted, and names what is most likely wrong and what is stale', async () => {
  const page = await open({ report: measured });
  await page.getByRole('tab', { name: 'Limits' }).click();
  const table = page.locator('table', { hasText: 'Measured beside predicted' });
  expect(await textOf(table)).toMatch(
    /k6, 2026-11-20[\s\S]*GET \/products at 120\/s\s+61 ms\s+[\d.]+ ms[\s\S]*\d+% too low\s+(disagrees|within what is assumed)[\s\S]*POST \/orders/,
  );
  const side = page.locator('.sidebar');
  expect(await textOf(side)).toMatch(/Stale: the code that was loaded has changed since\./);
  expect(await textOf(side)).toMatch(/Most likely wrong: SELECT products holds a connection, assumed 1–30 ms; [\d.]+ ms would (fit|come nearest)/);
  expect(await textOf(side)).toMatch(/Measure these again\s+INSERT orders holds a connection · 12 ms on 2026-11-02, before the code was changed/);
  expect(await faults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Measure this: copy how to measure SELECT products holds a connection' }).last().click();
  await expect.poll(() => stage.posted.at(-1)).toMatchObject({ kind: 'measure', input: 'hold db SELECT products' });
  await page.locator('.react-flow__node[data-id="api"]').click();
  expect(await textOf(side)).toMatch(/2026-11-02\s+stale: measured before the code was changed/);
});

describe('what is worked out after the answer', () => {
  it('what one more brings and what slow responses wait for, of all and of the selected part', async () => {
    const page = await open({ report: shop });
    await page.getByRole('tab', { name: 'Limits' }).click();
    const best = page.locator('table.gains tbody tr').first();
    await best.waitFor();
    // One more process brings one more pool; one more connection only itself.
    expect(await textOf(best)).toMatch(/process of api\s+[\d,]+ → [\d,]+ req\/s/);
    const waits = page.getByRole('region', { name: 'What slow responses are made of' });
    await waits.waitFor();
    expect(await textOf(waits)).toMatch(/slowest 1%: [\d.]+ s[\s\S]*% waiting for api→db pool[\s\S]*Queues grow without end here/);
    await page.locator('.react-flow__node[data-id="db"]').click();
    expect(await textOf(page.locator('table.gains tbody'))).toMatch(/core of db/);
    expect(await page.getByText('In the slowest 1% of responses').count()).toBe(0);
    await page.locator('.react-flow__edge[data-id="api→db"]').focus();
    await page.keyboard.press('Enter');
    expect(await textOf(page.locator('table', { hasText: 'In the slowest 1% of responses' }))).toMatch(/POST \/orders\s+\d+%/);
    expect(await faults(page)).toEqual([]);
  });

  it('belongs to the load that is shown: another load, other figures', async () => {
    const page = await open({ report: shop });
    await page.getByRole('tab', { name: 'Limits' }).click();
    const waits = page.getByRole('region', { name: 'What slow responses are made of' });
    const before = await textOf(waits);
    await page.getByLabel('Requests per second', { exact: true }).fill('300');
    await page.getByLabel('Requests per second', { exact: true }).press('Enter');
    await expect.poll(() => textOf(waits)).not.toBe(before);
    await expect.poll(() => textOf(waits)).toMatch(/slowest 1%: [\d.]+ ms[\s\S]*Played request by request: [\d,]+ requests in \d+ s/);
    expect(await textOf(page.locator('table.gains thead'))).toMatch(/p95 at 300\/s/);
  });

  it('an outage is played when asked for, can be stopped, and says whether goodput comes back', async () => {
    const page = await open({ report: shop });
    await page.getByRole('tab', { name: 'Limits' }).click();
    const outage = page.getByRole('region', { name: 'After an outage' });
    const play = outage.getByRole('button', { name: /^Play/ });
    const cancel = outage.getByRole('button', { name: 'Cancel' });
    // Played to its end before the hand is there, it is played again.
    await expect
      .poll(async () => {
        if (await play.isVisible()) await play.click();
        expect(await outage.getByRole('progressbar').count()).toBe(1);
        await cancel.click({ timeout: 5000 });
        return cancel.isVisible();
      })
      .toBe(false);
    await play.waitFor();
    // What was stopped is not heard of again, and the page answers meanwhile.
    await page.waitForTimeout(500);
    expect(await outage.getByRole('progressbar').count()).toBe(0);
    await play.click();
    await outage
      .getByText(/comes back by itself|stays down|does not come back/)
      .first()
      .waitFor({ timeout: 90_000 });
    expect(await textOf(outage)).toMatch(/Answered before\s+[\d,]+\/s[\s\S]*just below where it breaks/);
    expect(await faults(page)).toEqual([]);
    expect(await contrast(page, '.sidebar')).toEqual([]);
  });
});

it('a picture that the user moved stays where he put it', async () => {
  const page = await open({ report: shop });
  const transform = () => page.locator('.react-flow__viewport').getAttribute('style');
  // Looking at a part is no move.
  await page.locator('.react-flow__node[data-id="api"]').click();
  await page.setViewportSize({ width: 1100, height: 700 });
  await expect.poll(() => outOfSight(page)).toEqual([]);
  const first = await transform();
  await page.getByRole('button', { name: 'Zoom Out' }).click();
  await expect.poll(transform).not.toBe(first);
  const own = await transform();
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.getByRole('tab', { name: 'Limits' }).click();
  expect(await transform()).toBe(own);
  await page.getByRole('button', { name: 'Fit View' }).click();
  await expect.poll(transform).not.toBe(own);
  expect(await outOfSight(page)).toEqual([]);
});

it('thirty services with long names neither meet nor stick out', async () => {
  const page = await open({ report: reportOf(manyServices(), SCENARIO), width: 1500, height: 950 });
  expect(await page.locator('.box').count()).toBeGreaterThan(30);
  expect(await faults(page)).toEqual([]);
  expect(await page.locator('.react-flow__minimap').count()).toBe(1);
});

it('a queue is inserted by keyboard alone, changes the verdict, and is undone', async () => {
  const page = await open({ report: shop });
  expect(await verdict(page)).toBe('Fails');
  await page.locator('.react-flow__edge[data-id="api→db"]').focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-insert="bullmq"]').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => verdict(page)).not.toBe('Fails');
  expect(await page.locator('.box.ghost').evaluateAll((all) => all.map((it) => it.getAttribute('data-box')))).toEqual(['api-worker', 'redis']);
  expect(await page.evaluate('document.activeElement.id')).toBe('tab-what-if');
  await page.keyboard.press('Control+z');
  await expect.poll(() => verdict(page)).toBe('Fails');
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(() => verdict(page)).not.toBe('Fails');
});

it('a cache is dropped on an arrow with the mouse', async () => {
  const page = await open({ report: shop });
  await page.locator('[data-part="redis"]').dragTo(page.locator('.canvas'), { targetPosition: await labelAt(page, 'api→db') });
  await page.waitForSelector('.box.ghost[data-box="redis"]');
  expect(await page.locator('.change').textContent()).toContain('Redis cache between api and db');
});

it('a part dropped beside every arrow says where it belongs', async () => {
  const page = await open({ report: shop });
  await page.locator('[data-part="kafka"]').dragTo(page.locator('.canvas'), { targetPosition: { x: 300, y: 8 } });
  expect(await page.locator('.toast').textContent()).toContain('stands on an arrow');
});

it('the sample’s spike fails, and passes with a queue and a cache', async () => {
  const page = await open({ report: spike });
  expect(await headline(page)).toBe('System Failure: Database Overload');
  for (const part of ['bullmq', 'redis']) {
    await page.locator('.react-flow__edge[data-id="api→db"]').focus();
    await page.keyboard.press('Enter');
    await page.locator(`[data-insert="${part}"]`).click();
  }
  await expect.poll(() => page.workers()).toHaveLength(1);
  await expect.poll(() => page.locator('.compare').textContent()).toMatch(/Spike\s*Fails\s*Passes/);
  expect(await headline(page)).toContain('Survives the spike');
});

it('the slider answers at once and tells the host once it rests', async () => {
  const page = await open({ report: shop });
  const slider = page.locator('input[type=range]');
  await slider.focus();
  // All presses within one moment of the page's clock: on a busy machine the slider would rest between two of them.
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 3_600_000);
  for (let step = 0; step < 60; step++) await page.keyboard.press('ArrowLeft');
  await page.clock.runFor(20);
  expect(await verdict(page)).not.toBe('Fails');
  expect(stage.posted.filter((it) => it.kind === 'setScenario')).toEqual([]);
  // A fix that was worked out for another load is not offered.
  expect(await page.locator('.best-fix button').count()).toBe(0);
  await page.clock.resume();
  await expect.poll(() => stage.posted.filter((it) => it.kind === 'setScenario').length).toBe(1);
  expect(stage.posted.at(-1)).toMatchObject({ scenario: { targetPerSecond: 251, targetSetByUser: true } });
});

it('boxes stand still while the load moves', async () => {
  const page = await open({ report: shop });
  const places = () => page.locator('.box, input[type=range]').evaluateAll((all) => all.map((it) => JSON.stringify(it.getBoundingClientRect())));
  const before = await places();
  const slider = page.locator('input[type=range]');
  for (const rate of ['0', '250', '500']) await slider.fill(rate);
  expect(await places()).toEqual(before);
});

it('what the user made survives a reload', async () => {
  const page = await open({ report: shop });
  await page.locator('.react-flow__edge[data-id="api→db"]').focus();
  await page.keyboard.press('Enter');
  await page.locator('[data-insert="kafka"]').click();
  await page.waitForSelector('.box.ghost');
  await page.locator('.react-flow__node[data-id="db"]').click();
  await page.reload();
  await page.waitForSelector('.box.ghost');
  expect(await page.locator('.subject').textContent()).toBe('db');
});

it('places, fixes and the command go to the host', async () => {
  const page = await open({ report: shop });
  await page.locator('.best-fix').getByRole('button', { name: 'Apply' }).click();
  await page.locator('.card .place').first().click();
  await page.getByRole('tab', { name: 'What-if' }).click();
  await page.getByLabel('Package manager').selectOption('pnpm');
  await page.getByRole('button', { name: 'Copy command' }).click();
  await expect.poll(() => stage.posted.length).toBeGreaterThan(3);
  expect(stage.posted).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'applyRemedy', finding: shop.advice.findings[0]?.id }),
      expect.objectContaining({ kind: 'openPlace', place: shop.advice.findings[0]?.place }),
      expect.objectContaining({ kind: 'scaffold', action: 'copy', manager: 'pnpm', changes: [] }),
    ]),
  );
});

it('the load of a day goes with its peak', async () => {
  const page = await open({ report: shop });
  const load = page.getByLabel('Requests per second', { exact: true });
  await page.getByRole('button', { name: '10M a day' }).click();
  await expect.poll(() => load.inputValue()).toBe('463');
  await page.locator('.load-more summary').click();
  await page.getByLabel('A day’s peak, times its average').fill('10');
  await page.keyboard.press('Enter');
  await expect.poll(() => load.inputValue()).toBe('1160');
  expect(await page.getByRole('button', { name: '10M a day' }).getAttribute('aria-pressed')).toBe('true');
});

it('parts of the new project are chosen by hand, and refused with the reason', async () => {
  const page = await open({ report: shop });
  await page.getByRole('tab', { name: 'What-if' }).click();
  const part = (name: string) => page.getByLabel(`${name} of the new project`);
  const items = await page.locator('fieldset.lab option:not([value=""])').count();
  expect(items).toBe(23);
  await part('CI').selectOption('GitLab CI');
  await expect.poll(() => page.locator('.scaffold .command').textContent()).toContain('--ci-provider "GitLab CI"');
  await part('Cache').selectOption('Memory');
  await part('Traffic').selectOption('BullMQ');
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('BullMQ requires Redis');
  expect(await page.getByRole('button', { name: 'Run in terminal' }).isDisabled()).toBe(true);
  await part('Cache').selectOption('Redis');
  await expect.poll(() => page.locator('.scaffold .command').textContent()).toContain('--background-jobs');
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await page.locator('.scaffold').textContent()).toMatch(/The lab would say: stable at 1,000 req\/s, for .+ × 2\.5 for BullMQ × 1\.5 for Redis = [\d,]+\./);
  expect(await contrast(page)).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => page.getByRole('alert').textContent()).toContain('BullMQ requires Redis');
  await page.getByRole('button', { name: 'Redo' }).click();
  await page.waitForSelector('.scaffold .command');
  await page.reload();
  await page.getByRole('tab', { name: 'What-if' }).click();
  expect(await part('Traffic').inputValue()).toBe('BullMQ');
  await expect.poll(() => page.locator('.scaffold .command').textContent()).toContain('--background-jobs');
});

it('an edited value is a what-if', async () => {
  const page = await open({ report: shop });
  await page.locator('.react-flow__node[data-id="api"]').click();
  await page.getByLabel('size of api→db pool').fill('40');
  await page.keyboard.press('Enter');
  await expect.poll(() => verdict(page)).not.toBe('Fails');
  expect(await page.locator('.badge-inline').first().textContent()).toBe('what-if: 1 change');
});

it('empty, failed and under way say so', async () => {
  const page = await open({ snapshot: { status: { kind: 'analysing', done: 3, total: 9 } } });
  let asked = 0;
  for (const [status, text, offered] of [
    [{ kind: 'analysing', done: 3, total: 9 }, 'Reading the workspace…'],
    [{ kind: 'empty', why: 'No folder is open.', next: 'Open one.' }, 'No folder is open.'],
    [{ kind: 'empty', why: 'This folder is large.', next: 'It waits.', isUnread: true }, 'This folder is large.', 'Read It Now'],
    [{ kind: 'failed', why: 'out of memory' }, 'The analysis failed', 'Try Again'],
  ] as const) {
    await stage.send({ kind: 'snapshot', workspace: 'shop', status, report: null, scaffold: null, canRunScaffold: true });
    await expect.poll(() => page.locator('.standing h1').textContent()).toBe(text);
    expect(await contrast(page)).toEqual([]);
    expect(await page.locator('.standing button').allTextContents()).toEqual(offered ? [offered] : []);
    if (!offered) continue;
    await page.locator('.standing button').click();
    await expect.poll(() => stage.posted.filter((it) => it.kind === 'analyse').length).toBe(++asked);
  }
});

it('where nothing was found only that is said, with what could not be read', async () => {
  const nothing = {
    ...shop,
    topology: {
      ...EMPTY_TOPOLOGY,
      problems: [
        { file: '.', line: 1, message: 'Nothing.' },
        { file: 'compose.yml', line: 4, message: 'Not YAML.' },
      ],
    },
  };
  const page = await open({ report: null, snapshot: { report: nothing, status: { kind: 'empty', why: 'Nothing was found.', next: 'Open another folder.' } } });
  await expect.poll(() => page.locator('.standing h1').textContent()).toBe('Nothing was found.');
  expect(await page.locator('.headline, .load, .canvas').count()).toBe(0);
  expect(await textOf(page.locator('#problems'))).toMatch(/compose\.yml:4 Not YAML\.$/);
});

it('in the narrowest column nothing is cut off, with several deployments to choose from', async () => {
  const [deployment] = shopTopology.deployments;
  const names = ['docker/production/docker-compose.yml', 'docker/docker-compose.dev.yml'];
  const deployments = names.map((name) => ({ ...deployment!, id: name, name }));
  const page = await open({ report: { ...shop, topology: { ...shop.topology, deployments } }, width: 270, height: 900 });
  expect(await faults(page)).toEqual([]);
  expect((await page.locator('.deployment .muted').boundingBox())?.height, 'the label stands in one line').toBeLessThan(30);
});

it('each finding leads to the page of its rule', async () => {
  const page = await open({ report: shop });
  await page.getByRole('button', { name: /^About pool-saturation/ }).click();
  await expect.poll(() => stage.posted.filter((it) => it.kind === 'showRule')).toEqual([{ kind: 'showRule', rule: 'pool-saturation' }]);
});

it('the picture is handed out as SVG', async () => {
  await open({ report: shop });
  await stage.send({ kind: 'requestSvg', requestId: 5 });
  await expect.poll(() => stage.posted.find((it) => it.kind === 'svg')).toMatchObject({ requestId: 5, svg: expect.stringContaining('postgres 16') });
});

it('text that is not Mermaid is shown with the reason', async () => {
  const page = await open({ bundle: 'document', document: 'flowchart LR\n  a[[["' });
  await expect.poll(() => page.locator('.drawing').textContent()).toContain('could not be drawn');
  expect(await page.locator('.source').textContent()).toContain('a[[[');
});

async function labelAt(page: Page, edge: string): Promise<{ x: number; y: number }> {
  const [canvas, label] = await Promise.all([page.locator('.canvas').boundingBox(), page.locator(`[data-edge-label="${edge}"]`).boundingBox()]);
  if (!canvas || !label) throw new Error(`no label for ${edge}`);
  return { x: label.x + label.width / 2 - canvas.x, y: label.y + label.height / 2 - canvas.y };
}

/** Contrast of two CSS colours without transparency, as WCAG defines it. */
function ratio(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((it) => Number(it) / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
