import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';
import { readProject, scenarioOf } from '../../src/inference/project.ts';
import { type Step, type Topology, walkSteps } from '../../src/model/topology.ts';
import { memoryWorkspace, service } from './memory-workspace.ts';

const code = service(
  { express: '4', pg: '8' },
  {
    'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); const app = express(); app.get('/orders', async (q, s) => s.json(await pool.query('SELECT * FROM orders'))); app.listen(1);`,
  },
);
const read = async (project: object): Promise<{ topology: Topology; project: object }> =>
  infer(memoryWorkspace({ ...code, 'faultline.json': `// ours\n${JSON.stringify(project, null, 2)}` }));
const query = (it: Topology): Extract<Step, { kind: 'query' }> | undefined => {
  const found: Extract<Step, { kind: 'query' }>[] = [];
  for (const endpoint of it.endpoints) walkSteps(endpoint.steps, (step) => void (step.kind === 'query' && found.push(step)));
  return found[0];
};

describe('measurements and overrides', () => {
  it.each<[string, object, object]>([
    ['nothing said', {}, { value: 5, basis: 'assumed' }],
    ['full name', { measurements: [{ input: 'hold db SELECT orders', value: 8, source: 'pg_stat_statements' }] }, { value: 8, basis: 'measured', source: 'pg_stat_statements' }],
    ['short form', { measurements: [{ input: 'db SELECT orders', value: 8 }] }, { value: 8, basis: 'measured' }],
    ['seconds', { measurements: [{ input: 'db SELECT orders', value: 0.25, unit: 's' }] }, { value: 250, unit: 'ms' }],
    [
      'an override beats a measurement',
      { overrides: [{ input: 'db SELECT orders', value: 2 }], measurements: [{ input: 'db SELECT orders', value: 8 }] },
      { value: 2, basis: 'override' },
    ],
  ])('%s', async (_name, project, expected) => expect(query((await read(project)).topology)?.holdMs).toMatchObject(expected));

  it('pools and stores have short names too', async () => {
    const { topology } = await read({
      overrides: [
        { input: 'app→db pool', value: 42 },
        { input: 'parallelism db', value: 16, reason: 'measured host' },
      ],
    });
    expect(topology.pools[0]?.max).toMatchObject({ value: 42, basis: 'override' });
    expect(topology.components.find((it) => it.id === 'db')?.parallelism).toMatchObject({ value: 16, basis: 'override', source: 'measured host' });
  });

  it('accepted findings keep their reason and line', async () => {
    const { topology } = await read({ suppressions: [{ rule: 'missing-metrics', reason: 'scraped elsewhere' }] });
    expect(topology.suppressions).toEqual([{ rule: 'missing-metrics', reason: 'scraped elsewhere', file: '', place: { file: 'faultline.json', line: 4 } }]);
  });
});

describe('the question that a project asks', () => {
  it.each<[string, object, object]>([
    ['nothing said', {}, { targetPerSecond: 1000, targetSetByUser: false, mix: null }],
    ['a target', { target: { requestsPerSecond: 300 } }, { targetPerSecond: 300, targetSetByUser: true }],
    ['a spike', { profile: { kind: 'spike', basePerSecond: 50, peakPerSecond: 900, seconds: 60 } }, { targetPerSecond: 900, targetSetByUser: true, profile: { kind: 'spike' } }],
    ['an objective', { objective: { p95Ms: 200 } }, { objective: { p95Ms: 200, errorShare: null, messageAgeSeconds: null } }],
    ['a mix without the service', { mix: { 'GET /orders': 3 } }, { mix: { 'app GET /orders': 3 } }],
    ['clients', { clients: { patienceMs: 3000, count: 40 } }, { clientPatienceMs: 3000, clientCount: 40 }],
  ])('%s', async (_name, project, expected) => {
    const result = await read(project);
    expect(result.topology.problems).toEqual([]);
    expect(scenarioOf(result.project, result.topology)).toMatchObject(expected);
  });
});

it('the schema and the reader know the same fields', () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../src/model/project.schema.json'), 'utf8')) as { properties: Record<string, unknown> };
  const unknownFields = (name: string) => readProject(JSON.stringify({ [name]: null })).problems.filter((it) => it.message.includes('has no field'));
  for (const name of Object.keys(schema.properties)) expect(unknownFields(name), name).toEqual([]);
  expect(Object.keys(schema.properties).sort()).toEqual([
    '$schema',
    'clients',
    'deployment',
    'loadTests',
    'measurements',
    'mix',
    'objective',
    'overrides',
    'profile',
    'suppressions',
    'target',
  ]);
});

it('the sample shop is read whole', async () => {
  const { topology, project } = await infer(nodeWorkspace(join(import.meta.dirname, '../fixtures/shop')));
  expect(topology.problems).toEqual([]);
  expect(topology.endpoints.map((it) => it.id)).toEqual(['api GET /health', 'api GET /products', 'api GET /products/:id', 'api POST /orders', 'worker timer']);
  expect(topology.pools.map((it) => [it.id, it.max, it.place])).toMatchObject([
    ['api→db pool', { value: 10, basis: 'declared', place: { file: 'src/db.ts', line: 5 } }, { file: 'src/db.ts', line: 3 }],
    ['worker→db pool', { value: 10 }, {}],
  ]);
  const order = topology.endpoints.find((it) => it.id === 'api POST /orders');
  expect(order?.steps[1]).toMatchObject({
    kind: 'hold',
    released: 'always',
    steps: [{ label: 'BEGIN' }, { label: 'UPDATE products', usesHeld: true, holdMs: { value: 12, basis: 'measured' } }, { label: 'INSERT orders' }, { label: 'COMMIT' }],
  });
  expect(scenarioOf(project, topology)).toMatchObject({ targetPerSecond: 1000, targetSetByUser: true, profile: { kind: 'spike', seconds: 60 } });
});
