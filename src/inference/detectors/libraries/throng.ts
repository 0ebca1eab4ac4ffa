import { isCallable, NOTHING, numberOf, propertyOf, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** throng forks a worker per core, or as many as it is told, and calls a function in each: `throng(fn)`, `throng({ worker, count })`, before version 5 `{ start, workers }`. */
export default {
  id: 'throng',
  packages: ['throng'],
  call(it, run) {
    if (it.name !== '' && it.name !== 'default') return UNKNOWN;
    const [first] = it.args;
    const worker = isCallable(first) ? first : (propertyOf(first, 'worker') ?? propertyOf(first, 'start'));
    if (!isCallable(worker)) return UNKNOWN;
    if (numberOf(propertyOf(first, 'count') ?? propertyOf(first, 'workers')) !== 1) run.claim({ kind: 'cluster', place: it.place });
    run.call(worker, [UNKNOWN, { t: 'native', call: () => NOTHING }]);
    return NOTHING;
  },
} satisfies LibraryDetector;
