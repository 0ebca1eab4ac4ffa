import { known } from '../../../src/model/known.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/missing-acquire-timeout.ts';
import type { Gate } from './gate.ts';
import { overload } from './strains.ts';

const connections = (value: number) => known(value, 'connections', 'declared');

export default {
  strain: overload,
  proofs: [
    // In the others it is not the pool that gives way.
    ...fixes.slice(1, 2),
    { says: 'pool of ten, 200 ms', topology: shopOf({ readMs: hold(200), writeMs: hold(200) }) },
    { says: 'pool of five', topology: shopOf({ max: connections(5), readMs: hold(100), writeMs: hold(300) }) },
    { says: 'two replicas', topology: shopOf({ max: connections(4), readMs: hold(200), writeMs: hold(200), api: { replicas: known(2, 'replicas', 'declared') } }) },
  ],
} satisfies Gate;
