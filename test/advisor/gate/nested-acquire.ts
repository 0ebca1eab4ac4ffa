import { known } from '../../../src/model/known.ts';
import { hold, nestedShop } from '../../rules/topologies.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

export default {
  strain: steady,
  improves: 'answers a second: no circle of waits',
  proofs: [
    { says: 'pool of ten', topology: nestedShop() },
    { says: 'pool of four', topology: nestedShop({}, { max: known(4, 'connections', 'declared') }) },
    { says: 'two replicas, a slow inner query', topology: nestedShop({ holdMs: hold(12) }, { api: { replicas: known(2, 'replicas', 'declared') } }) },
  ],
} satisfies Gate;
