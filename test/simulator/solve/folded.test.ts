import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../../src/model/network.ts';
import { simulate, solve } from '../../../src/simulator/index.ts';
import { folded } from '../../../src/simulator/solve/folded.ts';

const serve = (station: string, meanMs: number): Instruction => ({ op: 'serve', station, service: { kind: 'exponential', meanMs } });
const query = (meanMs: number): Instruction => ({ op: 'hold', station: 'pool', body: [serve('db', meanMs), serve('loop', 0.02)] });
const repeat = (times: number, make: (index: number) => readonly Instruction[]): Instruction[] => Array.from({ length: times }, (_, index) => make(index)).flat();

/** A program that makes 40 queries one after the other, some of them only now and then, some ten at a time. */
const LONG: readonly Instruction[] = repeat(20, (index) => [
  query(index % 2 ? 0.2 : 0.4),
  serve('loop', 0.05),
  { op: 'branch', probability: 0.25, taken: repeat(4, () => [query(0.3), serve('loop', 0.03)]), otherwise: [serve('loop', 0.01)] },
  ...(index % 10 === 0 ? [{ op: 'parallel', branches: Array.from({ length: 10 }, () => [query(0.2)]) } as Instruction] : []),
]);
/** The same work, answered before its last tenth. */
const EARLY: readonly Instruction[] = [...LONG, { op: 'respond' }, ...repeat(4, () => [query(0.4)])];

const network = (perSecond: number): Network => ({
  version: 1,
  groups: [],
  stations: [
    { id: 'loop', component: 'a', label: 'loop', servers: 1, room: null, discipline: 'fifo' },
    { id: 'pool', component: 'a', label: 'pool', servers: 8, room: null, discipline: 'fifo' },
    { id: 'db', component: 'b', label: 'db', servers: 4, room: null, discipline: 'fifo' },
  ],
  programs: [
    { id: 'long', body: LONG },
    { id: 'early', body: EARLY },
  ],
  sources: ['long', 'early'].map((id) => ({ id, program: id, arrivals: 'poisson' as const, share: 0.5, phases: [{ fromMs: 0, perSecond: perSecond / 2 }], patienceMs: null })),
});

const sizeOf = (body: readonly Instruction[]): number => JSON.stringify(body).split('"op"').length - 1;

describe('long programs, folded', () => {
  it('each different step stands once in what is left', () => {
    const [long, early] = folded(network(1)).programs;
    expect(sizeOf(LONG)).toBeGreaterThan(400);
    expect(sizeOf(long?.body ?? [])).toBeLessThan(25);
    // The answer parts them, and nothing moves past it.
    expect(early?.body.findIndex((it) => it.op === 'respond')).toBeGreaterThan(0);
    expect(early?.body.at(-1)?.op).not.toBe('respond');
  });

  it('a short program is left as it is', () => {
    const short = { ...network(1), programs: [{ id: 'long', body: LONG.slice(0, 3) }] };
    expect(folded(short)).toBe(short);
  });

  it.each([5, 40, 70])('%i/s: rates to the percent, times within the published error of what is played', (perSecond) => {
    const solved = solve(network(perSecond));
    const played = simulate(network(perSecond), { seconds: 400, seed: 1 });
    for (const station of played.stations) {
      const told = solved.stations.find((it) => it.id === station.id);
      // A pool is held through the waits within.
      expect(Math.abs((told?.utilisation ?? 0) / station.utilisation - 1), station.id).toBeLessThan(station.id === 'pool' ? 0.1 : 0.04);
    }
    const error = solved.validity.kind === 'approximate' ? solved.validity.errorShare : 0.05;
    for (const source of played.sources) {
      const told = solved.sources.find((it) => it.id === source.id)?.latencyMs;
      expect(Math.abs((told?.mean ?? Number.NaN) / (source.latencyMs?.mean ?? Number.NaN) - 1), `mean of ${source.id}`).toBeLessThan(Math.max(0.05, error));
      expect(Math.abs((told?.p95 ?? Number.NaN) / (source.latencyMs?.p95 ?? Number.NaN) - 1), `p95 of ${source.id}`).toBeLessThan(Math.max(0.15, error));
    }
  });
});
