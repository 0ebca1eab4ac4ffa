import { describe, expect, it } from 'vitest';
import type { Network } from '../../../src/model/network.ts';
import { flatten } from '../../../src/simulator/solve/flatten.ts';
import { failing, questionOf, withCapacity } from '../../../src/simulator/solve/measures.ts';
import { erlangB, erlangC } from '../../../src/simulator/solve/waits.ts';

/** Ten queries side by side, each through a pool. */
const network: Network = {
  version: 1,
  groups: [],
  stations: [
    { id: 'pool', component: 'a', label: 'pool', servers: 5, room: null, discipline: 'fifo' },
    { id: 'db', component: 'b', label: 'db', servers: 4, room: null, discipline: 'fifo' },
  ],
  programs: [
    {
      id: 'main',
      body: [
        {
          op: 'parallel',
          branches: Array.from({ length: 10 }, () => [
            { op: 'hold' as const, station: 'pool', body: [{ op: 'serve' as const, station: 'db', service: { kind: 'exponential' as const, meanMs: 2 } }] },
          ]),
        },
      ],
    },
  ],
  sources: [{ id: 'main', program: 'main', arrivals: 'poisson', share: 1, patienceMs: null }],
};

describe('a station that is taken away', () => {
  it.each(['pool', 'db'])('%s, asked for by branches side by side', (id) => {
    const flat = flatten(network);
    const question = questionOf(flat, { p95Ms: [null], patienceMs: [null], errorShare: 0.01, messageAgeMs: 60_000, channelRoots: [], blameless: [] });
    const without = withCapacity(question, flat.stationIds.indexOf(id), Number.POSITIVE_INFINITY).question;
    expect(failing(without, 50)).toBeNull();
    expect(without.state.wait.every(Number.isFinite)).toBe(true);
  });

  it('nobody waits for one of endlessly many servers', () => {
    expect([erlangB(Number.POSITIVE_INFINITY, 3), erlangC(Number.POSITIVE_INFINITY, 3), erlangC(Number.POSITIVE_INFINITY, Number.NaN)]).toEqual([0, 0, 0]);
  });
});
