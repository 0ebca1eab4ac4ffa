import { propertyOf, saidNumber, UNKNOWN } from '../../code/values.ts';
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
      limit: saidNumber(options, 'limit') ?? saidNumber(options, 'max'),
      windowMs: saidNumber(options, 'windowMs'),
      global: propertyOf(options, 'keyGenerator') !== undefined && propertyOf(options, 'keyGenerator')?.t === 'text',
    });
  },
} satisfies LibraryDetector;
