import { topologyOf } from '../../inference/memory-workspace.ts';
import fixes from '../../rules/fixes/lock-shorter-than-query.ts';
import { slowWork } from './data-strains.ts';
import type { Gate } from './gate.ts';

export default {
  strain: slowWork(30_000),
  improves: 'fewer that work behind the lock at once',
  proofs: fixes.map(({ says, files }) => ({ says, topology: () => topologyOf(files) })),
} satisfies Gate;
