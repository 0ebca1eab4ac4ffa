import type { Calendar } from './calendar.ts';
import { CROWD } from './calendar-days.ts';
import { NEXT } from './calendar-record.ts';
import { NONE } from './task-states.ts';

const isBefore = (times: Float64Array, slot: number, other: number): boolean =>
  (times[slot << 2] as number) < (times[other << 2] as number) ||
  (times[slot << 2] === times[other << 2] && (times[(slot << 2) | 1] as number) < (times[(other << 2) | 1] as number));

/** Sorts the slot's event in among those of today. */
export function insertToday(it: Calendar, slot: number): void {
  const { times, words, today } = it;
  if (today === NONE || isBefore(times, slot, today)) {
    words[(slot << 3) | NEXT] = today;
    it.today = slot;
    if (today === NONE) it.todayLast = slot;
    return;
  }
  let before = today;
  if (isBefore(times, it.todayLast, slot)) before = it.todayLast;
  else {
    let steps = 0;
    for (let after = words[(before << 3) | NEXT] as number; isBefore(times, after, slot); after = words[(before << 3) | NEXT] as number) {
      before = after;
      steps++;
    }
    it.walked += steps;
    if (steps > CROWD) it.crowd += steps;
  }
  const after = words[(before << 3) | NEXT] as number;
  words[(slot << 3) | NEXT] = after;
  words[(before << 3) | NEXT] = slot;
  if (after === NONE) it.todayLast = slot;
}

/** Takes the slot out of the list of its day. */
export function leaveDay(it: Calendar, slot: number): void {
  const { words, days } = it;
  const after = words[(slot << 3) | NEXT] as number;
  const day = Math.floor((it.times[slot << 2] as number) * it.perTime);
  const isToday = day <= it.day;
  const at = day & (days.length - 1);
  if (!isToday) it.ahead--;
  let before = isToday ? it.today : (days[at] as number);
  if (before === slot) {
    if (isToday) it.today = after;
    else days[at] = after;
    return;
  }
  while (words[(before << 3) | NEXT] !== slot) {
    before = words[(before << 3) | NEXT] as number;
    it.walked++;
  }
  words[(before << 3) | NEXT] = after;
  if (isToday && after === NONE) it.todayLast = before;
}
