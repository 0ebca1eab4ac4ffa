import { describe, expect, it } from 'vitest';
import type { Instruction, Network, Program, Station } from '../../../src/model/network.ts';
import { flatten } from '../../../src/simulator/solve/flatten.ts';
import { failing, questionOf } from '../../../src/simulator/solve/measures.ts';
import { isPlainlyTooMuch } from '../../../src/simulator/solve/plainly-too-much.ts';
import { diceOf, randomNetwork } from '../random-networks.ts';

const LOST = 0.01;
const station = (id: string, servers: number, more: Partial<Station> = {}): Station => ({ id, component: id, label: id, servers, room: null, discipline: 'fifo', ...more });
const serve = (at: string, meanMs: number): Instruction => ({ op: 'serve', station: at, service: { kind: 'exponential', meanMs } });
const pause = (meanMs: number): Instruction => ({ op: 'delay', duration: { kind: 'deterministic', meanMs } });
const hold = (at: string, ...body: Instruction[]): Instruction => ({ op: 'hold', station: at, body });

const network = (body: readonly Instruction[], more: Partial<Network> = {}, others: readonly Program[] = []): Network => ({
  version: 1,
  groups: [{ id: 'processes', instances: 3, balancer: 'random' }],
  stations: [station('a', 1), station('pool', 2, { group: 'processes' })],
  programs: [{ id: 'p', body }, ...others],
  sources: [{ id: 's', program: 'p', arrivals: 'poisson', share: 1, phases: [], patienceMs: null }],
  ...more,
});

describe('a load that is plainly too much', () => {
  // At most so many requests a second, where that can be counted.
  it.each<[string, Network, number | null]>([
    ['one server, 10 ms each', network([serve('a', 10)]), 100],
    ['two places in each of three processes, held for 20 ms of which 15 are a pause', network([hold('pool', serve('a', 5), pause(15))]), 200],
    ['the same, where the pause binds', network([hold('pool', serve('a', 1), pause(59))]), 100],
    ['a branch that one in four takes', network([{ op: 'branch', probability: 0.25, taken: [serve('a', 20)], otherwise: [serve('a', 4)] }]), 125],
    ['three rounds', network([{ op: 'loop', times: 3, body: [serve('a', 5)] }]), 1000 / 15],
    ['branches side by side, held until the longest of them is through', network([hold('pool', { op: 'parallel', branches: [[pause(30)], [pause(60)]] })]), 100],
    ['another program that is called', network([{ op: 'call', program: 'q' }], {}, [{ id: 'q', body: [serve('a', 10)] }]), 100],
    ['another program that nobody waits for', network([hold('pool', { op: 'spawn', program: 'q' })], {}, [{ id: 'q', body: [serve('a', 10)] }]), 100],
    ['what follows a call that may run out of time', network([{ op: 'call', program: 'q', timeoutMs: 5 }, serve('a', 10)], {}, [{ id: 'q', body: [serve('a', 10)] }]), 100],
    ['a program that calls itself', network([serve('a', 10), { op: 'call', program: 'p' }]), 100 / 25],
    ['room for a few', network([serve('a', 10)], { stations: [station('a', 1, { room: 3 })] }), null],
    ['a limiter', network([serve('a', 10)], { limiters: [{ id: 'l', kind: 'fixedWindow', limit: 1, windowMs: 1000, keys: 1, cause: 'too many' }] }), null],
  ])('%s', (_, given, most) => {
    if (most === null) expect(isPlainlyTooMuch(given, 1e5, LOST)).toBe(false);
    else {
      expect(isPlainlyTooMuch(given, (most / (1 - LOST)) * 0.999, LOST)).toBe(false);
      expect(isPlainlyTooMuch(given, (most / (1 - LOST)) * 1.001, LOST)).toBe(true);
    }
  });

  it('fails, whatever else may happen in the network', () => {
    let told = 0;
    let failed = 0;
    for (let seed = 1; seed <= 600; seed++) {
      const { limiters: _limiters, caches: _caches, ...drawn } = randomNetwork(diceOf(seed), { without: ['limit', 'lookup', 'invalidate'] });
      const given: Network = { ...drawn, stations: drawn.stations.map((it) => ({ ...it, room: null })) };
      const never = given.sources.map(() => null);
      const question = questionOf(flatten(given), {
        p95Ms: given.sources.map(() => 1e9),
        patienceMs: never,
        errorShare: LOST,
        messageAgeMs: 1e12,
        channelRoots: [],
        blameless: [],
      });
      for (const perSecond of [10, 100, 1000, 10_000]) {
        const why = failing(question, perSecond);
        if (why !== null) failed++;
        if (!isPlainlyTooMuch(given, perSecond, LOST)) continue;
        told++;
        expect(why, `seed ${seed} at ${perSecond}`).not.toBe(null);
      }
    }
    expect(told).toBeGreaterThan(failed / 4);
  });
});
