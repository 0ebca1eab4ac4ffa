import { describe, expect, it } from 'vitest';
import type { Instruction, Network, Source } from '../../src/model/network.ts';
import { type Run, simulate, solve } from '../../src/simulator/index.ts';
import { deterministic, delay, exponential, hold, station } from './networks.ts';
import { SEEDS } from './row.ts';

const SECOND = 1000;
const LOOP = station('loop', 1, { discipline: 'eventLoop' });
const visit = (newConnection: boolean, service = deterministic(1), waitLimitMs: number | null = null): Instruction => ({
  op: 'serve',
  station: 'loop',
  service,
  waitLimitMs,
  ...(newConnection && { newConnection }),
});
const poisson = (perMs: number): Partial<Source> => ({ phases: [{ fromMs: 0, perSecond: perMs * SECOND }] });

/** A source for each body. */
const loop = (...parts: readonly (readonly [readonly Instruction[], Partial<Source>])[]): Network => ({
  version: 1,
  groups: [],
  stations: [LOOP],
  programs: parts.map(([body], index) => ({ id: `p${index}`, body })),
  sources: parts.map(([, source], index) => ({ id: `p${index}`, program: `p${index}`, arrivals: 'poisson', share: 0, phases: [], patienceMs: null, ...source })),
});
const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;

/** The mean over independent runs, and its standard error. */
function over(make: () => Network, seconds: number, warmupSeconds: number, value: (run: Run) => number): { estimate: number; error: number } {
  const values = SEEDS.map((seed) => value(simulate(make(), { seconds, warmupSeconds, seed })));
  const estimate = mean(values);
  return { estimate, error: Math.sqrt(mean(values.map((it) => (it - estimate) * (it - estimate))) / (values.length - 1)) };
}

describe('a turn serves all who waited when it began, then lets one new connection in', () => {
  // k: over a kept-alive connection, n: over a new one. Each takes a millisecond.
  it.each<[string, readonly (readonly ['k' | 'n', number])[], readonly number[]]>([
    ['an idle loop takes whoever comes', [['n', 0]], [1]],
    [
      'only kept-alive connections: in order of arrival',
      [
        ['k', 0],
        ['k', 0.2],
        ['k', 0.1],
      ],
      [1, 3, 2],
    ],
    [
      'only new ones: in order of arrival',
      [
        ['n', 0],
        ['n', 0.2],
        ['n', 0.1],
      ],
      [1, 3, 2],
    ],
    // From 1 on: the first turn is k k and one n; k of 1.5 comes behind it; then the other n.
    [
      'one new connection a turn',
      [
        ['k', 0],
        ['n', 0.1],
        ['n', 0.2],
        ['k', 0.3],
        ['k', 0.4],
        ['k', 1.5],
      ],
      [1, 4, 6, 2, 3, 5],
    ],
    [
      'whoever is in stays in',
      [
        ['n', 0],
        ['n', 0.1],
        ['k', 1.5],
        ['n', 0.2],
        ['k', 2.5],
      ],
      [1, 2, 3, 4, 5],
    ],
  ])('%s', (_name, requests, ends) => {
    const model = loop(...requests.map(([kind, atMs]) => [[delay(deterministic(atMs)), visit(kind === 'n')], { burst: 1 }] as const));
    expect(simulate(model, { seconds: 1, warmupSeconds: 0 }).sources.map((it) => it.latencyMs?.max)).toEqual(ends);
  });

  it('who gives up in the queue ends no turn too early', () => {
    // The turn from 1 on is k, k, n; the last k leaves it, the other n still waits for the next turn.
    const model = loop(
      [[visit(false)], { burst: 1 }],
      [[delay(deterministic(0.1)), visit(true)], { burst: 1 }],
      [[delay(deterministic(0.2)), visit(true)], { burst: 1 }],
      [[delay(deterministic(0.3)), visit(false)], { burst: 1 }],
      [[delay(deterministic(0.4)), visit(false, deterministic(1), 1)], { burst: 1 }],
      [[delay(deterministic(1.6)), visit(false)], { burst: 1 }],
    );
    const run = simulate(model, { seconds: 1, warmupSeconds: 0 });
    expect(run.sources.map((it) => it.latencyMs?.max ?? null)).toEqual([1, 3, 5, 2, null, 4]);
  });

  it('a hold waits for its turn too', () => {
    const model = loop([[hold('loop', delay(deterministic(1)))], { burst: 3 }]);
    expect(simulate(model, { seconds: 1, warmupSeconds: 0 }).sources[0]?.latencyMs?.max).toBe(3);
  });
});

describe('with room for all', () => {
  it('nobody gains but at the cost of others: Σ ρ·W is that of one queue (Kleinrock 1965)', () => {
    const [kept, fresh] = [0.5, 0.3];
    const make = (): Network => loop([[visit(false, exponential(1))], poisson(kept)], [[visit(true, exponential(1))], poisson(fresh)]);
    const { estimate, error } = over(make, 100, 5, ({ sources }) => kept * ((sources[0]?.latencyMs?.mean ?? 0) - 1) + fresh * ((sources[1]?.latencyMs?.mean ?? 0) - 1));
    const expected = (0.8 * 0.8) / (1 - 0.8);
    expect(Math.abs(estimate - expected)).toBeLessThan(Math.max(0.01 * expected, 3 * error));
    expect(error).toBeLessThan(0.02 * expected);
  });
});

describe('an overloaded event loop starves new connections while kept-alive ones are served', () => {
  const kept = 0.5;
  const make = (): Network => loop([[visit(false)], poisson(kept)], [[visit(true)], poisson(0.8)]);

  it('kept-alive requests wait as with gated service and a vacation each turn (Takagi 1991): λ·E[B²] / 2(1 − ρ) + V / 2 + ρ·V / (1 − ρ)', () => {
    const expected = kept / (2 * (1 - kept)) + 1 / 2 + kept / (1 - kept);
    const { estimate, error } = over(make, 60, 5, (run) => (run.sources[0]?.latencyMs?.mean ?? 0) - 1);
    expect(Math.abs(estimate - expected)).toBeLessThan(Math.max(0.01 * expected, 3 * error));
    expect(error).toBeLessThan(0.01 * expected);
  });

  it('new ones get what is left, and their wait grows without end', () => {
    const { estimate } = over(make, 60, 5, (run) => (run.sources[1]?.goodputPerSecond ?? 0) / SECOND);
    expect(estimate).toBeCloseTo(1 - kept, 2);
    const [short, long] = [20, 60].map((seconds) => simulate(make(), { seconds, warmupSeconds: 0, seed: 1 }).sources[1]?.latencyMs?.max ?? 0);
    expect(long).toBeGreaterThan(2 * (short as number));
  });

  it('the median of all is far below their p95, where one queue in order of arrival makes everybody wait alike', () => {
    const spread = (model: Network): number => {
      // All through one source: a request in five opens a connection.
      const [run] = [simulate(model, { seconds: 20, warmupSeconds: 0, seed: 1 })];
      return (run.sources[0]?.latencyMs?.p95 ?? 0) / (run.sources[0]?.latencyMs?.p50 ?? 1);
    };
    const body: Instruction[] = [{ op: 'branch', probability: 0.2, taken: [visit(true)], otherwise: [visit(false)] }];
    const model = loop([body, poisson(1.1)]);
    expect(spread(model)).toBeGreaterThan(100);
    const inOrder: Network = { ...model, stations: [{ ...LOOP, discipline: 'fifo' }], programs: [{ id: 'p0', body: [visit(false)] }] };
    expect(spread(inOrder)).toBeLessThan(3);
  });
});

it('theory tells how busy such a loop is and says that it knows no times', () => {
  const [told] = [solve(loop([[visit(false)], poisson(0.5)], [[visit(true)], poisson(0.3)]))];
  expect(told.validity).toMatchObject({ kind: 'throughputOnly', why: expect.stringContaining('new connections one by one (loop)') });
  expect(told.stations[0]?.utilisation).toBeCloseTo(0.8, 6);
});
