import { known } from '../../../src/model/known.ts';
import { tried } from '../../rules/cases-async.ts';
import fixes from '../../rules/fixes/missing-retry-backoff.ts';
import type { Gate } from './gate.ts';
import { calleeDown } from './strains.ts';

const alone = tried({});

export default {
  strain: calleeDown,
  proofs: [
    ...fixes,
    { says: 'one attempt', topology: alone },
    { says: 'three in the same second', topology: tried({ attempts: known(3, 'count', 'declared') }) },
    { says: 'two replicas', topology: { ...alone, components: alone.components.map((it) => (it.id === 'api' ? { ...it, replicas: known(2, 'replicas', 'declared') } : it)) } },
  ],
} satisfies Gate;
