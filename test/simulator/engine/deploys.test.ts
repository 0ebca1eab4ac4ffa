import { describe, expect, it } from 'vitest';
import type { Deploy, Fault } from '../../../src/model/network-faults.ts';
import type { Network } from '../../../src/model/network.ts';
import { type Run, replicate, simulate, solve, validateNetwork } from '../../../src/simulator/index.ts';
import { delay, deterministic, exponential, network, serve, station } from '../../theory/networks.ts';

const DEPLOY: Deploy = { kind: 'deploy', group: 'g', fromMs: 5000, unavailable: 1, surge: 0, coldStart: deterministic(1000), graceMs: 60_000, cause: 'connection refused' };

/** Instances of one server, or as many as needed, under paced load. */
const deployed = (deploys: readonly Partial<Deploy>[], instances: number, perSecond: number, more: Partial<Parameters<typeof network>[0]> = {}): Network => ({
  ...network({
    groups: [{ id: 'g', instances, balancer: 'roundRobin' }],
    group: 'g',
    stations: [station('s', 1, { group: 'g' })],
    body: [serve('s', deterministic(5))],
    source: { arrivals: 'deterministic', phases: [{ fromMs: 0, perSecond }] },
    ...more,
  }),
  faults: deploys.map((it) => ({ ...DEPLOY, ...it })),
});
const play = (net: Network, seconds: number, seed = 1): Run => {
  expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
  const run = simulate(net, { seconds, warmupSeconds: 0, seed });
  expect(run.checks).toEqual({ little: expect.closeTo(0, 9), utilisation: expect.closeTo(0, 9), flow: 0 });
  return run;
};
const changesOf = (run: Run): string => (run.groups?.[0]?.changes ?? []).map((it) => `${it.atMs}:${it.instances}`).join(' ');

describe('a deploy', () => {
  it.each<[string, readonly Partial<Deploy>[], number, string]>([
    ['rolling, one at a time', [{}], 3, '0:3 5000:2 6000:2 7000:2 8000:3'],
    ['rolling, two at a time', [{ unavailable: 2 }], 4, '0:4 5000:2 6000:2 7000:4'],
    ['surge', [{ unavailable: 0, surge: 1 }], 3, '0:3 6000:3 7000:3 8000:3'],
    ['surge of more than there are', [{ unavailable: 0, surge: 9 }], 3, '0:3 6000:3'],
    ['one away and one more', [{ surge: 1 }], 3, '0:3 5000:2 6000:2 7000:3'],
    ['all at once', [{ unavailable: 3 }], 3, '0:3 5000:0 6000:3'],
    ['the only instance', [{}], 1, '0:1 5000:0 6000:1'],
    ['the only instance, surge', [{ unavailable: 0, surge: 1 }], 1, '0:1 6000:1'],
    ['at the first moment', [{ fromMs: 0 }], 2, '0:1 1000:1 2000:2'],
    ['that takes no time', [{ coldStart: deterministic(0) }], 3, '0:3 5000:3'],
    ['a second one waits for the first', [{}, { fromMs: 5500 }], 2, '0:2 5000:1 6000:1 7000:1 8000:1 9000:2'],
  ])('%s', (_, deploys, instances, changes) => {
    // Where the time to finish is 0 the second of two need not wait for it.
    const run = play(
      deployed(
        deploys.map((it) => ({ graceMs: 0, ...it })),
        instances,
        1,
      ),
      12,
    );
    expect(changesOf(run)).toBe(changes);
    expect(run.groups?.[0]).toMatchObject({ instancesAtEnd: instances, mostInstances: instances });
  });

  it('lets old instances finish what they run', () => {
    // Each takes a call every 20 ms for 15 ms; with two of three left a call comes to each every 13 ms, so queues grow by 2 ms of each 15 until all are back.
    const run = play(deployed([{}], 3, 150, { body: [serve('s', deterministic(15))] }), 20);
    expect(run.errorsByCause).toEqual({});
    expect(run.sources[0]?.latencyMs?.max).toBeGreaterThan(200);
    expect(run.sources[0]?.latencyMs?.p50).toBeCloseTo(15, 0);
  });

  it('ends what an old instance runs when its time is up', () => {
    // A call every 100 ms takes 1 s: the only instance runs ten of them, those that came within 400 ms of the deploy's begin are not done 600 ms after it.
    const run = play(deployed([{ unavailable: 0, surge: 1, graceMs: 600 }], 1, 10, { stations: [], body: [delay(deterministic(1000))] }), 12);
    expect(changesOf(run)).toBe('0:1 6000:1');
    // It takes calls until the new one is there at 6000: those of 5700, 5800, 5900 (and of 6000, if it came before) are under way at 6600 for less than 1 s.
    const failed = run.errorsByCause['connection refused'] ?? 0;
    expect(failed).toBeGreaterThanOrEqual(3);
    expect(failed).toBeLessThanOrEqual(4);
  });

  it('fails calls that find no instance, with its cause', () => expect(play(deployed([{ unavailable: 2 }], 2, 100), 10).errorsByCause).toEqual({ 'connection refused': 100 }));

  it('loses what is under way where nobody has time to finish: the mean number in M/G/∞', () => {
    const net = deployed([{ graceMs: 0, unavailable: 0, surge: 1 }], 4, 0, { stations: [], body: [delay(exponential(100))], source: { phases: [{ fromMs: 0, perSecond: 400 }] } });
    const runs = Array.from({ length: 40 }, (_, seed) => play({ ...net, sources: net.sources.map((it) => ({ ...it, arrivals: 'poisson' as const })) }, 11, seed + 1));
    const lost = runs.map((it) => it.errorsByCause['connection refused'] ?? 0);
    const mean = lost.reduce((a, b) => a + b, 0) / lost.length;
    // While the surge's instance is there too, nobody takes calls away from it for even a moment: each of the four runs 400 × 0.1 ÷ 4 when it goes.
    expect(Math.abs(mean - 40)).toBeLessThan(3 * Math.sqrt(40 / runs.length));
  });

  it('warms up: services that begin early in a new instance take longer', () => {
    const run = play(deployed([{ unavailable: 0, surge: 1, warmUp: { factor: 4, forMs: 1000 } }], 1, 100), 10);
    // 100 calls from 6000 on, 20 ms each, one every 10 ms: half of them wait until long after.
    const quick = play(deployed([{ unavailable: 0, surge: 1, warmUp: { factor: 1.5, forMs: 1000 } }], 1, 100), 10);
    expect(run.sources[0]?.latencyMs?.max).toBeGreaterThan(400);
    expect(quick.sources[0]?.latencyMs?.max).toBeCloseTo(7.5, 9);
    expect(((quick.sources[0]?.latencyMs?.mean ?? 0) - 5) * (quick.sources[0]?.latencyMs?.count ?? 0)).toBeCloseTo(100 * 2.5, 6);
  });

  it('warms up a shared processor likewise', () => {
    const net = deployed([{ unavailable: 0, surge: 1, warmUp: { factor: 1.5, forMs: 1000 } }], 1, 100, {
      stations: [station('s', 1, { group: 'g', discipline: 'processorSharing' })],
    });
    expect(play(net, 10).sources[0]?.latencyMs?.max).toBeCloseTo(7.5, 9);
  });

  it('empties the caches of the processes that it ends', () => {
    const cached = (deploys: readonly Partial<Deploy>[]): Network => ({
      ...deployed(deploys, 2, 1000, { stations: [], body: [{ op: 'lookup', cache: 'c', hit: [], miss: [] }] }),
      caches: [{ id: 'c', keys: 1, zipf: 0, capacity: null, ttlMs: null, group: 'g' }],
    });
    expect(play(cached([]), 20).caches?.[0]?.misses).toBe(2);
    expect(play(cached([{}]), 20).caches?.[0]?.misses).toBe(4);
  });

  it('is not what a crash is: that one empties caches too, and comes back to the same instances', () => {
    const net: Network = {
      ...deployed([], 2, 1000, { stations: [], body: [{ op: 'lookup', cache: 'c', hit: [], miss: [] }] }),
      caches: [{ id: 'c', keys: 1, zipf: 0, capacity: null, ttlMs: null, group: 'g' }],
      faults: [{ kind: 'down', group: 'g', instances: 1, cause: 'crash', fromMs: 5000, untilMs: 6000 }],
    };
    expect(play(net, 20).caches?.[0]?.misses).toBe(3);
  });

  it('gives the same result each time, and the mean of several', () => {
    const net = deployed([{ coldStart: exponential(500), surge: 1 }], 3, 0, { source: { phases: [{ fromMs: 0, perSecond: 300 }] } });
    const options = { seconds: 12, warmupSeconds: 0, seed: 7 };
    expect(simulate(net, options)).toEqual(simulate(net, options));
    const all = replicate(net, options, 5);
    expect(all.groups?.[0]).toMatchObject({ leastInstances: 2, mostInstances: 3, instancesAtEnd: 3, changes: [] });
  });

  it('is named by solve as unsolved', () => expect(solve(deployed([{}], 2, 100)).validity).toMatchObject({ kind: 'throughputOnly', why: 'faults is not solved; play it' }));

  it.each<[string, Partial<Deploy>, Partial<Network>, string]>([
    ['nothing that may be replaced', { unavailable: 0 }, {}, 'faults[0].unavailable: must be at least 1 where surge is 0, or nothing could ever be replaced'],
    ['more away than there are', { unavailable: 3 }, {}, 'faults[0].unavailable: must be at most 2, which "g" has'],
    ['no such group', { group: 'x' }, {}, 'faults[0].group: there is no group "x"'],
    [
      'an end',
      { untilMs: 3 } as Partial<Deploy>,
      {},
      'faults[0].untilMs: there is no such field; known are kind, group, fromMs, unavailable, surge, coldStart, graceMs, cause, warmUp',
    ],
    [
      'a group on demand',
      {},
      { groups: [{ id: 'g', instances: 2, balancer: 'random', onDemand: { coldStart: deterministic(1), idleMs: 1, cause: 'x' } }] },
      'faults[0].group: the instances of "g" come and go by themselves, so no deploy must replace them',
    ],
    ['strangers at its stations', {}, { programs: [{ id: 'main', body: [serve('s')] }] }, 'faults[0].group: program "main" uses its stations, so it must run in group "g"'],
  ])('with %s is refused', (_, deploy, more, error) => expect(validateNetwork({ ...deployed([deploy], 2, 100), ...more })).toEqual({ error }));
});

describe('a partition', () => {
  const cut = (fault: Partial<Extract<Fault, { kind: 'partition' }>>): Network => ({
    ...network({
      stations: [],
      body: [delay(deterministic(1)), { op: 'call', program: 'orders', timeoutMs: 50 }],
      programs: [
        { id: 'orders', body: [{ op: 'parallel', branches: [[{ op: 'call', program: 'stock' }], [{ op: 'call', program: 'prices', fallback: [] }]] }] },
        { id: 'stock', body: [delay(deterministic(2))] },
        { id: 'prices', body: [delay(deterministic(2))] },
      ],
      source: { arrivals: 'deterministic', phases: [{ fromMs: 0, perSecond: 100 }] },
    }),
    faults: [{ kind: 'partition', programs: ['prices'], cause: 'network is unreachable', fromMs: 1003, untilMs: 1503, ...fault }],
  });
  it.each<[string, Partial<Extract<Fault, { kind: 'partition' }>>, Record<string, number>]>([
    ['one callee is cut off, and its caller has a fallback', {}, {}],
    ['it never answers: the caller of its caller gives up', { hangs: true }, { 'request timed out': 50 }],
    ['its caller is on its side, so the call above is lost', { programs: ['prices', 'orders'] }, { 'network is unreachable': 50 }],
    ['both callees', { programs: ['prices', 'stock'] }, { 'network is unreachable': 50 }],
    ['all on one side, with nobody to talk to on the other', { programs: ['main', 'orders', 'prices', 'stock'] }, {}],
  ])('%s', (_, fault, errors) => {
    const run = play(cut(fault), 3);
    expect(run.errorsByCause).toEqual(errors);
    expect(run.stuck).toBe(false);
    expect(run.sources[0]?.latencyMs?.max).toBe(3);
  });
  it('answers calls that were under way', () => {
    const net = cut({ programs: ['stock'], fromMs: 1002, untilMs: 1004 });
    expect(play(net, 3).errorsByCause).toEqual({});
  });
  it('names a program that is not there', () =>
    expect(validateNetwork(cut({ programs: ['prices', 'nobody'] }))).toEqual({ error: 'faults[0].programs[1]: there is no program "nobody"' }));
});
