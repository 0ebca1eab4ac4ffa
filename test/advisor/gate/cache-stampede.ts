import fixes from '../../rules/fixes/cache-stampede.ts';
import type { Gate } from './gate.ts';
import { keyRunsOut } from './data-strains.ts';

export default { strain: keyRunsOut, proofs: fixes } satisfies Gate;
