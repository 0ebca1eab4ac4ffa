import { describe, expect, it } from 'vitest';
import { advise } from '../../src/advisor/index.ts';
import { known } from '../../src/model/known.ts';
import { DEFAULT_SCENARIO } from '../../src/model/scenario.ts';
import { type Component, type ComputeStep, EMPTY_TOPOLOGY, type Topology } from '../../src/model/topology.ts';
import eventLoopBlocking from '../../src/rules/event-loop-blocking.ts';
import { assess } from '../../src/simulator/index.ts';
import { at, component, endpoint } from './topologies.ts';

const work = (label: string, ms: number, more: Partial<ComputeStep> = {}): ComputeStep => ({
  kind: 'compute',
  label: `${label} in api`,
  ms: known(ms, 'ms', 'measured'),
  where: 'eventLoop',
  place: at('src/pages.ts', 4),
  ...more,
});
const RENDERING = work('rendering', 14);
const HYDRATION = work('ORM hydration', 4);
const HASH = work('pbkdf2', 30, { call: { library: 'crypto', name: 'pbkdf2Sync', isInAsync: true } });

const pages = (steps: readonly ComputeStep[], more: Partial<Component> = {}): Topology => ({
  ...EMPTY_TOPOLOGY,
  components: [component('api', 'service', more)],
  endpoints: [endpoint('api', 'GET', '/', steps)],
});

function read(topology: Topology, targetPerSecond: number) {
  const scenario = { ...DEFAULT_SCENARIO, targetPerSecond, targetSetByUser: true };
  const outcome = assess(topology, scenario, { ranges: false, ladder: false, breakEven: false });
  return { scenario, outcome, weak: eventLoopBlocking.find({ topology, scenario, outcome }).filter((it) => it.state === 'weak' && it.facts.kind === 'busy') };
}

describe('an event loop that gives way by no single call', () => {
  it.each<[says: string, topology: Topology, targetPerSecond: number, parts: string | undefined]>([
    ['names what it does most', pages([RENDERING, HYDRATION]), 200, 'rendering 78%, ORM hydration 22%'],
    ['says nothing of what each request costs anyway', pages([work('request handling', 18)]), 200, undefined],
    ['says nothing where the target is carried', pages([RENDERING, HYDRATION]), 20, undefined],
    ['leaves it to the call that is most of it', pages([RENDERING, HASH]), 200, undefined],
    ['says nothing where its work is done in threads', pages([work('rendering', 14, { where: 'threadPool' })]), 2000, undefined],
  ])('%s', (_says, topology, targetPerSecond, parts) => {
    expect(read(topology, targetPerSecond).weak.map((it) => it.facts.parts)).toEqual(parts === undefined ? [] : [parts]);
  });

  it('more processes carry as many times as much, and it accuses nobody', () => {
    const topology = pages([RENDERING, HYDRATION]);
    const { scenario, outcome } = read(topology, 100);
    const found = advise(topology, scenario, outcome).findings.find((it) => it.rule === 'event-loop-blocking');
    expect(found?.severity).toBe('information');
    expect(found?.message).toBe('The event loop of api gives way first: rendering 78%, ORM hydration 22% of what it does');
    expect(found?.remedies.map((it) => it.title)).toEqual([expect.stringMatching(/^Run 3 replicas of api: breaks at .* · 2 more processes, each with its own connections$/)]);
  });
});
