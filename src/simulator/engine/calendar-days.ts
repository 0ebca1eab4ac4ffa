import type { Calendar } from './calendar.ts';
import { monthsFor } from './calendar-months.ts';

export const FIRST_TUNING = 64;
/** Places that one event passes in the list of today before it counts as crowded, and how many such places are too many. */
export const CROWD = 64;
const TOO_MANY = 8192;
const LONGEST_TUNING = 1 << 14;
/** Lists of days are read in one go; beyond so many, they and the records that they name would push each other away from the processor. */
const MOST_DAYS = 1 << 16;
const MOST_MONTHS = 1 << 14;
/** Events beyond all months that are not worth more of them. */
const FEW = 64;
/** Days in the mean time between two events: what is aimed at, and the most. */
const PER_EVENT = 0.25;
const NARROWEST = 256;
const MOST_DAY = 1125899906842624;

/** So many were scheduled at once that sorting them in is what the time goes to. */
export const isCrowded = (it: Calendar): boolean => it.crowd > TOO_MANY + it.ahead;

/** Looks at what the last events cost and sets width and number of days and months accordingly; true where that makes new, empty ones, into which everything has to be placed again. */
export function tune(it: Calendar): boolean {
  const wasCrowded = isCrowded(it);
  const events = Math.max(1, it.tuneAfter - Math.max(0, it.untilTuned));
  const elapsed = it.now - it.tunedAt;
  const walked = it.walked / events;
  const passed = it.passed / events;
  const postponed = it.postponed / events;
  const missed = it.missed / events;
  let { perTime } = it;
  let days = it.days.length;
  let months = it.months.last.length;
  const measured = elapsed > 0 && events >= FIRST_TUNING ? (PER_EVENT * events) / elapsed : 0;
  if (wasCrowded) perTime = measured > 2 * perTime ? measured : 8 * perTime;
  else if (it.tunedAt === 0 && measured > 0) perTime = measured;
  else if (walked > 1 && walked > passed) perTime *= Math.min(8, 2 * walked);
  else if (passed > 6 && passed > walked) perTime /= passed / 2;
  if (missed + postponed > 0.05 && days < MOST_DAYS) days = Math.min(MOST_DAYS, days * (missed + postponed > 0.2 ? 8 : 2));
  else if (missed > 0.01 || it.overflow.size > FEW + it.ahead / 8) {
    if (months < MOST_MONTHS) months *= it.overflow.size > it.ahead / 2 ? 16 : 4;
    else if (missed > 0.1 && walked < 2) perTime /= 2;
  }
  // Events at one moment are not told apart by narrower days; and days have to stay whole numbers.
  perTime = Math.min(perTime, MOST_DAY / Math.max(1, it.now));
  if (!wasCrowded) perTime = elapsed > 0 ? Math.min(perTime, (NARROWEST * events) / elapsed) : it.perTime;
  it.tuneAfter = Math.max(wasCrowded ? it.tuneAfter : Math.min(LONGEST_TUNING, 4 * events), it.ahead);
  it.untilTuned = it.tuneAfter;
  it.tunedAt = it.now;
  it.walked = it.crowd = it.passed = it.postponed = it.missed = 0;
  if (perTime === it.perTime && days === it.days.length && months === it.months.last.length) return false;
  it.perTime = perTime;
  it.days = new Int32Array(days).fill(-1);
  it.months = monthsFor(months);
  return true;
}
