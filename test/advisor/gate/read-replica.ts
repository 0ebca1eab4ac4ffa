import { known } from '../../../src/model/known.ts';
import { slowReads } from '../../rules/cases-async.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/read-replica.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

export default {
  strain: steady,
  proofs: [
    // Of the fifth nothing is said: guesses decide whether it holds.
    ...fixes.filter((_, at) => at !== 4),
    { says: 'two cores', topology: shopOf(slowReads) },
    { says: 'three replicas of the service', topology: shopOf({ ...slowReads, api: { replicas: known(3, 'replicas', 'declared') } }) },
    { says: 'MySQL, slower writes', topology: shopOf({ ...slowReads, writeMs: hold(12), db: { ...slowReads.db, engine: 'mysql' } }) },
  ],
} satisfies Gate;
