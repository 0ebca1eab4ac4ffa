import { known } from '../../../src/model/known.ts';
import type { Topology } from '../../../src/model/topology.ts';
import { breaksAt } from '../../../src/simulator/index.ts';
import { at, endpoint, hold, query, type ShopOptions, shopOf } from '../../rules/topologies.ts';
import type { Gate, Strain } from './gate.ts';
import { play } from './strains.ts';

const two = { max: known(50, 'connections', 'declared'), db: { parallelism: known(2, 'cores', 'declared') }, writeMs: hold(3) } as const;

/** A shop that groups its orders whenever somebody asks. */
function grouping(options: ShopOptions, sumMs: number): Topology {
  const shop = shopOf(options);
  const statement = { table: 'orders', adds: false, where: [], sums: 'whole', limit: 'unknown' } as const;
  const sums = query('SELECT orders', 'read', hold(sumMs), { place: at('src/stats.ts', 4), statement });
  const insert = query('INSERT orders', 'write', hold(3), { statement: { table: 'orders', adds: true, limit: 'unknown' } });
  return { ...shop, endpoints: [endpoint('api', 'GET', '/stats', [sums]), endpoint('api', 'POST', '/orders', [insert])] };
}

/** The slowest of a hundred writes at 0.8 × what it carries with the sums made anew each time. */
const p95OfWrites: Strain = (before, _after, scenario) => {
  const perSecond = 0.8 * (breaksAt(before, scenario) ?? 1);
  return (topology, seed) => -(play(topology, scenario, perSecond, seed).sources.find((it) => it.id.includes('POST'))?.latencyMs?.p95 ?? Number.POSITIVE_INFINITY);
};

export default {
  strain: p95OfWrites,
  improves: 'p95 of the routes that write',
  proofs: [
    { says: 'sums of 80 ms', topology: grouping(two, 80) },
    { says: 'sums of 400 ms', topology: grouping(two, 400) },
    { says: 'three replicas of the service', topology: grouping({ ...two, api: { replicas: known(3, 'replicas', 'declared') } }, 80) },
  ],
} satisfies Gate;
