import { describe, expect, it } from 'vitest';
import { type Known, known, none, unknown } from '../../src/model/known.ts';
import type { Channel, RateLimiter, Step, Topology } from '../../src/model/topology.ts';
import { assess, compile, simulate } from '../../src/simulator/index.ts';
import { apiAndDatabase, at, component, compute, endpoint, ms, query } from './topologies.ts';

const place = { file: 'src/app.ts', line: 1 };
const FRAME = { ranges: false, ladder: false, breakEven: false, spike: false } as const;
const count = (value: number): Known => known(value, 'jobs', 'declared');

/** An API that publishes to a channel, and a worker of `processes` processes with `jobMs` of CPU per message. */
const messages = (concurrency: Known, more: Partial<Channel> = {}, processes = 1, jobMs = 2): Topology => {
  const base = apiAndDatabase();
  return {
    ...base,
    components: [
      ...base.components,
      component('broker', 'queue', { engine: 'rabbitmq', parallelism: unknown('not said') }),
      component('worker', 'worker', { processes: known(processes, 'processes', 'declared') }),
    ],
    endpoints: [
      endpoint('/mails', [compute(ms(0.1)), { kind: 'publish', label: 'publish mails', channel: 'mails', serviceMs: ms(1), awaited: true, place }]),
      endpoint('', [compute(ms(jobMs), 'mailing')], { id: 'worker consumes mails', component: 'worker', trigger: { kind: 'message', channel: 'mails' }, external: false }),
    ],
    channels: [
      {
        id: 'mails',
        name: 'mails',
        broker: 'broker',
        kind: 'queue',
        library: 'amqplib',
        producers: [{ component: 'api', place }],
        consumers: [{ component: 'worker', endpoint: 'worker consumes mails', concurrency, place }],
        attempts: unknown('not asked'),
        partitions: unknown('a queue has none'),
        place,
        ...more,
      },
    ],
  };
};

describe('messages that are handled at once', () => {
  it.each<[string, Topology, number | null]>([
    ['concurrency 4', messages(count(4)), 4],
    ['concurrency 4 in each of 3 processes', messages(count(4), {}, 3), 12],
    ['no limit: as many as come', messages(none()), null],
    ['no limit, in 3 processes', messages(none(), {}, 3), null],
    ['a topic: no more than its partitions', messages(count(8), { kind: 'topic', partitions: known(6, 'count', 'declared') }), 6],
    ['a topic whose partitions nobody knows', messages(count(8), { kind: 'topic' }), 8],
  ])('%s', (_name, topology, servers) => {
    const { network } = compile(topology, at(10));
    expect(network.stations.find((it) => it.id === 'mails consumers at worker')?.servers).toBe(servers);
  });

  it('a missing limit is said, and its process drains at the rate of the event loop', () => {
    const outcome = assess(messages(none()), at(1000), FRAME);
    expect(outcome.assumptions).toContain('concurrency of mails at worker: no limit is set, so nothing but its process limits the messages under way');
    expect(outcome.channels).toMatchObject([{ id: 'mails', inPerSecond: expect.closeTo(1000, 3), drainPerSecond: expect.closeTo(500, 0) }]);
    expect(outcome.channels[0]?.backlogGrowthPerSecond).toBeCloseTo(500, 0);
  });
});

describe('a wait', () => {
  const wait = (time: Known, label = 'wait 200 ms'): Step => ({ kind: 'wait', label, ms: time, place });

  it('takes its time, neither more nor less, and uses nothing', () => {
    const { network, assumptions } = compile(apiAndDatabase({ steps: [wait(ms(200))] }), at(10));
    expect(network.programs[0]?.body).toContainEqual({ op: 'delay', duration: { kind: 'deterministic', meanMs: 200 } });
    expect(network.stations.map((it) => it.id)).toEqual(['event loop of api']);
    expect(assumptions.filter((it) => it.includes('wait'))).toEqual([]);
  });

  it('keeps the connection that is held around it', () => {
    const held = (inside: readonly Step[]): Topology =>
      apiAndDatabase({
        pool: 5,
        steps: [
          compute(ms(0.1)),
          { kind: 'hold', label: 'transaction', pool: 'api→db pool', released: 'always', place, steps: [query('SELECT a', ms(5), { usesHeld: true }), ...inside] },
        ],
      });
    const most = (topology: Topology): number => assess(topology, at(100), FRAME).saturatesAtPerSecond.value ?? 0;
    expect(most(held([]))).toBeGreaterThan(900);
    expect(most(held([wait(ms(20))]))).toBeCloseTo(5000 / 25, -1);
  });

  it('whose time nobody knows is assumed, and said', () => {
    const { assumptions, topology } = compile(apiAndDatabase({ steps: [wait(unknown('computed'), 'wait at src/app.ts:1')] }), at(10));
    expect(assumptions).toContain('time of wait at src/app.ts:1: 100 ms (10-1000)');
    expect(topology.endpoints[0]?.steps).toContainEqual(
      expect.objectContaining({ kind: 'wait', ms: expect.objectContaining({ value: 100, basis: 'assumed', range: [10, 1000] }) }),
    );
  });
});

describe('a rate limiter', () => {
  const perSecond = (value: number): Known => known(value, 'count', 'declared');
  const limiter = (more: Partial<RateLimiter> = {}): RateLimiter => ({
    id: 'api limiter 1',
    component: 'api',
    algorithm: 'fixedWindow',
    key: 'global',
    limit: perSecond(100),
    windowMs: ms(1000),
    library: 'express-rate-limit',
    endpoints: [],
    place,
    ...more,
  });
  const limited = (more: Partial<RateLimiter> = {}, base = apiAndDatabase()): Topology => ({ ...base, rateLimiters: [limiter(more)] });
  const words = 'Too many requests, please try again later.';
  const limits = (topology: Topology, clientCount: number | null = null) => compile(topology, at(50, { clientCount })).network.limiters;

  it.each<[string, Topology, number | null, object | undefined]>([
    ['global: one count', limited(), null, [{ id: 'api limiter 1', kind: 'fixedWindow', limit: 100, windowMs: 1000, keys: 1, cause: words }]],
    ['per client, nobody says how many there are: listed', limited({ key: 'perClient' }), null, undefined],
    ['per client, 40 of them', limited({ key: 'perClient' }), 40, [{ keys: 40 }]],
    ['whose limit is not known: listed', limited({ limit: unknown('computed') }), null, undefined],
    ['in each of 3 processes', limited({}, apiAndDatabase({ api: { processes: known(3, 'processes', 'declared') } })), null, [{ group: 'api', limit: 100 }]],
    ['of another endpoint', limited({ endpoints: ['api GET /else'] }), null, undefined],
    [
      'a leaky bucket with a burst',
      limited({ algorithm: 'leakyBucket', burst: perSecond(20), noDelay: true, library: 'nginx' }),
      null,
      [{ kind: 'leakyBucket', perSecond: 100, burst: 20, noDelay: true, cause: '503 Service Temporarily Unavailable' }],
    ],
  ])('%s', (_name, topology, clients, expected) => {
    const found = limits(topology, clients);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });

  it('that is not simulated is listed with its reason', () => {
    expect(compile(limited({ key: 'perClient' }), at(50)).assumptions).toContain(
      'api limiter 1: limits each client to 100 per 1 s; not simulated: how many clients there are is not declared',
    );
    expect(compile(limited(), at(50)).assumptions.join()).not.toContain('limiter');
  });

  it("of a gateway stands before the service's program, where only clients from outside meet it", () => {
    const base = apiAndDatabase();
    const { network } = compile(
      {
        ...limited({ component: 'edge', id: 'edge limit' }, base),
        components: [...base.components, component('edge', 'gateway')],
        calls: [...base.calls, { from: 'edge', to: 'api', kind: 'http', sync: true, scope: 'runtime', places: [] }],
      },
      at(50),
    );
    expect(network.sources).toMatchObject([{ id: 'api GET /users', program: 'api GET /users through its gateway' }]);
    expect(network.programs.find((it) => it.id === 'api GET /users through its gateway')?.body).toEqual([
      { op: 'limit', limiter: 'edge limit' },
      { op: 'call', program: 'api GET /users' },
    ]);
  });

  it('for all breaks where it refuses more than the objective allows, and is what binds', () => {
    const outcome = assess(limited(), at(120), FRAME);
    const breaks = outcome.breaksAtPerSecond.value ?? 0;
    expect(outcome).toMatchObject({ verdict: 'fails', criterion: 'errors', binding: 'api limiter 1', bindingComponent: 'api' });
    const refusedAt = (load: number): number => {
      const { network } = compile(limited(), at(load));
      const run = simulate(network, { seconds: 2000, seed: 1 });
      return (run.errorsByCause[words] ?? 0) / (run.sources[0]?.offered ?? 1);
    };
    expect(refusedAt(breaks)).toBeCloseTo(0.01, 2);
    expect(outcome.errorsByCause[words]).toBeCloseTo(120 * refusedAt(120), 0);
    expect(outcome.stations.find((it) => it.id === 'api limiter 1')).toMatchObject({ kind: 'limiter', utilisation: expect.closeTo(1.2, 6) });
  });

  it('of each client is no error of the system, and keeps it from breaking', () => {
    const base = apiAndDatabase({ pool: 5, holdMs: ms(20) });
    const free = assess(base, at(1000), FRAME).breaksAtPerSecond.value ?? 0;
    expect(free).toBeGreaterThan(200);
    expect(free).toBeLessThan(260);
    const protectedBy = limited({ key: 'perClient', limit: perSecond(5) }, base);
    expect(assess(protectedBy, at(1000, { clientCount: 20 }), FRAME)).toMatchObject({ verdict: 'holds', breaksAtPerSecond: { value: null } });
    expect(assess(protectedBy, at(1000), FRAME).breaksAtPerSecond.value).toBeCloseTo(free, 6);
  });
});

describe('what is tried again', () => {
  const times = (value: number): Known => known(value, 'count', 'declared');
  const withTimeout = (acquireTimeoutMs: number | null): Partial<Topology> => {
    const base = apiAndDatabase({ poolMore: { id: 'worker→db pool', client: 'worker', acquireTimeoutMs: acquireTimeoutMs === null ? none() : ms(acquireTimeoutMs) } });
    return { pools: base.pools };
  };
  const failing = (acquireTimeoutMs: number | null, more: Partial<Channel>): Topology => {
    const base = messages(count(1), more);
    const steps = [query('INSERT mails', ms(5), { pool: 'worker→db pool' })];
    return { ...base, ...withTimeout(acquireTimeoutMs), endpoints: base.endpoints.map((it) => (it.component === 'worker' ? { ...it, steps } : it)) };
  };
  const jobOf = (topology: Topology) => compile(topology, at(10)).network.programs.find((it) => it.channel === 'mails')?.job;

  it.each<[string, Topology, object | undefined]>([
    ['a job that may not get its connection', failing(100, { attempts: times(3) }), { attempts: 3 }],
    ['after the same pause', failing(100, { attempts: times(3), backoff: { kind: 'fixed', delayMs: ms(500) } }), { attempts: 3, backoff: { kind: 'deterministic', meanMs: 500 } }],
    [
      'after pauses that double',
      failing(100, { attempts: times(5), backoff: { kind: 'exponential', delayMs: ms(1000) } }),
      { attempts: 5, backoff: { kind: 'growing', initialMs: 1000, factor: 2 } },
    ],
    ['never: a job that waits for ever cannot fail', failing(null, { attempts: times(3) }), undefined],
    ['never: one attempt is all', failing(100, { attempts: times(1) }), undefined],
    ['never: nobody knows how often', failing(100, { attempts: unknown('not asked') }), undefined],
  ])('%s', (_name, topology, job) => expect(jobOf(topology)).toEqual(job));

  const BREAKER = {
    errorThresholdPercentage: times(50),
    volumeThreshold: times(10),
    rollingWindowMs: ms(10_000),
    resetTimeoutMs: ms(30_000),
    hasFallback: false,
    place: { file: 'src/pay.ts', line: 7 },
  };
  it.each<[string, object, object]>([
    ['a request without retries', { retries: none() }, { timeoutMs: 200 }],
    ['twice at once', { retries: times(2) }, { timeoutMs: 200, retry: { times: 2 } }],
    [
      'twice, with pauses that double',
      { retries: times(2), pause: { kind: 'exponential', delayMs: ms(300) } },
      { timeoutMs: 200, retry: { times: 2, backoff: { kind: 'growing', initialMs: 300, factor: 2 } } },
    ],
    ['through a breaker of its process', { retries: none(), breaker: BREAKER }, { timeoutMs: 200, breaker: 'breaker at src/pay.ts:7' }],
    ['with something else to answer', { retries: none(), breaker: { ...BREAKER, hasFallback: true } }, { timeoutMs: 200, breaker: 'breaker at src/pay.ts:7', fallback: [] }],
    ['through a breaker that nobody knows', { retries: none(), breaker: { ...BREAKER, volumeThreshold: unknown('computed') } }, { timeoutMs: 200 }],
  ])('%s', (_name, more, expected) => {
    const base = apiAndDatabase();
    const steps: Step[] = [
      compute(ms(0.1)),
      { kind: 'request', label: 'GET pay', target: 'pay', serviceMs: ms(150), timeoutMs: ms(200), retries: none(), awaited: true, place, ...more } as Step,
    ];
    const { network } = compile({ ...base, components: [...base.components, component('pay', 'external-api')], endpoints: [endpoint('/pay', steps)] }, at(10));
    expect(network.programs.find((it) => it.id === 'api GET /pay')?.body.find((it) => it.op === 'call')).toEqual({ op: 'call', program: 'pay GET pay', ...expected });
    if ('breaker' in expected)
      expect(network.breakers).toEqual([
        { id: 'breaker at src/pay.ts:7', errorThresholdPercentage: 50, volumeThreshold: 10, rollingWindowMs: 10_000, buckets: 10, resetTimeoutMs: 30_000, group: 'api' },
      ]);
    else expect(network.breakers).toBeUndefined();
  });
});

describe('connections of a server', () => {
  it.each<[string, string, number, number, number | undefined]>([
    ['PostgreSQL keeps three for superusers', 'postgres', 100, 100, 97],
    ['a pool that fits what is left', 'postgres', 100, 97, undefined],
    ['MySQL lets its administrator in besides', 'mysql', 151, 160, 151],
    ['a pool that fits', 'mysql', 151, 151, undefined],
  ])('%s', (_name, engine, limit, max, servers) => {
    const topology = apiAndDatabase({ pool: max, database: { engine, maxConnections: known(limit, 'connections', 'declared') } });
    const station = compile(topology, at(10)).network.stations.find((it) => it.id === 'connections of db');
    expect(station && { servers: station.servers, room: station.room }).toEqual(servers === undefined ? undefined : { servers, room: 0 });
  });
});

describe('processes that share a CPU limit', () => {
  it.each<[string, number, number, number | undefined, number]>([
    ['as many cores as processes: each has its own', 4, 4, undefined, 1],
    ['four on two cores', 4, 2, 2, 1],
    ['four on half a core', 4, 0.5, 1, 2],
    ['four on 2.5 cores: three slower ones', 4, 2.5, 3, 1.2],
    ['one on half a core: its loop is slower', 1, 0.5, undefined, 2],
    ['one on two cores', 1, 2, undefined, 1],
  ])('%s', (_name, processes, cores, servers, slower) => {
    const api = { processes: known(processes, 'processes', 'declared'), cores: known(cores, 'cores', 'declared') };
    const { network } = compile(apiAndDatabase({ api, steps: [compute(ms(3))] }), at(10));
    expect(network.stations.find((it) => it.id === 'cores of api')?.servers).toBe(servers);
    const [slice] = network.programs[0]?.body ?? [];
    const served = slice?.op === 'hold' ? slice.body[0] : slice;
    expect(served).toMatchObject({ op: 'serve', service: { meanMs: expect.closeTo(3 * slower, 9) } });
  });
});
