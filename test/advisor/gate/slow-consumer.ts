import { known } from '../../../src/model/known.ts';
import { queueOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/slow-consumer.ts';
import type { Gate } from './gate.ts';
import { jobs } from './strains.ts';

export default {
  strain: jobs,
  proofs: [
    // The second is the first in another form.
    ...fixes.filter((_, at) => at !== 1),
    { says: 'one job at a time', topology: queueOf() },
    { says: 'two replicas, 50 ms', topology: queueOf({ jobMs: known(50, 'ms', 'measured'), worker: { replicas: known(2, 'replicas', 'declared') } }) },
    { says: 'a topic with 16 partitions', topology: queueOf({ kafka: true, partitions: known(16, 'count', 'declared') }) },
  ],
} satisfies Gate;
