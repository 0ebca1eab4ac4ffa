import fixes from '../../rules/fixes/missing-pool.ts';
import { setUps } from './data-strains.ts';
import type { Gate } from './gate.ts';
import { replicated } from './replicated.ts';

export default { strain: setUps, proofs: [...fixes, replicated(fixes[0], 3)] } satisfies Gate;
