import { describe, expect, it } from 'vitest';
import { loadOf, ratesOf, shareOf, stateOf } from '../../src/diagram/index.ts';
import { graphOf } from '../../src/diagram/graph.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { Step } from '../../src/model/topology.ts';
import { component, endpoint, outcome, station, topology } from './sample.ts';

const place = { file: 'a.ts', line: 1 };
const query: Step = { kind: 'query', label: 'q', target: 'db', operation: 'read', usesHeld: false, holdMs: known(1, 'ms', 'measured'), awaited: true, place };

describe('load', () => {
  it.each([
    [0, 'ok'],
    [0.69, 'ok'],
    [0.7, 'tight'],
    [0.9, 'saturated'],
    [1, 'failing'],
    [Number.POSITIVE_INFINITY, 'failing'],
  ])('utilisation %d is %s', (utilisation, state) => expect(stateOf(utilisation)).toBe(state));

  it.each([
    [0.5, '50%', '≈50%'],
    [3, '300%', '≈300%'],
    [88.6, '>300%', '>300%'],
    [Number.POSITIVE_INFINITY, '>300%', '>300%'],
  ])('a share of %d reads %s', (utilisation, said, guessed) => {
    expect(shareOf(station({ component: 'api', utilisation }), outcome({ verdict: 'fails' }))).toBe(said);
    expect(shareOf(station({ component: 'api', utilisation }), outcome({ verdict: 'unknown' }))).toBe(guessed);
  });

  it.each([
    ['of what gives way first, though little comes through to it', 'db', 0.02, ''],
    ['of what gives way first and is full', 'db', 0.95, '95%'],
    ['of what stands before it', 'api', 0.02, '2%'],
  ])('the share %s', (_says, id, utilisation, said) => expect(shareOf(station({ component: id, utilisation }), outcome({ verdict: 'fails', bindingComponent: 'db' }))).toBe(said));

  it.each([
    ['no station', 'x', 'unknown'],
    ['the busiest of two', 'api', 'tight'],
    ['what gave way', 'db', 'failing'],
    ['a limiter that refuses two of three', 'edge', 'ok'],
  ])('%s', (_why, id, state) => {
    const seen = outcome({
      bindingComponent: 'db',
      stations: [
        station({ component: 'api', utilisation: 0.1 }),
        station({ component: 'api', utilisation: 0.8 }),
        station({ component: 'db', utilisation: 0.5 }),
        station({ component: 'edge', utilisation: 0.1 }),
        station({ component: 'edge', kind: 'limiter', utilisation: 3 }),
      ],
    });
    expect(loadOf(id, seen).state).toBe(state);
  });

  it.each<[string, Step[], number | null]>([
    ['a query each', [query], 100],
    ['a loop of three', [{ kind: 'loop', times: known(3, 'count', 'declared'), concurrent: false, steps: [query], place }], 300],
    ['a loop of nobody knows', [{ kind: 'loop', times: unknown('data'), concurrent: false, steps: [query], place }], null],
    ['a quarter of the time', [{ kind: 'branch', label: 'b', probability: known(0.25, 'ratio', 'assumed'), taken: [query], otherwise: [], place }], 25],
    [
      'a miss in five',
      [
        {
          kind: 'cache',
          label: 'c',
          target: 'redis',
          operation: 'read',
          key: 'k',
          keyVaries: true,
          ttlMs: unknown(''),
          hitRatio: known(0.8, 'ratio', 'assumed'),
          serviceMs: unknown(''),
          onMiss: [query],
          awaited: true,
          place,
        },
      ],
      20,
    ],
  ])('rate of %s', (_name, steps, rate) => {
    const rates = ratesOf(
      topology({ components: [component('api', 'service'), component('db', 'database')], endpoints: [endpoint('api', { steps })] }),
      outcome({ endpoints: [{ id: 'api GET /', offeredPerSecond: 100, goodputPerSecond: 100, errorShare: 0, latencyMs: null, objectiveP95Ms: 500, unloadedP95Ms: 5 }] }),
    );
    const seen = rates.get('api→db') ?? null;
    if (rate === null) expect(seen).toBeNull();
    else expect(seen).toBeCloseTo(rate, 9);
  });

  it('follows calls through services and queues, as far as they drain', () => {
    const rates = ratesOf(
      topology({
        components: [component('api', 'service'), component('stock', 'service'), component('q', 'queue'), component('w', 'worker'), component('db', 'database')],
        endpoints: [
          endpoint('api', {
            steps: [
              {
                kind: 'request',
                label: 'stock',
                target: 'stock',
                endpoint: 'stock GET /',
                serviceMs: unknown(''),
                timeoutMs: unknown(''),
                retries: unknown(''),
                awaited: true,
                place,
              },
              { kind: 'publish', label: 'p', channel: 'jobs', serviceMs: unknown(''), awaited: true, place },
            ],
          }),
          endpoint('stock', { external: false, steps: [query] }),
          endpoint('w', { id: 'w jobs', external: false, trigger: { kind: 'message', channel: 'jobs' }, steps: [query] }),
        ],
        channels: [
          {
            id: 'jobs',
            name: 'jobs',
            broker: 'q',
            kind: 'queue',
            library: 'bullmq',
            producers: [],
            consumers: [{ component: 'w', endpoint: 'w jobs', concurrency: unknown(''), place }],
            attempts: unknown(''),
            partitions: unknown(''),
            place,
          },
        ],
      }),
      outcome({
        endpoints: [{ id: 'api GET /', offeredPerSecond: 100, goodputPerSecond: 100, errorShare: 0, latencyMs: null, objectiveP95Ms: 500, unloadedP95Ms: 5 }],
        channels: [{ id: 'jobs', inPerSecond: 100, drainPerSecond: 40, backlogGrowthPerSecond: 60, meanAgeMs: null }],
      }),
    );
    expect(Object.fromEntries(rates)).toEqual({ '@clients→api': 100, 'api→stock': 100, 'stock→db': 100, 'api→q': 100, 'q→w': 40, 'w→db': 40 });
  });

  it('counts the ways of jobs that lead to jobs without walking each, and gives a named job to its own handler', () => {
    const publish = (job: string): Step => ({ kind: 'publish', label: 'p', channel: 'jobs', job, serviceMs: unknown(''), awaited: true, place });
    const handler = (id: string, steps: Step[]) => endpoint('w', { id, external: false, trigger: { kind: 'message', channel: 'jobs' }, steps });
    const consumer = { component: 'w', concurrency: unknown(''), place };
    const jobs = ['a', 'b'].map((it) => ({ ...consumer, endpoint: it }));
    const rates = ratesOf(
      topology({
        components: [component('api', 'service'), component('q', 'queue'), component('w', 'worker'), component('db', 'database')],
        endpoints: [endpoint('api', { steps: [publish('b')] }), handler('a', [query]), handler('b', [...Array<Step>(10).fill(publish('b')), publish('a')])],
        channels: [
          { id: 'jobs', name: 'jobs', broker: 'q', kind: 'queue', library: 'bullmq', producers: [], consumers: jobs, attempts: unknown(''), partitions: unknown(''), place },
        ],
      }),
      outcome({ endpoints: [{ id: 'api GET /', offeredPerSecond: 1, goodputPerSecond: 1, errorShare: 0, latencyMs: null, objectiveP95Ms: 500, unloadedP95Ms: 5 }] }),
    );
    // b runs once, then ten times, then a hundred, at up to eleven calls from the entry; each of these runs hands one job to a.
    expect(rates.get('w→db')).toBe(11_111_111_111);
  });

  it('accuses nobody while the verdict is open', () => {
    const seen = outcome({
      verdict: 'unknown',
      bindingComponent: 'db',
      stations: [station({ component: 'db', utilisation: 2.5 }), station({ component: 'api', utilisation: 0.2 })],
    });
    expect([loadOf('db', seen).state, loadOf('api', seen).state]).toEqual(['unknown', 'ok']);
  });
});

it.each([
  ['one', [[20, 'db']], ['pool of 20']],
  [
    'two alike',
    [
      [20, 'db'],
      [20, 'db'],
    ],
    ['2 pools of 20'],
  ],
  [
    'two of one target',
    [
      [20, 'db'],
      [5, 'db'],
    ],
    ['pool of 20', 'pool of 5'],
  ],
  [
    'two targets',
    [
      [20, 'db'],
      [20, 'db'],
      [5, 'read'],
    ],
    ['2 pools of 20 → db', 'pool of 5 → read'],
  ],
] as const)('pools of a box: %s', (_, pools, facts) => {
  const made = topology({
    components: [component('api', 'service'), component('db', 'database'), component('read', 'database')],
    pools: pools.map(([max, target], index) => ({ id: `p${index}`, client: 'api', target, multiplexed: false, max: known(max, 'connections', 'declared') }) as never),
  });
  expect(graphOf(made).nodes.find((it) => it.id === 'api')?.facts).toEqual(facts);
});
