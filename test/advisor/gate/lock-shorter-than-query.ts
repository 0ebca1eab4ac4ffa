import fixes from '../../rules/fixes/lock-shorter-than-query.ts';
import { slowWork } from './data-strains.ts';
import type { Gate } from './gate.ts';

export default { strain: slowWork, proofs: fixes } satisfies Gate;
