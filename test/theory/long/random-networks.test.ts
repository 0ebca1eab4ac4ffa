import { describe, expect, it } from 'vitest';
import playedNetworks from '../played.json' with { type: 'json' };
import { type Played, play } from '../played.ts';

const EVERY = 50;

describe('random networks that the closed form is judged by come out as they did when they are played again', () => {
  const some = (playedNetworks as unknown as readonly Played[]).filter((_, at) => at % EVERY === 7);
  it.each(some.map((it) => [it.index, it] as const))('network %i', (index, before) => {
    const again = play(index, 1, before.perSecond);
    expect(again.hash).toBe(before.hash);
    expect(Math.abs(again.meanMs / before.meanMs - 1)).toBeLessThan(4 * Math.hypot(again.error, before.error) + 0.005);
    again.stations.forEach(([utilisation], at) => {
      expect(Math.abs(utilisation - (before.stations[at]?.[0] ?? 0))).toBeLessThan(0.03);
    });
  });
});
