import { describe, expect, it } from 'vitest';
import { applyChange, type Change } from '../../src/model/change.ts';
import { inputId, inputsOf, withInputs } from '../../src/model/inputs.ts';
import { known, none, unknown } from '../../src/model/known.ts';
import { type Component, EMPTY_TOPOLOGY, type Endpoint, type Step, type Topology, walkSteps } from '../../src/model/topology.ts';

const place = { file: 'src/a.ts', line: 3 };
const component = (id: string, kind: Component['kind'], engine?: string): Component => ({
  id,
  name: id,
  kind,
  technology: engine ?? 'node',
  ...(engine && { engine }),
  aliases: [],
  scope: 'runtime',
  replicas: known(1, 'replicas', 'declared'),
  processes: known(1, 'processes', 'declared'),
  cores: unknown('no limit'),
  maxConnections: unknown('not declared'),
  parallelism: unknown('not declared'),
  places: [place],
});
const query = (label: string, operation: 'read' | 'write' | 'other', usesHeld = false): Step => ({
  kind: 'query',
  label,
  target: 'db',
  pool: 'api→db pool',
  operation,
  usesHeld,
  holdMs: known(5, 'ms', 'assumed', { range: [1, 30] }),
  awaited: true,
  place,
});
const endpoint = (id: string, role: 'read' | 'write', steps: Step[]): Endpoint => ({
  id: `api ${id}`,
  component: 'api',
  trigger: { kind: 'http', method: id.split(' ')[0] as string, path: '/x' },
  role,
  external: true,
  steps,
  place,
});

const topology: Topology = {
  ...EMPTY_TOPOLOGY,
  components: [component('api', 'service'), component('db', 'database', 'postgres')],
  pools: [
    {
      id: 'api→db pool',
      client: 'api',
      target: 'db',
      library: 'pg',
      multiplexed: false,
      max: known(10, 'connections', 'declared', { place }),
      acquireTimeoutMs: none(place),
      queueLimit: none(place),
      place,
    },
  ],
  calls: [{ from: 'api', to: 'db', kind: 'query', sync: true, scope: 'runtime', pool: 'api→db pool', places: [place] }],
  endpoints: [
    endpoint('GET /x', 'read', [query('SELECT x', 'read')]),
    endpoint('POST /x', 'write', [
      query('SELECT x', 'read'),
      {
        kind: 'hold',
        label: 'transaction',
        pool: 'api→db pool',
        released: 'always',
        place,
        steps: [query('BEGIN', 'other', true), query('INSERT x', 'write', true), query('COMMIT', 'other', true)],
      },
    ]),
    endpoint('PUT /x', 'write', [query('UPDATE x', 'write')]),
  ],
  network: { roundTripMs: known(0.3, 'ms', 'assumed', { range: [0.1, 1] }) },
};

const change = (operation: Change['operations'][number]): Change => ({ id: 'test', operations: [operation] });
const labels = (at: Endpoint | undefined): string[] => {
  const found: string[] = [];
  walkSteps(at?.steps ?? [], (step) => found.push('label' in step ? step.label : step.kind));
  return found;
};

describe('insertQueue', () => {
  const after = applyChange(topology, change({ kind: 'insertQueue', from: 'api', to: 'db', technology: 'bullmq', concurrency: 10 }));
  const named = (id: string) => after.endpoints.find((it) => it.id === id);

  it('moves writes with their transaction and leaves reads', () => {
    expect(labels(named('api GET /x'))).toEqual(['SELECT x']);
    expect(labels(named('api POST /x'))).toEqual(['SELECT x', 'enqueue on api-writes']);
    expect(labels(named('api-worker consumes api-writes (api POST /x)'))).toEqual(['job overhead', 'transaction', 'BEGIN', 'INSERT x', 'COMMIT']);
    expect(labels(named('api-worker consumes api-writes (api PUT /x)'))).toEqual(['job overhead', 'UPDATE x']);
  });

  it('gives the worker a pool of its own', () => {
    expect(after.pools.map((it) => it.id)).toEqual(['api→db pool', 'api-worker→db pool']);
    const pools: (string | undefined)[] = [];
    for (const job of after.endpoints.filter((it) => it.component === 'api-worker'))
      walkSteps(job.steps, (step) => (step.kind === 'query' || step.kind === 'hold') && pools.push(step.pool));
    expect(new Set(pools)).toEqual(new Set(['api-worker→db pool']));
  });

  it('makes one channel, whatever the number of endpoints', () => {
    expect(after.channels).toHaveLength(1);
    expect(after.channels[0]).toMatchObject({ id: 'api-writes', broker: 'redis', consumers: [{ component: 'api-worker', concurrency: { value: 10 } }] });
  });

  it.each([
    ['nothing writes there', { kind: 'insertQueue', from: 'db', to: 'api', technology: 'kafka', concurrency: 1 }],
    ['no such pool', { kind: 'setInput', input: 'pool x max', value: 3 }],
  ] as const)('%s: nothing changes', (_why, operation) => expect(applyChange(topology, change(operation))).toEqual(topology));
});

describe('insertCache', () => {
  const after = applyChange(
    topology,
    change({ kind: 'insertCache', from: 'api', to: 'db', technology: 'redis', hitRatio: known(0.8, 'ratio', 'assumed', { range: [0.5, 0.95] }) }),
  );

  it('wraps reads of read endpoints only', () => {
    expect(after.endpoints[0]?.steps[0]).toMatchObject({ kind: 'cache', target: 'redis', onMiss: [{ kind: 'query', label: 'SELECT x' }] });
    expect(after.endpoints[1]).toEqual(topology.endpoints[1]);
  });

  it('is not applied twice', () => {
    const twice = applyChange(after, change({ kind: 'insertCache', from: 'api', to: 'db', technology: 'redis', hitRatio: known(0.8, 'ratio', 'assumed') }));
    expect(twice).toEqual(after);
  });
});

describe('inputs', () => {
  it('a query in two endpoints is one input with both places', () => {
    const input = inputsOf(topology).filter((it) => it.id === inputId.hold('db', 'SELECT x'));
    expect(input).toHaveLength(1);
  });

  it('sets every occurrence and leaves the rest as the same objects', () => {
    const after = withInputs(topology, new Map([[inputId.hold('db', 'UPDATE x'), 40]]), 'measured');
    expect(after.endpoints[2]?.steps[0]).toMatchObject({ holdMs: { value: 40, basis: 'measured', place } });
    expect(after.endpoints[0]).toEqual(topology.endpoints[0]);
    expect(after.components).toBe(topology.components);
  });

  it('an empty change is the identity', () => expect(withInputs(topology, new Map())).toEqual(topology));
});
