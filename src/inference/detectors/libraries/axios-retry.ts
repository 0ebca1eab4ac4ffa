import { isCallable, propertyOf, toldNumber, UNKNOWN, type Value } from '../../code/values.ts';
import type { CodeRun, LibraryDetector, Told, ToldPause } from '../../detector.ts';

/** What is set on an axios instance from outside, or on axios itself. */
export interface RetryOptions {
  retries: Told | undefined;
  pause?: ToldPause;
  pauseBy?: string;
  /** Only requests that may be sent twice, as by default. */
  onlyIdempotent: boolean;
}

/** axios-retry: requests that may be sent twice are repeated at once unless told; a time limit covers all tries. */
export default {
  id: 'axios-retry',
  packages: ['axios-retry'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    if (!/^(|default|axiosRetry)$/.test(name)) return UNKNOWN;
    const [target, options] = it.args;
    const said: RetryOptions = {
      retries: toldNumber(options, 'retries'),
      ...pauseOf(propertyOf(options, 'retryDelay')),
      onlyIdempotent: propertyOf(options, 'retryCondition') === undefined,
    };
    if (target?.t === 'resource') target.data.retry = said;
    else if (target?.t === 'package' && target.name === 'axios') globalRetry(run).all = said;
    return UNKNOWN;
  },
} satisfies LibraryDetector;

/** What holds for calls of axios itself. */
export const globalRetry = (run: CodeRun) => run.shared<{ all?: RetryOptions }>('axios-retry', () => ({}));

/** The library's own `exponentialDelay` has its own numbers; a function of one's own is not read. */
function pauseOf(it: Value | undefined): { pause?: ToldPause; pauseBy?: string } {
  if (it?.t === 'package') return { pauseBy: `axios-retry ${it.path.at(-1)}` };
  return it !== undefined && isCallable(it) ? { pause: { kind: 'fixed', delayMs: { why: 'the pause is computed' } } } : {};
}
