import { describe, expect, it } from 'vitest';
import type { Autoscaling } from '../../../src/model/network-faults.ts';
import type { Network, Source } from '../../../src/model/network.ts';
import { look, scalerFor } from '../../../src/simulator/engine/autoscaling.ts';
import { type Run, simulate, type SimulateOptions, validateNetwork } from '../../../src/simulator/index.ts';
import { deterministic, exponential, network, serve, station } from '../../theory/networks.ts';

const RULE: Autoscaling = { station: 's', targetUtilisation: 0.5, least: 1, most: 10, everyMs: 1000, startMs: 0, stabilisationMs: 0 };

describe('an autoscaler', () => {
  it.each<[string, Partial<Autoscaling>, number, readonly number[], readonly number[]]>([
    ['asks for ⌈usage ÷ target⌉', {}, 2, [2, 2.3, 0.4], [4, 5, 1]],
    ['leaves things as they are within a tenth of the target', {}, 4, [2.2, 1.8, 2.21, 1.79], [4, 4, 5, 4]],
    ['stays between least and most', { least: 2, most: 3 }, 2, [9, 0, 0], [3, 2, 2]],
    ['takes none away before nothing more was wanted for so long', { stabilisationMs: 3000 }, 1, [2, 0.5, 0.5, 0.5, 0.5], [4, 4, 4, 1, 1]],
    ['goes down to the most that was wanted meanwhile', { stabilisationMs: 3000 }, 8, [0.5, 1.5, 0.5, 0.5, 0.5, 0.5], [8, 8, 3, 3, 1, 1]],
    ['adds at once', { stabilisationMs: 3000 }, 8, [0.5, 5], [8, 10]],
    ['asks for no instance more where usage comes out even', {}, 1, [1.5000000000000002], [3]],
  ])('%s', (_, more, instances, usages, expected) => {
    const scaler = scalerFor({ ...RULE, ...more }, instances);
    expect(usages.map((usage, index) => look(scaler, usage, (index + 1) * 1000))).toEqual(expected);
  });
});

const scaled = (rule: Partial<Autoscaling>, instances: number, phases: Source['phases'], more: Partial<Parameters<typeof network>[0]> = {}): Network =>
  network({
    groups: [{ id: 'g', instances, balancer: 'roundRobin', autoscaling: { ...RULE, ...rule } }],
    stations: [station('s', 2, { group: 'g' })],
    group: 'g',
    body: [serve('s', deterministic(10))],
    source: { arrivals: 'deterministic', phases: phases ?? [] },
    ...more,
  });
const play = (net: Network, options: SimulateOptions): Run => {
  expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
  const run = simulate(net, options);
  expect(run.checks).toEqual({ little: expect.closeTo(0, 9), utilisation: expect.closeTo(0, 9), flow: 0 });
  return run;
};
const changesOf = (run: Run): string[] => (run.groups?.[0]?.changes ?? []).map((it) => `${it.atMs} ${it.instances}`);

describe('a group that scales itself', () => {
  it('follows the load up after the start of instances, and down after the stabilisation time', () => {
    const net = scaled({ startMs: 1500, stabilisationMs: 4000 }, 1, [
      { fromMs: 0, perSecond: 100 },
      { fromMs: 5000, perSecond: 180 },
      { fromMs: 9000, perSecond: 340 },
      { fromMs: 15_000, perSecond: 90 },
    ]);
    const run = play(net, { seconds: 30, warmupSeconds: 0 });
    // Two servers, half of whose time is the target: ⌈0.9 ÷ 0.5⌉ is wanted at 6 s, ⌈1.7 ÷ 0.5⌉ at 10 s; at 15 s that is wanted for the last time.
    expect(changesOf(run)).toEqual(['0 1', '7500 2', '11500 4', '19000 1']);
    expect(run.groups?.[0]).toMatchObject({ mostInstances: 4, instancesAtEnd: 1, meanInstances: (7.5 + 2 * 4 + 4 * 7.5 + 11) / 30 });
    expect(run.errorsByCause).toEqual({});
    // Utilisation is told of the instances that were there.
    expect(run.stations[0]?.utilisation).toBeCloseTo((run.stations[0]?.meanBusy ?? 0) / 2 / (56.5 / 30), 9);
  });

  it('lets instances that go finish their work, and gives them no more', () => {
    const net = scaled({ everyMs: 1000 }, 4, [], {
      body: [serve('s', deterministic(5000))],
      source: {
        phases: [
          { fromMs: 1500, perSecond: 10 },
          { fromMs: 2001, perSecond: 0 },
        ],
        burst: 4,
        arrivals: 'deterministic',
      },
      groups: [{ id: 'g', instances: 4, balancer: 'roundRobin', autoscaling: { ...RULE, most: 4, targetUtilisation: 1, everyMs: 1000 } }],
    });
    const run = play(net, { seconds: 30, warmupSeconds: 0 });
    // Four instances with one of two servers busy: two are enough. They take the five of the next half second, and one of those waits.
    expect(changesOf(run).slice(0, 2)).toEqual(['0 4', '1000 2']);
    expect(run.sources[0]?.latencyMs?.count).toBe(9);
    expect(run.stations[0]?.wait?.max).toBeGreaterThan(2900);
  });

  it('goes on looking when instances crash, its own or those of the first program', () => {
    const net: Network = {
      ...scaled({}, 1, [
        { fromMs: 0, perSecond: 100 },
        { fromMs: 5000, perSecond: 180 },
      ]),
      faults: [{ kind: 'down', group: 'g', instances: 'all', cause: 'crashed', fromMs: 2500, untilMs: 2600 }],
    };
    const run = play(net, { seconds: 10, warmupSeconds: 0 });
    // 100/s of 10 ms take one of two servers, half of whose time is the target: one instance. At 180/s it is ⌈0.9 ÷ 0.5⌉; at 3 s a tenth of the second was lost, which makes no difference.
    expect(changesOf(run)).toEqual(['0 1', '6000 2']);
    expect(run.errorsByCause).toEqual({ crashed: 11 });
  });

  it('under random load keeps to its target', () => {
    // 8 servers' worth of work at 80% of 2 per instance: five instances, on and on.
    const net = scaled({ targetUtilisation: 0.8, everyMs: 5000, stabilisationMs: 20_000, most: 20 }, 5, [{ fromMs: 0, perSecond: 800 }], {
      body: [serve('s', exponential(10))],
      source: { phases: [{ fromMs: 0, perSecond: 800 }] },
    });
    const run = play(net, { seconds: 300 });
    expect(run.groups?.[0]?.meanInstances).toBeGreaterThan(4.9);
    expect(run.groups?.[0]?.meanInstances).toBeLessThan(5.6);
  });

  it('a run that is to empty the system comes to an end', () => {
    const net = scaled({}, 2, [], { source: { phases: [], burst: 100 } });
    const run = simulate(net, { seconds: 0.1, warmupSeconds: 0, drainSeconds: Number.POSITIVE_INFINITY });
    expect(run).toMatchObject({ inFlightAtEnd: 0, stuck: false });
  });

  it.each([
    [{ most: 0 }, 'groups[0].autoscaling.most: expected a number from 1 to 10000, found 0'],
    [{ targetUtilisation: 0 }, 'groups[0].autoscaling.targetUtilisation: expected a number above 0, found 0'],
    [{ station: 'x' }, 'groups[0].autoscaling.station: there is no station "x"'],
    [{ least: 3 }, 'groups[0].instances: must lie between least and most of its autoscaling'],
  ])('that is wrong gets one line (%#)', (rule, error) => expect(validateNetwork(scaled(rule, 1, []))).toEqual({ error }));

  it('only its own programs may use its stations', () => {
    const net = scaled({}, 1, []);
    expect(validateNetwork({ ...net, programs: net.programs.map(({ group: _, ...it }) => it) })).toEqual({
      error: 'programs[0]: uses "s", whose instances come and go: it must run in group "g"',
    });
    expect(validateNetwork({ ...net, stations: [station('s', 2)] })).toEqual({ error: 'groups[0].autoscaling.station: "s" is not a station of this group' });
  });
});
