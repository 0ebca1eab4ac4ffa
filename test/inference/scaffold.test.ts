import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import type { Topology } from '../../src/model/topology.ts';
import { walkSteps } from '../../src/model/topology.ts';
import { type Label, score, scoreFacts } from '../corpus/score.mjs';
import { runScaffoldCli } from '../scaffold/real-cli.ts';

const labelsFolder = join(import.meta.dirname, '../corpus/scaffold-labels');
const labels = readdirSync(labelsFolder)
  .filter((it) => it.endsWith('.json'))
  .map((it) => JSON.parse(readFileSync(join(labelsFolder, it), 'utf8')) as Label & { args: string[] });

/** Generates a project below `parent`. Exit 0 alone proves nothing: the folder must exist. */
async function generate(args: readonly string[], parent: string): Promise<string> {
  const { code, output } = await runScaffoldCli(args, parent);
  const [made] = readdirSync(parent);
  if (code !== 0 || !made || !output.includes('Project generated successfully')) throw new Error(`The scaffold CLI made nothing (exit ${code}): ${output.slice(-300)}`);
  return join(parent, made);
}

describe('projects as the scaffold CLI generates them', () => {
  const parents: string[] = [];
  const topologies = new Map<string, Topology>();
  beforeAll(async () => {
    for (const label of labels) {
      const parent = mkdtempSync(join(tmpdir(), 'faultline-scaffold-'));
      parents.push(parent);
      topologies.set(label.name, (await infer(nodeWorkspace(await generate(label.args, parent)))).topology);
    }
  });
  afterAll(() => {
    for (const it of parents) rmSync(it, { recursive: true, force: true });
  });

  const stepsOf = (name: string, endpoint: string): string[] => {
    const found: string[] = [];
    const it = topologies.get(`scaffold-${name}`)?.endpoints.find((e) => e.id === endpoint);
    walkSteps(it?.steps ?? [], (step, enclosing) => {
      if (step.kind !== 'compute') found.push(`${enclosing.length > 0 ? `${enclosing.map((e) => e.kind).join(' ')} > ` : ''}${'label' in step ? step.label : step.kind}`);
    });
    return found;
  };

  it('has seven labels', () => expect(labels).toHaveLength(7));

  it.each(labels.map((it) => [it.name, it] as const))('%s', (name, label) => {
    const topology = topologies.get(name) as Topology;
    const { nodeF1, edgeF1, kindAccuracy, edgeKindAccuracy, missedNodes, wrongNodes, missedEdges, wrongEdges } = score(label, topology);
    const { factRecall, missedFacts, wrongFacts } = scoreFacts(label, topology);
    expect({ missedNodes, wrongNodes, missedEdges, wrongEdges, missedFacts, wrongFacts }).toEqual({
      missedNodes: [],
      wrongNodes: [],
      missedEdges: [],
      wrongEdges: [],
      missedFacts: [],
      wrongFacts: [],
    });
    expect({ nodeF1, edgeF1, factRecall, kindAccuracy, edgeKindAccuracy }).toEqual({ nodeF1: 1, edgeF1: 1, factRecall: 1, kindAccuracy: 1, edgeKindAccuracy: 1 });
    expect(topology.problems).toEqual([]);
  });

  it.each([
    ['seed_gwNo', 'app GET /api/users', ['get users:all', 'cache > User.findAll', 'cache > set users:all']],
    ['seed_gwNo', 'app POST /api/users', ['User.create', 'del users:all']],
    ['v10_js_clean_rest_pg_redis_tfazure_std', 'app GET /api/users/:id', ['get user:*', 'cache > User.findByPk', 'cache > set user:*']],
    ['v04_js_mvc_kafka_mongo_none', 'app POST /api/users', ['User.create', 'publish to user-topic']],
    ['v07_ts_mvc_bull_pg_nginx_res', 'email-queue-worker consumes email-queue', ['wait 2000 ms']],
  ])('%s: %s does what its code does', (name, endpoint, expected) => expect(stepsOf(name, endpoint)).toEqual(expected));

  it('a queue that only the health route fills is not on the write path', () => {
    const topology = topologies.get('scaffold-seed_gwNo') as Topology;
    const publishing = topology.endpoints.filter((it) => it.steps.some((step) => step.kind === 'publish'));
    expect(publishing.map((it) => [it.id, it.role])).toEqual([['app POST /health/test-job', 'excluded']]);
  });

  it('rate limits count where they are mounted, not where they are a dependency', () => {
    const limitersOf = (name: string) => topologies.get(`scaffold-${name}`)?.rateLimiters.map((it) => it.component);
    expect(limitersOf('seed_gwNo')).toEqual([]);
    expect(limitersOf('v01_rest_pg_plain')).toEqual(['app']);
    expect(limitersOf('v07_ts_mvc_bull_pg_nginx_res')).toEqual(['app', 'nginx']);
  });

  it('an ecosystem file that nothing starts does not decide the number of processes', () => {
    for (const it of topologies.values()) expect(it.components.find((c) => c.id === 'app')?.processes).toMatchObject({ value: 1, basis: 'libraryDefault' });
  });
});
