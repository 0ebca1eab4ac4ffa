import { describe, expect, it } from 'vitest';
import { infer } from '../../src/inference/infer.ts';
import { scenarioOf } from '../../src/inference/project.ts';
import { importInto } from '../../src/measuring.ts';
import { measuredFarBelow, measuringLoad } from '../../src/model/measuring-load.ts';
import { importText } from '../../src/measurements/import-text.ts';
import { readMeasurements } from '../../src/measurements/read-measurements.ts';
import { recipesFor } from '../../src/measurements/recipe.ts';
import { recipesText } from '../../src/measurements/recipe-text.ts';
import { usesPerSecond } from '../../src/model/uses.ts';
import { withoutContention } from '../../src/measurements/without-contention.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { assess } from '../../src/simulator/index.ts';
import { memoryWorkspace, service } from '../inference/memory-workspace.ts';

const code = service(
  { express: '4', pg: '8' },
  {
    'src/index.js': `const express = require('express'); const { Pool } = require('pg'); const pool = new Pool({ host: 'db' }); const app = express();
app.get('/orders', async (q, s) => s.json(await pool.query('SELECT * FROM orders')));
app.post('/orders', async (q, s) => { for (const it of [1, 2, 3]) await pool.query('INSERT INTO items (a) VALUES ($1)', [it]); s.json(1); });
app.listen(1);`,
  },
);
const workspaceWith = (project: object) => memoryWorkspace({ ...code, 'faultline.json': JSON.stringify({ mix: { 'GET /orders': 9, 'POST /orders': 1 }, ...project }) });
const answered = async (project: object) => {
  const { topology, project: read } = await infer(workspaceWith(project));
  return { topology, outcome: assess(topology, scenarioOf(read, topology)) };
};
const outcomeWith = (targetPerSecond: number, low: number | null, value: number | null = low): Outcome =>
  ({ targetPerSecond, saturatesAtPerSecond: { low, value, high: value }, silentBecause: null }) as unknown as Outcome;

describe('the time without contention', () => {
  it.each<[string, number, number, number, number]>([
    // One core that is shared by n at once is at work n ÷ (1 + n) of the time.
    ['one core, as much at work as idle', 10, 1, 1, 5],
    ['one core, 9 at once', 30, 9, 1, 3],
    // M/M/2: 2ρ ÷ (1 − ρ²) at ρ = ½ is 4/3, and each takes 1 ÷ (1 − ρ²) times as long.
    ['two cores, half at work', 4, 4 / 3, 2, 3],
    ['many cores, few at once', 5, 0.5, 32, 5],
    ['nothing told of others', 5, 0, 1, 5],
    ['cores that nobody knows', 5, 3, 0, 5],
  ])('%s', (_name, meanMs, atOnce, cores, expected) => expect(withoutContention(meanMs, atOnce, cores)).toBeCloseTo(expected, 3));

  it('is never shorter than what the cores must have spent', () => {
    for (const cores of [1, 2, 8, 32])
      for (const atOnce of [0.1, 1, 5, 50, 500]) {
        const alone = withoutContention(10, atOnce, cores);
        expect(alone).toBeLessThanOrEqual(10);
        // Statements a second by Little's law, times the work of each: below all cores.
        expect((atOnce / 10) * alone).toBeLessThanOrEqual(cores);
      }
  });
});

describe('the load under which to measure', () => {
  it.each<[string, Outcome, number | null, string]>([
    ['below where it may give way', outcomeWith(1000, 100, 400), 70, 'at which it may give way'],
    ['below the target where that is less', outcomeWith(50, 100, 400), 35, 'that it is asked to carry'],
    ['nothing gives way', outcomeWith(200, null, null), 140, 'that it is asked to carry'],
    ['no load', outcomeWith(0, 10), null, ''],
  ])('%s', (_name, outcome, expected, why) => {
    const load = measuringLoad(outcome);
    expect(load?.requestsPerSecond ?? null).toBe(expected);
    if (load) expect(load.why).toContain(why);
  });

  it('counts a use for each request that comes to it: rounds of loops, shares of routes', async () => {
    const { topology, outcome } = await answered({ target: { requestsPerSecond: 100 } });
    const uses = usesPerSecond(topology, outcome);
    expect(uses.get('hold db SELECT orders')).toBeCloseTo(90, 6);
    expect(uses.get('hold db INSERT items')).toBeCloseTo(30, 6);
    expect(uses.get('compute request handling in app')).toBeCloseTo(100, 6);
  });

  it('stands in the recipe of what depends on it, and in no other', async () => {
    const { topology, outcome } = await answered({ target: { requestsPerSecond: 100 } });
    const decidedBy = ['hold db SELECT orders', 'parallelism db'].map((input) => ({
      input,
      label: input,
      basis: 'assumed' as const,
      low: 1,
      high: 30,
      unit: 'ms' as const,
      places: [],
    }));
    const [hold, cores] = recipesFor({ topology, outcome: { ...outcome, decidedBy, breakEven: [] } });
    expect(hold?.under?.perSecond).toBeCloseTo((hold?.under?.requestsPerSecond ?? 0) * 0.9, 6);
    expect(cores?.under).toBeUndefined();
    expect(recipesText(hold ? [hold] : [], '')).toMatch(/Measure it while the system carries about [\d.]+ requests a second \([\d.]+ of these\), seven tenths of/);
  });
});

describe('what was measured far below the load that it decides', () => {
  it.each<[string, object, boolean]>([
    ['at 2/s', { perSecond: 2 }, true],
    ['at 80/s', { perSecond: 80 }, false],
    ['nobody knows at what', {}, false],
  ])('%s', async (_name, more, isFar) => {
    const { topology, outcome } = await answered({ target: { requestsPerSecond: 100 }, measurements: [{ input: 'db SELECT orders', value: 0.1, ...more }] });
    expect(measuredFarBelow(topology, outcome).map((it) => it.input.id)).toEqual(isFar ? ['hold db SELECT orders'] : []);
  });

  it('an import carries the load, takes the contention out with the cores that come with it, and says so', async () => {
    const csv = 'query,calls,mean_active_time,measured_seconds,running_at_once\n"SELECT * FROM orders",600,10,60,1\n';
    const cores = '{"faultline":"parallelism db","value":1,"unit":"cores"}\n';
    const given = [csv, cores].map((text, at) => ({ name: `file${at}`, text, modifiedAt: '2026-11-02' }));
    const { measurements, farBelow, few } = await importInto(workspaceWith({ target: { requestsPerSecond: 100 }, measurements: [{ input: 'roundTripMs', value: 0.5 }] }), given);
    expect(measurements.find((it) => it.measurement.input === 'hold db SELECT orders')?.measurement).toMatchObject({
      value: 5.5,
      perSecond: 10,
      source: 'pg_stat_statements, 600 calls; 10 ms at the server with 1 at once on 1 core: 5 ms alone, and a round trip of 0.5 ms',
    });
    expect(farBelow.map((it) => it.input.id)).toEqual(['hold db SELECT orders']);
    expect(few).toEqual([]);
  });
});

it.each<[number, boolean]>([
  [1, true],
  [29, true],
  [30, false],
])('a value that rests on %i calls', async (calls, isFew) => {
  const text = `query,calls,mean_exec_time\n"SELECT * FROM orders",${calls},10\n`;
  const imported = await importInto(workspaceWith({}), [{ name: 'a.csv', text, modifiedAt: '2026-11-02' }]);
  expect(imported.few).toEqual(isFew ? [{ input: 'hold db SELECT orders', label: 'SELECT orders holds a connection', calls }] : []);
  expect(
    importText(imported, false).includes(
      `Rests on few calls: measure more of them before you rely on it\n  SELECT orders holds a connection: ${calls} call${calls === 1 ? '' : 's'}\n`,
    ),
  ).toBe(isFew);
});

it('of lines that a snippet prints, the last from under load counts', () => {
  const line = (value: number, perSecond: number) => `{"faultline":"compute request handling in app","value":${value},"unit":"ms","perSecond":${perSecond}}`;
  expect(readMeasurements([line(9, 40), line(2, 60), line(1, 58), line(5, 3)].join('\n'))).toMatchObject({ samples: [{ value: 1, perSecond: 58 }] });
});
