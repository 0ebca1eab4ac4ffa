import fixes from '../../rules/fixes/n-plus-one.ts';
import type { Gate } from './gate.ts';
import { steady } from './strains.ts';

export default { strain: steady, proofs: fixes } satisfies Gate;
