import { known } from '../../../src/model/known.ts';
import { queueOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/worker-in-web-process.ts';
import type { Gate } from './gate.ts';
import { besideJobs } from './strains.ts';

const ms = (value: number) => known(value, 'ms', 'measured');
const inside = { worker: { runsIn: 'api' }, concurrency: known(10, 'jobs', 'declared') } as const;

export default {
  strain: besideJobs,
  proofs: [
    ...fixes,
    { says: '2 ms a job', topology: queueOf({ ...inside, jobCpuMs: ms(2) }) },
    { says: '4 ms a job', topology: queueOf({ ...inside, jobCpuMs: ms(4) }) },
    { says: 'two replicas', topology: queueOf({ ...inside, api: { replicas: known(2, 'replicas', 'declared') }, jobCpuMs: ms(6) }) },
  ],
} satisfies Gate;
