import { describe, expect, it } from 'vitest';
import type { Instruction, Network } from '../../src/model/network.ts';
import schema from '../../src/model/network.schema.json' with { type: 'json' };
import { grownMs } from '../../src/simulator/engine/call-policies.ts';
import { runModel, solve, validateNetwork } from '../../src/simulator/index.ts';
import { network, serve, station } from '../theory/networks.ts';

type Call = Extract<Instruction, { op: 'call' }>;
const BREAKER = { id: 'breaker', errorThresholdPercentage: 50, volumeThreshold: 0, rollingWindowMs: 10_000, buckets: 10, resetTimeoutMs: 30_000 };
const calling = (more: object, parts: object = {}): Network => ({
  ...network({
    stations: [station('s', 1)],
    body: [{ op: 'call', program: 'work', ...more } as Call],
    programs: [{ id: 'work', body: [serve('s')] }],
    rate: 0.5,
  }),
  breakers: [BREAKER],
  retryBudgets: [{ id: 'budget', ratio: 0.1, burst: 10 }],
  ...parts,
});

describe('a model with call policies', () => {
  it.each([
    [calling({ retry: { times: 1.5 } }), 'programs[0].body[0].retry.times: expected a whole number, found 1.5'],
    [calling({ retry: { times: 1, probability: 2 } }), 'programs[0].body[0].retry.probability: expected a number from 0 to 1, found 2'],
    [calling({ retry: { times: 1, backoff: { kind: 'growing', initialMs: 1 } } }), 'programs[0].body[0].retry.backoff.factor: expected a number of at least 0, found nothing'],
    [
      calling({ retry: { times: 1, backoff: { kind: 'growing', initialMs: 1, factor: 2, jitter: 'some' } } }),
      'programs[0].body[0].retry.backoff.jitter: expected none or full or equal, found "some"',
    ],
    [calling({ retry: { times: null } }), 'programs[0].body[0].retry.backoff: who tries again for ever needs a pause above 0 ms'],
    [calling({ retry: { times: 1, budget: 'none' } }), 'programs[0].body[0].retry.budget: there is no retry budget "none"'],
    [calling({ breaker: 'none' }), 'programs[0].body[0].breaker: there is no breaker "none"'],
    [calling({ cancels: 1 }), 'programs[0].body[0].cancels: expected true or false, found 1'],
    [calling({ hedge: { afterMs: 1, most: 0 } }), 'programs[0].body[0].hedge.most: expected a number from 1 to 100, found 0'],
    [calling({ fallback: [{ op: 'fail' }] }), 'programs[0].body[0].fallback[0].cause: expected a name, found nothing'],
    [calling({}, { breakers: [{ ...BREAKER, rollingWindowMs: 9, buckets: 10 }] }), 'breakers[0].buckets: a bucket must last at least 1 ms'],
    [calling({}, { breakers: [{ ...BREAKER, group: 'none' }] }), 'breakers[0].group: there is no group "none"'],
    [calling({}, { breakers: [BREAKER, BREAKER] }), 'breakers[1].id: "breaker" is there twice'],
  ])('that is wrong gets one line (%#)', (value, error) => expect(validateNetwork(value)).toEqual({ error }));

  it('has the same fields in its schema', () => {
    const known = /known are (.*)/;
    const fieldsOf = (net: unknown): string[] => {
      const found = validateNetwork(net);
      return 'error' in found ? (known.exec(found.error)?.[1]?.split(', ') ?? []) : [];
    };
    const { $defs } = schema as unknown as { $defs: Record<string, { properties: object; oneOf: { properties: object & { op?: { const: string } } }[] }> };
    expect(fieldsOf(calling({ zzz: 1 })).sort()).toEqual(Object.keys($defs.instruction?.oneOf.find((it) => it.properties.op?.const === 'call')?.properties ?? {}).sort());
    expect(fieldsOf(calling({ retry: { times: 1, zzz: 1 } })).sort()).toEqual(Object.keys($defs.retry?.properties ?? {}).sort());
    expect(fieldsOf(calling({}, { breakers: [{ ...BREAKER, zzz: 1 }] })).sort()).toEqual(Object.keys($defs.breaker?.properties ?? {}).sort());
    expect(fieldsOf(calling({}, { retryBudgets: [{ id: 'b', ratio: 1, burst: 1, zzz: 1 }] })).sort()).toEqual(Object.keys($defs.retryBudget?.properties ?? {}).sort());
  });

  it.each<[string, object]>([
    ['retries without end', { retry: { times: null, backoff: { kind: 'exponential', meanMs: 1 } } }],
    ['retries that are made by chance', { retry: { times: 1, probability: 0.5 } }],
    ['a retry budget', { retry: { times: 1, budget: 'budget' } }],
    ['a call that ends what it called', { timeoutMs: 1, cancels: true }],
    ['a circuit breaker', { breaker: 'breaker' }],
    ['a hedged call', { hedge: { afterMs: 1 } }],
    ['a fallback', { fallback: [] }],
  ])('solve tells no times where there is %s', (words, more) => {
    const solution = solve(calling(more));
    expect(solution.validity).toEqual({ kind: 'throughputOnly', why: `${words} (main) is not solved; play it` });
    expect(solution.sources[0]?.latencyMs).toBeNull();
    expect(solution.stations.every((it) => it.meanWaitMs === null)).toBe(true);
    expect(JSON.stringify(solution)).not.toMatch(/NaN|Infinity/);
  });
});

describe('a growing pause', () => {
  it.each([
    [100, 2, Number.POSITIVE_INFINITY, [100, 200, 400, 800, 1600]],
    [100, 2, 500, [100, 200, 400, 500, 500]],
    [7, 1, 500, [7, 7, 7, 7, 7]],
    [0, 10, 500, [0, 0, 0, 0, 0]],
  ])('from %s ms by %s, at most %s: %j', (initial, factor, most, pauses) => expect([1, 2, 3, 4, 5].map((retry) => grownMs(initial, factor, most, retry))).toEqual(pauses));

  it('stays a time however often it has grown', () => {
    expect(grownMs(0, 2, Number.POSITIVE_INFINITY, 5000)).toBe(0);
    expect(grownMs(1, 2, 60_000, 5000)).toBe(60_000);
  });
});

describe('a run told to people', () => {
  it('has a line for whatever has a policy', () => {
    const net = calling(
      { breaker: 'breaker', retry: { times: 1 } },
      {
        limiters: [{ id: 'door', kind: 'tokenBucket', keys: 1, perSecond: 1000, burst: 1, cause: 'no' }],
        groups: [
          {
            id: 'workers',
            instances: 1,
            balancer: 'random',
            autoscaling: { station: 'w', targetUtilisation: 0.5, least: 1, most: 2, everyMs: 10, startMs: 0, stabilisationMs: 0 },
          },
        ],
      },
    );
    const model = {
      ...net,
      stations: [...net.stations, { ...station('w', 1), group: 'workers' }],
      programs: [
        ...net.programs.map((it) =>
          it.id === 'work'
            ? {
                ...it,
                body: [
                  { op: 'limit', limiter: 'door' },
                  { op: 'spawn', program: 'message' },
                ],
              }
            : it,
        ),
        { id: 'message', group: 'workers', body: [serve('w')], job: { attempts: 2 } },
      ],
    };
    const ran = runModel(model, { engine: 'events', seconds: 1, seed: 1, series: false });
    const text = 'error' in ran ? ran.error : ran.text;
    expect(text).toMatch(/ {2}calls of work: \d+ calls, \d+ attempts, \d+ retries\n/);
    expect(text).toMatch(/ {2}breaker breaker: opened \d+ times, closed \d+ times, open [\d.]+% of the time, \d+ calls refused\n/);
    expect(text).toMatch(/ {2}limiter door: [\d.]+% refused, 0 delayed by 0 ms on average\n/);
    expect(text).toMatch(/ {2}group workers: [\d.]+ instances on average, \d to \d, \d at the end\n/);
    expect(text).toMatch(/ {2}messages message: \d+ published, \d+ done\n/);
  });
});
