import fixes from '../../rules/fixes/unbounded-query.ts';
import { topologyOf } from '../../inference/memory-workspace.ts';
import type { Gate } from './gate.ts';
import { moreRows } from './strains.ts';

export default {
  strain: moreRows,
  improves: 'answers a second with ten times the rows',
  proofs: fixes.map(({ says, files }) => ({ says, topology: () => topologyOf(files) })),
} satisfies Gate;
