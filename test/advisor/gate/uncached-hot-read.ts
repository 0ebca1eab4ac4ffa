import { known } from '../../../src/model/known.ts';
import { slowReads } from '../../rules/cases-async.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/uncached-hot-read.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

export default {
  strain: steady,
  proofs: [
    ...fixes,
    { says: 'two cores', topology: shopOf(slowReads) },
    { says: 'three replicas', topology: shopOf({ ...slowReads, api: { replicas: known(3, 'replicas', 'declared') } }) },
    { says: 'slower reads', topology: shopOf({ ...slowReads, readMs: hold(60) }) },
  ],
} satisfies Gate;
