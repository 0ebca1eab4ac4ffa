import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../../src/model/network.ts';
import type { Limiter } from '../../../src/model/network-policies.ts';
import schema from '../../../src/model/network.schema.json' with { type: 'json' };
import { simulate, validateNetwork } from '../../../src/simulator/index.ts';
import { askLimiter, limiterFor, REFUSED } from '../../../src/simulator/engine/limiters.ts';
import { delay, deterministic, network } from '../../theory/networks.ts';

const limiter = (more: object): Limiter => ({ id: 'limiter', keys: 1, cause: 'Too many requests', ...more }) as Limiter;
/** Answers to one key's requests: `0` at once, more: delayed by so much, `x` refused. */
const answers = (rule: object, timesMs: readonly number[]): (number | 'x')[] => {
  const state = limiterFor(limiter(rule));
  return timesMs.map((time) => {
    const answer = askLimiter(state, 0, time);
    return answer === REFUSED ? 'x' : answer;
  });
};

describe('a limiter', () => {
  it.each<[string, object, readonly number[], readonly (number | 'x')[]]>([
    ['fixed window: begins with its first request', { kind: 'fixedWindow', limit: 2, windowMs: 100 }, [50, 60, 70, 149, 150, 151, 152], [0, 0, 'x', 'x', 0, 0, 'x']],
    ['fixed window: the next begins with the first request after it', { kind: 'fixedWindow', limit: 1, windowMs: 100 }, [0, 190, 210, 289, 290], [0, 0, 'x', 'x', 0]],
    ['fixed window: aligned', { kind: 'fixedWindow', limit: 1, windowMs: 100, aligned: true }, [90, 99, 100, 199, 200], [0, 'x', 0, 'x', 0]],
    ['fixed window of nothing', { kind: 'fixedWindow', limit: 0, windowMs: 100 }, [0, 500], ['x', 'x']],
    [
      'sliding window: a place is free a window after it was taken',
      { kind: 'slidingWindow', limit: 2, windowMs: 100 },
      [0, 60, 90, 99, 100, 110, 160],
      [0, 0, 'x', 'x', 0, 'x', 0],
    ],
    [
      'token bucket: a burst, then one per gap',
      { kind: 'tokenBucket', perSecond: 10, burst: 3 },
      [0, 0, 0, 0, 99, 100, 150, 200, 1000, 1000, 1000, 1000],
      [0, 0, 0, 'x', 'x', 0, 'x', 0, 0, 0, 0, 'x'],
    ],
    ['leaky bucket: those beyond the rate wait their turn', { kind: 'leakyBucket', perSecond: 10, burst: 2 }, [0, 0, 0, 0, 100, 150], [0, 100, 200, 'x', 200, 'x']],
    ['leaky bucket without delay', { kind: 'leakyBucket', perSecond: 10, burst: 2, noDelay: true }, [0, 0, 0, 0, 100, 150], [0, 0, 0, 'x', 0, 'x']],
    ['leaky bucket without burst', { kind: 'leakyBucket', perSecond: 10, burst: 0 }, [0, 50, 99, 100, 250, 340], [0, 'x', 'x', 0, 0, 'x']],
  ])('%s', (_, rule, times, expected) => expect(answers(rule, times)).toEqual(expected));

  it("does nginx's arithmetic: thousandths of requests, whole milliseconds", () => {
    const cases = fc.record({
      perSecond: fc.integer({ min: 1, max: 50 }),
      burst: fc.integer({ min: 0, max: 8 }),
      gaps: fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 400 })), { minLength: 1, maxLength: 60 }),
    });
    fc.assert(
      fc.property(cases, ({ perSecond, burst, gaps }) => {
        const rate = perSecond * 1000;
        let [excess, last, now] = [0, Number.NEGATIVE_INFINITY, 0];
        const times = gaps.map((gap) => (now += gap));
        const expected = times.map((time) => {
          const next = last === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, excess - Math.trunc((rate * (time - last)) / 1000) + 1000);
          if (next > burst * 1000) return 'x';
          [excess, last] = [next, time];
          return Math.trunc((next * 1000) / rate);
        });
        answers({ kind: 'leakyBucket', perSecond, burst }, times).forEach((answer, at) => {
          const theirs = expected[at];
          if (answer === 'x' || theirs === 'x') expect(answer).toBe(theirs);
          else {
            expect(answer).toBeGreaterThanOrEqual((theirs as number) - 1e-6);
            expect(answer).toBeLessThan((theirs as number) + 1);
          }
        });
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('keeps the same log as one that remembers every request', () => {
    const cases = fc.record({ limit: fc.integer({ min: 1, max: 20 }), gaps: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 120 }) });
    fc.assert(
      fc.property(cases, ({ limit, gaps }) => {
        let now = 0;
        const times = gaps.map((gap) => (now += gap));
        const passed: number[] = [];
        const expected = times.map((time) => {
          if (passed.filter((it) => time - it < 100).length >= limit) return 'x';
          passed.push(time);
          return 0;
        });
        expect(answers({ kind: 'slidingWindow', limit, windowMs: 100 }, times)).toEqual(expected);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

const ask: Instruction = { op: 'limit', limiter: 'limiter' };
const model = (rule: object, parts: Partial<Parameters<typeof network>[0]> = {}): Network => ({
  ...network({ stations: [], body: [ask], source: { phases: [], burst: 6 }, ...parts }),
  limiters: [limiter(rule)],
});
const run = (net: Network) => {
  expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
  return simulate(net, { seconds: 10, warmupSeconds: 0 });
};

describe('in a model', () => {
  it('refusals fail with the limiter’s cause, and the rest is delayed to the rate', () => {
    const played = run(model({ kind: 'leakyBucket', perSecond: 10, burst: 3, cause: '503' }));
    expect(played.errorsByCause).toEqual({ 503: 2 });
    expect(played.sources[0]?.latencyMs).toMatchObject({ count: 4, mean: (0 + 100 + 200 + 300) / 4, max: 300 });
    expect(played.limiters).toEqual([{ id: 'limiter', passed: 1, delayed: 3, refused: 2, refusedShare: 1 / 3, meanDelayMs: 200 }]);
  });

  it('each instance of a group counts on its own', () => {
    const groups = [{ id: 'g', instances: 3, balancer: 'roundRobin' as const }];
    expect(run(model({ kind: 'fixedWindow', limit: 1, windowMs: 1000, group: 'g' }, { groups, group: 'g' })).limiters?.[0]).toMatchObject({ passed: 3, refused: 3 });
    expect(run(model({ kind: 'fixedWindow', limit: 1, windowMs: 1000 }, { groups, group: 'g' })).limiters?.[0]).toMatchObject({ passed: 1, refused: 5 });
  });

  it("a request's calls, branches and messages count for its client, whatever the number of keys", () => {
    const net = model(
      { kind: 'fixedWindow', keys: 7, limit: 5, windowMs: 1000 },
      {
        body: [
          ask,
          { op: 'spawn', program: 'again' },
          { op: 'call', program: 'again' },
          { op: 'call', program: 'again', retry: { times: 1 } },
          { op: 'parallel', branches: [[ask]] },
        ],
        programs: [{ id: 'again', body: [ask] }],
        // A single client: all that it does is counted under one key.
        source: { phases: [], burst: 1, clients: 1 },
      },
    );
    expect(run(net).limiters?.[0]).toMatchObject({ passed: 5, refused: 0 });
    expect(run({ ...net, limiters: [limiter({ kind: 'fixedWindow', keys: 7, limit: 4, windowMs: 1000 })] }).limiters?.[0]).toMatchObject({ passed: 4, refused: 1 });
  });

  it('delayed requests keep what they hold, and a timeout that cancels lets go of it', () => {
    const net = model(
      { kind: 'leakyBucket', perSecond: 1, burst: 5 },
      {
        stations: [{ id: 's', component: 's', label: 's', servers: 1, room: null, discipline: 'fifo' }],
        body: [{ op: 'call', program: 'work', timeoutMs: 30, cancels: true, fallback: [] }],
        programs: [{ id: 'work', body: [{ op: 'hold', station: 's', body: [ask, delay(deterministic(10))] }] }],
        source: { phases: [], burst: 2 },
      },
    );
    const played = run(net);
    // The first is through after 10, the second stands before the limiter until its time is over.
    expect((played.stations[0]?.meanBusy ?? 0) * 10_000).toBeCloseTo(10 + 20, 9);
    expect(played.checks).toMatchObject({ flow: 0 });
  });

  it.each([
    [{ kind: 'bucket' }, 'limiters[0].kind: expected fixedWindow or slidingWindow or tokenBucket or leakyBucket, found "bucket"'],
    [{ kind: 'tokenBucket', perSecond: 0, burst: 1 }, 'limiters[0].perSecond: expected a number above 0, found 0'],
    [{ kind: 'tokenBucket', perSecond: 1, burst: 0.5 }, 'limiters[0].burst: expected a number of at least 1, found 0.5'],
    [{ kind: 'fixedWindow', limit: 1, windowMs: 1, keys: 0 }, 'limiters[0].keys: expected a number from 1 to 1000000, found 0'],
    [{ kind: 'slidingWindow', limit: 1, windowMs: 1, keys: 1e12 }, 'limiters[0].keys: expected a number from 1 to 1000000, found 1000000000000'],
    [{ kind: 'fixedWindow', limit: 1, windowMs: 1, group: 'g' }, 'limiters[0].group: there is no group "g"'],
    [{ kind: 'fixedWindow', limit: 1, windowMs: 1, id: 'other' }, 'programs[0].body[0].limiter: there is no limiter "limiter"'],
  ])('that is wrong gets one line (%#)', (rule, error) => expect(validateNetwork(model(rule))).toEqual({ error }));

  it('has the same fields in its schema', () => {
    const { oneOf } = schema.$defs.limiter as unknown as { oneOf: { properties: { kind: { const: string } } }[] };
    for (const variant of oneOf) {
      const found = validateNetwork(model({ kind: variant.properties.kind.const, zzz: 1 }));
      const known = 'error' in found ? (/known are (.*)/.exec(found.error)?.[1]?.split(', ') ?? []) : [];
      expect(known.sort()).toEqual(Object.keys(variant.properties).sort());
    }
    expect(oneOf).toHaveLength(4);
  });
});
