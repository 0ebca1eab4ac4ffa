import { NOTHING, numberOf, textOf, UNKNOWN } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

const UNITS: readonly [RegExp, number][] = [
  [/^(milliseconds?|msecs?|ms)?$/, 1],
  [/^(seconds?|secs?|s)$/, 1000],
  [/^(minutes?|mins?|m)$/, 60_000],
  [/^(hours?|hrs?|h)$/, 3_600_000],
  [/^(days?|d)$/, 86_400_000],
  [/^(weeks?|w)$/, 604_800_000],
];

/** ms: times as people write them. */
export default {
  id: 'durations',
  packages: ['ms', '@lukeed/ms', 'parse-duration'],
  call(it) {
    const [given] = it.args;
    if (given?.t === 'number') return given;
    const [, number, unit = ''] = /^\s*(-?\d*\.?\d+)\s*([a-z]*)\s*$/i.exec(textOf(given) ?? '') ?? [];
    const factor = UNITS.find(([name]) => name.test(unit.toLowerCase()))?.[1];
    const place = given && 'place' in given && given.place ? given.place : it.place;
    return number === undefined || factor === undefined ? (numberOf(given) === undefined ? UNKNOWN : (given ?? NOTHING)) : { t: 'number', v: Number(number) * factor, place };
  },
} satisfies LibraryDetector;
