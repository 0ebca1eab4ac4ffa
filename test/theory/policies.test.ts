import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../src/model/network.ts';
import type { Backoff, Limiter } from '../../src/model/network-policies.ts';
import { type Run, simulate, validateNetwork } from '../../src/simulator/index.ts';
import { callsOf, at, busy, goodput, lost, T } from './measures.ts';
import { delay, deterministic, exponential, hold, law, network, serve, station } from './networks.ts';
import { mean, SEEDS, standardError } from './row.ts';
import { limited, refusedBy } from './rows/policies.ts';

interface Row {
  name: string;
  make: () => Network;
  requests: number;
  /** Exact value, and how it is read from a run. */
  expected: Readonly<Record<string, readonly [number, (run: Run) => number]>>;
}

const call = (program: string, more: Partial<Extract<Instruction, { op: 'call' }>> = {}): Instruction => ({ op: 'call', program, ...more });
const fail = (cause = 'failed'): Instruction => ({ op: 'fail', cause });
const branch = (probability: number, taken: readonly Instruction[], otherwise: readonly Instruction[] = []): Instruction => ({ op: 'branch', probability, taken, otherwise });

/** An attempt that fails at once with probability p. */
const flaky = (p: number, more: Partial<Extract<Instruction, { op: 'call' }>>): Network =>
  network({ stations: [], body: [call('attempt', more)], programs: [{ id: 'attempt', body: [branch(p, [fail()])] }], rate: 0.01 });
/** Time of a call of which the first `failures` attempts fail: the pauses between them. */
const pauses = (backoff: Backoff, failures: number): Network => flaky(1, { retry: { times: failures, backoff }, fallback: [] });

const hedged = (afterMs: number, most: number, cancels: boolean): Network =>
  network({
    stations: [station('s', null)],
    body: [call('work', { hedge: { afterMs, most }, cancels })],
    programs: [{ id: 'work', body: [serve('s')] }],
    rate: 0.01,
  });

const E = Math.E;
/** E min(N, limit) for a Poisson number with this mean. */
function meanOfSmaller(load: number, limit: number): number {
  let term = E ** -load;
  let all = 0;
  let below = 0;
  for (let n = 0; n < limit; n++) {
    all += n * term;
    below += term;
    term *= load / (n + 1);
  }
  return all + limit * (1 - below);
}
/** Erlang's loss formula. */
function erlangB(servers: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

/** Limiters under a Poisson stream: settings, requests per unit of time, and the exact share that is refused. */
const LIMITED: readonly [string, Omit<Limiter, 'id' | 'cause' | 'keys'> & { keys?: number; [setting: string]: unknown }, number, number][] = [
  ['windows at multiples: E min(N, limit) of each', { kind: 'fixedWindow', limit: 10, windowMs: 10, aligned: true }, 1.1, 1 - meanOfSmaller(11, 10) / 11],
  [
    'windows that begin with a request: E min(1 + N, limit) of each window and the wait for the next',
    { kind: 'fixedWindow', limit: 10, windowMs: 10 },
    1.1,
    1 - (1 + meanOfSmaller(11, 9)) / (11 + 1),
  ],
  ['windows per client: each of five has a fifth of the load', { kind: 'fixedWindow', keys: 5, limit: 2, windowMs: 10, aligned: true }, 1.1, 1 - meanOfSmaller(2.2, 2) / 2.2],
  ['a log of those that passed: Erlang B, who passes holds a place for the window', { kind: 'slidingWindow', limit: 10, windowMs: 10 }, 1.1, erlangB(10, 11)],
  ['a log that lets one pass: dead time after each', { kind: 'slidingWindow', limit: 1, windowMs: 3 }, 0.5, 1.5 / 2.5],
  ['a bucket of one token: dead time after each', { kind: 'tokenBucket', perSecond: 1000 / 3, burst: 1 }, 0.5, 1.5 / 2.5],
  ['nginx without burst: dead time after each', { kind: 'leakyBucket', perSecond: 1000 / 3, burst: 0 }, 0.5, 1.5 / 2.5],
];

const ROWS: readonly Row[] = [
  {
    name: 'a retry that is made with probability .8: failures end after 1 ÷ (1 − .5 · .8) tries — geometric',
    make: () => flaky(0.5, { retry: { times: null, probability: 0.8, backoff: exponential() } }),
    requests: 15_000,
    expected: { attempts: [1 / 0.6, (run) => callsOf(run, 'attempt').attempts / callsOf(run, 'attempt').calls], failure: [(0.5 * 0.2) / 0.6, lost] },
  },
  ...(
    [
      ['exponential', exponential(3), 3 * 4],
      ['gamma', law('gamma', 0.25, 3), 3 * 4],
      ['growing', { kind: 'growing', initialMs: 2, factor: 3, maxMs: 30 }, 2 + 6 + 18 + 30],
      ['growing with full jitter', { kind: 'growing', initialMs: 2, factor: 3, maxMs: 30, jitter: 'full' }, (2 + 6 + 18 + 30) / 2],
      ['growing with equal jitter', { kind: 'growing', initialMs: 2, factor: 3, maxMs: 30, jitter: 'equal' }, (3 * (2 + 6 + 18 + 30)) / 4],
    ] as const
  ).map(
    ([name, backoff, mean]): Row => ({
      name: `four pauses: ${name}`,
      make: () => pauses(backoff, 4),
      requests: 1500,
      expected: { T: [mean, T], retries: [4, (run) => callsOf(run, 'attempt').retries / callsOf(run, 'attempt').calls] },
    }),
  ),
  {
    name: 'a hedge after half a mean: E min = d + e^-d (half of what is left) — two independent exponentials',
    make: () => hedged(0.5, 1, false),
    requests: 8000,
    // Until d only the first runs: 1 − e^-d; from there on two, each as young as new.
    expected: {
      T: [1 - E ** -0.5 + E ** -0.5 / 2, T],
      hedges: [E ** -0.5, (run) => callsOf(run, 'work').hedges / callsOf(run, 'work').calls],
      busy: [0.01 * (1 + E ** -0.5), busy],
    },
  },
  {
    name: 'three hedges that cancel the losers: minimum of up to four, and no work for nobody',
    make: () => hedged(0.3, 3, true),
    requests: 8000,
    expected: {
      T: [1 - E ** -0.3 + (E ** -0.3 - E ** -0.9) / 2 + (E ** -0.9 - E ** -1.8) / 3 + E ** -1.8 / 4, T],
      // While n run, 1 ÷ n of a mean passes until one is done: every span costs as much work as it has chance to end the call.
      busy: [0.01, busy],
    },
  },
  {
    name: 'a timeout that cancels: the server is busy no longer than the caller waits — truncated exponential',
    make: () =>
      network({ stations: [station('s', null)], body: [call('work', { timeoutMs: 1, cancels: true, fallback: [] })], programs: [{ id: 'work', body: [serve('s')] }], rate: 0.1 }),
    requests: 8000,
    expected: { T: [1 - 1 / E, T], busy: [0.1 * (1 - 1 / E), busy], timeouts: [1 / E, (run) => callsOf(run, 'work').timeouts / callsOf(run, 'work').calls] },
  },
  ...LIMITED.map(
    ([name, limiter, rate, refusedShare]): Row => ({
      name: `limiter: ${name}`,
      make: () => limited(rate, limiter as never),
      requests: 8000,
      expected: { refusedShare: [refusedShare, refusedBy], goodput: [rate * (1 - refusedShare), goodput] },
    }),
  ),
];

const expectLawful = (run: Run): void => {
  expect(run.checks.little).toBeLessThan(1e-9);
  expect(run.checks.utilisation).toBeLessThan(1e-9);
  expect(run.checks.flow).toBe(0);
};
/** Plays a network that must be a valid model. */
const play = (net: Network, options: Parameters<typeof simulate>[1]): Run => {
  expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
  const run = simulate(net, options);
  expectLawful(run);
  return run;
};

describe('call policies against theory: within 3 standard errors of ten runs, or 1%', () => {
  it.each(ROWS)('$name', ({ make, requests, expected }) => {
    const net = make();
    const seconds = requests / (net.sources[0]?.phases?.[0]?.perSecond ?? 1);
    const runs = SEEDS.map((seed) => play(net, { seconds, seed }));
    for (const [name, [exact, measure]] of Object.entries(expected)) {
      const values = runs.map(measure);
      const error = standardError(values);
      expect(Math.abs(mean(values) - exact), `${name}: ${mean(values)} for ${exact}, standard error ${error}`).toBeLessThanOrEqual(Math.max(0.01 * exact, 3 * error));
      // Neither bound means anything where runs scatter.
      expect(error, `standard error of ${name}`).toBeLessThan(0.04 * exact);
    }
  });
});

describe('exact stories', () => {
  const once = (net: Network, seconds = 10): Run => play({ ...net, sources: net.sources.map((it) => ({ ...it, phases: [], burst: 1 })) }, { seconds, warmupSeconds: 0 });

  it('a retry budget: a tenth of the calls and what was saved up, then failures are passed on', () => {
    const net = flaky(1, { retry: { times: 10, budget: 'b' } });
    const run = play(
      { ...net, retryBudgets: [{ id: 'b', ratio: 0.1, burst: 5 }], sources: [{ ...(net.sources[0] as Network['sources'][number]), arrivals: 'deterministic' }] },
      { seconds: 100.001, warmupSeconds: 0 },
    );
    expect(callsOf(run, 'attempt')).toMatchObject({ calls: 1000, retries: 5 + 99 });
  });

  it('an error ends a program where it is, gives back what it holds, and carries its cause', () => {
    const run = once(network({ stations: [station('s', 1)], body: [hold('s', delay(deterministic(5)), fail('no'), delay(deterministic(100)))] }));
    expect(run.errorsByCause).toEqual({ no: 1 });
    expect(at(run).meanBusy * run.seconds * 1000).toBeCloseTo(5, 9);
  });

  it('a fallback runs in place of the failure, within the same holds', () => {
    const run = once(
      network({
        stations: [station('s', 1)],
        body: [hold('s', call('broken', { retry: { times: 1, backoff: deterministic(2) }, fallback: [delay(deterministic(3))] }), delay(deterministic(4)))],
        programs: [{ id: 'broken', body: [delay(deterministic(1)), fail()] }],
      }),
    );
    expect(run.errorsByCause).toEqual({});
    expect(T(run)).toBeCloseTo(1 + 2 + 1 + 3 + 4, 9);
    expect(at(run).meanBusy * run.seconds * 1000).toBeCloseTo(11, 9);
  });

  it('an error in a fallback fails the caller', () => {
    const run = once(network({ stations: [], body: [call('broken', { fallback: [fail('both')] })], programs: [{ id: 'broken', body: [fail('one')] }] }));
    expect(run.errorsByCause).toEqual({ both: 1 });
  });

  it('a timed-out call that cancels frees all that was done for it, down to branches, queues and shared processors', () => {
    const body: Instruction[] = [call('work', { timeoutMs: 10, cancels: true })];
    const parts = {
      stations: [station('held', 1), station('busy', 1), station('shared', 1, { discipline: 'processorSharing' as const }), station('left', 1)],
      body,
      programs: [
        {
          id: 'work',
          body: [
            hold(
              'held',
              { op: 'spawn', program: 'message' } as const,
              {
                op: 'parallel',
                branches: [
                  [serve('busy', deterministic(100))],
                  [serve('busy', deterministic(100))],
                  [serve('shared', deterministic(100))],
                  [serve('shared', deterministic(7))],
                  [serve('shared', deterministic(200))],
                  [call('deeper')],
                  [delay(deterministic(1000))],
                ],
              } as const,
            ),
          ],
        },
        { id: 'deeper', body: [hold('left', delay(deterministic(1000)))] },
        { id: 'message', body: [delay(deterministic(50))] },
      ],
    };
    const run = once(network(parts));
    expect(run.errorsByCause).toEqual({ 'request timed out': 1 });
    for (const id of ['held', 'busy', 'shared', 'left']) expect(at(run, id).meanBusy * run.seconds * 1000, id).toBeCloseTo(10, 9);
    expect(at(run, 'busy').meanQueue * run.seconds * 1000).toBeCloseTo(10, 9);
    expect(run.programs.find((it) => it.id === 'message')).toMatchObject({ started: 1, finished: 1 });
    const left = once(network({ ...parts, body: [call('work', { timeoutMs: 10 })] }));
    expect(at(left, 'busy').meanBusy * left.seconds * 1000).toBeCloseTo(200, 9);
    expect(at(left, 'left').meanBusy * left.seconds * 1000).toBeCloseTo(1000, 9);
  });

  it('whoever waited behind cancelled work is served then, and only then', () => {
    const net = network({
      stations: [station('s', 1)],
      body: [call('slow', { timeoutMs: 10, cancels: true, fallback: [] })],
      programs: [
        { id: 'slow', body: [serve('s', deterministic(1000))] },
        { id: 'quick', body: [serve('s', deterministic(1))] },
      ],
      source: { phases: [], burst: 2 },
    });
    const run = play(
      {
        ...net,
        sources: [
          ...net.sources,
          {
            id: 'quick',
            program: 'quick',
            arrivals: 'deterministic',
            share: 0,
            phases: [
              { fromMs: 0, perSecond: 200 },
              { fromMs: 6, perSecond: 0 },
            ],
            patienceMs: null,
          },
        ],
      },
      { seconds: 1, warmupSeconds: 0 },
    );
    expect(run.sources[1]?.latencyMs).toMatchObject({ count: 1, mean: 5 + 1 });
  });

  it('an early answer is not cancelled with the call that it ended', () => {
    const run = once(
      network({
        stations: [station('s', 1)],
        body: [call('work', { timeoutMs: 10, cancels: true })],
        programs: [{ id: 'work', body: [{ op: 'respond' }, serve('s', deterministic(100))] }],
      }),
    );
    expect(run.errorsByCause).toEqual({});
    expect(at(run).meanBusy * run.seconds * 1000).toBeCloseTo(100, 9);
  });

  it('a failed attempt waits for its hedge; without one under way it fails at once', () => {
    const net = network({
      stations: [station('one', 1, { room: 0 })],
      body: [call('work', { hedge: { afterMs: 10 } })],
      // Whoever finds the one place taken is the hedge, and answers 30 later; the first fails 5 after the hedge was sent.
      programs: [
        { id: 'work', body: [call('claim', { fallback: [delay(deterministic(30)), { op: 'respond' }] }), fail('late')] },
        { id: 'claim', body: [hold('one', delay(deterministic(15)))] },
      ],
    });
    expect(T(once(net))).toBeCloseTo(40, 9);
    const run = once(network({ stations: [], body: [call('work', { hedge: { afterMs: 10 } })], programs: [{ id: 'work', body: [delay(deterministic(3)), fail()] }] }));
    expect(callsOf(run, 'work')).toMatchObject({ attempts: 1, hedges: 0 });
  });
});
