import { describe, expect, it } from 'vitest';
import { applyChange, type Change } from '../../src/model/change.ts';
import { valueIn } from '../../src/model/known.ts';
import { type Topology, walkSteps } from '../../src/model/topology.ts';
import { assess } from '../../src/simulator/index.ts';
import { STEADY } from '../rules/cases.ts';
import { at, endpoint, hold, query, shopOf } from '../rules/topologies.ts';

const place = at('src/stats.ts', 4);
const sums = query('SELECT orders', 'read', hold(80), { place, statement: { table: 'orders', adds: false, where: [], sums: 'whole', limit: 'unknown' } });
const other = query('SELECT orders', 'read', hold(80), { place: at('src/orders.ts', 2) });
const before: Topology = { ...shopOf(), endpoints: [endpoint('api', 'GET', '/stats', [sums]), endpoint('api', 'GET', '/orders', [other])] };
const change = (line = 4): Change => ({ id: 'it', operations: [{ kind: 'readSummary', place: at('src/stats.ts', line), everyMs: 60_000 }] });

function queries(topology: Topology): string[] {
  const found: string[] = [];
  for (const it of topology.endpoints) walkSteps(it.steps, (step) => step.kind === 'query' && found.push(`${it.trigger.kind} ${step.label} ${valueIn(step.holdMs)}`));
  return found;
}

describe('readSummary', () => {
  it('requests read what is ready, the query runs by the clock, one like it elsewhere stays', () => {
    expect(queries(applyChange(before, change()))).toEqual(['http SELECT orders ready 2', 'http SELECT orders 80', 'schedule SELECT orders 80']);
  });

  it('the clock asks of the store what it asks: 80 ms a minute', () => {
    const busy = (topology: Topology): number =>
      assess(topology, { ...STEADY, targetPerSecond: 1e-6 }, { ranges: false, ladder: false, breakEven: false }).stations.find((it) => it.id === 'db')?.utilisation ?? 0;
    expect(busy(applyChange(before, change())) * 16).toBeCloseTo(0.0795 / 60, 4);
  });

  it('nothing at the place: nothing changes', () => expect(queries(applyChange(before, change(9)))).toEqual(queries(before)));
});
