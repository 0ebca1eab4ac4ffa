import fixes from '../../rules/fixes/n-plus-one.ts';
import { topologyOf } from '../../inference/memory-workspace.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

export default {
  strain: steady,
  improves: 'answers a second',
  proofs: fixes.map(({ says, files }) => ({ says, topology: () => topologyOf(files) })),
} satisfies Gate;
