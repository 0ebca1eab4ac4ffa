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
const growingBy = (step: Step): Topology => {
  const topology = shopOf();
  return { ...topology, endpoints: topology.endpoints.map((it, index) => (index === 0 ? { ...it, steps: [...it.steps, step] } : it)) };
};

describe('unbounded-cache: the heap of a day stays small', () => {
  it.each<[string, Topology]>([
    ['1 KB for each fifth request', growingBy(keeping(1000, 0.2))],
    ['4 KB for each', growingBy(keeping(4000, 1))],
    ['four processes share the requests', scaled(growingBy(keeping(1000, 0.5)), 4)],
  ])('%s', (_says, topology) => expect(remedied('unbounded-cache', topology)).toMatch(/^Hold at most 10,000 entries: .+ → .+ of heap after 24 h at the target/));
});

describe('unbounded-cache: a warning where a week at the target fills a gigabyte', () => {
  /** Its processes give way elsewhere: 20 requests a second are more than it carries. */
  const small = (it: Topology): Topology => ({
    ...it,
    endpoints: it.endpoints.map((one) => ({ ...one, steps: one.steps.map((step) => (step.kind === 'compute' ? { ...step, ms: known(100, 'ms', 'measured') } : step)) })),
  });
  it.each<[says: string, topology: Topology, severity: string]>([
    // 16 reads/s × 604,800 s × 1 KB ≈ 10 GB
    ['1 KB of each read, and the target is not carried', small(growingBy(keeping(1000, 1))), 'warning'],
    ['50 bytes of each read: half a gigabyte', small(growingBy(keeping(50, 1))), 'information'],
    ['1 KB of each read, and the target is carried', growingBy(keeping(1000, 1)), 'information'],
  ])('%s', (_says, topology, severity) => {
    const { findings } = advise(topology, SCENARIO, assess(topology, SCENARIO, POINT));
    expect(findings.filter((it) => it.rule === 'unbounded-cache').map((it) => it.severity)).toEqual([severity]);
  });
});

describe('missing-http-caching: fewer requests reach the service', () => {
  const open = (it: Topology): Topology => ({ ...it, endpoints: it.endpoints.map((one) => ({ ...one, answer: { kept: false, asksWho: false } })) });
  it.each<[string, Topology]>([
    ['one process', open(shopOf())],
    ['four processes', open(scaled(shopOf(), 4))],
    ['slow reads', open(shopOf({ readMs: hold(60) }))],
  ])('%s', (_says, topology) => expect(remedied('missing-http-caching', topology)).toMatch(/: (\d+) → (\d+(\.\d)?) req\/s reach the service · answers up to 60 s old/));
});
