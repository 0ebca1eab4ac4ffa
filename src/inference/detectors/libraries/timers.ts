import { waitTold } from '../../code/wait-time.ts';
import { NOTHING, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Calls whose promise is kept after a time: Node's promised timers, and the small packages for it. */
const WAITS = /^(|default|setTimeout|promises\.setTimeout|scheduler\.wait)$/;

export default {
  id: 'timers',
  packages: ['timers', 'timers/promises', 'delay', 'sleep-promise'],
  call(it, run) {
    // `timers.setTimeout(callback, ms)` starts something and waits for nothing.
    if (!WAITS.test(it.name) || (it.package === 'timers' && !it.name.startsWith('promises.'))) return undefined;
    const ms = waitTold(it.args[0], it.place);
    if (ms && run.isTracing()) run.record({ kind: 'wait', ms, awaited: true, place: it.place });
    return it.args[1] ?? (it.args.length > 0 ? NOTHING : UNKNOWN);
  },
} satisfies LibraryDetector;
