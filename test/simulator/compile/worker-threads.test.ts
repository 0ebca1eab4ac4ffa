import { describe, expect, it } from 'vitest';
import { type Known, known, unknown } from '../../../src/model/known.ts';
import { inputsOf, withInputs } from '../../../src/model/inputs.ts';
import type { ComputeStep, Topology } from '../../../src/model/topology.ts';
import { assess, compile, validateNetwork } from '../../../src/simulator/index.ts';
import { apiAndDatabase, at, compute, ms } from '../topologies.ts';

const threads = (most: Known): ComputeStep['workers'] => ({ name: 'threads of worker.js', threads: most });
const count = (value: number) => known(value, 'count', 'declared');
/** 1 ms on the loop and 50 ms on worker threads: each thread does 20 a second. */
const api = (workers: ComputeStep['workers'], more: Partial<ComputeStep> = {}): Topology =>
  apiAndDatabase({ steps: [compute(ms(1)), { ...(compute(ms(50)) as ComputeStep), label: 'task', where: 'threadPool', ...(workers && { workers }), ...more }] });
const station = (it: Topology, perSecond = 10) => compile(it, at(perSecond)).network.stations.find((one) => one.id === 'threads of worker.js of api');
const p95 = (it: Topology, perSecond: number): number => assess(it, at(perSecond)).latencyMs?.p95 ?? Number.NaN;

describe('worker threads', () => {
  it('are a station of their own in each process', () => {
    const { network } = compile(api(threads(count(3))), at(10));
    expect(network.stations.filter((it) => / of api$/.test(it.id)).map((it) => [it.id, it.servers])).toEqual([
      ['event loop of api', 1],
      ['threads of worker.js of api', 3],
    ]);
    expect(validateNetwork(JSON.parse(JSON.stringify(network)))).not.toHaveProperty('error');
  });

  it("leave libuv's pool alone, and take its place where none are said", () => {
    expect(compile(api(undefined), at(10)).network.stations.map((it) => it.id)).toContain('thread pool of api');
    expect(station(api(undefined))).toBeUndefined();
  });

  it('as many as are asked for, where nobody knows, and that is said', () => {
    expect(station(api(threads(unknown('computed'))))).toBeUndefined();
    expect(assess(api(threads(unknown('computed'))), at(10)).assumptions.join()).toContain('threads of threads of worker.js of api');
  });

  it('a request waits for one, unless nobody waits', () => {
    expect(p95(api(threads(count(3))), 10)).toBeGreaterThan(50);
    expect(p95(api(threads(count(3)), { awaited: false }), 10)).toBeLessThan(20);
  });

  it('are an input', () => {
    const topology = api(threads(count(3)));
    expect(inputsOf(topology).map((it) => it.id)).toContain('threads threads of worker.js');
    expect(station(withInputs(topology, new Map([['threads threads of worker.js', 8]])))?.servers).toBe(8);
  });
});
