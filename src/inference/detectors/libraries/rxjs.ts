import { DATA, isCallable, UNKNOWN, type Value } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/** RxJS: what one value passes through. Retries, timeouts and errors are other programs. */
export default {
  id: 'rxjs',
  packages: ['rxjs'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    const [first] = it.args;
    switch (name) {
      case 'firstValueFrom':
      case 'lastValueFrom':
      case 'from':
      case 'of':
        return first ?? UNKNOWN;
      case 'defer':
        return first ? run.call(first) : UNKNOWN;
      case 'forkJoin':
      case 'combineLatest':
      case 'merge':
        return DATA;
      case 'map':
      case 'tap':
      case 'switchMap':
      case 'mergeMap':
      case 'concatMap':
      case 'exhaustMap':
      case 'finalize': {
        // Operators are written where the value passes, so their work stands where the call stands.
        const result: Value = run.isTracing() && first && isCallable(first) ? run.call(first, [DATA]) : UNKNOWN;
        return result.t === 'unknown' ? DATA : result;
      }
      default:
        return DATA;
    }
  },
} satisfies LibraryDetector;
