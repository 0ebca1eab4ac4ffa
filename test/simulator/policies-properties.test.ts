import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instruction, Network, Program } from '../../src/model/network.ts';
import type { Fault, FaultTime } from '../../src/model/network-faults.ts';
import { Engine } from '../../src/simulator/engine/engine.ts';
import { simulate, validateNetwork } from '../../src/simulator/index.ts';

const LEVELS = 4;
const ms = fc.integer({ min: 0, max: 12 });
const law = fc.oneof(
  ms.map((meanMs) => ({ kind: 'deterministic' as const, meanMs })),
  fc.integer({ min: 1, max: 10 }).map((meanMs) => ({ kind: 'exponential' as const, meanMs })),
);
const backoff = fc.oneof(
  fc.constant(undefined),
  law,
  fc.record({
    kind: fc.constant('growing' as const),
    initialMs: ms,
    factor: fc.constantFrom(1, 2),
    maxMs: fc.constant(40),
    jitter: fc.constantFrom('none' as const, 'full' as const, 'equal' as const),
  }),
);
const defined = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as T;

/** Bodies of a program: it may hold the station of its own level, serve at leaves, and call programs of deeper levels, so that nobody waits in a circle. */
function bodyOf(level: number, depth: number, holds: boolean): fc.Arbitrary<Instruction[]> {
  const kinds: { arbitrary: fc.Arbitrary<Instruction>; weight: number }[] = [
    {
      weight: 20,
      arbitrary: fc.record({ op: fc.constant('serve' as const), station: fc.constant('leaf'), service: law, priority: fc.constantFrom(0, 1, 2) }),
    },
    { weight: 30, arbitrary: fc.record({ op: fc.constant('serve' as const), station: fc.constantFrom('shared', 'narrow'), service: law }) },
    { weight: 30, arbitrary: fc.record({ op: fc.constant('delay' as const), duration: law }) },
    { weight: 10, arbitrary: fc.record({ op: fc.constant('spawn' as const), program: fc.constant('message') }) },
    { weight: 10, arbitrary: fc.record({ op: fc.constant('limit' as const), limiter: fc.constantFrom('window', 'bucket') }) },
    { weight: 3, arbitrary: fc.constant({ op: 'respond' as const }) },
    {
      weight: 7,
      arbitrary: fc.record({
        op: fc.constant('branch' as const),
        probability: fc.constant(0.3),
        taken: fc.constant([{ op: 'fail' as const, cause: 'bad luck' }]),
        otherwise: fc.constant([]),
      }),
    },
  ];
  if (depth > 0) {
    const inside = bodyOf(level, depth - 1, holds);
    kinds.push(
      { weight: 20, arbitrary: fc.record({ op: fc.constant('parallel' as const), branches: fc.array(inside, { minLength: 1, maxLength: 3 }) }) },
      { weight: 10, arbitrary: fc.record({ op: fc.constant('loop' as const), times: fc.constantFrom(0, 0.5, 2), body: inside }) },
    );
    if (holds)
      kinds.push({
        weight: 40,
        arbitrary: fc
          .record({ waitLimitMs: fc.constantFrom(undefined, 5), body: bodyOf(level, depth - 1, false) })
          .map((it) => defined({ op: 'hold' as const, station: `level ${level}`, ...it }) as Instruction),
      });
    if (level + 1 < LEVELS)
      kinds.push({
        weight: 80,
        arbitrary: fc
          .record({
            program: fc.integer({ min: level + 1, max: LEVELS - 1 }).map((it) => `program ${it}`),
            timeoutMs: fc.constantFrom(undefined, null, 3, 10, 30),
            cancels: fc.constantFrom(undefined, true, false),
            hedge: fc.constantFrom(undefined, undefined, { afterMs: 2 }, { afterMs: 0 }, { afterMs: 4, most: 3 }),
            breaker: fc.constantFrom(undefined, undefined, 'outside', 'inside'),
            retry: fc.option(
              fc
                .record({ times: fc.integer({ min: 0, max: 3 }), backoff, probability: fc.constantFrom(undefined, 0.7), budget: fc.constantFrom(undefined, 'budget') })
                .map((it) => defined(it)),
              { nil: undefined },
            ),
            fallback: fc.option(bodyOf(level, 0, false), { nil: undefined, freq: 2 }),
          })
          .map((it) => defined({ op: 'call' as const, ...it }) as Instruction),
      });
  }
  return fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 4 });
}

const when: fc.Arbitrary<FaultTime> = fc.oneof(
  fc.record({ fromMs: fc.integer({ min: 0, max: 200 }), lasts: fc.integer({ min: 1, max: 100 }) }).map(({ fromMs, lasts }) => ({ fromMs, untilMs: fromMs + lasts })),
  fc.constant({ up: { kind: 'exponential' as const, meanMs: 60 }, down: { kind: 'exponential' as const, meanMs: 10 } }),
);
const fault: fc.Arbitrary<Fault> = fc
  .tuple(
    when,
    fc.oneof(
      fc.record({ kind: fc.constant('slow' as const), station: fc.constantFrom('leaf', 'shared', 'level 2'), factor: fc.constantFrom(0.5, 3) }),
      fc.record({ kind: fc.constant('freeze' as const), station: fc.constantFrom('leaf', 'shared', 'narrow') }),
      fc.record({ kind: fc.constant('refuse' as const), station: fc.constantFrom('leaf', 'level 1', 'shared') }),
      fc.record({ kind: fc.constant('lose' as const), program: fc.constantFrom('program 1', 'program 2'), share: fc.constantFrom(0.5, 1), cause: fc.constant('lost') }),
      fc.record({ kind: fc.constant('down' as const), group: fc.constant('group'), instances: fc.constantFrom(1, 'all' as const), cause: fc.constant('crashed') }),
    ),
  )
  .map(([time, what]) => ({ ...time, ...what }) as Fault);

const networks: fc.Arbitrary<Network> = fc
  .record({
    bodies: fc.tuple(...Array.from({ length: LEVELS }, (_, level) => bodyOf(level, 2, true))),
    message: bodyOf(LEVELS, 1, false),
    attempts: fc.integer({ min: 1, max: 3 }),
    jobBackoff: backoff,
    retentionMs: fc.constantFrom(undefined, 4),
    instances: fc.integer({ min: 1, max: 3 }),
    balancer: fc.constantFrom('roundRobin' as const, 'random' as const, 'leastConnections' as const),
    patienceMs: fc.constantFrom(null, 25),
    scales: fc.boolean(),
    faults: fc.array(fault, { maxLength: 3 }),
  })
  .map(({ bodies, message, attempts, jobBackoff, retentionMs, instances, balancer, patienceMs, scales, faults }): Network => {
    const station = (id: string, servers: number | null, room: number | null, more = {}): Network['stations'][number] => ({
      id,
      component: id,
      label: id,
      servers,
      room,
      discipline: 'fifo',
      ...more,
    });
    return {
      version: 1,
      groups: [
        defined({
          id: 'group',
          instances,
          balancer,
          autoscaling: scales ? { station: 'level 1', targetUtilisation: 0.5, least: 1, most: 3, everyMs: 20, startMs: 7, stabilisationMs: 30 } : undefined,
        }),
      ],
      stations: [
        ...Array.from({ length: LEVELS }, (_, level) => station(`level ${level}`, 2, null, level === 1 ? { group: 'group' } : {})),
        station('leaf', 2, null, { discipline: 'priority' }),
        station('narrow', 1, 2),
        station('shared', 2, null, { discipline: 'processorSharing' }),
      ],
      programs: [
        ...bodies.map((body, level): Program => ({ id: `program ${level}`, body, ...(level === 1 && { group: 'group' }) })),
        { id: 'message', body: message.filter((it) => it.op !== 'spawn'), job: defined({ attempts, backoff: jobBackoff, retentionMs }) },
      ].map((it) => (it.id === 'message' ? { ...it, body: withoutSpawn(it.body) } : it)),
      sources: [{ id: 'load', program: 'program 0', arrivals: 'poisson', share: 1, phases: [{ fromMs: 0, perSecond: 100 }], patienceMs, clients: 3 }],
      limiters: [
        { id: 'window', kind: 'fixedWindow', keys: 2, limit: 40, windowMs: 40, cause: 'too many', group: 'group' },
        { id: 'bucket', kind: 'leakyBucket', keys: 3, perSecond: 150, burst: 4, cause: '503' },
      ],
      breakers: [
        { id: 'outside', errorThresholdPercentage: 50, volumeThreshold: 3, rollingWindowMs: 50, buckets: 5, resetTimeoutMs: 20, capacity: 4 },
        { id: 'inside', inside: 'retry', errorThresholdPercentage: 50, volumeThreshold: 3, rollingWindowMs: 50, buckets: 5, resetTimeoutMs: 20, group: 'group' },
      ],
      retryBudgets: [{ id: 'budget', ratio: 0.3, burst: 3 }],
      faults,
    };
  });

/** A message that publishes messages could go on for ever. */
function withoutSpawn(body: readonly Instruction[]): Instruction[] {
  return body.flatMap((it): Instruction[] => {
    if (it.op === 'spawn') return [];
    if (it.op === 'parallel') return [{ ...it, branches: it.branches.map(withoutSpawn) }];
    return it.op === 'loop' || it.op === 'hold' ? [{ ...it, body: withoutSpawn(it.body) }] : [it];
  });
}

/** What an engine has in use, for the eyes of this test only. */
interface Inside {
  capacity: number;
  sourceCount: number;
  freeHead: number;
  next: Int32Array;
  unitBusy: Int32Array;
  unitLength: Int32Array;
  groupActive: Int32Array;
  groupBase: Int32Array;
}

describe('whatever policies a model has', () => {
  it('a run keeps the laws, and every number in it is a number', () => {
    // What happened in all runs together: a test of networks in which nothing happens would prove nothing.
    const seen = { timeouts: 0, withdrawn: 0, retries: 0, hedges: 0, fallbacks: 0, opened: 0, closed: 0, deadLettered: 0, dropped: 0, jobRetries: 0, delayed: 0, refused: 0 };
    fc.assert(
      fc.property(networks, fc.integer({ min: 1, max: 1000 }), (net, seed) => {
        expect(validateNetwork(JSON.parse(JSON.stringify(net)))).toEqual({ network: net });
        const run = simulate(net, { seconds: 0.6, seed });
        expect(run.checks.little).toBeLessThan(1e-9);
        expect(run.checks.utilisation).toBeLessThan(1e-9);
        expect(run.checks.flow).toBe(0);
        for (const it of run.stations) seen.withdrawn += it.withdrawn;
        // JSON writes what is no number as null.
        expect(JSON.stringify(run, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? 'no number' : value))).not.toContain('no number');
        for (const it of run.calls ?? []) {
          seen.timeouts += it.timeouts;
          seen.retries += it.retries;
          seen.hedges += it.hedges;
          seen.fallbacks += it.fallbacks;
          expect(it.attempts).toBeLessThanOrEqual(it.calls + it.retries + it.hedges + 50);
          expect(it.fallbacks).toBeLessThanOrEqual(it.calls + 50);
        }
        for (const it of run.breakers ?? []) {
          expect(it.openShare).toBeLessThanOrEqual(1 + 1e-9);
          seen.opened += it.opened;
          seen.closed += it.closed;
        }
        for (const it of run.programs) {
          seen.deadLettered += it.deadLettered ?? 0;
          seen.dropped += it.dropped ?? 0;
          seen.jobRetries += it.retries ?? 0;
        }
        for (const it of run.limiters ?? []) {
          seen.delayed += it.delayed;
          seen.refused += it.refused;
        }
        expect(simulate(net, { seconds: 0.6, seed })).toEqual(run);
      }),
      { numRuns: 60, seed: 1 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(20);
  }, 60_000);

  it('once all work has ended nothing is held, nobody waits, and no task is left over', () => {
    fc.assert(
      fc.property(networks, fc.integer({ min: 1, max: 1000 }), (net, seed) => {
        const engine = new Engine(net, seed, () => [{ fromMs: 0, perSecond: 200 }]);
        engine.run(300);
        engine.close();
        engine.run(Number.POSITIVE_INFINITY);
        const inside = engine as unknown as Inside;
        expect([...engine.busy].every((it) => it === 0)).toBe(true);
        expect([...engine.queued].every((it) => it === 0)).toBe(true);
        expect(inside.unitBusy.every((it) => it === 0)).toBe(true);
        expect(inside.unitLength.every((it) => it === 0)).toBe(true);
        // Before a group's instances lies a place for calls that never reached one.
        expect(inside.groupActive.slice(inside.groupBase[0]).every((it) => it === 0)).toBe(true);
        for (const it of engine.breakers) expect(it.underWay).toBe(0);
        let free = 0;
        for (let slot = inside.freeHead; slot >= 0; slot = inside.next[slot] as number) free++;
        const timers = net.groups.filter((it) => it.autoscaling).length + (net.faults?.length ?? 0);
        expect(inside.capacity - inside.sourceCount - free - timers).toBe(0);
      }),
      { numRuns: 120, seed: 1 },
    );
  }, 60_000);
});
