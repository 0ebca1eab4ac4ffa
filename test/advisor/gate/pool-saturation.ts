import { known } from '../../../src/model/known.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/pool-saturation.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

/** Keeps the rule about acquire timeouts, and what it plays, out of the way. */
const pool = { acquireTimeoutMs: known(2000, 'ms', 'measured') };
const connections = (value: number) => known(value, 'connections', 'declared');

export default {
  strain: steady,
  proofs: [
    ...fixes.slice(0, 6),
    { says: 'one process, 20 ms', topology: shopOf({ pool, readMs: hold(20), writeMs: hold(20) }) },
    {
      says: 'three replicas, pools of two',
      topology: shopOf({ pool, max: connections(2), api: { replicas: known(3, 'replicas', 'declared') }, db: { parallelism: known(32, 'cores', 'declared') } }),
    },
    { says: 'assumed holding times', topology: shopOf({ pool, max: connections(5), readMs: hold(5, 'assumed', [1, 30]), writeMs: hold(3, 'assumed', [1, 15]) }) },
  ],
} satisfies Gate;
