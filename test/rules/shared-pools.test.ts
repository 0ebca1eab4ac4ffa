import { describe, expect, it } from 'vitest';
import { advise } from '../../src/advisor/index.ts';
import { applyChange } from '../../src/model/change.ts';
import { known, valueIn } from '../../src/model/known.ts';
import type { Topology } from '../../src/model/topology.ts';
import { recipeCallsOf } from '../../src/recipes/calls.ts';
import { ledgerOf } from '../../src/rules/ledger.ts';
import { madeWith } from '../../src/rules/shared-pools.ts';
import { assess } from '../../src/simulator/index.ts';
import { STEADY } from './cases.ts';
import { at, component, endpoint, hold, pool, query, shopOf } from './topologies.ts';

const LINE = at('packages/db/index.ts', 2);
const max = (value: number, place = LINE) => known(value, 'connections', 'declared', { place });

/** One package makes the pool of both services: 10 + 4 processes, 8 connections each, at a server that accepts 100. */
function twoClients(): Topology {
  const shop = shopOf({ max: max(8), pool: { place: LINE }, api: { replicas: known(10, 'replicas', 'declared') } });
  const admin = component('admin', 'service', { replicas: known(4, 'replicas', 'declared') });
  return {
    ...shop,
    components: [...shop.components, admin],
    pools: [...shop.pools, pool('admin', 'db', max(8), { place: LINE })],
    endpoints: [...shop.endpoints, endpoint('admin', 'GET', '/users', [query('SELECT users', 'read', hold(2), { pool: 'admin→db pool' })])],
  };
}

describe('pools that one construction makes', () => {
  const [first] = twoClients().pools;
  it.each([
    ['the same line', {}, 2],
    ['another line', { max: max(8, at('packages/db/index.ts', 9)) }, 1],
    ['another library', { library: 'mysql2' }, 1],
    ['no place', { max: max(8, at('', 0)), place: at('', 0) }, 1],
  ])('%s', (_says, more, count) => {
    const topology = twoClients();
    const pools = [first!, { ...topology.pools[1]!, ...more }];
    expect(madeWith({ ...topology, pools }, first!)).toHaveLength(count);
  });

  it('change together: the price is what the edit comes to', () => {
    const topology = twoClients();
    const advice = advise(topology, STEADY, assess(topology, STEADY, { ladder: false }));
    const remedy = advice.findings.flatMap((it) => it.remedies).find((it) => it.id === 'connection-budget/set-pool-max');
    const changed = applyChange(topology, remedy!.change!);
    expect(changed.pools.map((it) => valueIn(it.max))).toEqual([6, 6]);
    const db = changed.components.find((it) => it.id === 'db')!;
    expect(ledgerOf(changed, db).total).toBe(84);
    expect(remedy?.title).toContain('84 of 100 connections');
    expect(recipeCallsOf(topology, [remedy!.change!]).calls).toHaveLength(1);
  });
});
