import { known } from '../../../src/model/known.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { breaksAt } from '../../../src/simulator/index.ts';
import { at, endpoint, hold, query, type ShopOptions, shopOf } from '../../rules/topologies.ts';
import type { Gate, Strain } from './gate.ts';
import { p95Of, play } from './strains.ts';

const two = { max: known(50, 'connections', 'declared'), db: { parallelism: known(2, 'cores', 'declared') }, writeMs: hold(3) } as const;

/** A shop that groups its orders whenever somebody asks. */
function grouping(options: ShopOptions, sumMs: number): Topology {
  const shop = shopOf(options);
  const statement = { table: 'orders', adds: false, where: [], sums: 'whole', limit: 'unknown' } as const;
  const sums = query('SELECT orders', 'read', hold(sumMs), { place: at('src/stats.ts', 4), statement });
  const insert = query('INSERT orders', 'write', hold(3), { statement: { table: 'orders', adds: true, limit: 'unknown' } });
  return { ...shop, endpoints: [endpoint('api', 'GET', '/stats', [sums]), endpoint('api', 'POST', '/orders', [insert])] };
}

/** 0.8 × what it carries with the sums made anew each time. */
const besideSums: Strain = {
  under: '0.8 × what it carries, sums and all',
  metrics: [{ says: 'p95 of the routes that write, ms', goes: 'down' }],
  play(before, _after, scenario) {
    const perSecond = 0.8 * (breaksAt(before, scenario) ?? 1);
    return (topology, seed) => [p95Of(play(topology, scenario, perSecond, seed), (id) => id.includes('POST'))];
  },
};

export default {
  strain: besideSums,
  proofs: [
    { says: 'sums of 80 ms', topology: grouping(two, 80) },
    { says: 'sums of 400 ms', topology: grouping(two, 400) },
    { says: 'three replicas of the service', topology: grouping({ ...two, api: { replicas: known(3, 'replicas', 'declared') } }, 80) },
    { says: 'MySQL on eight cores', topology: grouping({ ...two, db: { engine: 'mysql', parallelism: known(8, 'cores', 'declared') } }, 150) },
  ],
} satisfies Gate;
