import { topologyOf } from '../../inference/memory-workspace.ts';
import fixes from '../../rules/fixes/cache-stampede.ts';
import { keyRunsOut } from './data-strains.ts';
import type { Gate } from './gate.ts';

export default {
  strain: keyRunsOut,
  improves: 'fewer loads while the hot key runs out',
  proofs: fixes.map(({ says, files }) => ({ says, topology: () => topologyOf(files) })),
} satisfies Gate;
