import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { valueIn } from '../../src/model/known.ts';
import { type Endpoint, type Topology, walkSteps } from '../../src/model/topology.ts';
import { applied, type Files, lineOf, memoryWorkspace } from './bench.ts';

const root = join(import.meta.dirname, '../fixtures/shop');
const shop: Files = Object.fromEntries(globSync(['**/*'], { cwd: root, dot: true }).map((it) => [it, readFileSync(join(root, it), 'utf8')]));

/** What the workspace says about itself after a recipe. */
async function reread(recipe: string, args: Readonly<Record<string, string | number>>): Promise<Topology> {
  const files = await applied(recipe, args, shop);
  if ('cannot' in files) throw new Error(String(files.cannot));
  return (await infer(memoryWorkspace(files as Files))).topology;
}

function stepsOf(topology: Topology, endpoint: (it: Endpoint) => boolean): string[] {
  const found: string[] = [];
  for (const it of topology.endpoints.filter(endpoint))
    walkSteps(it.steps, (step) => {
      if (step.kind === 'query' && step.operation !== 'other') found.push(`${step.operation} ${step.target}`);
      if (step.kind === 'publish') found.push(`publish ${step.channel}`);
      if (step.kind === 'cache') found.push(`cache ${step.operation} ${step.target}`);
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
});
