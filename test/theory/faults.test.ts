import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/model/network-faults.ts';
import type { Instruction, Network, Program } from '../../src/model/network.ts';
import { type Run, simulate } from '../../src/simulator/index.ts';
import { expectHonest, expectKnown, expectLaws, type Known } from './against.ts';
import { at, L, lost, reject, source, T } from './measures.ts';
import { delay, deterministic, exponential, hold, law, network, serve, single, station } from './networks.ts';
import { breaking } from './rows/faults.ts';

/** M/M/1 whose server fails at random, idle or not, and goes on after the repair (White and Christie 1958): mean number present. */
const broken = (rate: number, failures: number, repairs: number): number =>
  (rate / (repairs / (failures + repairs) - rate)) * (1 + failures / ((failures + repairs) * (failures + repairs)));

const again = { up: exponential(30), down: exponential(10) };
/** Two instances that nothing is shared by. */
const pair = (faults: readonly Fault[], body: readonly Instruction[], more: Partial<Network> = {}, programs: readonly Program[] = []): Network => ({
  ...network({ groups: [{ id: 'g', instances: 2, balancer: 'roundRobin' }], stations: [station('s', 1, { group: 'g' })], body: [], rate: 0 }),
  programs: [{ id: 'main', group: 'g', body }, ...programs],
  faults,
  ...more,
});
const paced = (perSecond: number): Partial<Network> => ({
  sources: [{ id: 'load', program: 'main', arrivals: 'deterministic', share: 1, phases: [{ fromMs: 0, perSecond }], patienceMs: null }],
});
const failed = (run: Run): number => Object.values(source(run).errorsByCause).reduce((sum, it) => sum + it, 0);

const ROWS: readonly Known[] = [
  {
    name: 'a server that fails often and briefly',
    theory: 'White and Christie 1958',
    make: () => breaking(0.4, 0.05, 0.25),
    units: 60_000,
    expected: { L: [broken(0.4, 0.05, 0.25), L], T: [broken(0.4, 0.05, 0.25) / 0.4, T] },
    short: '1% of the mean needs 400,000 requests',
  },
  {
    name: 'the same, its processor shared',
    theory: 'White and Christie 1958; exponential services do not know the discipline',
    make: () => ({ ...breaking(0.4, 0.05, 0.25), stations: [station('s', 1, { discipline: 'processorSharing' })] }),
    units: 60_000,
    expected: { L: [broken(0.4, 0.05, 0.25), L] },
    short: '1% of the mean needs 400,000 requests',
  },
  {
    // A quarter of the services begins while they take three times as long.
    name: 'slow for a quarter of the time',
    theory: 'Poisson arrivals see time averages; Little',
    make: () => ({ ...single(1, 1, law('gamma', 0.5)), stations: [station('s', null)], faults: [{ kind: 'slow', station: 's', factor: 3, ...again }] }),
    units: 100_000,
    expected: { L: [1.5, L], T: [1.5, T] },
    short: '2,500 turns of the fault',
  },
  {
    name: 'closed for a quarter of the time',
    theory: 'Poisson arrivals see time averages',
    make: () => ({ ...single(1, 1), stations: [station('s', null)], faults: [{ kind: 'refuse', station: 's', ...again }] }),
    units: 60_000,
    expected: { reject: [0.25, reject], lost: [0.25, lost] },
    short: '1,500 turns of the fault',
  },
  {
    name: 'a tenth of the calls is lost, with two retries',
    theory: 'geometric',
    make: () => ({
      ...network({
        stations: [station('s', null)],
        body: [{ op: 'call', program: 'work', retry: { times: 2 } }],
        programs: [{ id: 'work', body: [serve('s', deterministic())] }],
        rate: 1,
      }),
      faults: [{ kind: 'lose', program: 'work', share: 0.3, cause: 'reset', fromMs: 0, untilMs: 1e9 }],
    }),
    units: 60_000,
    expected: { failure: [0.027, lost], served: [0.973, (run) => at(run).arrivals / source(run).offered] },
    short: 'rare',
  },
  {
    // Each try that hangs costs its timeout of 5; those answered after k of them took 5k + 1.
    name: 'calls that never answer cost their timeout',
    theory: 'geometric',
    make: () => ({
      ...network({
        stations: [],
        body: [{ op: 'call', program: 'work', timeoutMs: 5, retry: { times: 1000 } }],
        programs: [{ id: 'work', body: [delay(deterministic(1))] }],
        rate: 1,
      }),
      faults: [{ kind: 'lose', program: 'work', share: 0.5, cause: 'reset', hangs: true, fromMs: 0, untilMs: 1e9 }],
    }),
    units: 20_000,
    expected: { T: [6, T] },
  },
  {
    // Whatever is under way when the instance crashes is lost: an exponential service of mean 1 survives crashes that come every 10 with 10/11.
    name: 'crashes of the only instance',
    theory: 'competing exponentials; Poisson arrivals see time averages',
    make: () =>
      ({
        ...network({
          groups: [{ id: 'g', instances: 1, balancer: 'random' }],
          group: 'g',
          stations: [station('s', null, { group: 'g' })],
          body: [serve('s')],
          rate: 1,
        }),
        faults: [{ kind: 'down', group: 'g', instances: 'all', cause: 'crash', up: exponential(10), down: exponential(2) }],
      }) satisfies Network,
    units: 40_000,
    expected: { lost: [1 - (10 / 12) * (10 / 11), lost] },
    short: '3,000 turns of the fault',
  },
];

describe('faults against theory', () => {
  it.each(ROWS.map((it) => [`${it.name}: ${Object.keys(it.expected).join(' ')} — ${it.theory}${it.short ? ` [${it.short}]` : ''}`, it] as const))('%s', (_, row) =>
    expectKnown(row),
  );
  it('theory knows them, or says that it does not', () => expectHonest(breaking(0.4, 0.05, 0.25), 20));
});

describe('a story to the bit', () => {
  const story = (faults: readonly Fault[], perSecond = 100, serviceMs = 5): Run =>
    simulate(
      { ...single(0, 1, deterministic(serviceMs), {}, undefined, { arrivals: 'deterministic', phases: [{ fromMs: 0, perSecond }] }), faults },
      { seconds: 3, warmupSeconds: 0 },
    );

  it('frozen: who is served waits the rest of its service, the others queue', () => {
    // At 1002 the request of 1000 has 3 ms left; at 1100 it goes on. The next nine wait in line.
    const run = story([{ kind: 'freeze', station: 's', fromMs: 1002, untilMs: 1100 }]);
    expect(source(run).latencyMs?.max).toBe(103);
    expect(source(run).latencyMs?.count).toBe(299);
    // 1010 is served from 1103 on, 1020 from 1108, … until 1190 finds the line empty: (93 + 88 + … + 3) of waiting.
    expect(at(run).waitedShare * 300).toBeCloseTo(19, 9);
  });
  it('slow: services that begin meanwhile', () =>
    expect(source(story([{ kind: 'slow', station: 's', factor: 1.5, fromMs: 1002, untilMs: 1052 }])).latencyMs?.mean).toBeCloseTo((299 * 5 + 5 * 2.5) / 299, 9));
  it('two slow faults at once multiply, and leave nothing behind', () => {
    const slow = (fromMs: number, untilMs: number): Fault => ({ kind: 'slow', station: 's', factor: 1.3, fromMs, untilMs });
    const run = story([slow(1002, 1032), slow(1022, 1052)]);
    expect(source(run).latencyMs?.max).toBeCloseTo(5 * 1.69, 12);
    expect(source(run).latencyMs?.mean).toBeCloseTo((299 * 5 + 4 * 1.5 + 5 * 0.69) / 299, 9);
  });
  it('closed: newcomers are refused, what is there goes on', () =>
    expect(source(story([{ kind: 'refuse', station: 's', fromMs: 1002, untilMs: 1052 }])).errorsByCause).toEqual({ 's refused': 5 }));

  it('lost: a request that never answers is no deadlock, and is overdue where its client has patience', () => {
    const net = { ...single(0, 1, deterministic(5), {}, undefined, { arrivals: 'deterministic', phases: [{ fromMs: 0, perSecond: 100 }], patienceMs: 50 }) };
    const run = simulate(
      { ...net, faults: [{ kind: 'lose', program: 'main', share: 1, cause: 'reset', hangs: true, fromMs: 500, untilMs: 600 }] },
      { seconds: 1.007, warmupSeconds: 0 },
    );
    expect(failed(run)).toBe(10);
    expect(run.inFlightAtEnd).toBe(10);
    expect(run.stuck).toBe(false);
    expectLaws(run);
  });
  it('down: everything it runs fails, and so does what comes meanwhile', () => {
    const run = simulate(pair([{ kind: 'down', group: 'g', instances: 'all', cause: 'crash', fromMs: 1003, untilMs: 2003 }], [serve('s', deterministic(5))], paced(100)), {
      seconds: 3,
      warmupSeconds: 0,
    });
    expect(source(run).errorsByCause).toEqual({ crash: 101 });
    expectLaws(run);
  });
  it.each([
    ['always there', {}],
    ['started on demand', { onDemand: { coldStart: deterministic(1), idleMs: 50, cause: 'throttled' } }],
    ['with little memory', { memory: { baseMb: 10, limitMb: 90, restartMs: 5, cause: 'out of memory' } }],
  ])('down from the start, instances %s', (_, more) => {
    const net = pair([{ kind: 'down', group: 'g', instances: 'all', cause: 'crash', fromMs: 0, untilMs: 1003 }], [serve('s', deterministic(5))], paced(100));
    const run = simulate({ ...net, groups: net.groups.map((it) => ({ ...it, ...more })) }, { seconds: 3, warmupSeconds: 0 });
    // The first comes after 10 ms.
    expect(failed(run)).toBe(100);
    expectLaws(run);
  });
  it('down: calls go to the instance that is left, queue there, and come back to both', () => {
    const run = simulate(pair([{ kind: 'down', group: 'g', instances: 1, cause: 'crash', fromMs: 1003, untilMs: 2003 }], [serve('s', deterministic(15))], paced(100)), {
      seconds: 4,
      warmupSeconds: 0,
    });
    // The request of 1000 (or of 990) is all that is lost; two instances keep up, one serves 66/s.
    expect(failed(run)).toBe(1);
    expect(source(run).latencyMs?.max).toBeGreaterThan(400);
    expectLaws(run);
  });
  it('down: a caller that tries again is answered by the other instance', () => {
    const net = pair([{ kind: 'down', group: 'g', instances: 1, cause: 'crash', fromMs: 1013, untilMs: 2003 }], [serve('s', deterministic(5))], paced(100), [
      { id: 'client', body: [{ op: 'call', program: 'main', retry: { times: 1 } }] },
    ]);
    const run = simulate({ ...net, sources: net.sources.map((it) => ({ ...it, program: 'client' })) }, { seconds: 3, warmupSeconds: 0 });
    expect(failed(run)).toBe(0);
    expect(source(run).latencyMs?.max).toBe(8);
  });
  it('down: what it held at a shared station is free for the others at once', () => {
    const net = pair(
      [{ kind: 'down', group: 'g', instances: 1, cause: 'crash', fromMs: 50, untilMs: 60 }],
      [hold('lock', serve('s', deterministic(1)), { op: 'parallel', branches: [[delay(deterministic(1000))], [delay(deterministic(2000))]] })],
      {
        stations: [station('s', 1, { group: 'g' }), station('lock', 1)],
        sources: [{ id: 'load', program: 'main', arrivals: 'poisson', share: 0, phases: [], burst: 2, patienceMs: null }],
      },
    );
    const run = simulate(net, { seconds: 5, warmupSeconds: 0 });
    // The second waits 50 ms for the lock, not 2 s.
    expect(failed(run)).toBe(1);
    expect(source(run).latencyMs?.max).toBe(50 + 1 + 2000);
    expectLaws(run);
  });
  it('down: work that the instance had asked of others goes on for nobody', () => {
    const net = pair(
      [{ kind: 'down', group: 'g', instances: 'all', cause: 'crash', fromMs: 50, untilMs: 60 }],
      [{ op: 'call', program: 'query' }],
      {
        stations: [station('s', 1, { group: 'g' }), station('db', 1)],
        sources: [{ id: 'load', program: 'main', arrivals: 'poisson', share: 0, phases: [], burst: 1, patienceMs: null }],
      },
      [{ id: 'query', body: [serve('db', deterministic(500))] }],
    );
    const run = simulate(net, { seconds: 1, warmupSeconds: 0 });
    expect(failed(run)).toBe(1);
    expect(at(run, 'db').meanBusy).toBeCloseTo(0.5, 9);
  });
});

describe('whatever goes wrong', () => {
  const kinds: readonly Fault[] = [
    { kind: 'slow', station: 'db', factor: 4, ...again },
    { kind: 'freeze', station: 'db', ...again },
    { kind: 'freeze', station: 'cpu', up: law('gamma', 0.3, 20), down: exponential(3) },
    { kind: 'freeze', station: 'pool', up: exponential(20), down: exponential(3) },
    { kind: 'refuse', station: 'pool', ...again },
    { kind: 'lose', program: 'query', share: 0.2, cause: 'reset', ...again },
    { kind: 'lose', program: 'query', share: 0.2, cause: 'reset', hangs: true, ...again },
    { kind: 'down', group: 'g', instances: 1, cause: 'crash', ...again },
    { kind: 'down', group: 'g', instances: 'all', cause: 'gone', ...again },
    { kind: 'down', group: 'g', instances: 2, cause: 'late', fromMs: 500, untilMs: 700 },
    { kind: 'partition', programs: ['query'], cause: 'cut off', ...again },
    { kind: 'deploy', group: 'g', fromMs: 100, unavailable: 1, surge: 1, coldStart: exponential(30), graceMs: 20, cause: 'replaced', warmUp: { factor: 2, forMs: 50 } },
  ];
  const net = (faults: readonly Fault[], balancer: Network['groups'][number]['balancer']): Network => ({
    version: 1,
    groups: [{ id: 'g', instances: 3, balancer }],
    stations: [station('cpu', 1, { group: 'g', discipline: 'processorSharing' }), station('pool', 4, { group: 'g', room: 20, discipline: 'priority' }), station('db', 6)],
    programs: [
      {
        id: 'main',
        group: 'g',
        body: [
          serve('cpu', exponential(0.5)),
          { op: 'parallel', branches: [[hold('pool', { op: 'call', program: 'query', timeoutMs: 30, retry: { times: 2 }, cancels: true })], [delay(exponential(2))]] },
          { op: 'spawn', program: 'message' },
          { op: 'respond' },
          serve('cpu', exponential(0.2)),
        ],
      },
      { id: 'query', body: [{ op: 'serve', station: 'db', service: exponential(3), waitLimitMs: exponential(20) }] },
      { id: 'message', group: 'g', body: [{ op: 'serve', station: 'pool', service: exponential(1), priority: 3 }], job: { attempts: 3, backoff: exponential(2) } },
    ],
    sources: [
      { id: 'open', program: 'main', arrivals: { kind: 'renewal', cv2: 3 }, share: 1, phases: [{ fromMs: 0, perSecond: 700 }], patienceMs: 100, connections: 5 },
      { id: 'closed', program: 'main', arrivals: 'poisson', share: 1, closed: { users: 10, think: exponential(20) }, patienceMs: 50 },
    ],
    faults,
  });
  it('with little memory as well', () => {
    for (const seed of [1, 2, 3]) {
      const model = net(kinds, 'leastConnections');
      const leaking: Network = {
        ...model,
        groups: model.groups.map((it) => ({ ...it, memory: { baseMb: 10, limitMb: 16, restartMs: 30, cause: 'heap' } })),
        programs: model.programs.map((it) => ({ ...it, memoryMb: 0.7 })),
      };
      const run = simulate(leaking, { seconds: 1, seed, drainSeconds: Number.POSITIVE_INFINITY });
      expectLaws(run);
      expect(run.inFlightAtEnd).toBe(0);
      expect(run.instances?.[0]?.crashes).toBeGreaterThan(3);
    }
  });
  it('on demand as well, with a cache that lookups share', () => {
    for (const seed of [1, 2, 3]) {
      const model = net(
        kinds.filter((it) => it.kind !== 'deploy'),
        'random',
      );
      const serverless: Network = {
        ...model,
        groups: model.groups.map((it) => ({ ...it, instances: 30, onDemand: { coldStart: exponential(5), idleMs: 20, cause: 'throttled' } })),
        caches: [{ id: 'c', keys: 20, zipf: 1, capacity: 5, ttlMs: 20, singleFlight: true }],
        programs: model.programs.map((it) => (it.id === 'query' ? { ...it, body: [{ op: 'lookup', cache: 'c', hit: [], miss: it.body }] } : it)),
      };
      const run = simulate(serverless, { seconds: 1, seed, drainSeconds: Number.POSITIVE_INFINITY });
      expectLaws(run);
      expect(run.inFlightAtEnd).toBe(0);
      expect(run.caches?.[0]?.joined).toBeGreaterThan(10);
      expect(run.instances?.[0]?.coldStarts).toBeGreaterThan(10);
    }
  });
  it.each([...kinds.map((it) => [`${it.kind}${'fromMs' in it ? ' once' : ''}`, [it]] as const), ['all together', kinds] as const])(
    'with %s Little, utilisation and flow hold, the run repeats itself, and the system empties',
    (_, faults) => {
      for (const [seed, balancer] of (['random', 'roundRobin', 'leastConnections', 'powerOfTwo', 'connection'] as const).entries()) {
        const model = net(faults, balancer);
        const run = simulate(model, { seconds: 1, seed, drainSeconds: Number.POSITIVE_INFINITY });
        expectLaws(run);
        expect(run.inFlightAtEnd).toBe(0);
        expect(simulate(model, { seconds: 1, seed, drainSeconds: Number.POSITIVE_INFINITY })).toEqual(run);
      }
    },
  );
});
