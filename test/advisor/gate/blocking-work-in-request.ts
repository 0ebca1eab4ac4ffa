import { known } from '../../../src/model/known.ts';
import { signUp } from '../../rules/cases-async.ts';
import fixes from '../../rules/fixes/blocking-work-in-request.ts';
import type { Gate } from './gate.ts';
import { slowDependency } from './strains.ts';

const ms = (value: number) => known(value, 'ms', 'measured');
const slow = signUp({ serviceMs: ms(800) });

export default {
  strain: slowDependency,
  proofs: [
    ...fixes,
    { says: '50 ms and a mail of 200 ms', topology: signUp({ serviceMs: ms(200) }) },
    { says: 'a quick mail server', topology: signUp({ serviceMs: ms(20) }) },
    {
      says: 'three replicas, a slow one',
      topology: { ...slow, components: slow.components.map((it) => (it.id === 'api' ? { ...it, replicas: known(3, 'replicas', 'declared') } : it)) },
    },
  ],
} satisfies Gate;
