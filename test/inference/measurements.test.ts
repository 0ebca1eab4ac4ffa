import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { scenarioOf } from '../../src/inference/project.ts';
import { troubleIn } from '../../src/inference/project-entries.ts';
import { MEASUREMENT_UNITS } from '../../src/model/measurement.ts';
import { inputsOf } from '../../src/model/inputs.ts';
import { analyse } from '../../src/pipeline.ts';
import { memoryWorkspace, service } from './memory-workspace.ts';

const code = service(
  { express: '4', pg: '8' },
  {
    'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); const app = express();
app.get('/orders', async (q, s) => s.json(await pool.query('SELECT * FROM orders')));
app.post('/orders', async (q, s) => s.json(await pool.query('INSERT INTO orders (a) VALUES ($1)', [1])));
app.listen(1);`,
  },
);
const workspaceWith = (project: object) => memoryWorkspace({ ...code, 'faultline.json': JSON.stringify(project, null, 1) });
const measured = (...measurements: object[]) => infer(workspaceWith({ measurements }));
const good = { input: 'db SELECT orders', value: 4, unit: 'ms', basis: 'measured', source: 'pg_stat_statements', at: '2026-11-02' };

describe('an entry in the wrong form is named at its line, and the others count', () => {
  it.each<[string, unknown, number, string]>([
    ['no object', 4, 2, 'An entry of "measurements" must be an object.'],
    ['no input', { value: 4 }, 2, 'This entry of "measurements" lacks "input".'],
    ['no value', { input: 'db SELECT orders' }, 2, 'This entry of "measurements" lacks "value".'],
    ['a value in words', { ...good, value: '4 ms' }, 4, '"value" must be a number of 0 or more.'],
    ['below zero', { ...good, value: -1 }, 4, '"value" must be a number of 0 or more.'],
    ['an unknown unit', { ...good, unit: 'furlongs' }, 5, '"unit" must be one of ms, s, us,'],
    ['another basis', { ...good, basis: 'assumed' }, 6, '"basis" must be "measured".'],
    ['an odd date', { ...good, at: 'yesterday' }, 8, '"at" must be a date such as 2026-11-02'],
    ['an unknown field', { ...good, colour: 'red' }, 9, 'An entry of "measurements" has no field "colour".'],
    ['an unknown input', { ...good, input: 'db SELECT nothing' }, 2, 'No number of this workspace is called "db SELECT nothing".'],
    ['a unit of something else', { ...good, unit: '%' }, 2, '"db SELECT orders" is counted in ms, not in %.'],
  ])('%s', async (_name, entry, line, message) => {
    const text = JSON.stringify({ measurements: [entry, { ...good, input: 'db INSERT orders', value: 9 }] }, null, 1);
    const { topology } = await infer(memoryWorkspace({ ...code, 'faultline.json': text }));
    expect(topology.problems).toHaveLength(1);
    expect(topology.problems[0]).toMatchObject({ file: 'faultline.json', line: line + 1 });
    expect(topology.problems[0]?.message).toContain(message);
    expect(inputsOf(topology).find((it) => it.id === 'hold db INSERT orders')?.value).toMatchObject({ value: 9, basis: 'measured' });
    expect(inputsOf(topology).find((it) => it.id === 'hold db SELECT orders')?.value).toMatchObject({ basis: 'assumed' });
  });
});

it('keeps what was measured, when, by what, where it is written and what code it is about', async () => {
  const { topology } = await measured(good);
  expect(inputsOf(topology).find((it) => it.id === 'hold db SELECT orders')?.value).toMatchObject({
    value: 4,
    unit: 'ms',
    basis: 'measured',
    source: 'pg_stat_statements',
    at: '2026-11-02',
    writtenAt: { file: 'faultline.json', line: 3 },
    place: { file: 'src/index.js', line: 2 },
  });
});

it.each([
  ['ms', 4],
  ['s', 4000],
  ['us', 0.004],
  ['µs', 0.004],
])('times in %s', async (unit, expected) => {
  const { topology } = await measured({ ...good, unit });
  expect(inputsOf(topology).find((it) => it.id === 'hold db SELECT orders')?.value).toMatchObject({ value: expected, unit: 'ms' });
});

describe('the share of the load', () => {
  const shares = [
    { input: 'share app GET /orders', value: 70, unit: '%' },
    { input: 'share app POST /orders', value: 0.3 },
  ];
  it.each<[string, object, unknown]>([
    ['nothing measured', {}, null],
    ['one of them alone: the mix of the others is as before', { measurements: [{ input: 'share app POST /orders', value: 2, unit: '%' }] }, null],
    ['measured', { measurements: shares }, { 'app GET /orders': 0.7, 'app POST /orders': 0.3 }],
    ['what somebody wrote beats it', { measurements: shares, mix: { 'POST /orders': 1 } }, { 'app POST /orders': 1 }],
  ])('%s', async (_name, written, mix) => {
    const { topology, project } = await infer(workspaceWith(written));
    expect(topology.problems).toEqual([]);
    expect(scenarioOf(project, topology).mix).toEqual(mix);
  });

  it.each<[string, object, Record<string, number>]>([
    ['one measured', { measurements: [{ input: 'share app POST /orders', value: 2, unit: '%' }] }, { 'app GET /orders': 98, 'app POST /orders': 2 }],
    ['one overridden', { overrides: [{ input: 'share app GET /orders', value: 0.25, reason: 'planned' }] }, { 'app GET /orders': 25, 'app POST /orders': 75 }],
    ['what part are reads', { measurements: [{ input: 'readShare', value: 60, unit: '%' }] }, { 'app GET /orders': 60, 'app POST /orders': 40 }],
  ])('of %s, the load of every route follows', async (_name, written, expected) => {
    const { topology, outcome } = await analyse(workspaceWith({ ...written, target: { requestsPerSecond: 100 } }));
    expect(topology.problems).toEqual([]);
    expect(Object.fromEntries(outcome.endpoints.map((it) => [it.id, Math.round(it.offeredPerSecond * 1e6) / 1e6]))).toEqual(expected);
  });
});

describe('the verdict sharpens', () => {
  const verdict = async (...measurements: object[]) => {
    const { outcome, topology } = await analyse(
      workspaceWith({
        target: { requestsPerSecond: 1200 },
        objective: { p95Ms: 500 },
        overrides: [
          { input: 'parallelism db', value: 32 },
          { input: 'compute request handling in app', value: 0.2 },
        ],
        measurements,
      }),
    );
    expect(topology.problems).toEqual([]);
    const { value, low, high } = outcome.breaksAtPerSecond;
    return { verdict: outcome.verdict, spread: (high ?? 0) / (low ?? 1), value: value ?? 0, decided: outcome.decidedBy.map((it) => it.input) };
  };
  const holding = (ms: number) => ['SELECT', 'INSERT'].map((verb) => ({ ...good, input: `db ${verb} orders`, value: ms }));

  it('from undecided to holds or fails, and the range closes', async () => {
    const [guessed, fast, slow] = [await verdict(), await verdict(...holding(4)), await verdict(...holding(40))];
    expect(guessed.verdict).toBe('unknown');
    expect(guessed.decided).toContain('hold db SELECT orders');
    expect(guessed.spread).toBeGreaterThan(2);
    expect(fast).toMatchObject({ verdict: 'holds', decided: [] });
    expect(slow).toMatchObject({ verdict: 'fails', decided: [] });
    for (const it of [fast, slow]) expect(it.spread).toBeLessThan(1.2);
    // Ten connections, each held 40 ms: 250 a second at the most.
    expect(slow.value).toBeLessThan(250);
    expect(slow.value).toBeGreaterThan(200);
  });

  it('one of two: the other still decides', async () => {
    const half = await verdict(holding(4)[0] as object);
    expect(half.decided).not.toContain('hold db SELECT orders');
  });
});

it('schema and reader agree on an entry', () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../src/model/project.schema.json'), 'utf8')) as {
    properties: Record<string, { items?: { required: string[]; properties: Record<string, { enum?: string[] }> } }>;
  };
  for (const list of ['measurements', 'overrides', 'suppressions'] as const) {
    const items = schema.properties[list]?.items;
    const whole = { input: 'a', value: 1, rule: 'r', reason: 'why' };
    const least = Object.fromEntries(Object.entries(whole).filter(([name]) => items?.required.includes(name)));
    expect(troubleIn(list, least)).toBeNull();
    for (const name of items?.required ?? []) expect(troubleIn(list, { ...least, [name]: undefined })?.message).toContain(`lacks "${name}"`);
    for (const name of Object.keys(items?.properties ?? {})) expect(troubleIn(list, { ...least, [name]: null })?.field, `${list} ${name}`).toBe(name);
  }
  expect(schema.properties.measurements?.items?.properties.unit?.enum).toEqual(MEASUREMENT_UNITS);
});
