import { known } from '../../../src/model/known.ts';
import { hold, nestedShop } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/nested-acquire.ts';
import type { Gate } from './gate.ts';
import { progress } from './strains.ts';

export default {
  strain: progress,
  proofs: [
    ...fixes,
    { says: 'pool of ten', topology: nestedShop() },
    { says: 'pool of four', topology: nestedShop({}, { max: known(4, 'connections', 'declared') }) },
    { says: 'two replicas, a slow inner query', topology: nestedShop({ holdMs: hold(12) }, { api: { replicas: known(2, 'replicas', 'declared') } }) },
  ],
} satisfies Gate;
