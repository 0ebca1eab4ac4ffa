import { describe, expect, it } from 'vitest';
import type { Network } from '../../../src/model/network.ts';
import { bindingOf } from '../../../src/simulator/answers/ladder.ts';
import { draw } from '../../../src/simulator/draw.ts';
import { flatten } from '../../../src/simulator/solve/flatten.ts';
import { breaksAtOf, failing, questionOf, withCapacity } from '../../../src/simulator/solve/measures.ts';
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

describe('what binds', () => {
  /** Stations one after the other with room in plenty, each nearly as busy as the busiest. */
  const tandem = (seed: number): Network => {
    const count = 4;
    const servers = Array.from({ length: count }, (_, s) => 1 + Math.floor(8 * draw(seed, 'servers', s)));
    return {
      version: 1,
      groups: [],
      stations: servers.map((it, s) => ({ id: `s${s}`, component: 'a', label: `s${s}`, servers: it, room: null, discipline: 'fifo' })),
      programs: [
        {
          id: 'main',
          body: servers.map((it, s) => ({ op: 'serve', station: `s${s}`, service: { kind: 'exponential', meanMs: it * (8 + 2 * draw(seed, 'service', s)) } })),
        },
      ],
      sources: [{ id: 'main', program: 'main', arrivals: 'poisson', share: 1, patienceMs: null }],
    };
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is what gives most for a tenth more, as if each had been searched to its end (%i)', (seed) => {
    const question = questionOf(flatten(tandem(seed)), { p95Ms: [2000], patienceMs: [null], errorShare: 0.01, messageAgeMs: 60_000, channelRoots: [], blameless: [] });
    const point = breaksAtOf(question);
    expect(point).toBeGreaterThan(10);
    const gains = Array.from(question.flat.servers, (_, s) => {
      const more = withCapacity(question, s, 1.1);
      return Math.log((breaksAtOf(more.question) as number) / (point as number)) / Math.log(more.factor);
    });
    const found = bindingOf(question, point);
    expect(gains[found]).toBeGreaterThanOrEqual(Math.max(...gains) / 1.002);
  });

  it('is not a queue whose workers are busy, where those who wait for an answer wait elsewhere', () => {
    const exponential = (meanMs: number) => ({ kind: 'exponential' as const, meanMs });
    const question = questionOf(
      flatten({
        version: 1,
        groups: [],
        stations: [
          { id: 'loop', component: 'a', label: 'loop', servers: 1, room: null, discipline: 'fifo' },
          { id: 'workers', component: 'a', label: 'workers', servers: 1, room: null, discipline: 'fifo' },
        ],
        programs: [
          { id: 'job', body: [{ op: 'serve', station: 'workers', service: exponential(10) }] },
          {
            id: 'main',
            body: [
              { op: 'serve', station: 'loop', service: exponential(2) },
              { op: 'spawn', program: 'job' },
            ],
          },
        ],
        sources: [{ id: 'main', program: 'main', arrivals: 'poisson', share: 1, patienceMs: null }],
      }),
      { p95Ms: [6.5], patienceMs: [null], errorShare: 0.01, messageAgeMs: 60_000, channelRoots: [], blameless: [] },
    );
    const point = breaksAtOf(question) as number;
    failing(question, point);
    const [loop, workers] = ['loop', 'workers'].map((id) => question.flat.stationIds.indexOf(id)) as [number, number];
    expect(question.state.utilisation[workers]).toBeGreaterThan(4 * (question.state.utilisation[loop] as number));
    expect(bindingOf(question, point)).toBe(loop);
  });
});
