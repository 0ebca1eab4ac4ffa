import { known } from '../../../src/model/known.ts';
import { queueOf } from '../../rules/topologies.ts';
import type { Gate } from './gate.ts';
import { jobsDone } from './strains.ts';

export default {
  strain: jobsDone('mailer consumes emails'),
  improves: 'jobs done a second, towards all that come',
  proofs: [
    { says: 'one job at a time', topology: queueOf() },
    { says: 'two replicas, 50 ms', topology: queueOf({ jobMs: known(50, 'ms', 'measured'), worker: { replicas: known(2, 'replicas', 'declared') } }) },
    { says: 'a topic with 16 partitions', topology: queueOf({ kafka: true, partitions: known(16, 'count', 'declared') }) },
  ],
} satisfies Gate;
