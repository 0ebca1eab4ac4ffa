import { describe, expect, it } from 'vitest';
import { applyChange } from '../../../src/model/change.ts';
import { known, none, unknown } from '../../../src/model/known.ts';
import type { Step, Topology } from '../../../src/model/topology.ts';
import { assess, breaksAt, compile, playSpike, simulate, solve } from '../../../src/simulator/index.ts';
import { apiAndDatabase, at, compute, endpoint, guess, ms, query } from '../topologies.ts';

const place = { file: 'src/app.ts', line: 1 };
const FRAME = { ranges: false, ladder: false, breakEven: false, spike: false } as const;

describe('breaks at', () => {
  it.each([
    [5, 1, 'holds'],
    [10, 1, 'holds'],
    [5, 20, 'fails'],
    [10, 20, 'fails'],
  ] as const)('a pool of %d with a query of %d ms at 1000/s: %s', (pool, holdMs, verdict) =>
    expect(assess(apiAndDatabase({ pool, holdMs: ms(holdMs) }), at(1000)).verdict).toBe(verdict),
  );

  it.each([
    [1, 'unknown'],
    [20, 'fails'],
  ] as const)('a program that was not read to its end never holds: a query of %d ms: %s', (holdMs, verdict) => {
    const topology = apiAndDatabase({ pool: 5, holdMs: ms(holdMs) });
    const [first, ...others] = topology.endpoints;
    const outcome = assess({ ...topology, endpoints: [{ ...first!, unread: 'calls through knex are not read yet' }, ...others] }, at(1000));
    expect(outcome).toMatchObject({ verdict, unread: { endpoint: first!.id, why: 'calls through knex are not read yet' } });
  });

  it('Little: a pool of 10 and a hold of 20 ms carry 477 to 500 requests a second', () => {
    const rate = assess(apiAndDatabase({ pool: 10, holdMs: ms(20) }), at(1000), FRAME).saturatesAtPerSecond.value ?? 0;
    expect(rate).toBeGreaterThan(477);
    expect(rate).toBeLessThan(500);
  });

  it.each([
    ['measured', ms(20)],
    ['assumed', known(5, 'ms', 'assumed', { range: [1, 30] })],
  ])('renaming components changes nothing: %s', (_basis, holdMs) => {
    const renamed = JSON.parse(
      JSON.stringify(apiAndDatabase({ pool: 5, holdMs }))
        .replaceAll('"db"', '"zebra"')
        .replaceAll('api', 'aardvark'),
    ) as Topology;
    const before = assess(apiAndDatabase({ pool: 5, holdMs }), at(1000));
    const after = assess(renamed, at(1000));
    expect(after.breakEven.map((it) => it.value)).toEqual(before.breakEven.map((it) => it.value));
    expect(after.breaksAtPerSecond).toEqual(before.breaksAtPerSecond);
    expect(after.latencyMs).toEqual(before.latencyMs);
    expect(after.binding).toBe(before.binding?.replace('api', 'aardvark').replace('db', 'db'));
    const spiked = (it: Topology) => {
      const { stations: _names, attribution: _ids, ...numbers } = playSpike(it, { ...at(300), profile: { kind: 'spike', basePerSecond: 20, peakPerSecond: 300, seconds: 5 } });
      return numbers;
    };
    expect(spiked(renamed)).toEqual(spiked(apiAndDatabase({ pool: 5, holdMs })));
  });

  it('the binding station is the pool, then the next one up the ladder', () => {
    const { binding, ladder } = assess(apiAndDatabase({ pool: 5, holdMs: ms(5), database: { parallelism: known(8, 'cores', 'declared') } }), at(500));
    expect(binding).toBe('api→db pool');
    expect(ladder.map((it) => it.station)).toEqual(['api→db pool', 'db', 'event loop of api']);
    expect(ladder.map((it) => it.breaksAtPerSecond ?? 0)).toEqual([...ladder.map((it) => it.breaksAtPerSecond ?? 0)].sort((a, b) => a - b));
  });

  it('unstable: no latency, and how it grows', () => {
    const outcome = assess(apiAndDatabase({ pool: 5, holdMs: ms(20) }), at(1000), FRAME);
    expect(outcome.latencyMs).toBeNull();
    expect(outcome.growing?.requestsPerSecond).toBeGreaterThan(740);
    expect(outcome.growing?.p95After60sMs).toBeGreaterThan(60_000);
  });

  it('nothing takes load: silent', () => expect(assess({ ...apiAndDatabase(), endpoints: [] }, at(1000)).silentBecause).toBe('no endpoint takes load'));

  it('an unknown pool size limits nothing and is said', () => {
    const outcome = assess(apiAndDatabase({ holdMs: ms(20), poolMore: { max: unknown('computed at run time') } }), at(1000), FRAME);
    expect(outcome.stations.map((it) => it.kind)).not.toContain('pool');
    expect(outcome.assumptions.join()).toContain('api→db pool');
  });

  it('an acquire timeout does not move saturation, and turns waiting into errors in the words of the library', () => {
    const waits = apiAndDatabase({ pool: 5, holdMs: ms(20) });
    const expires = apiAndDatabase({ pool: 5, holdMs: ms(20), poolMore: { acquireTimeoutMs: ms(2000) } });
    const [a, b] = [waits, expires].map((it) => assess(it, at(1000), FRAME));
    expect(Math.abs((b?.saturatesAtPerSecond.value ?? 0) / (a?.saturatesAtPerSecond.value ?? 1) - 1)).toBeLessThan(0.01);
    expect(Object.keys(b?.errorsByCause ?? {})).toEqual(['timeout exceeded when trying to connect']);
    expect(b?.errorShare).toBeGreaterThan(0.7);
  });

  it('the server refuses what exceeds max_connections', () => {
    const outcome = assess(
      apiAndDatabase({ pool: 50, holdMs: ms(20), api: { replicas: known(4, 'replicas', 'declared') }, database: { maxConnections: known(20, 'connections', 'declared') } }),
      at(1200),
      FRAME,
    );
    expect(outcome.errorsByCause['sorry, too many clients already']).toBeGreaterThan(100);
  });

  it('replicas multiply pools and event loops', () => {
    const one = breaksAt(apiAndDatabase({ pool: 5, holdMs: ms(10) }), at(1000)) ?? 0;
    const three = breaksAt(apiAndDatabase({ pool: 5, holdMs: ms(10), api: { replicas: known(3, 'replicas', 'declared') } }), at(1000)) ?? 0;
    expect(three / one).toBeGreaterThan(2.9);
    expect(three / one).toBeLessThan(3.1);
  });

  it('more processes than cores never help a service bound by its loop', () => {
    const cpu = { cpuMs: ms(5), pool: 50, holdMs: ms(1) };
    const four = breaksAt(apiAndDatabase({ ...cpu, api: { processes: known(4, 'processes', 'declared'), cores: known(2, 'cores', 'declared') } }), at(1000)) ?? 0;
    const two = breaksAt(apiAndDatabase({ ...cpu, api: { processes: known(2, 'processes', 'declared'), cores: known(2, 'cores', 'declared') } }), at(1000)) ?? 0;
    expect(four / two).toBeLessThan(1.05);
    expect(four / two).toBeGreaterThan(0.9);
  });
});

describe('assumed inputs', () => {
  const guessed = apiAndDatabase({ pool: 5, holdMs: guess(2, 0.5, 10), cpuMs: ms(0.1) });

  it('make a range, and the verdict unknown between its ends', () => {
    const { breaksAtPerSecond: range, verdict, decidedBy } = assess(guessed, at(1000));
    expect(range.low).toBeLessThan(range.value ?? 0);
    expect(range.high).toBeGreaterThan(range.value ?? 0);
    expect(verdict).toBe('unknown');
    expect(decidedBy.map((it) => it.input)).toEqual(['hold db SELECT users']);
  });

  it('the break-even of a pool of 5 at 1000/s is just under 5.0 ms, and holds there', () => {
    const [first] = assess(guessed, at(1000)).breakEven;
    expect(first).toMatchObject({ input: 'hold db SELECT users', direction: 'atMost', unit: 'ms' });
    expect(first?.value).toBeGreaterThanOrEqual(4.7);
    expect(first?.value).toBeLessThanOrEqual(5);
    expect(assess(apiAndDatabase({ pool: 5, holdMs: ms(first?.value ?? 0), cpuMs: ms(0.1) }), at(1000), FRAME).verdict).not.toBe('fails');
    expect(assess(apiAndDatabase({ pool: 5, holdMs: ms((first?.value ?? 0) * 1.05), cpuMs: ms(0.1) }), at(1000), FRAME).verdict).toBe('fails');
  });

  it('queries of one pool are solved for together, by the most decisive one', () => {
    const steps: readonly Step[] = [compute(ms(0.1)), query('SELECT users', guess(2, 0.5, 10)), query('SELECT roles', guess(1, 0.3, 5))];
    const found = assess(apiAndDatabase({ pool: 5, steps }), at(1000)).breakEven.filter((it) => it.input.startsWith('hold'));
    expect(found.map((it) => it.input)).toEqual(['hold db SELECT users']);
    // 3 ms in all may become 5: the first one's share is two thirds.
    expect(found[0]?.value).toBeGreaterThan(3);
    expect(found[0]?.value).toBeLessThan(3.4);
  });

  it('are drawn alike before and after a change, and alike every time', () => {
    expect(assess(guessed, at(1000))).toEqual(assess(guessed, at(1000)));
  });
});

describe('queues', () => {
  const write = endpoint('/orders', [compute(ms(0.1)), query('INSERT orders', ms(10), { operation: 'write' })], {
    id: 'api POST /orders',
    role: 'write',
    trigger: { kind: 'http', method: 'POST', path: '/orders' },
  });
  const topology: Topology = { ...apiAndDatabase({ pool: 5 }), endpoints: [write] };
  const queued = (concurrency: number): Topology =>
    applyChange(topology, { id: 'queue', operations: [{ kind: 'insertQueue', from: 'api', to: 'db', technology: 'bullmq', concurrency }] });

  it('accept fast and drain at the rate of the workers: a channel that gains on its workers breaks', () => {
    const outcome = assess(queued(1), at(300), FRAME);
    const [channel] = outcome.channels;
    expect(channel?.inPerSecond).toBeCloseTo(300, 6);
    expect(channel?.drainPerSecond).toBeGreaterThan(70);
    expect(channel?.drainPerSecond).toBeLessThan(95);
    expect(channel?.backlogGrowthPerSecond).toBeGreaterThan(200);
    expect(outcome.verdict).toBe('fails');
    expect(assess(queued(20), at(300), FRAME).verdict).not.toBe('fails');
  });

  it('never raise synchronous capacity: reads beside them stay as they were', () => {
    const read = endpoint('/users', [compute(ms(0.1)), query('SELECT users', ms(5))]);
    const reads = (withQueue: boolean): number => {
      const both: Topology = { ...topology, endpoints: [read, write] };
      const changed = withQueue ? applyChange(both, { id: 'queue', operations: [{ kind: 'insertQueue', from: 'api', to: 'db', technology: 'bullmq', concurrency: 50 }] }) : both;
      return breaksAt(changed, at(1000, { mix: { 'api GET /users': 1 } })) ?? 0;
    };
    expect(reads(true)).toBe(reads(false));
  });

  it('a spike that a pool cannot take passes once a queue takes the writes and the backlog drains', () => {
    const scenario = at(1000, { profile: { kind: 'spike', basePerSecond: 20, peakPerSecond: 1000, seconds: 10 } });
    const sync = playSpike(topology, scenario);
    expect(sync.passes).toBe(false);
    // Its slowest hundredth did little but wait for a connection.
    const [slowest] = sync.attribution[0]?.p99.stations ?? [];
    expect(slowest?.id).toBe('api→db pool');
    expect((slowest?.waitMs ?? 0) / (sync.attribution[0]?.p99.responseMs ?? 1)).toBeGreaterThan(0.9);
    const async = playSpike(queued(5), scenario);
    expect(async.acceptedShare).toBeGreaterThanOrEqual(0.99);
    expect(async.passes).toBe(true);
    expect(async.drainSeconds).toBeGreaterThan(5);
    // One worker needs minutes for the same backlog: accepted, and too late.
    expect(playSpike(queued(1), scenario).passes).toBe(false);
  });

  it.each([
    ['a backlog that goes', topology],
    ['one that lasts', queued(1)],
  ])('a spike that ends with its backlog tells the same of both: %s', (_, system) => {
    const scenario = at(1000, { profile: { kind: 'spike', basePerSecond: 20, peakPerSecond: 1000, seconds: 10 }, clientPatienceMs: 5000 });
    const whole = playSpike(system, scenario);
    const short = playSpike(system, scenario, { attribution: false, untilDrained: true });
    const told = ({ goodputShare, drainSeconds, runSeconds }: typeof whole) => ({ goodputShare, drainSeconds, runSeconds });
    expect(told(short)).toEqual(told(whole));
    if (whole.drainSeconds !== null) expect(short.series.length).toBeLessThan(whole.series.length);
    expect(short.series).toEqual(whole.series.slice(0, short.series.length));
  });
});

describe('nested checkout of one pool', () => {
  const nested = (usesHeld: boolean, more = {}): Topology =>
    apiAndDatabase({
      pool: 4,
      steps: [
        compute(ms(0.1)),
        {
          kind: 'hold',
          label: 'connection',
          pool: 'api→db pool',
          released: 'always',
          place,
          steps: [query('SELECT a', ms(5), { usesHeld: true }), query('SELECT b', ms(5), { usesHeld })],
        },
      ],
      poolMore: more,
    });

  it('solve: breaks far below the nominal load', () => {
    const good = breaksAt(nested(true), at(100)) ?? 0;
    expect(breaksAt(nested(false), at(100))).toBeLessThan(0.6 * good);
    expect(good).toBeGreaterThan(350);
  });

  it('simulate: no progress once every connection waits for one more', () => {
    const { network } = compile(nested(false), at(300));
    const run = simulate(network, { seconds: 60, seed: 1, warmupSeconds: 30 });
    expect(run.sources[0]?.goodputPerSecond).toBe(0);
    const { network: sound } = compile(nested(true), at(300));
    expect(simulate(sound, { seconds: 10, seed: 1 }).sources[0]?.goodputPerSecond).toBeGreaterThan(270);
  });

  it('simulate: says that a closed system is stuck', () => {
    const { network } = compile(nested(false), at(300));
    const burst = { ...network, sources: network.sources.map((it) => ({ ...it, phases: [], burst: 50 })) };
    expect(simulate(burst, { seconds: 60, warmupSeconds: 0 }).stuck).toBe(true);
  });
});

describe('the event loop and the pool are coupled', () => {
  it('a busy loop lengthens what a query holds, in both engines alike', () => {
    const holdAt = (cpuMs: number): [number, number] => {
      const { network } = compile(apiAndDatabase({ pool: 20, holdMs: ms(2), cpuMs: ms(cpuMs) }), at(1000));
      const theory = solve(network).stations.find((it) => it.id === 'api→db pool')?.meanHoldMs ?? 0;
      const played = simulate(network, { seconds: 100, seed: 1 }).stations.find((it) => it.id === 'api→db pool')?.meanHoldMs ?? 0;
      return [theory, played];
    };
    const [calm, calmPlayed] = holdAt(0.1);
    const [busy, busyPlayed] = holdAt(0.8);
    expect(calm).toBeLessThan(2.15);
    expect(busy).toBeGreaterThan(2.8);
    expect(Math.abs(calm / calmPlayed - 1)).toBeLessThan(0.02);
    expect(Math.abs(busy / busyPlayed - 1)).toBeLessThan(0.15);
  });
});

describe('half a workspace', () => {
  it('a pool of a component that nobody found is no exception', () => {
    const topology = apiAndDatabase();
    expect(() => assess({ ...topology, pools: topology.pools.map((it) => ({ ...it, client: 'ghost' })) }, at(100))).not.toThrow();
    expect(() => assess({ ...topology, components: topology.components.filter((it) => it.id !== 'db') }, at(100))).not.toThrow();
  });

  it('routes that call each other in circles come to an end', () => {
    const call = (path: string): Step => ({
      kind: 'request',
      label: path,
      target: 'api',
      endpoint: `api GET ${path}`,
      serviceMs: ms(1),
      timeoutMs: none(),
      retries: none(),
      awaited: true,
      place,
    });
    const topology: Topology = {
      ...apiAndDatabase(),
      endpoints: [endpoint('/a', [compute(ms(0.1)), call('/b'), call('/b')]), endpoint('/b', [compute(ms(0.1)), call('/a'), call('/a')])],
    };
    expect(assess(topology, at(10), FRAME).verdict).toBe('fails');
  });
});

it('a wait limit of none waits for ever', () => {
  const { network } = compile(apiAndDatabase({ poolMore: { acquireTimeoutMs: none() } }), at(100));
  expect(JSON.stringify(network)).toContain('"waitLimitMs":null');
});
