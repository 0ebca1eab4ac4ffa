import { isCallable, NOTHING, numberOf, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** Packages that end a process in order: what they run at the end is no part of its load. */
export default {
  id: 'shutdown',
  packages: [
    'close-with-grace',
    '@godaddy/terminus',
    'http-terminator',
    'stoppable',
    'lightship',
    'http-graceful-shutdown',
    'node-graceful-shutdown',
    'exit-hook',
    'async-exit-hook',
  ],
  call(it, run) {
    if (it.receiver) return it.args.some(isCallable) ? NOTHING : it.receiver;
    const [server, grace] = it.args;
    // How long it waits for open requests, where it is told.
    const graceMs = it.package === 'stoppable' ? numberOf(grace) : undefined;
    run.claim({ kind: 'fact', type: 'graceful_shutdown', subject: it.package, value: graceMs ?? true, ...(graceMs !== undefined && { unit: 'ms' }), place: it.place });
    if (it.package === 'stoppable') return server ?? UNKNOWN;
    return run.make('Shutdown', it.place);
  },
} satisfies LibraryDetector;
