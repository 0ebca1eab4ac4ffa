import { UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';
import { durationMs } from './durations.ts';

/** ms: times as people write them. */
export default {
  id: 'ms',
  packages: ['ms', '@lukeed/ms', 'parse-duration'],
  call(it) {
    const [given] = it.args;
    if (given?.t === 'number') return given;
    const ms = durationMs(given, 1);
    return ms === undefined ? UNKNOWN : { t: 'number', v: ms, place: (given && 'place' in given && given.place) || it.place };
  },
} satisfies LibraryDetector;
