import { describe, expect, it } from 'vitest';
import { type Known, known, none, unknown } from '../../../src/model/known.ts';
import type { Channel, Step, Topology } from '../../../src/model/topology.ts';
import { assess, compile } from '../../../src/simulator/index.ts';
import { apiAndDatabase, at, component, compute, endpoint, ms, query } from '../topologies.ts';

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

  it('partitions that nobody knows are said to limit nothing', () => {
    const said = (more: Partial<Channel>) => compile(messages(count(8), more), at(10)).assumptions.filter((it) => it.includes('partitions'));
    expect(said({ kind: 'topic' })).toEqual(['partitions of mails: not known, so they limit nothing here']);
    expect(said({ kind: 'topic', partitions: known(6, 'count', 'declared') })).toEqual([]);
    expect(said({})).toEqual([]);
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

describe('libuv’s threads within a CPU limit', () => {
  const hash = (where: 'eventLoop' | 'threadPool') => ({ ...compute(ms(60)), where }) as const;
  it.each<[string, number | undefined, number | undefined, number]>([
    ['none: a core for each thread', undefined, undefined, 60],
    ['five cores, the loop’s among them: enough', 5, undefined, 60],
    ['two cores are all that the loop and four threads have', 2, 2, 60],
    ['a tenth of a core takes ten times as long, wherever it is done', 0.1, 1, 600],
  ])('%s', (_name, cores, servers, meanMs) => {
    const api = cores === undefined ? {} : { cores: known(cores, 'cores', 'declared') };
    const { network } = compile(apiAndDatabase({ api, steps: [hash('threadPool')] }), at(10));
    expect(network.stations.find((it) => it.id === 'cores of api')?.servers).toBe(servers);
    const slices = JSON.stringify(network.programs[0]?.body).match(/"meanMs":[\d.]+/g);
    expect(slices).toContain(`"meanMs":${meanMs}`);
  });
});
