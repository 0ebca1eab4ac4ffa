import fixes from '../../rules/fixes/unbounded-query.ts';
import type { Gate } from './gate.ts';
import { moreRows } from './strains.ts';

export default { strain: moreRows, proofs: fixes } satisfies Gate;
