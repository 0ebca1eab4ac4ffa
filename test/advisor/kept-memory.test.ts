import { expect, it } from 'vitest';
import { heapAfterDay } from '../../src/advisor/kept-memory.ts';
import { known, unknown } from '../../src/model/known.ts';
import { EMPTY_TOPOLOGY, type CacheStep } from '../../src/model/topology.ts';
import { assess } from '../../src/simulator/index.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { at, component, endpoint } from '../rules/topologies.ts';

const keep: CacheStep = {
  kind: 'cache',
  label: 'set seen',
  target: 'api',
  key: 'seen',
  operation: 'write',
  keyVaries: true,
  keeping: { keys: 'endless', upkeep: 'none', newShare: known(1, 'ratio', 'declared'), entrySize: known(1000, 'bytes', 'declared') },
  hitRatio: unknown('a write'),
  ttlMs: unknown('a write'),
  serviceMs: known(0, 'ms', 'declared'),
  onMiss: [],
  awaited: true,
  place: at('src/server.ts', 4),
};

// 10 a second leave 864 MB a day, in as many processes as there are; part of one is one.
it.each([
  [1, 1, 864e6],
  [2, 1, 432e6],
  [2, 3, 144e6],
  [0.5, 1, 864e6],
  [0, 4, 864e6],
])('%s replicas of %s processes', (replicas, processes, bytes) => {
  const api = component('api', 'service', { replicas: known(replicas, 'replicas', 'declared'), processes: known(processes, 'processes', 'declared') });
  const topology = { ...EMPTY_TOPOLOGY, components: [api], endpoints: [endpoint('api', 'GET', '/seen', [keep])] };
  const outcome = assess(
    { ...topology, components: [component('api', 'service')] },
    { ...DEFAULT_SCENARIO, targetPerSecond: 10 },
    { ranges: false, ladder: false, breakEven: false },
  );
  expect(heapAfterDay(topology, outcome, 'api', 'seen')).toBeCloseTo(bytes, -3);
});
