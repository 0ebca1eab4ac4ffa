import { describe, expect, it } from 'vitest';
import { advise } from '../../src/advisor/index.ts';
import { applyChange } from '../../src/model/change.ts';
import { known } from '../../src/model/known.ts';
import { mapSteps, type Step, type Topology } from '../../src/model/topology.ts';
import { RULES } from '../../src/rules/index.ts';
import { assess } from '../../src/simulator/index.ts';
import { STEADY } from '../rules/cases.ts';
import { at, hold, queueOf, shopOf } from '../rules/topologies.ts';

const POINT = { ladder: false, ranges: false, breakEven: false, spike: false };
const SCENARIO = { ...STEADY, targetPerSecond: 20 };

/** What a rule says, as a finding or as an item of the list, with its first remedy; the rule is silent after it. */
function remedied(rule: string, topology: Topology): string {
  const advice = advise(topology, SCENARIO, assess(topology, SCENARIO, POINT));
  const said = [...advice.findings, ...(advice.readiness ?? [])].find((it) => it.rule === rule);
  const [remedy] = said?.remedies ?? [];
  if (!remedy?.change) throw new Error(`${rule} proposes nothing that helps`);
  const after = applyChange(topology, remedy.change);
  const still = RULES.find((it) => it.id === rule)?.find({ topology: after, scenario: SCENARIO, outcome: assess(after, SCENARIO, POINT) });
  expect(still?.filter((it) => it.state === 'weak')).toEqual([]);
  return remedy.title;
}

const scaled = (topology: Topology, processes: number): Topology => ({
  ...topology,
  components: topology.components.map((it) => (it.kind === 'service' ? { ...it, processes: known(processes, 'processes', 'declared') } : it)),
});

describe('job-awaited-in-request: the route answers without its job', () => {
  const waiting = (it: Topology, more: object = {}): Topology => ({
    ...it,
    endpoints: it.endpoints.map((one) => ({
      ...one,
      steps: mapSteps(one.steps, (step) => [step.kind === 'publish' ? { ...step, waitsForJob: { timeoutMs: { state: 'none' }, place: at('src/api.ts', 9), ...more } } : step]),
    })),
  });
  const jobs = known(10, 'jobs', 'declared');
  it.each<[string, Topology]>([
    ['a worker of its own', waiting(queueOf({ concurrency: jobs }))],
    ['a worker in the service', waiting(queueOf({ concurrency: jobs, worker: { runsIn: 'api' } }))],
    ['jobs that compute', waiting(queueOf({ concurrency: jobs, jobCpuMs: known(20, 'ms', 'measured') }))],
  ])('%s', (_says, topology) =>
    expect(remedied('job-awaited-in-request', topology)).toMatch(/^Answer 202 .+: p95 of .+ → .+ while each job on .+ is 10× slower · clients ask for the result/),
  );
});

describe('unbounded-cache: the heap of a day stays small', () => {
  const keeping = (size: number, newShare: number): Step => ({
    kind: 'cache',
    label: 'put into a Map in memory',
    target: 'api',
    operation: 'write',
    key: 'src/kept.ts:3 *',
    keyVaries: true,
    ttlMs: { state: 'none' },
    hitRatio: { state: 'unknown', why: 'nothing depends on it' },
    serviceMs: { state: 'none' },
    keeping: { upkeep: 'none', keys: 'endless', newShare: known(newShare, 'ratio', 'assumed'), entrySize: known(size, 'bytes', 'assumed') },
    onMiss: [],
    awaited: true,
    place: at('src/orders.ts', 12),
  });
  const shop = (step: Step): Topology => {
    const topology = shopOf();
    return { ...topology, endpoints: topology.endpoints.map((it, index) => (index === 0 ? { ...it, steps: [...it.steps, step] } : it)) };
  };
  it.each<[string, Topology]>([
    ['1 KB for each fifth request', shop(keeping(1000, 0.2))],
    ['4 KB for each', shop(keeping(4000, 1))],
    ['four processes share the requests', scaled(shop(keeping(1000, 0.5)), 4)],
  ])('%s', (_says, topology) => expect(remedied('unbounded-cache', topology)).toMatch(/^Hold at most 10,000 entries: .+ → .+ of heap after 24 h at the target/));
});

describe('missing-http-caching: fewer requests reach the service', () => {
  const open = (it: Topology): Topology => ({ ...it, endpoints: it.endpoints.map((one) => ({ ...one, answer: { kept: false, asksWho: false } })) });
  it.each<[string, Topology]>([
    ['one process', open(shopOf())],
    ['four processes', open(scaled(shopOf(), 4))],
    ['slow reads', open(shopOf({ readMs: hold(60) }))],
  ])('%s', (_says, topology) => expect(remedied('missing-http-caching', topology)).toMatch(/: (\d+) → (\d+(\.\d)?) req\/s reach the service · answers up to 60 s old/));
});
