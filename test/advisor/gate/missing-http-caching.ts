import { topologyOf } from '../../inference/memory-workspace.ts';
import fixes from '../../rules/fixes/missing-http-caching.ts';
import { steady } from './strains.ts';
import type { Gate } from './gate.ts';

export default {
  strain: steady,
  improves: 'answers a second',
  proofs: fixes.map(({ says, files }) => ({ says, topology: () => topologyOf(files) })),
} satisfies Gate;
