import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../../src/model/network.ts';
import { ENDLESS, runModel, simulate } from '../../../src/simulator/index.ts';

const model = (body: readonly Instruction[], burst = 0): Network => ({
  version: 1,
  groups: [],
  stations: [{ id: 's', component: 's', label: 's', servers: 1, room: null, discipline: 'fifo' }],
  programs: [{ id: 'p', body }],
  sources: [{ id: 'in', program: 'p', arrivals: 'poisson', share: 1, phases: [{ fromMs: 0, perSecond: 10 }], patienceMs: null, ...(burst > 0 && { burst }) }],
});
const moment = { kind: 'deterministic', meanMs: 0 } as const;

describe('programs that never come to an end', () => {
  it.each<[string, readonly Instruction[]]>([
    ['call themselves', [{ op: 'call', program: 'p' }]],
    ['spawn themselves', [{ op: 'spawn', program: 'p' }]],
    [
      'call themselves after no time',
      [
        { op: 'delay', duration: moment },
        { op: 'call', program: 'p' },
      ],
    ],
  ])('%s: one line says so', (_name, body) => {
    expect(runModel(model(body), { engine: 'events', seed: 1, series: false, seconds: 1 })).toEqual({ error: ENDLESS });
  });

  it('a burst of a hundred thousand is none', () => {
    const run = simulate(
      model(
        [
          { op: 'delay', duration: moment },
          { op: 'serve', station: 's', service: { kind: 'deterministic', meanMs: 0.001 } },
        ],
        100_000,
      ),
      { seconds: 1, warmupSeconds: 0 },
    );
    expect(run.sources[0]?.offered).toBeGreaterThanOrEqual(100_000);
  });
});
