import { known } from '../../../src/model/known.ts';
import { slowReads } from '../../rules/cases-async.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

export default {
  strain: steady,
  improves: 'answers a second',
  proofs: [
    { says: 'two cores', topology: shopOf(slowReads) },
    { says: 'three replicas', topology: shopOf({ ...slowReads, api: { replicas: known(3, 'replicas', 'declared') } }) },
    { says: 'slower reads', topology: shopOf({ ...slowReads, readMs: hold(60) }) },
  ],
} satisfies Gate;
