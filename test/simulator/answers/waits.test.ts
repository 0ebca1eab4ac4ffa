import { describe, expect, it } from 'vitest';
import { waits } from '../../../src/simulator/index.ts';
import { erlangC } from '../../../src/simulator/solve/waits.ts';
import { EMPTY_TOPOLOGY } from '../../../src/model/topology.ts';
import { apiAndDatabase, at, compute, endpoint, ms, query } from '../topologies.ts';

const sum = (it: { stations: readonly { waitMs: number; serviceMs: number }[]; delayMs: number; lostMs: number }): number =>
  it.stations.reduce((all, part) => all + part.waitMs + part.serviceMs, it.delayMs + it.lostMs);

describe('whose waits responses are made of', () => {
  it('all parts make up the response, in the mean and in its slowest hundredth', () => {
    const found = waits(apiAndDatabase({ pool: 5, holdMs: ms(10) }), at(400));
    expect(found).toMatchObject({ isSteady: true });
    const [only] = found?.endpoints ?? [];
    expect(only?.endpoint).toBe('api GET /users');
    for (const part of [only?.mean, only?.p99]) expect(sum(part as never) / (part?.responseMs ?? 0)).toBeCloseTo(1, 9);
    // Five connections of 10 ms each, four fifths busy: Erlang C ÷ (500 − 400) a second of waiting on average, and the slow ones waited longer.
    const pool = (of: 'mean' | 'p99'): number => only?.[of].stations.find((it) => it.id === 'api→db pool')?.waitMs ?? 0;
    expect(Math.abs(pool('mean') / ((erlangC(5, 4) * 1000) / 100) - 1)).toBeLessThan(0.15);
    expect(pool('p99')).toBeGreaterThan(2 * pool('mean'));
  });

  it('where nothing waits it is service: ten milliseconds at the database', () => {
    const [only] = waits(apiAndDatabase({ pool: 50, holdMs: ms(10), cpuMs: ms(0.1) }), at(50))?.endpoints ?? [];
    expect(only?.mean.stations.find((it) => it.id === 'db')?.serviceMs).toBeCloseTo(9.8, 0);
    expect(only?.mean.delayMs).toBeCloseTo(0.2, 2);
  });

  it('an overload tells of its first seconds, and says so', () => {
    const found = waits(apiAndDatabase({ pool: 5, holdMs: ms(10) }), at(900));
    expect(found).toMatchObject({ isSteady: false });
    expect(found?.seconds).toBeLessThanOrEqual(120);
  });

  it('each endpoint has its own', () => {
    const topology = { ...apiAndDatabase(), endpoints: [endpoint('/cheap', [compute(ms(0.1), 'cheap')]), endpoint('/users', [compute(ms(0.1)), query('SELECT users', ms(5))])] };
    const found = waits(topology, at(100));
    expect(found?.endpoints.map((it) => [it.endpoint, it.mean.stations.some((part) => part.id === 'db')])).toEqual([
      ['api GET /cheap', false],
      ['api GET /users', true],
    ]);
  });

  it.each([
    ['no load', apiAndDatabase(), at(0)],
    ['no endpoints', EMPTY_TOPOLOGY, at(100)],
  ])('nothing to say: %s', (_, topology, scenario) => expect(waits(topology, scenario)).toBeNull());

  it('the same seed, the same answer', () => expect(waits(apiAndDatabase(), at(200))).toEqual(waits(apiAndDatabase(), at(200))));
});
