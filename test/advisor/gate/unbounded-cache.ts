import fixes from '../../rules/fixes/unbounded-cache.ts';
import { dayLong } from './data-strains.ts';
import type { Gate } from './gate.ts';
import { replicated } from './replicated.ts';

export default { strain: dayLong, proofs: [fixes[0], replicated(fixes[1], 4), { ...fixes[2], scenario: { targetPerSecond: 5 } }] } satisfies Gate;
