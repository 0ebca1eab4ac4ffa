import type { Calendar } from './calendar.ts';
import { LINK } from './calendar-record.ts';

/** So many events whose records do not stay near the processor. */
export const MANY = 1 << 13;
/** Days whose records are fetched in one go, and how far down their lists. */
const FETCHED = 16;
const DEPTH = 8;
/** Where the lists are, and behind that what keeps a compiler from leaving out reads of which nothing comes. */
const heads = new Int32Array(FETCHED + 1);

/**
 * Reads the records of the next days, first those of each day's first event, then those of the second and so on: loads that do not wait for each other.
 * Nothing comes of it but that they are near when their day begins; else each would be waited for alone.
 */
export function fetchDays(it: Calendar): void {
  const { days, words, beside, besideBits, besideLast } = it;
  const last = days.length - 1;
  let sum = 0;
  for (let at = 0; at < FETCHED; at++) heads[at] = days[(it.day + at + 1) & last] as number;
  for (let depth = 0; depth < DEPTH; depth++)
    for (let at = 0; at < FETCHED; at++) {
      const head = heads[at] as number;
      // Where there is none, the first slot stands in: no branch to guess wrong.
      const slot = head & ~(head >> 31);
      heads[at] = words[(slot << 2) | LINK] as number;
      sum = (sum + (beside[slot << besideBits] as number) + (beside[(slot << besideBits) + besideLast] as number)) | 0;
    }
  heads[FETCHED] = sum;
  it.fetched = it.day + FETCHED;
}
