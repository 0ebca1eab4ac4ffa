import fc from 'fast-check';
import type { Instruction, Network, Program } from '../../src/model/network.ts';
import type { Deploy, Fault, FaultTime } from '../../src/model/network-faults.ts';

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
      kinds.push(
        {
          // Whoever waits for another's miss holds nothing that the miss could need: no lookup of a level lies in its own misses or holds.
          weight: 40,
          arbitrary: fc.record({ hit: bodyOf(level, 0, false), miss: fc.tuple(bodyOf(level, depth - 1, false), fc.boolean()) }).map(({ hit, miss: [body, held] }) => ({
            op: 'lookup' as const,
            cache: `cache ${level}`,
            hit,
            miss: held ? [{ op: 'hold' as const, station: `level ${level}`, body }] : body,
          })),
        },
        { weight: 5, arbitrary: fc.boolean().map((all) => defined({ op: 'invalidate' as const, cache: `cache ${level}`, all: all || undefined }) as Instruction) },
        {
          weight: 40,
          arbitrary: fc
            .record({ waitLimitMs: fc.constantFrom(undefined, 5), body: bodyOf(level, depth - 1, false) })
            .map((it) => defined({ op: 'hold' as const, station: `level ${level}`, ...it }) as Instruction),
        },
      );
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

const deploy: fc.Arbitrary<Deploy> = fc
  .record({
    fromMs: fc.integer({ min: 0, max: 250 }),
    some: fc.constantFrom([1, 0], [0, 1], [2, 2], [3, 1]),
    coldStart: law,
    graceMs: fc.constantFrom(0, 5, 40),
    warmUp: fc.constantFrom(undefined, { factor: 3, forMs: 20 }),
  })
  .map(({ some: [unavailable, surge], ...it }) =>
    defined({ kind: 'deploy' as const, group: 'group', unavailable: unavailable as number, surge: surge as number, cause: 'connection refused', ...it }),
  );

/** Networks with every policy in them, in which nobody waits in a circle: once nobody comes any more, all work ends. */
export const policyNetworks: fc.Arbitrary<Network> = fc
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
    deploys: fc.array(deploy, { maxLength: 2 }),
    memory: fc.boolean(),
    singleFlight: fc.boolean(),
    ttlMs: fc.constantFrom(null, 5, 60),
    faults: fc.array(fault, { maxLength: 3 }),
  })
  .map(({ bodies, message, attempts, jobBackoff, retentionMs, instances, balancer, patienceMs, scales, deploys, memory, singleFlight, ttlMs, faults }): Network => {
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
          memory: memory ? { baseMb: 10, limitMb: 40, restartMs: 15, cause: 'out of memory' } : undefined,
          autoscaling: scales ? { station: 'level 1', targetUtilisation: 0.05, least: 1, most: 3, everyMs: 20, startMs: 7, stabilisationMs: 10 } : undefined,
        }),
        { id: 'functions', instances: 3, balancer: 'random', onDemand: { coldStart: { kind: 'exponential', meanMs: 2 }, idleMs: 20, cause: 'no instance is free' } },
      ],
      stations: [
        ...Array.from({ length: LEVELS }, (_, level) => station(`level ${level}`, 2, null, level === 1 ? { group: 'group' } : {})),
        station('leaf', 2, null, { discipline: 'priority' }),
        station('narrow', 1, 2),
        station('shared', 2, null, { discipline: 'processorSharing' }),
      ],
      programs: [
        ...bodies.map(
          (body, level): Program => ({ id: `program ${level}`, body, ...(level === 1 && { group: 'group', memoryMb: 12 }), ...(level === 2 && { group: 'functions' }) }),
        ),
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
      caches: Array.from({ length: LEVELS }, (_, level) =>
        defined({ id: `cache ${level}`, keys: 4, zipf: 0.8, capacity: 3, ttlMs, singleFlight, group: level === 1 ? 'group' : level === 2 ? 'functions' : undefined }),
      ),
      // Who scales itself is not deployed.
      faults: scales ? faults : [...faults, ...deploys.map((it) => ({ ...it, unavailable: Math.min(it.unavailable, instances) }))],
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
