import fixes from '../../rules/fixes/missing-index.ts';
import type { Gate } from './gate.ts';
import { largeTable } from './data-strains.ts';

export default { strain: largeTable, proofs: fixes } satisfies Gate;
