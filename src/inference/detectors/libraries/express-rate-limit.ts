import { firstTold, propertyOf, toldNumber, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** express-rate-limit: a limiter counts only where it is mounted. */
export default {
  id: 'express-rate-limit',
  packages: ['express-rate-limit'],
  call(it, run) {
    if (it.receiver) return UNKNOWN;
    if (!/^(|default|rateLimit)$/.test(it.name.split('.').at(-1) ?? '')) return UNKNOWN;
    const [options] = it.args;
    return run.make('Limiter', it.place, {
      limit: firstTold(toldNumber(options, 'limit'), toldNumber(options, 'max')),
      windowMs: toldNumber(options, 'windowMs'),
      shared: propertyOf(options, 'store') !== undefined && propertyOf(options, 'store')?.t !== 'nothing',
      global: propertyOf(options, 'keyGenerator') !== undefined && propertyOf(options, 'keyGenerator')?.t === 'text',
    });
  },
} satisfies LibraryDetector;
