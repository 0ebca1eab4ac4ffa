import { describe, expect, it } from 'vitest';
import { applyChange, type Change } from '../../src/model/change.ts';
import { inputId, inputsOf, withInputs } from '../../src/model/inputs.ts';
import { readsOf } from '../../src/model/route-reads.ts';
import { type Endpoint, type Step, type Topology, walkSteps } from '../../src/model/topology.ts';
import { assess } from '../../src/simulator/index.ts';
import { STEADY } from '../rules/cases.ts';
import { at, component, endpoint, hold, query, shopOf } from '../rules/topologies.ts';

const change: Change = { id: 'replica', operations: [{ kind: 'routeReads', store: 'db', pools: ['api→db pool'], copies: 2 }] };
const list = (more = {}): Step => query('SELECT products', 'read', hold(8), { place: at('src/products.ts', 7), ...more });
const stock = query('SELECT stock', 'read', hold(2), { place: at('src/stock.ts', 4) });
const insert = query('INSERT orders', 'write', hold(5));
const withRoutes = (...endpoints: Endpoint[]): Topology => ({ ...shopOf(), endpoints });

describe('reads that may be old', () => {
  const job: Endpoint = { ...endpoint('api', 'POST', '/', [list()]), trigger: { kind: 'message', channel: 'orders' } };
  const held: Step = { kind: 'hold', label: 'transaction', pool: 'api→db pool', released: 'always', steps: [list({ usesHeld: true })], place: at('src/products.ts', 5) };
  it.each<[string, Topology, readonly string[]]>([
    ['of a route that writes nothing', withRoutes(endpoint('api', 'GET', '/a', [list()])), ['SELECT products']],
    [
      'in any form of program',
      withRoutes(endpoint('api', 'GET', '/a', [{ kind: 'parallel', branches: [[list()], [stock]], place: at('src/a.ts', 1) }])),
      ['SELECT products', 'SELECT stock'],
    ],
    ['not beside a write, even one after it', withRoutes(endpoint('api', 'GET', '/a', [list(), insert])), []],
    ['not where a route says that it writes', withRoutes(endpoint('api', 'POST', '/a', [list()])), []],
    ['not in a transaction', withRoutes(endpoint('api', 'GET', '/a', [held])), []],
    ['not of a consumer', withRoutes(job), []],
    ['not where the program is not known to its end', withRoutes({ ...endpoint('api', 'GET', '/a', [list()]), unread: 'a library' }), []],
    [
      'not where another program needs the same line new',
      withRoutes(endpoint('api', 'GET', '/a', [list(), stock]), endpoint('api', 'POST', '/b', [insert, list()])),
      ['SELECT stock'],
    ],
    ['though another one writes elsewhere', withRoutes(endpoint('api', 'GET', '/a', [list(), { ...insert, target: 'other' } as Step])), ['SELECT products']],
  ])('%s', (_says, topology, expected) => expect([...readsOf(topology, 'db').mayBeOld.keys()].map((it) => it.split(' src')[0])).toEqual(expected));
});

describe('routeReads', () => {
  const before = shopOf();
  const after = applyChange(before, change);
  const steps = (topology: Topology): string[] => {
    const found: string[] = [];
    for (const it of topology.endpoints) walkSteps(it.steps, (step) => step.kind === 'query' && found.push(`${step.label} at ${step.target} by ${step.pool}`));
    return found;
  };

  it('moves reads to a server as large, through a pool as large, and leaves writes', () => {
    expect(steps(after)).toEqual(['SELECT products at db-replica by api→db-replica pool', 'INSERT orders at db by api→db pool']);
    expect(after.components.find((it) => it.id === 'db-replica')).toMatchObject({ replicaOf: 'db', replicas: { value: 2 }, parallelism: { value: 16 } });
    expect(after.pools.find((it) => it.target === 'db-replica')?.max).toEqual(before.pools[0]?.max);
    expect(after.calls.map((it) => it.to)).toEqual(['db', 'db-replica']);
  });

  it('takes the replica that is there', () => {
    const there = { ...before, components: [...before.components, component('reader', 'database', { replicaOf: 'db' })] };
    expect(steps(applyChange(there, change))[0]).toBe('SELECT products at reader by api→reader pool');
  });

  it('what was measured at the store holds at its copy', () => {
    const input = inputId.hold('db', 'SELECT products');
    expect(
      inputsOf(after)
        .filter((it) => it.id.includes('SELECT products'))
        .map((it) => it.id),
    ).toEqual([input]);
    expect(withInputs(after, new Map([[input, 40]])).endpoints[0]?.steps[1]).toMatchObject({ holdMs: { value: 40 } });
  });

  it('copies share what comes', () => {
    const busy = (topology: Topology): number | undefined =>
      assess(topology, STEADY, { ranges: false, ladder: false, breakEven: false }).stations.find((it) => it.component === 'db-replica' && it.kind === 'store')?.utilisation;
    const [one, two] = [1, 2].map((copies) => busy(applyChange(before, { id: 'it', operations: [{ kind: 'routeReads', store: 'db', pools: ['api→db pool'], copies }] })));
    expect(two).toBeCloseTo((one ?? 0) / 2, 6);
  });

  it.each<[string, Change]>([
    ['no such store', { id: 'it', operations: [{ kind: 'routeReads', store: 'api', pools: ['api→db pool'], copies: 1 }] }],
    ['no such pool', { id: 'it', operations: [{ kind: 'routeReads', store: 'db', pools: ['x'], copies: 1 }] }],
  ])('%s: nothing changes', (_says, it) => expect(applyChange(before, it)).toBe(before));
});
