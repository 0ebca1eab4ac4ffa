import { known } from '../../../src/model/known.ts';
import { SPIKE } from '../../rules/cases.ts';
import { hold, shopOf } from '../../rules/topologies.ts';
import fixes from '../../rules/fixes/synchronous-write-path.ts';
import type { Gate } from './gate.ts';
import { spike } from './strains.ts';

const connections = (value: number) => known(value, 'connections', 'declared');
const scenario = SPIKE;

export default {
  strain: spike,
  proofs: [
    // The second is the first in another form.
    ...fixes.filter((_, at) => at !== 1),
    { says: 'writes of 400 ms', topology: shopOf({ readMs: hold(40), writeMs: hold(400) }), scenario },
    { says: 'a pool of five', topology: shopOf({ max: connections(5), readMs: hold(30), writeMs: hold(200) }), scenario },
    { says: 'two replicas', topology: shopOf({ max: connections(4), readMs: hold(60), writeMs: hold(300), api: { replicas: known(2, 'replicas', 'declared') } }), scenario },
  ],
} satisfies Gate;
