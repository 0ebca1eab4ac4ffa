import { known } from '../../../src/model/known.ts';
import { tried } from '../../rules/cases-async.ts';
import type { Gate } from './gate.ts';
import { calleeDown } from './strains.ts';

const alone = tried({});

export default {
  strain: calleeDown('emails', 20),
  improves: 'fewer jobs lost in an outage of ten seconds',
  proofs: [
    { says: 'one attempt', topology: alone },
    { says: 'three in the same second', topology: tried({ attempts: known(3, 'count', 'declared') }) },
    { says: 'two replicas', topology: { ...alone, components: alone.components.map((it) => (it.id === 'api' ? { ...it, replicas: known(2, 'replicas', 'declared') } : it)) } },
  ],
} satisfies Gate;
