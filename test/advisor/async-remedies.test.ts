import { describe, expect, it } from 'vitest';
import { advise } from '../../src/advisor/index.ts';
import { applyChange } from '../../src/model/change.ts';
import { known } from '../../src/model/known.ts';
import type { Topology } from '../../src/model/topology.ts';
import { assess, breaksAt, playJobOutage } from '../../src/simulator/index.ts';
import { slowed } from '../../src/advisor/strains.ts';
import { signUp, slowReads, tried } from '../rules/cases-async.ts';
import { STEADY } from '../rules/cases.ts';
import { hold, shopOf } from '../rules/topologies.ts';

const found = (rule: string, topology: Topology) => {
  const finding = advise(topology, STEADY, assess(topology, STEADY, { ladder: false })).findings.find((it) => it.rule === rule);
  const remedy = finding?.remedies.find((it) => it.id.startsWith(`${rule}/`));
  if (!finding || !remedy?.change) throw new Error(`${rule} proposes nothing that helps`);
  return { finding, remedy, after: applyChange(topology, remedy.change) };
};
const ms = (value: number) => known(value, 'ms', 'measured');
const replicas = (topology: Topology, count: number): Topology => ({
  ...topology,
  components: topology.components.map((it) => (it.id === 'api' ? { ...it, replicas: known(count, 'replicas', 'declared') } : it)),
});

describe('blocking-work-in-request: the sign-up answers sooner, most of all while mail is slow', () => {
  it.each<[string, Topology]>([
    ['50 ms and a mail of 200 ms', signUp({ serviceMs: ms(200) })],
    ['a quick mail server', signUp({ serviceMs: ms(20) })],
    ['three replicas, a slow one', replicas(signUp({ serviceMs: ms(800) }), 3)],
  ])('%s', (_says, topology) => {
    const { finding, remedy, after } = found('blocking-work-in-request', topology);
    const at = { ...STEADY, targetPerSecond: 100 };
    const p95 = (it: Topology) =>
      assess(slowed(it, 'smtp', 10), at, { ladder: false, ranges: false, breakEven: false }).endpoints.find((e) => e.id === 'api POST /signup')!.latencyMs!.p95;
    expect(p95(after)).toBeLessThan(p95(topology) / 2);
    expect(remedy.title).toMatch(
      /^Enqueue a mail with BullMQ and answer at once: p95 of POST \/signup [\d.]+ m?s → [\d.]+ ms, and .+ → .+ while smtp is 10× slower · a failure is seen by the worker/,
    );
    expect(finding.severity).toBe('information');
  });
});

describe('missing-retry-backoff: an outage of ten seconds loses no job', () => {
  it.each<[string, Topology]>([
    ['one attempt', tried({})],
    ['three in the same second', tried({ attempts: known(3, 'count', 'declared') })],
    ['two replicas', replicas(tried({}), 2)],
  ])('%s', (_says, topology) => {
    const { remedy, after } = found('missing-retry-backoff', topology);
    const lost = (it: Topology) => playJobOutage(it, { ...STEADY, targetPerSecond: 20 }, 'emails')!.lost;
    expect(lost(topology)).toBeGreaterThan(10);
    expect(lost(after)).toBe(0);
    expect(remedy.title).toBe(
      'Try jobs 5 times, 1 s apart and then twice as long each time: 100% → 0% of the jobs lost when what they need is down for 10 s · a job may be done twice: its work must bear that',
    );
  });
});

describe('uncached-hot-read: the database carries more', () => {
  it.each<[string, Topology]>([
    ['two cores', shopOf(slowReads)],
    ['three replicas', replicas(shopOf(slowReads), 3)],
    ['slower reads', shopOf({ ...slowReads, readMs: hold(60) })],
  ])('%s', (_says, topology) => {
    const { finding, after } = found('uncached-hot-read', topology);
    expect(breaksAt(after, STEADY) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(breaksAt(topology, STEADY)! * 1.3);
    expect(finding.severity).toBe('warning');
  });
});
