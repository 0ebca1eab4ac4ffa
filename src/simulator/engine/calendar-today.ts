import type { Calendar } from './calendar.ts';
import { CROWD } from './calendar-days.ts';
import { LINK, ORDER } from './calendar-record.ts';
import { NONE } from './task-states.ts';

const isBefore = (times: Float64Array, words: Int32Array, slot: number, other: number): boolean =>
  (times[slot << 1] as number) < (times[other << 1] as number) ||
  (times[slot << 1] === times[other << 1] && (words[(slot << 2) | ORDER] as number) < (words[(other << 2) | ORDER] as number));

/** Sorts the slot's event in among those of today. */
export function insertToday(it: Calendar, slot: number): void {
  const { times, words, today } = it;
  if (today === NONE || isBefore(times, words, slot, today)) {
    words[(slot << 2) | LINK] = today;
    it.today = slot;
    if (today === NONE) it.todayLast = slot;
    return;
  }
  let before = today;
  if (isBefore(times, words, it.todayLast, slot)) before = it.todayLast;
  else {
    let steps = 0;
    for (let after = words[(before << 2) | LINK] as number; isBefore(times, words, after, slot); after = words[(before << 2) | LINK] as number) {
      before = after;
      steps++;
    }
    it.walked += steps;
    if (steps > CROWD) it.crowd += steps;
  }
  const after = words[(before << 2) | LINK] as number;
  words[(slot << 2) | LINK] = after;
  words[(before << 2) | LINK] = slot;
  if (after === NONE) it.todayLast = slot;
}

/** Takes the slot, which is followed by `after`, out of the list of its day. */
export function leaveDay(it: Calendar, slot: number, after: number): void {
  const { words, days } = it;
  const day = Math.floor((it.times[slot << 1] as number) * it.perTime);
  const isToday = day <= it.day;
  const at = day & (days.length - 1);
  if (!isToday) it.ahead--;
  let before = isToday ? it.today : (days[at] as number);
  if (before === slot) {
    if (isToday) it.today = after;
    else days[at] = after;
    return;
  }
  while (words[(before << 2) | LINK] !== slot) {
    before = words[(before << 2) | LINK] as number;
    it.walked++;
  }
  words[(before << 2) | LINK] = after;
  if (isToday && after === NONE) it.todayLast = before;
}
