import type { Calendar } from './calendar.ts';

export const FIRST_TUNING = 64;
const LONGEST_TUNING = 1 << 14;
const FEW_DAYS = 4096;
const DAYS_PER_EVENT = 2;
/** Days in the mean time between two events. */
const NARROWEST = 256;
const MOST_DAY = 1125899906842624;
const MOST_DAYS = 1 << 20;

/** Looks at what the last events cost and sets width and number of days accordingly; true where that makes new, empty days, into which everything has to be placed again. */
export function tune(it: Calendar): boolean {
  const events = it.tuneAfter;
  const elapsed = it.now - it.tunedAt;
  const walked = it.walked / events;
  const passed = it.passed / events;
  const missed = it.missed / events;
  const pending = it.ahead + it.overflow.size;
  const most = Math.min(MOST_DAYS, Math.max(FEW_DAYS, powerOfTwoFrom(DAYS_PER_EVENT * pending)));
  let { perTime } = it;
  let days = it.days.length;
  if (it.tunedAt === 0 && elapsed > 0) perTime = (1.5 * events) / elapsed;
  else if (walked > 1 && walked > passed) perTime *= Math.min(8, 2 * walked);
  else if (passed > 6 && passed > walked) perTime /= passed / 2;
  if (missed > 0.05) {
    if (days < most) days = Math.min(most, Math.max(days * (missed > 0.2 ? 8 : 2), powerOfTwoFrom(2 * pending)));
    else if (missed > 0.1 && walked < 2) perTime /= 2;
  }
  // Events at one moment are not told apart by narrower days; and days have to stay whole numbers.
  perTime = elapsed > 0 ? Math.min(perTime, (NARROWEST * events) / elapsed, MOST_DAY / it.now) : it.perTime;
  it.tuneAfter = Math.max(Math.min(LONGEST_TUNING, 4 * events), it.ahead);
  it.untilTuned = it.tuneAfter;
  it.tunedAt = it.now;
  it.walked = it.passed = it.missed = 0;
  if (perTime === it.perTime && days === it.days.length) return false;
  it.perTime = perTime;
  it.days = new Int32Array(days).fill(-1);
  return true;
}

function powerOfTwoFrom(least: number): number {
  let it = 1;
  while (it < least) it *= 2;
  return it;
}
