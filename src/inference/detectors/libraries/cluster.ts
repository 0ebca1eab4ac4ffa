import { NOTHING, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Node's cluster module: `fork` means one process per core, however many these are. */
export default {
  id: 'cluster',
  packages: ['cluster'],
  call(it, run) {
    if (it.name.split('.').at(-1) !== 'fork') return UNKNOWN;
    run.claim({ kind: 'cluster', place: it.place });
    return NOTHING;
  },
} satisfies LibraryDetector;
