import type { Calendar } from './calendar.ts';
import { CROWD } from './calendar-days.ts';
import { NEXT } from './calendar-record.ts';
import { NONE } from './task-states.ts';

const isBefore = (times: Float64Array, slot: number, other: number): boolean =>
  (times[4 * slot] as number) < (times[4 * other] as number) || (times[4 * slot] === times[4 * other] && (times[4 * slot + 1] as number) < (times[4 * other + 1] as number));

/** Sorts the slot's event in among those of today. */
export function insertToday(it: Calendar, slot: number): void {
  const { times, words, today } = it;
  if (today === NONE || isBefore(times, slot, today)) {
    words[8 * slot + NEXT] = today;
    it.today = slot;
    if (today === NONE) it.todayLast = slot;
    return;
  }
  let before = today;
  if (isBefore(times, it.todayLast, slot)) before = it.todayLast;
  else {
    let steps = 0;
    for (let after = words[8 * before + NEXT] as number; isBefore(times, after, slot); after = words[8 * before + NEXT] as number) {
      before = after;
      steps++;
    }
    it.walked += steps;
    if (steps > CROWD) it.crowd += steps;
  }
  const after = words[8 * before + NEXT] as number;
  words[8 * slot + NEXT] = after;
  words[8 * before + NEXT] = slot;
  if (after === NONE) it.todayLast = slot;
}

/** Takes the slot out of the list of its day. */
export function leaveDay(it: Calendar, slot: number): void {
  const { words, days } = it;
  const after = words[8 * slot + NEXT] as number;
  const day = Math.floor((it.times[4 * slot] as number) * it.perTime);
  const isToday = day <= it.day;
  const at = day & (days.length - 1);
  if (!isToday) it.ahead--;
  let before = isToday ? it.today : (days[at] as number);
  if (before === slot) {
    if (isToday) it.today = after;
    else days[at] = after;
    return;
  }
  while (words[8 * before + NEXT] !== slot) {
    before = words[8 * before + NEXT] as number;
    it.walked++;
  }
  words[8 * before + NEXT] = after;
  if (isToday && after === NONE) it.todayLast = before;
}
