import { known } from '../../../src/model/known.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import type { Gate } from './gate.ts';
import { overload } from './strains.ts';

const connections = (value: number) => known(value, 'connections', 'declared');

export default {
  strain: overload,
  improves: 'more is answered in time at 1.5 × saturation',
  proofs: [
    { says: 'pool of ten, 200 ms', topology: shopOf({ readMs: hold(200), writeMs: hold(200) }) },
    { says: 'pool of five', topology: shopOf({ max: connections(5), readMs: hold(100), writeMs: hold(300) }) },
    { says: 'two replicas', topology: shopOf({ max: connections(4), readMs: hold(200), writeMs: hold(200), api: { replicas: known(2, 'replicas', 'declared') } }) },
  ],
} satisfies Gate;
