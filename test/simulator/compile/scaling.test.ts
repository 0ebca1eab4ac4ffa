import { describe, expect, it } from 'vitest';
import { known } from '../../../src/model/known.ts';
import type { Component } from '../../../src/model/topology.ts';
import { assess, compile, playSpike, validateNetwork } from '../../../src/simulator/index.ts';
import { withAutoscaling } from '../../../src/simulator/compile/scaling.ts';
import { apiAndDatabase, at, compute, ms } from '../topologies.ts';

const cores = (value: number) => known(value, 'cores', 'declared');
const replicas = (value: number) => known(value, 'replicas', 'declared');
/** 2 ms of CPU a request: 500 a second fill one replica. */
const scaled = (api: Partial<Component> = {}) =>
  apiAndDatabase({ steps: [compute(ms(2))], api: { replicas: replicas(8), autoscaling: { least: replicas(2), targetCores: cores(0.5) }, ...api } });
const spike = { profile: { kind: 'spike' as const, basePerSecond: 100, peakPerSecond: 1500, seconds: 90 } };

describe('an autoscaler', () => {
  it.each<[string, Partial<Component>, number, object | undefined]>([
    ['starts with its least', {}, 100, { instances: 2, autoscaling: { station: 'event loop of api', least: 2, most: 8, targetUtilisation: 0.5 } }],
    ['starts with what the base load needs: 1.6 cores at half a core each', {}, 800, { instances: 4 }],
    ['never starts with more than its most', {}, 5000, { instances: 8 }],
    [
      'of half a core: the loop is busy twice as long for it',
      { cores: cores(0.5), autoscaling: { least: replicas(2), targetCores: cores(0.2) } },
      100,
      { autoscaling: { targetUtilisation: 0.4 } },
    ],
    ['that aims at more than a loop can do', { autoscaling: { least: replicas(2), targetCores: cores(2) } }, 100, { autoscaling: { targetUtilisation: 0.95 } }],
    ['of several processes a replica is not played', { processes: known(2, 'processes', 'declared') }, 100, { autoscaling: undefined, instances: 16 }],
    ['with nothing between least and most is none', { replicas: replicas(2) }, 100, { autoscaling: undefined, instances: 2 }],
    ['that is not there is not made up', { autoscaling: undefined as never }, 100, { autoscaling: undefined, instances: 8 }],
  ])('%s', (_, api, perSecond, group) => {
    const network = withAutoscaling(compile(scaled(api), at(perSecond)), perSecond);
    expect({ autoscaling: undefined, ...network.groups.find((it) => it.id === 'api') }).toMatchObject(group ?? {});
    expect(validateNetwork(JSON.parse(JSON.stringify(network)))).not.toHaveProperty('error');
  });

  it('is too late for a spike that its most would bear, and is said', () => {
    const fixed = playSpike(scaled({ autoscaling: undefined as never }), at(1500, spike));
    const late = playSpike(scaled(), at(1500, spike));
    expect(fixed.passes).toBe(true);
    expect(late.passes).toBe(false);
    // Two replicas do 1,000 a second until others come; nobody looks before 15 s, and a pod takes 10.
    expect(late.p95Ms).toBeGreaterThan(5 * fixed.p95Ms);
    expect(compile(scaled(), at(100)).assumptions).toContainEqual(expect.stringMatching(/^autoscaling of api: judged with its most, 8 replicas/));
  });

  it('changes nothing where the load is steady', () => {
    const { assumptions: _, ...judged } = assess(scaled(), at(1500));
    const { assumptions: __, ...plain } = assess(scaled({ autoscaling: undefined as never }), at(1500));
    expect(judged).toEqual(plain);
  });
});

describe("libuv's threads", () => {
  it.each<[string, Component['threads'], number]>([
    ['four where nothing is said', undefined, 4],
    ['as many as the environment says', known(16, 'count', 'declared'), 16],
  ])('%s', (_, threads, servers) => {
    const hash = { ...compute(ms(50), 'hash'), where: 'threadPool' as const };
    const { network } = compile(apiAndDatabase({ steps: [hash], api: threads ? { threads } : {} }), at(10));
    expect(network.stations.find((it) => it.id === 'thread pool of api')?.servers).toBe(servers);
  });
});
