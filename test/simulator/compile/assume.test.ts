import { describe, expect, it } from 'vitest';
import { mapInputs } from '../../../src/model/inputs.ts';
import { type Known, known, unknown } from '../../../src/model/known.ts';
import { DEFAULT_SCENARIO } from '../../../src/model/scenario.ts';
import { assume } from '../../../src/simulator/compile/assume.ts';
import type { Topology } from '../../../src/model/topology.ts';

const place = { file: 'src/worker.ts', line: 3 };
const one = (concurrency: Known): Topology => ({
  ...({
    components: [],
    pools: [],
    endpoints: [],
    calls: [],
    rateLimiters: [],
    deployments: [],
    conflicts: [],
    problems: [],
    facts: [],
    suppressions: [],
    network: { roundTripMs: unknown('not measured') },
  } as unknown as Topology),
  channels: [
    {
      id: 'mails',
      name: 'mails',
      broker: 'redis',
      kind: 'queue',
      library: 'bullmq',
      producers: [],
      consumers: [{ component: 'jobs', concurrency, place }],
      attempts: unknown('not asked'),
      partitions: unknown('a queue has none'),
      place,
    },
  ],
});

describe('what stands in for a concurrency', () => {
  it.each<[string, Known, object]>([
    ['that is written and cannot be read: a range, so that nobody is accused of the default', unknown('no file sets it'), { basis: 'assumed', range: [1, 100] }],
    ['that nobody wrote: the default of its library', known(1, 'jobs', 'libraryDefault'), { value: 1, basis: 'libraryDefault' }],
  ])('%s', (_name, given, expected) => {
    const found: Known[] = [];
    mapInputs(assume(one(given), DEFAULT_SCENARIO).topology, (id, _label, _unit, value) => {
      if (id.startsWith('concurrency ')) found.push(value);
      return value;
    });
    expect(found).toMatchObject([expected]);
  });
});
