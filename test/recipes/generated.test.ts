import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { applyEdits } from '../../src/model/edit.ts';
import { valueIn } from '../../src/model/known.ts';
import type { Topology } from '../../src/model/topology.ts';
import { makeEdits } from '../../src/recipes/index.ts';
import { type Choices, planOf } from '../../src/scaffold/index.ts';
import { DEFAULT_CHOICES } from '../../src/scaffold/grammar.ts';
import { runScaffoldCli } from '../scaffold/real-cli.ts';
import { expectReadable } from './bench.ts';

/** A project of the real generator, for as long as `use` runs. */
async function generated(choices: Partial<Choices>, use: (folder: string) => Promise<void>): Promise<void> {
  const plan = planOf({ ...DEFAULT_CHOICES, ...choices });
  if ('cannot' in plan) throw new Error(plan.cannot);
  const parent = await mkdtemp(join(tmpdir(), 'recipes-'));
  try {
    const { output } = await runScaffoldCli(plan.args, parent);
    expect(output).toContain('Project generated successfully');
    await use(join(parent, plan.folder));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** Applies one recipe on disk and reads the project again. */
async function rewritten(folder: string, recipe: string, args: Readonly<Record<string, string | number>>): Promise<Topology> {
  const copy = await mkdtemp(join(tmpdir(), 'recipes-'));
  try {
    await cp(folder, copy, { recursive: true });
    const made = await makeEdits({ recipe, args }, nodeWorkspace(copy));
    if ('cannot' in made) throw new Error(made.cannot);
    for (const it of made.edits) {
      const text = it.kind === 'create' ? it.text : applyEdits(await readFile(join(copy, it.file), 'utf8'), it.edits);
      expectReadable(it.file, text);
      await mkdir(dirname(join(copy, it.file)), { recursive: true });
      await writeFile(join(copy, it.file), text);
    }
    return (await infer(nodeWorkspace(copy))).topology;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

const PROJECTS: readonly [name: string, choices: Partial<Choices>][] = [
  ['PostgreSQL in TypeScript', { database: 'PostgreSQL' }],
  ['MySQL in JavaScript, Clean', { database: 'MySQL', language: 'JavaScript', architecture: 'Clean Architecture' }],
  ['MongoDB in TypeScript', { database: 'MongoDB' }],
  ['MongoDB in JavaScript', { database: 'MongoDB', language: 'JavaScript' }],
];

describe('recipes on generated projects', () => {
  it.each(PROJECTS)('pool of %s', async (_name, choices) => {
    await generated(choices, async (folder) => {
      const { topology } = await infer(nodeWorkspace(folder));
      const [pool] = topology.pools.filter((it) => !it.multiplexed);
      if (!pool) throw new Error('the project has no pool');
      const { file, line } = pool.place;
      const sized = await rewritten(folder, 'set-pool-max', { file, line, library: pool.library, value: 33 });
      expect(sized.pools.filter((it) => !it.multiplexed).map((it) => [it.id, valueIn(it.max), it.max.state === 'known' && it.max.basis])).toEqual([[pool.id, 33, 'declared']]);
      const patient = await rewritten(folder, 'set-acquire-timeout', { file, line, library: pool.library, valueMs: 1500 });
      expect(patient.pools.filter((it) => !it.multiplexed).map((it) => valueIn(it.acquireTimeoutMs))).toEqual([1500]);
    });
  });

  it.each([
    ['JavaScript', { language: 'JavaScript' }],
    ['TypeScript', { language: 'TypeScript' }],
  ] as [string, Partial<Choices>][])('worker in %s', async (_name, choices) => {
    await generated({ ...choices, database: 'PostgreSQL', backgroundJobs: true }, async (folder) => {
      const { topology } = await infer(nodeWorkspace(folder));
      const [channel] = topology.channels;
      const consumer = channel?.consumers[0];
      const host = topology.components.find((it) => it.id === consumer?.component)?.runsIn;
      if (!channel || !consumer || !host) throw new Error('the project has no worker in its web process');
      const { file, line } = consumer.place;
      const busy = await rewritten(folder, 'set-worker-concurrency', { file, line, library: channel.library, value: 12 });
      expect(busy.channels.map((it) => it.consumers.map((c) => valueIn(c.concurrency)))).toEqual([[12]]);
      const apart = await rewritten(folder, 'extract-worker', { file, line, worker: 'email worker', service: host, compose: 'docker-compose.yml' });
      const worker = apart.components.find((it) => it.id === apart.channels[0]?.consumers[0]?.component);
      expect(worker).toMatchObject({ id: 'email-worker', kind: 'worker' });
      expect(worker?.runsIn).toBeUndefined();
      expect(apart.channels[0]?.consumers).toHaveLength(1);
    });
  });

  it.each([
    ['PostgreSQL in JavaScript', { database: 'PostgreSQL', language: 'JavaScript', caching: 'Redis' }],
    ['MongoDB in TypeScript', { database: 'MongoDB', caching: 'Redis' }],
  ] as [string, Partial<Choices>][])('the write path of %s: the create is enqueued, with what follows it', async (_name, choices) => {
    await generated(choices, async (folder) => {
      const { topology } = await infer(nodeWorkspace(folder));
      const route = topology.endpoints.find((it) => it.id === 'app POST /api/users');
      const write = route?.steps.find((it) => it.kind === 'query');
      if (!route || !write) throw new Error('the project writes no users');
      const at = { file: route.place.file, line: route.place.line, writeFile: write.place.file, writeLine: write.place.line };
      const after = await rewritten(folder, 'insert-queue', { ...at, technology: 'bullmq', queue: 'app-writes', concurrency: 10 });
      const kindsOf = (id: string) => after.endpoints.filter((it) => it.id.startsWith(id)).map((it) => it.steps.flatMap((step) => (step.kind === 'compute' ? [] : [step.kind])));
      expect(kindsOf('app POST /api/users')).toEqual([['publish']]);
      expect(kindsOf('app-writes-worker consumes')).toEqual([['query', 'cache']]);
    });
  });
});
