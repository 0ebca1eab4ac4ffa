import { topologyOf } from '../../inference/memory-workspace.ts';
import fixes from '../../rules/fixes/unbounded-cache.ts';
import { dayLong } from './data-strains.ts';
import type { Gate } from './gate.ts';

export default {
  strain: dayLong,
  improves: 'heap after a day',
  proofs: fixes.map(({ says, files }) => ({ says, topology: () => topologyOf(files) })),
} satisfies Gate;
