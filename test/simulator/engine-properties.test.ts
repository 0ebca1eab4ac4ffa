import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Distribution, Network } from '../../src/model/network.ts';
import { type Run, type SimulateOptions, simulate, solve, validateNetwork } from '../../src/simulator/index.ts';
import { deterministic, exponential, law, single } from '../theory/networks.ts';
import { type Dice, diceOf, randomNetwork, type Wishes } from './random-networks.ts';

/** The same cases on every run: a failing one is looked into. Another seed makes another network, not a smaller one. */
const CASES = { seed: 3, numRuns: 50, endOnFailure: true };

const forAll = (property: (network: Network, dice: Dice, seed: number) => void, wishes: Wishes = {}, numRuns = CASES.numRuns): void =>
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const dice = diceOf(seed);
      property(randomNetwork(dice, wishes), dice, seed);
    }),
    { ...CASES, numRuns },
  );
const SHORT: SimulateOptions = { seconds: 0.6, seriesMs: 50 };

/** Where a value has numbers that no measure can be: negative, infinite or none at all. */
function impossible(value: unknown, at: string): string[] {
  if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? [] : [`${at}: ${value}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, it]) => impossible(it, `${at}.${name}`));
}

it('the random networks have every instruction in them, and most of them are busy', () => {
  const text: string[] = [];
  let offered = 0;
  const changed = { autoscaling: 0, deploy: 0 };
  forAll((network, _, seed) => {
    text.push(JSON.stringify(network));
    const run = simulate(network, { ...SHORT, seed });
    if (run.sources.some((it) => it.offered > 10)) offered++;
    for (const it of run.groups ?? []) changed[network.groups.find(({ id }) => id === it.id)?.autoscaling ? 'autoscaling' : 'deploy'] += it.changes.length - 1;
  });
  const unknown = validateNetwork({ version: 1, groups: [], stations: [], programs: [{ id: 'p', body: [{ op: '?' }] }], sources: [] });
  const played = /expected (.*), found/.exec('error' in unknown ? unknown.error : '')?.[1]?.split(' or ') ?? [];
  expect(played.length).toBeGreaterThan(9);
  expect(played.filter((op) => !text.some((it) => it.includes(`"op":"${op}"`)))).toEqual([]);
  expect(offered).toBeGreaterThan(0.8 * CASES.numRuns);
  // Instances came and went, by themselves and with new versions.
  expect(changed.autoscaling).toBeGreaterThan(10);
  expect(changed.deploy).toBeGreaterThan(20);
});

describe('whatever the network, a run', () => {
  it('keeps the laws: Little, utilisation, flow', () =>
    forAll((network, _, seed) => {
      const { checks } = simulate(network, { ...SHORT, seed });
      expect(checks.little).toBeLessThan(1e-9);
      expect(checks.utilisation).toBeLessThan(1e-9);
      expect(checks.flow).toBe(0);
    }));

  it('tells of every response where its time went', () =>
    forAll((network, _, seed) => {
      for (const it of simulate(network, { ...SHORT, seed, attribution: true }).sources) {
        if (!it.attribution || !it.latencyMs) continue;
        const { mean } = it.attribution;
        const parts = mean.stations.reduce((sum, part) => sum + part.waitMs + part.serviceMs, mean.delayMs + mean.lostMs);
        expect(mean.responses).toBe(it.latencyMs.count);
        expect(Math.abs(parts - it.latencyMs.mean)).toBeLessThan(1e-6 * Math.max(1, it.latencyMs.mean));
      }
    }));

  it('loses nobody: who was offered was answered, has failed or is in flight', () =>
    forAll((network, _, seed) => {
      const run = simulate({ ...network, sources: network.sources.map((it) => ({ ...it, patienceMs: null })) }, { ...SHORT, seed, warmupSeconds: 0 });
      const ended = run.sources.reduce(
        (sum, it) => sum + Math.round(it.goodputPerSecond * run.seconds) + Object.values(it.errorsByCause).reduce((all, count) => all + count, 0),
        0,
      );
      expect(run.sources.reduce((sum, it) => sum + it.offered, 0)).toBe(ended + run.inFlightAtEnd);
    }));

  it('has no number that is negative, infinite or none', () =>
    forAll((network, _, seed) => {
      expect(impossible(simulate(network, { ...SHORT, seed, withinMs: [1, 10] }), 'run')).toEqual([]);
    }));

  it('and the closed form have none either', () =>
    forAll((network) => {
      expect(impossible(solve(network), 'solution')).toEqual([]);
    }));

  it('is the same for the same seed, to the bit', () =>
    forAll((network, _, seed) => expect(simulate(network, { ...SHORT, seed })).toEqual(simulate(network, { ...SHORT, seed })), {}, 30));
});

describe('what does not matter changes nothing, to the bit', () => {
  const byId = <T extends { id: string }>(all: readonly T[]): T[] => [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
  /** Everything of a run but the order of its lists. */
  const unordered = (network: Network, run: Run): unknown => {
    const order = network.stations.map((it, index) => ({ id: it.id, index }));
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) {
        const named = value.every((it) => typeof it === 'object' && it !== null && ('id' in it || 'program' in it));
        return named ? byId(value.map((it) => ({ id: it.program, ...it }))).map(sorted) : value.map(sorted);
      }
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, sorted(it)]));
    };
    return sorted({ ...run, series: run.series.map((it) => ({ ...it, queues: byId(order).map(({ index }) => it.queues[index]) })) });
  };

  it('the order of groups, stations and programs', () =>
    forAll((network, dice, seed) => {
      const mixed = <T>(all: readonly T[]): T[] => {
        const rest = [...all];
        return all.map(() => rest.splice(dice.whole(0, rest.length - 1), 1)[0] as T);
      };
      const other: Network = { ...network, groups: mixed(network.groups), stations: mixed(network.stations), programs: mixed(network.programs) };
      expect(unordered(other, simulate(other, { ...SHORT, seed }))).toEqual(unordered(network, simulate(network, { ...SHORT, seed })));
    }));

  it('a station that nobody visits, a program that nobody calls, a group that nobody is in', () =>
    forAll((network, _, seed) => {
      const idle = { id: 'idle', component: 'idle', label: 'idle', servers: 1, room: null, discipline: 'fifo' as const, group: 'empty' };
      const other: Network = {
        ...network,
        groups: [{ id: 'empty', instances: 2, balancer: 'random' }, ...network.groups],
        stations: [idle, ...network.stations],
        programs: [{ id: 'unused', body: [{ op: 'serve', station: 'idle', service: exponential() }], group: 'empty' }, ...network.programs],
      };
      const run = simulate(other, { ...SHORT, seed });
      const without = {
        ...run,
        stations: run.stations.slice(1),
        series: run.series.map((it) => ({ ...it, queues: it.queues.slice(1) })),
      };
      expect(without).toEqual(simulate(network, { ...SHORT, seed }));
    }));

  it('the unit of time: everything four times as slow takes four times as long', () =>
    forAll((network, _, seed) => {
      const slow = simulate(scaled(network, 4), { ...SHORT, seconds: 4 * 0.6, seriesMs: 200, seed });
      const run = simulate(network, { ...SHORT, seed });
      expect(slow.events).toBe(run.events);
      expect(slow.errorsByCause).toEqual(run.errorsByCause);
      for (const [index, it] of run.sources.entries()) {
        expect(slow.sources[index]?.offered).toBe(it.offered);
        expect(slow.sources[index]?.latencyMs?.mean).toBe(it.latencyMs === null ? undefined : 4 * it.latencyMs.mean);
        expect(slow.sources[index]?.latencyMs?.max).toBe(it.latencyMs === null ? undefined : 4 * it.latencyMs.max);
        expect(slow.sources[index]?.meanInFlight).toBe(it.meanInFlight);
      }
      for (const [index, it] of run.stations.entries()) {
        expect(slow.stations[index]?.meanQueue).toBe(it.meanQueue);
        expect(slow.stations[index]?.meanHoldMs).toBe(4 * it.meanHoldMs);
      }
    }));
});

/** Every time of a network times `factor`, every rate divided by it; exact for powers of two. */
function scaled(network: Network, factor: number): Network {
  const walk = (value: unknown, name: string): unknown => {
    if (typeof value === 'number') {
      if (/Ms$|^waitLimitMs$/.test(name)) return value * factor;
      return /perSecond$|PerSecond$/.test(name) ? value / factor : value;
    }
    if (Array.isArray(value)) return value.map((it) => walk(it, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, walk(it, key)]));
  };
  return walk(network, '') as Network;
}

describe('theory promises that', () => {
  const law_ = fc.constantFrom<Distribution>(exponential(), deterministic(), law('gamma', 0.3), law('lognormal', 3), law('hyperexponential', 4));
  const whole = (network: Network, seed: number): Run => simulate(network, { seconds: 3, warmupSeconds: 0, drainSeconds: Number.POSITIVE_INFINITY, seed });

  it('with one server more nobody in a queue waits longer: customers come and need as before', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), law_, fc.double({ min: 0.3, max: 1.2, noNaN: true }), fc.integer({ min: 1, max: 500 }), (servers, service, load, seed) => {
        const few = whole(single(load * servers, servers, service), seed).stations[0]?.wait;
        const more = whole(single(load * servers, servers + 1, service), seed).stations[0]?.wait;
        expect(more?.count).toBe(few?.count);
        for (const name of ['mean', 'p50', 'p95', 'p99', 'p999', 'max'] as const) expect(more?.[name], name).toBeLessThanOrEqual(few?.[name] ?? 0);
      }),
      { ...CASES, numRuns: 40 },
    ));

  it('with more load nobody waits less, and the server is busier', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        law_,
        fc.double({ min: 0.1, max: 0.8, noNaN: true }),
        fc.double({ min: 1.1, max: 1.5, noNaN: true }),
        (servers, service, load, factor) => {
          const run = (rate: number): Run =>
            simulate(single(rate * servers, servers, service, {}, undefined, { arrivals: 'deterministic' }), {
              seconds: 600 / (rate * servers * 1000),
              warmupSeconds: 0,
              drainSeconds: Number.POSITIVE_INFINITY,
            });
          const [light, heavy] = [run(load), run(load * factor)].map((it) => it.stations[0]);
          expect(heavy?.wait?.mean).toBeGreaterThanOrEqual(light?.wait?.mean ?? 0);
          expect(heavy?.wait?.p95).toBeGreaterThanOrEqual(light?.wait?.p95 ?? 0);
          expect(heavy?.utilisation).toBeGreaterThan(light?.utilisation ?? 0);
        },
      ),
      { ...CASES, numRuns: 40 },
    ));

  it('a place in the queue more refuses nobody who was taken before', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 500 }), (servers, room, seed) => {
        const refused = (places: number): number => whole(single(1.2 * servers, servers, deterministic(), { room: places }), seed).stations[0]?.refused ?? Number.NaN;
        expect(refused(room + 1)).toBeLessThanOrEqual(refused(room));
      }),
      { ...CASES, numRuns: 40 },
    ));
});
