import { describe, expect, it } from 'vitest';
import { advise } from '../../src/advisor/index.ts';
import type { Finding, Remedy } from '../../src/model/advice.ts';
import { applyChange } from '../../src/model/change.ts';
import { known } from '../../src/model/known.ts';
import type { Scenario } from '../../src/model/scenario.ts';
import type { Step, Topology } from '../../src/model/topology.ts';
import { assess, breaksAt } from '../../src/simulator/index.ts';
import { SPIKE, STEADY } from '../rules/cases.ts';
import { at, endpoint, hold, nestedShop, query, queueOf, shopOf } from '../rules/topologies.ts';

/** What a weak topology's rule proposes first, as the reader gets it. */
function first(rule: string, topology: Topology, scenario: Scenario = STEADY): { finding: Finding; remedy: Remedy } {
  const { findings } = advise(topology, scenario, assess(topology, scenario, { ladder: false }));
  const finding = findings.find((it) => it.rule === rule || it.folded.some((f) => f.rule === rule));
  if (!finding) throw new Error(`${rule} says nothing`);
  const remedy = finding.remedies.find((it) => it.id.startsWith(`${rule}/`));
  if (!remedy) throw new Error(`${rule} proposes nothing that helps`);
  return { finding, remedy };
}

const connections = (value: number) => known(value, 'connections', 'declared');
const cores = (value: number) => known(value, 'cores', 'declared');
const replicas = (value: number) => known(value, 'replicas', 'declared');
const jobs = (value: number) => known(value, 'jobs', 'declared');
const ms = (value: number) => known(value, 'ms', 'measured');

/** Keeps the rule about acquire timeouts, and what it plays, out of the way. */
const PATIENT = { acquireTimeoutMs: ms(2000) };

describe('the first remedy strictly raises the rate at which the system breaks', () => {
  const TABLE: [rule: string, says: string, Topology][] = [
    ['pool-saturation', 'one process, 20 ms', shopOf({ pool: PATIENT, readMs: hold(20), writeMs: hold(20) })],
    ['pool-saturation', 'three replicas, pools of two', shopOf({ pool: PATIENT, max: connections(2), api: { replicas: replicas(3) }, db: { parallelism: cores(32) } })],
    ['pool-saturation', 'assumed holding times', shopOf({ pool: PATIENT, max: connections(5), readMs: hold(5, 'assumed', [1, 30]), writeMs: hold(3, 'assumed', [1, 15]) })],
    ['slow-consumer', 'one job at a time', queueOf()],
    ['slow-consumer', 'two replicas, 50 ms', queueOf({ jobMs: ms(50), worker: { replicas: replicas(2) } })],
    ['slow-consumer', 'a topic with 16 partitions', queueOf({ kafka: true, partitions: known(16, 'count', 'declared') })],
    ['nested-acquire', 'pool of ten', nestedShop()],
    ['nested-acquire', 'pool of four', nestedShop({}, { max: connections(4) })],
    ['nested-acquire', 'two replicas, a slow inner query', nestedShop({ holdMs: hold(12) }, { api: { replicas: replicas(2) } })],
  ];
  it.each(TABLE)('%s: %s', (rule, _says, topology) => {
    const { remedy } = first(rule, topology);
    const before = breaksAt(topology, STEADY)!;
    const after = breaksAt(applyChange(topology, remedy.change!), STEADY) ?? Number.POSITIVE_INFINITY;
    expect(after).toBeGreaterThan(before * 1.02);
    expect(remedy.breaksAtBefore).toBeCloseTo(before, 6);
    expect(remedy.breaksAtAfter ?? Number.POSITIVE_INFINITY).toBeCloseTo(after, 6);
  });
});

describe('where typical values lie beyond the range of the guesses', () => {
  /** Many skewed guesses: their sum is no guess of its sum, and the range ends below what typical values give. */
  const guesses = Array.from({ length: 30 }, (_, index) => query(`SELECT t${index}`, 'read', hold(5, 'assumed', [4, 100]), { place: at('src/list.ts', index + 1) }));
  const rows = query('SELECT orders', 'read', ms(0.1), { place: at('src/rare.ts', 3) });
  const stock = query('SELECT stock', 'read', ms(0.1), { place: at('src/rare.ts', 5), roundsOf: [at('src/rare.ts', 4)] });
  const over = { label: 'SELECT orders', place: at('src/rare.ts', 3) };
  const loop: Step = { kind: 'loop', times: known(12, 'count', 'declared'), concurrent: false, steps: [stock], over, place: at('src/rare.ts', 4) };
  const share = (value: number) => ({ share: known(value, 'ratio', 'measured') });
  const wide: Topology = {
    ...shopOf({ pool: PATIENT, max: connections(5) }),
    endpoints: [endpoint('api', 'GET', '/list', guesses, share(0.99)), endpoint('api', 'GET', '/rare', [rows, loop], share(0.01))],
  };

  it('a remedy shows what it moves by itself, not how far they lie apart', () => {
    const outcome = assess(wide, STEADY, { ladder: false });
    const typically = breaksAt(wide, STEADY)!;
    // Else there is nothing to see.
    expect(outcome.breaksAtPerSecond.high!).toBeLessThan(typically * 0.9);
    const { findings } = advise(wide, STEADY, outcome);
    const tried = findings.flatMap((one) => one.remedies).filter((one) => one.change !== null && one.breaksAtBefore !== null);
    expect(tried.length).toBeGreaterThan(0);
    for (const one of tried) expect(one.breaksAtBefore, one.title).toBeCloseTo(typically, 6);
    expect(findings.map((one) => one.rule)).toContain('n-plus-one');
    // A hundredth of the requests: what the system carries stays, its own answer comes sooner.
    expect(tried.filter((one) => one.id.startsWith('n-plus-one/')).map((one) => one.title)).toEqual([
      expect.stringMatching(/^Ask SELECT stock once for all rows: p95 of GET \/rare .* → .* at \d+ req\/s/),
    ]);
  });
});

describe('worker-in-web-process: the requests beside the jobs get faster', () => {
  it.each<[string, Topology]>([
    ['2 ms a job', queueOf({ worker: { runsIn: 'api' }, concurrency: jobs(10), jobCpuMs: ms(2) })],
    ['20 ms every hundredth', queueOf({ worker: { runsIn: 'api' }, concurrency: jobs(10), jobCpuMs: ms(4) })],
    ['two replicas', queueOf({ worker: { runsIn: 'api' }, api: { replicas: replicas(2) }, concurrency: jobs(10), jobCpuMs: ms(6) })],
  ])('%s', (_says, topology) => {
    const { remedy } = first('worker-in-web-process', topology);
    const p95 = (it: Topology) =>
      Math.max(...assess(it, STEADY, { ranges: false, ladder: false, breakEven: false }).endpoints.map((e) => e.latencyMs?.p95 ?? Number.POSITIVE_INFINITY));
    expect(p95(applyChange(topology, remedy.change!))).toBeLessThan(p95(topology) * 0.99);
  });
});

describe('worker-in-web-process', () => {
  it('says so where no job arrives in the scenario', () => {
    const shop = queueOf({ worker: { runsIn: 'api' } });
    const idle = { ...shop, endpoints: shop.endpoints.map((it) => (it.role === 'write' ? { ...it, role: 'excluded' as const } : it)) };
    const { finding, remedy } = first('worker-in-web-process', idle);
    expect(finding.severity).toBe('hint');
    expect(remedy.title).toMatch(/^Run mailer in a process of its own: effect not known, no jobs in this load · /);
  });
});

describe('connection-budget: nobody is refused when every pool is full', () => {
  it.each<[string, Topology]>([
    ['six replicas', shopOf({ readMs: hold(2), writeMs: hold(2), pool: PATIENT, max: connections(20), api: { replicas: replicas(6) } })],
    ['four processes in each of three', shopOf({ readMs: hold(2), writeMs: hold(2), pool: PATIENT, api: { replicas: replicas(3), processes: known(4, 'processes', 'declared') } })],
    ['a small database', shopOf({ readMs: hold(2), writeMs: hold(2), pool: PATIENT, db: { maxConnections: connections(8) } })],
  ])('%s', (_says, topology) => {
    const { remedy } = first('connection-budget', topology);
    const changed = applyChange(topology, remedy.change!);
    const [api, db] = changed.components;
    const value = (it: { state: string; value?: number }) => it.value ?? Number.NaN;
    const opened = value(changed.pools[0]!.max) * value(api!.replicas) * value(api!.processes);
    expect(opened).toBeLessThanOrEqual(value(db!.maxConnections));
    expect(remedy.title).toContain('no connection refused');
  });
});

// That their remedies help is proven in `gate.test.ts`.
describe('synchronous-write-path', () => {
  it('is never the one to try first: it changes what the route promises', () => {
    const short: Scenario = { ...SPIKE, profile: { kind: 'spike', basePerSecond: 5, peakPerSecond: 100, seconds: 12 } };
    const { finding, remedy } = first('synchronous-write-path', shopOf({ max: connections(5), readMs: hold(30), writeMs: hold(200) }), short);
    expect(finding.remedies.find((it) => it.id.startsWith('synchronous-write-path/'))?.preferred).toBe(false);
    expect(remedy.title).toContain('202');
  });
});
