import CircuitBreaker from 'opossum';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Instruction, Network } from '../../../src/model/network.ts';
import type { Breaker } from '../../../src/model/network-policies.ts';
import { askBreaker, breakerFor, callFailed, callSucceeded, CLOSED, HALF_OPEN, IS_OPEN, OPEN, PASSES, settleBreaker } from '../../../src/simulator/engine/breaker.ts';
import { simulate, validateNetwork } from '../../../src/simulator/index.ts';
import { delay, deterministic, network } from '../../theory/networks.ts';

/** A call at a time, which its work answers or fails after so many ms, unless the timeout is earlier. */
interface Scripted {
  atMs: number;
  takesMs: number;
  fails: boolean;
}
interface Script {
  rule: Omit<Breaker, 'id'>;
  timeoutMs: number;
  calls: readonly Scripted[];
}
/** What both must agree on: changes of state with their times, and each call's fate. */
interface Story {
  changes: string[];
  fates: string[];
}

const rule = (more: Partial<Breaker> = {}): Omit<Breaker, 'id'> => ({
  errorThresholdPercentage: 50,
  volumeThreshold: 0,
  rollingWindowMs: 1000,
  buckets: 10,
  resetTimeoutMs: 300,
  ...more,
});

async function opossumTells({ rule, timeoutMs, calls }: Script, untilMs: number): Promise<Story> {
  const changes: string[] = [];
  const fates: string[] = [];
  const action = ({ takesMs, fails }: Scripted): Promise<void> => new Promise((resolve, reject) => setTimeout(() => (fails ? reject(new Error('failed')) : resolve()), takesMs));
  const breaker = new CircuitBreaker(action, {
    timeout: timeoutMs,
    errorThresholdPercentage: rule.errorThresholdPercentage,
    volumeThreshold: rule.volumeThreshold,
    rollingCountTimeout: rule.rollingWindowMs,
    rollingCountBuckets: rule.buckets,
    resetTimeout: rule.resetTimeoutMs,
    ...(rule.capacity !== undefined && { capacity: rule.capacity }),
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
  });
  breaker.on('open', () => changes.push(`${Date.now()} open`));
  breaker.on('halfOpen', () => changes.push(`${Date.now()} half open`));
  breaker.on('close', () => changes.push(`${Date.now()} closed`));
  for (const [index, call] of calls.entries()) {
    await vi.advanceTimersByTimeAsync(call.atMs - Date.now());
    breaker.fire(call).then(
      () => (fates[index] = 'answered'),
      (error: { code?: string }) => (fates[index] = { EOPENBREAKER: 'open', ESEMLOCKED: 'full', ETIMEDOUT: 'timed out' }[error.code ?? ''] ?? 'failed'),
    );
    await vi.advanceTimersByTimeAsync(0);
  }
  await vi.advanceTimersByTimeAsync(untilMs - Date.now());
  breaker.shutdown();
  return { changes, fates };
}

function oursTells({ rule, timeoutMs, calls }: Script, untilMs: number): Story {
  const changes: string[] = [];
  const fates: string[] = [];
  const breaker = breakerFor({ ...rule, id: 'b' });
  const words = { [CLOSED]: 'closed', [OPEN]: 'open', [HALF_OPEN]: 'half open' } as Record<number, string>;
  let state = CLOSED;
  const look = (atMs: number): void => {
    if (breaker.state !== state) changes.push(`${atMs} ${words[breaker.state]}`);
    state = breaker.state;
  };
  const events: { atMs: number; order: number; happens: () => void }[] = [];
  calls.forEach((call, index) => {
    events.push({
      atMs: call.atMs,
      order: index,
      happens: () => {
        const answer = askBreaker(breaker, call.atMs);
        look(call.atMs);
        if (answer !== PASSES) {
          fates[index] = answer === IS_OPEN ? 'open' : 'full';
          return;
        }
        const late = call.takesMs > timeoutMs;
        const atMs = call.atMs + Math.min(call.takesMs, timeoutMs);
        const happens = (): void => {
          fates[index] = late ? 'timed out' : call.fails ? 'failed' : 'answered';
          (late || call.fails ? callFailed : callSucceeded)(breaker, atMs);
        };
        events.push({ atMs, order: calls.length + index, happens });
      },
    });
  });
  for (;;) {
    events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const next = events[0];
    const due = breaker.state === OPEN ? breaker.openedAt + rule.resetTimeoutMs : Number.POSITIVE_INFINITY;
    const atMs = Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, due);
    if (atMs > untilMs) return { changes, fates };
    settleBreaker(breaker, atMs);
    look(atMs);
    if (due === atMs && next?.atMs !== atMs) continue;
    events.shift();
    next?.happens();
    look(atMs);
  }
}

const call = (atMs: number, kind: 'ok' | 'fails' | 'hangs', takesMs = 1): Scripted => ({ atMs, takesMs: kind === 'hangs' ? 100_000 : takesMs, fails: kind === 'fails' });
const every = (fromMs: number, gapMs: number, kinds: string): Scripted[] =>
  [...kinds].map((it, index) => call(fromMs + index * gapMs, it === '.' ? 'ok' : it === 'x' ? 'fails' : 'hangs'));

const SCRIPTS: readonly [string, Script][] = [
  ['the first failure opens it', { rule: rule(), timeoutMs: 50, calls: every(10, 10, 'x..') }],
  ['half of the calls is not more than half', { rule: rule(), timeoutMs: 50, calls: every(10, 10, '.x.x.xx') }],
  ['a timeout is a failure', { rule: rule(), timeoutMs: 50, calls: every(10, 10, '.hh.h') }],
  ['fewer calls than the threshold', { rule: rule({ volumeThreshold: 5 }), timeoutMs: 50, calls: every(10, 10, 'xxxxxxx') }],
  [
    'refused calls count as calls: they thin out the failures',
    { rule: rule({ resetTimeoutMs: 100, volumeThreshold: 2 }), timeoutMs: 50, calls: [...every(10, 10, 'xx........'), ...every(125, 10, '.x')] },
  ],
  ['the trial succeeds', { rule: rule(), timeoutMs: 50, calls: [...every(10, 10, 'x'), ...every(320, 10, '...')] }],
  ['the trial fails', { rule: rule(), timeoutMs: 50, calls: [...every(10, 10, 'x'), ...every(320, 10, 'x..'), ...every(700, 10, '..')] }],
  ['one trial at a time', { rule: rule(), timeoutMs: 50, calls: [...every(10, 10, 'x'), ...every(320, 5, 'h......'), ...every(800, 5, '....')] }],
  ['closing leaves the window as it is', { rule: rule({ rollingWindowMs: 10_000 }), timeoutMs: 50, calls: [...every(10, 10, '.xxx'), ...every(400, 10, '.x....')] }],
  [
    'an old call decides while it is half open',
    { rule: rule({ resetTimeoutMs: 30 }), timeoutMs: 500, calls: [call(10, 'ok', 65), call(12, 'ok', 100), call(14, 'fails', 80), call(16, 'fails', 2), call(18, 'fails', 2)] },
  ],
  ['what is full fails, and failures open', { rule: rule({ capacity: 2 }), timeoutMs: 50, calls: every(10, 3, 'hhhhh...') }],
  ['calls of an empty window that fail late', { rule: rule({ rollingWindowMs: 100 }), timeoutMs: 5000, calls: [call(10, 'fails', 500), call(20, 'ok', 3000)] }],
  ['failures of the past leave the window', { rule: rule({ volumeThreshold: 3 }), timeoutMs: 50, calls: [...every(10, 10, 'xx'), ...every(1150, 10, '..x')] }],
];

describe('the breaker changes when opossum does, and answers what it answers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const UNTIL = 6000;

  it.each(SCRIPTS)('%s', async (_, script) => {
    const theirs = await opossumTells(script, UNTIL);
    expect(oursTells(script, UNTIL)).toEqual(theirs);
    expect(theirs.fates.filter((it) => it !== undefined)).toHaveLength(script.calls.length);
  });

  it('in 300 random scripts', async () => {
    const scripts = fc.record({
      rule: fc.record(
        {
          errorThresholdPercentage: fc.constantFrom(0, 10, 25, 50, 60, 100),
          volumeThreshold: fc.constantFrom(0, 1, 3, 10),
          rollingWindowMs: fc.constantFrom(350, 700, 2100),
          buckets: fc.constantFrom(1, 5, 10),
          resetTimeoutMs: fc.constantFrom(17, 53, 211),
          capacity: fc.constantFrom(1, 2, 5),
        },
        { requiredKeys: ['errorThresholdPercentage', 'volumeThreshold', 'rollingWindowMs', 'buckets', 'resetTimeoutMs'] },
      ),
      timeoutMs: fc.constantFrom(20, 60),
      calls: fc.array(fc.record({ gapMs: fc.integer({ min: 1, max: 60 }), takesMs: fc.integer({ min: 1, max: 90 }), fails: fc.boolean() }), { minLength: 1, maxLength: 40 }),
    });
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async ({ rule, timeoutMs, calls }) => {
        vi.setSystemTime(0);
        vi.clearAllTimers();
        let atMs = 0;
        // Calls come and buckets change at multiples of 7; ends and resets fall between: what happens at one moment has no order in either world.
        const script: Script = {
          rule: { ...rule, resetTimeoutMs: rule.resetTimeoutMs * 7 + 3 } as Breaker,
          timeoutMs: timeoutMs * 7 + 1,
          calls: calls.map((it) => ({ atMs: (atMs += it.gapMs * 7), takesMs: it.takesMs * 7 + 2, fails: it.fails })),
        };
        const untilMs = atMs + 2000;
        const theirs = await opossumTells(script, untilMs);
        opened += theirs.changes.length;
        expect(oursTells(script, untilMs)).toEqual(theirs);
      }),
      { numRuns: 300, seed: 1 },
    );
    expect(opened).toBeGreaterThan(300);
  });
});

const BREAKER: Breaker = { id: 'breaker', ...rule({ cause: 'no' }) };
const played = (body: readonly Instruction[], breaker: Breaker, more: Partial<Parameters<typeof network>[0]> = {}) => {
  const net: Network = {
    ...network({
      stations: [],
      body,
      programs: [
        { id: 'broken', body: [delay(deterministic(1)), { op: 'fail', cause: 'broken' }] },
        { id: 'slow', body: [delay(deterministic(1000))] },
      ],
      source: { arrivals: 'deterministic', phases: [{ fromMs: 0, perSecond: 100 }] },
      ...more,
    }),
    breakers: [breaker],
  };
  expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
  const run = simulate(net, { seconds: 1.005, warmupSeconds: 0 });
  expect(run.checks).toEqual({ little: expect.closeTo(0, 9), utilisation: 0, flow: 0 });
  return run;
};
const calling = (program: string, more: Partial<Extract<Instruction, { op: 'call' }>> = {}): Instruction => ({ op: 'call', program, breaker: 'breaker', ...more });

describe('in a model', () => {
  it('opens, refuses, tries and opens again', () => {
    // A call every 10 from 10 on: fails at 11; trials at 320, 630 and 940 fail 1 later.
    const run = played([calling('broken')], BREAKER);
    expect(run.errorsByCause).toEqual({ broken: 4, no: 96 });
    expect(run.breakers).toEqual([{ id: 'breaker', opened: 4, halfOpened: 3, closed: 0, refused: 96, openShare: expect.closeTo((300 + 300 + 300 + 64) / 1005, 9) }]);
    expect(run.calls?.[0]).toMatchObject({ calls: 100, attempts: 4 });
  });

  it('around the retries it sees one failure per call, within them one per attempt', () => {
    const twice = { retry: { times: 1 } };
    const volume = { volumeThreshold: 3 };
    expect(played([calling('broken', twice)], { ...BREAKER, ...volume, resetTimeoutMs: 10_000 }).calls?.[0]).toMatchObject({ attempts: 6, retries: 3 });
    // The third attempt fails and opens it; the fourth is a retry that is refused, and so is its retry.
    expect(played([calling('broken', twice)], { ...BREAKER, ...volume, inside: 'retry', resetTimeoutMs: 10_000 }).calls?.[0]).toMatchObject({
      calls: 100,
      attempts: 3,
      retries: 100,
    });
  });

  it('the fallback answers what it refuses', () => {
    const run = played([calling('broken', { fallback: [delay(deterministic(2))] })], BREAKER);
    expect(run.errorsByCause).toEqual({});
    expect(run.sources[0]?.latencyMs?.mean).toBeCloseTo((4 * 3 + 96 * 2) / 100, 9);
    expect(run.calls?.[0]?.fallbacks).toBe(100);
  });

  it('a timeout is a failure, and opens it', () => {
    const run = played([calling('slow', { timeoutMs: 15 })], BREAKER);
    expect(run.errorsByCause).toEqual({ 'request timed out': expect.any(Number), no: expect.any(Number) });
    expect(run.breakers?.[0]?.opened).toBeGreaterThan(2);
  });

  it('a call that is ended from outside gives its place back, and fails a trial', () => {
    const outer: Instruction = { op: 'call', program: 'outer', timeoutMs: 5, cancels: true };
    const run = played(
      [outer],
      { ...BREAKER, capacity: 1 },
      {
        programs: [
          { id: 'outer', body: [calling('slow')] },
          { id: 'slow', body: [delay(deterministic(1000))] },
        ],
      },
    );
    expect(run.breakers?.[0]).toMatchObject({ opened: 4, halfOpened: 3, closed: 0 });
  });

  it('each instance of a group has a breaker of its own', () => {
    const groups = [{ id: 'g', instances: 2, balancer: 'roundRobin' as const }];
    const run = played([calling('broken')], { ...BREAKER, group: 'g', resetTimeoutMs: 10_000 }, { groups, group: 'g' });
    expect(run.breakers?.[0]).toMatchObject({ opened: 2, refused: 98 });
  });
});
