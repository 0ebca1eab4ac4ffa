import type { Topology } from '../../../src/model/topology.ts';
import { known } from '../../../src/model/known.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/connection-budget.ts';
import type { Gate } from './gate.ts';
import { fullPools } from './strains.ts';

const pool = { acquireTimeoutMs: known(2000, 'ms', 'measured') };
const quick = { pool, readMs: hold(2), writeMs: hold(2) } as const;
const connections = (value: number) => known(value, 'connections', 'declared');
const replicas = (value: number) => known(value, 'replicas', 'declared');

const five = shopOf({ ...quick, max: connections(20), api: { replicas: replicas(5) } });
const rolling: Topology = { ...five, deployments: five.deployments.map((it) => ({ ...it, source: 'kubernetes' })) };

export default {
  strain: fullPools,
  proofs: [
    ...fixes.slice(0, 1),
    { says: 'six replicas', topology: shopOf({ ...quick, max: connections(20), api: { replicas: replicas(6) } }) },
    { says: 'four processes in each of three', topology: shopOf({ ...quick, api: { replicas: replicas(3), processes: known(4, 'processes', 'declared') } }) },
    { says: 'five replicas and a rolling update', topology: rolling },
    { says: 'a small database', topology: shopOf({ ...quick, db: { maxConnections: connections(8) } }) },
  ],
} satisfies Gate;
