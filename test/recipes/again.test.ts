import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { applyEdits } from '../../src/model/edit.ts';
import type { Change } from '../../src/model/change.ts';
import { known, none, valueIn } from '../../src/model/known.ts';
import { type Endpoint, type Topology, walkSteps } from '../../src/model/topology.ts';
import { recipeCallsOf } from '../../src/recipes/calls.ts';
import { makeAllEdits } from '../../src/recipes/index.ts';
import { applied, expectReadable, type Files, lineOf, memoryWorkspace } from './bench.ts';

const root = join(import.meta.dirname, '../fixtures/shop');
const shop: Files = Object.fromEntries(globSync(['**/*'], { cwd: root, dot: true }).map((it) => [it, readFileSync(join(root, it), 'utf8')]));

/** What the workspace says about itself after a recipe. */
async function reread(recipe: string, args: Readonly<Record<string, string | number>>, before: Files = shop): Promise<Topology> {
  const files = await applied(recipe, args, before);
  if ('cannot' in files) throw new Error(String(files.cannot));
  return (await infer(memoryWorkspace(files as Files))).topology;
}

function stepsOf(topology: Topology, endpoint: (it: Endpoint) => boolean): string[] {
  const found: string[] = [];
  for (const it of topology.endpoints.filter(endpoint))
    walkSteps(it.steps, (step) => {
      if (step.kind === 'query' && step.operation !== 'other') found.push(`${step.operation} ${step.target}`);
      if (step.kind === 'publish') found.push(`publish ${step.channel}`);
      // The loads that run are kept in memory for as long as they do: no cache.
      if (step.kind === 'cache' && !step.keeping) found.push(`cache ${step.operation} ${step.target}`);
    });
  return found;
}

const at = (file: string, mark: string) => ({ file, line: lineOf(shop[file] as string, mark) });
const isRoute = (path: string) => (it: Endpoint) => it.component === 'api' && it.trigger.kind === 'http' && it.trigger.path === path && it.role !== 'excluded';

describe('what a recipe has written is read back as meant', () => {
  it.each([
    ['bullmq', 'redis', 'queue'],
    ['kafka', 'kafka', 'topic'],
  ])('a queue on %s', async (technology, engine, kind) => {
    const topology = await reread('insert-queue', { ...at('src/orders.ts', 'INSERT'), technology, queue: 'api-writes', concurrency: 7 });
    expect(stepsOf(topology, isRoute('/orders'))).toEqual(['publish api-writes']);
    expect(stepsOf(topology, (it) => it.component === 'api-writes-worker')).toEqual(['write db', 'write db']);
    const [channel] = topology.channels;
    expect(channel).toMatchObject({ name: 'api-writes', kind, producers: [{ component: 'api' }], consumers: [{ component: 'api-writes-worker' }] });
    expect(channel?.producers).toHaveLength(1);
    expect(channel?.consumers.map((it) => valueIn(it.concurrency))).toEqual([7]);
    expect(topology.components.find((it) => it.id === channel?.broker)?.engine).toBe(engine);
    expect(topology.problems).toEqual([]);
  });

  it('a cache', async () => {
    const topology = await reread('insert-cache', { ...at('src/routes/products.ts', 'LIMIT 50'), technology: 'redis', key: 'products', ttlSeconds: 30 });
    expect(stepsOf(topology, isRoute('/products'))).toEqual(['cache read redis', 'read db', 'cache write redis']);
    expect(stepsOf(topology, isRoute('/products/:id'))).toEqual(['read db']);
  });

  it.each([
    ['set-pool-max', { value: 25 }, 25, undefined],
    ['set-acquire-timeout', { valueMs: 2000 }, 10, 2000],
  ] as [string, Record<string, number>, number, number | undefined][])('%s', async (recipe, value, max, acquire) => {
    const topology = await reread(recipe, { ...at('src/db.ts', 'new Pool'), library: 'pg', ...value });
    expect(topology.pools.map((it) => [valueIn(it.max), valueIn(it.acquireTimeoutMs)])).toEqual([
      [max, acquire],
      [max, acquire],
    ]);
  });

  it('the held connection', async () => {
    const orders = (shop['src/orders.ts'] as string).replace(
      "    await client.query('COMMIT');\n",
      "    await pool.query('SELECT 1 FROM products WHERE id = $1', [productId]);\n    await client.query('COMMIT');\n",
    );
    const files = { ...shop, 'src/orders.ts': orders };
    const isNested = (topology: Topology) => topology.endpoints.filter(isRoute('/orders')).some((it) => JSON.stringify(it.steps).includes('"usesHeld":false'));
    expect(isNested((await infer(memoryWorkspace(files))).topology)).toBe(true);
    const after = await reread('use-held-connection', { file: 'src/orders.ts', line: lineOf(orders, 'SELECT 1'), client: 'connection' }, files);
    expect(isNested(after)).toBe(false);
  });

  it("the lab's story as one what-if: queue and cache together, each file once, one Redis", async () => {
    const { topology } = await infer(memoryWorkspace(shop));
    const change: Change = {
      id: 'story',
      operations: [
        { kind: 'insertQueue', from: 'api', to: 'db', technology: 'bullmq', concurrency: 9 },
        { kind: 'insertCache', from: 'api', to: 'db', technology: 'redis', hitRatio: known(0.9, 'ratio', 'assumed') },
      ],
    };
    const { calls, cannot } = recipeCallsOf(topology, [change]);
    const made = await makeAllEdits(calls, memoryWorkspace(shop));
    expect([...cannot, ...made.cannot]).toEqual([]);
    const files: Record<string, string> = { ...shop };
    for (const it of made.edits) files[it.file] = it.kind === 'create' ? it.text : applyEdits(it.before, it.edits);
    for (const [file, text] of Object.entries(files)) if (file !== 'faultline.json') expectReadable(file, text);
    expect(made.edits.map((it) => it.file).sort()).toEqual([...new Set(made.edits.map((it) => it.file))].sort());
    const again = (await infer(memoryWorkspace(files))).topology;
    expect(again.components.filter((it) => it.engine === 'redis')).toHaveLength(1);
    expect(stepsOf(again, isRoute('/orders'))).toEqual(['publish api-writes']);
    for (const path of ['/products', '/products/:id']) expect(stepsOf(again, isRoute(path))).toEqual(['cache read redis', 'read db', 'cache write redis']);
    const keys = [...(files['src/routes/products.ts'] as string).matchAll(/cached\(['`]([\w:]+?):?[$'`]/g)].map((it) => it[1]);
    expect(new Set(keys).size).toBe(2);
    // The real topology has what the what-if promised.
    expect(valueIn(again.channels[0]?.consumers[0]?.concurrency ?? none())).toBe(9);
  });
});
