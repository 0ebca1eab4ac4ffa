import { FIRST_TUNING, isCrowded, tune } from './calendar-days.ts';
import { before, type Months, monthsFor, open, postpone, recall } from './calendar-months.ts';
import { LINK, ORDER, NOWHERE, IN_HEAP, IN_MONTH, IN_REGISTER, IN_TIMERS, DELAYS, FIRST_DAYS, FIRST_MONTHS, NEAR, MOST_REGISTERS } from './calendar-record.ts';
import { fetchDays, MANY } from './calendar-fetch.ts';
import { insertToday, leaveDay } from './calendar-today.ts';
import { growOverflow, lengthened, type Overflow, overflowFor, put, remove } from './overflow.ts';
import { NONE } from './task-states.ts';

/**
 * Pending events: at most one per slot, taken in order of time and, among equals, of scheduling.
 *
 * A calendar queue (Brown 1988): time is cut into days of equal width, the next ones have a list each, those after them share one by the month, and what is further
 * away waits in a heap. A list is sorted when its day begins, so scheduling touches one word of the calendar besides the slot's own record. Width and number of days
 * follow the events.
 * Two kinds of events stay out of it, aside: those of the first slots, `registers` of them (a source's next arrival), lie in a short row; and timers that all have
 * the same delay come due in the order in which they were set, so each such delay has a list of its own.
 */
export interface Calendar {
  /** Records of 16 bytes, seen as numbers and as integers: time; order of scheduling, and where the event is. A hundred thousand of them stay near the processor. */
  times: Float64Array;
  words: Int32Array;
  /** Records of whoever is scheduled, so many bits of words each: the first and this last one are read in advance with those of the calendar, because its event will want them. */
  beside: Int32Array;
  besideBits: number;
  besideLast: number;
  registers: number;
  scheduled: number;
  /** Time of the last event that was taken. */
  now: number;
  /** First slot of each day's list; days of a year are a power of two. */
  days: Int32Array;
  perTime: number;
  /** Everything up to this day is in the sorted list of today; days after it and before `opened` have lists. */
  day: number;
  /** The first day of the first month that is not open; half of the days' lists make a month. */
  opened: number;
  month: number;
  months: Months;
  today: number;
  todayLast: number;
  /** Events of days after today: in their lists, and in months. */
  ahead: number;
  overflow: Overflow;
  /** Delays that have a list and one more, how many have one, and first and last of each. */
  delays: Float64Array;
  delayCount: number;
  /** After and before each slot in such a list; none until the first is made. */
  neighbours: Int32Array;
  firstTimer: Int32Array;
  lastTimer: Int32Array;
  /** Times of the registers, then a time no later than the first event of each list of timers; Infinity for none. */
  aside: Float64Array;
  /** No later than any event aside or in the heap; where in `aside` it is, or -1 for the heap; and whether the event it belonged to has gone. */
  asideTime: number;
  asideAt: number;
  isStale: boolean;
  /** What `take` will take. */
  next: number;
  /** Until the days are looked at again: events still to come, and in all; since then: places passed in lists, and those of long passages; empty days; events put into months and beyond them. */
  untilTuned: number;
  tuneAfter: number;
  walked: number;
  crowd: number;
  passed: number;
  postponed: number;
  missed: number;
  tunedAt: number;
  /** Up to this day records were fetched in advance. */
  fetched: number;
}

/** `registers`: as many slots, from 0 on, nearly always have an event; more than 16 are slots like others. */
export function calendarFor(slots: number, registers = 0): Calendar {
  const few = registers <= MOST_REGISTERS ? registers : 0;
  const words = new Int32Array(4 * slots).fill(NOWHERE);
  return {
    times: new Float64Array(words.buffer),
    words,
    beside: words,
    besideBits: 2,
    besideLast: 0,
    registers: few,
    scheduled: 0,
    now: 0,
    days: new Int32Array(FIRST_DAYS).fill(NONE),
    perTime: 1,
    day: 0,
    opened: FIRST_DAYS,
    month: FIRST_DAYS / 2,
    months: monthsFor(FIRST_MONTHS),
    today: NONE,
    todayLast: NONE,
    ahead: 0,
    overflow: overflowFor(slots),
    delays: new Float64Array(DELAYS + 1),
    delayCount: 0,
    neighbours: new Int32Array(0),
    firstTimer: new Int32Array(DELAYS).fill(NONE),
    lastTimer: new Int32Array(DELAYS).fill(NONE),
    aside: new Float64Array(few + DELAYS).fill(Number.POSITIVE_INFINITY),
    asideTime: Number.POSITIVE_INFINITY,
    asideAt: NONE,
    isStale: false,
    next: NONE,
    untilTuned: FIRST_TUNING,
    tuneAfter: FIRST_TUNING,
    walked: 0,
    crowd: 0,
    passed: 0,
    postponed: 0,
    missed: 0,
    tunedAt: 0,
    fetched: 0,
  };
}

/** Room for more slots. */
export function growCalendar(it: Calendar, slots: number): void {
  const words = new Int32Array(4 * slots).fill(NOWHERE, it.words.length);
  words.set(it.words);
  if (it.beside === it.words) it.beside = words;
  it.words = words;
  it.times = new Float64Array(words.buffer);
  if (it.delayCount > 0) it.neighbours = lengthened(it.neighbours, new Int32Array(2 * slots));
  growOverflow(it.overflow, slots);
}

export const hasEvent = (it: Calendar, slot: number): boolean => it.words[(slot << 2) | LINK] !== NOWHERE;

/** True when this slot or a later one has an event; looks at each. */
export function hasEventFrom(it: Calendar, slot: number): boolean {
  for (let at = (slot << 2) | LINK; at < it.words.length; at += 4) if (it.words[at] !== NOWHERE) return true;
  return false;
}

/** Schedules the slot's event; it must have none, and the time must not lie before the last event taken. */
export function schedule(it: Calendar, slot: number, time: number): void {
  // Nothing but whole numbers goes on from here: a fraction that is handed to a function is an object unless the function is inlined, as this one is.
  it.times[slot << 1] = time;
  insert(it, slot);
}

function insert(it: Calendar, slot: number): void {
  const { times, words, days } = it;
  words[(slot << 2) | ORDER] = it.scheduled++;
  const day = Math.floor((times[slot << 1] as number) * it.perTime);
  if (day > it.day && day < it.opened && it.ahead > 0 && slot >= it.registers) {
    const at = day & (days.length - 1);
    words[(slot << 2) | LINK] = days[at] as number;
    days[at] = slot;
    it.ahead++;
  } else if (slot < it.registers) {
    words[(slot << 2) | LINK] = IN_REGISTER;
    setAside(it, slot, slot);
  } else if (place(it, slot)) countDown(it);
}

/** Schedules the slot's event after a delay that recurs, such as a timeout: setting and cancelling cost the same however many wait. */
export function scheduleAfter(it: Calendar, slot: number, now: number, delay: number): void {
  it.times[slot << 1] = now + delay;
  it.delays[DELAYS] = delay;
  insertTimer(it, slot);
}

/** Puts the slot into the list of its delay, which lies behind the others' in `delays`. */
function insertTimer(it: Calendar, slot: number): void {
  const { times, words, delays } = it;
  const delay = delays[DELAYS] as number;
  let timer = 0;
  while (timer < it.delayCount && delays[timer] !== delay) timer++;
  if (timer === it.delayCount) {
    if (timer === DELAYS || !((times[slot << 1] as number) < Number.POSITIVE_INFINITY)) {
      insert(it, slot);
      return;
    }
    if (it.delayCount === 0) it.neighbours = new Int32Array(words.length / 2);
    delays[it.delayCount++] = delay;
  }
  const { neighbours } = it;
  words[(slot << 2) | ORDER] = it.scheduled++;
  const last = it.lastTimer[timer] as number;
  words[(slot << 2) | LINK] = IN_TIMERS - timer;
  neighbours[slot << 1] = NONE;
  neighbours[(slot << 1) | 1] = last;
  if (last === NONE) it.firstTimer[timer] = slot;
  else neighbours[last << 1] = slot;
  it.lastTimer[timer] = slot;
  if (it.aside[it.registers + timer] === Number.POSITIVE_INFINITY) setAside(it, it.registers + timer, slot);
}

/** Time of the next event; Infinity when there is none. */
export function nextTime(it: Calendar): number {
  const slot = look(it);
  return slot === NONE ? Number.POSITIVE_INFINITY : (it.times[slot << 1] as number);
}

/** The slot of the next event, which stays; -1 when there is none. Its time is in `times`, two words of its record. */
export function look(it: Calendar): number {
  for (;;) {
    if (it.today === NONE && it.ahead > 0) turn(it);
    const first = it.today;
    const time = first === NONE ? Number.POSITIVE_INFINITY : (it.times[first << 1] as number);
    it.next = first;
    if (it.asideTime > time || it.asideTime === Number.POSITIVE_INFINITY) return first;
    if (!it.isStale) {
      const slot = firstAside(it, it.asideAt);
      if (it.asideTime < time || (it.words[(slot << 2) | ORDER] as number) < (it.words[(first << 2) | ORDER] as number)) it.next = slot;
      return it.next;
    }
    settle(it);
  }
}

/** The slot of the next event, which leaves the calendar; ask `nextTime` first, every time. */
export function take(it: Calendar): number {
  const slot = it.next;
  it.now = it.times[slot << 1] as number;
  if (slot === it.today) {
    it.today = it.words[(slot << 2) | LINK] as number;
    it.words[(slot << 2) | LINK] = NOWHERE;
    if (--it.untilTuned <= 0) countDown(it);
  } else cancel(it, slot);
  return slot;
}

/** Takes back what was scheduled for the slot, if anything. */
export function cancel(it: Calendar, slot: number): void {
  const { words } = it;
  const where = words[(slot << 2) | LINK] as number;
  if (where === NOWHERE) return;
  if (where >= NONE) leaveDay(it, slot, where);
  else if (where === IN_REGISTER) {
    it.aside[slot] = Number.POSITIVE_INFINITY;
    settle(it);
  } else if (where <= IN_MONTH) {
    recall(it, IN_MONTH - where, Math.floor((it.times[slot << 1] as number) * it.perTime));
    it.ahead--;
  } else if (where === IN_HEAP) {
    remove(it.overflow, slot);
    settle(it);
  } else {
    const { neighbours } = it;
    const timer = IN_TIMERS - where;
    const after = neighbours[slot << 1] as number;
    const before = neighbours[(slot << 1) | 1] as number;
    if (before === NONE) it.firstTimer[timer] = after;
    else neighbours[before << 1] = after;
    if (after === NONE) it.lastTimer[timer] = before;
    else neighbours[(after << 1) | 1] = before;
    // The list's time stays: it is no later than what is left.
    if (it.registers + timer === it.asideAt) it.isStale = true;
  }
  words[(slot << 2) | LINK] = NOWHERE;
}

/** The same for an event of a slot beyond the registers that the caller has given its time and order. */
export function placeAnew(it: Calendar, slot: number): void {
  if (place(it, slot)) countDown(it);
}

/** Puts a slot with its time and order where it belongs; true where the days seem not to fit. */
function place(it: Calendar, slot: number): boolean {
  const { times, words, days } = it;
  const time = times[slot << 1] as number;
  const day = Math.floor(time * it.perTime);
  if (!(day < it.opened)) {
    // Events aside move time without turning days.
    it.day = Math.max(it.day, Math.floor(it.now * it.perTime) - 1);
    open(it);
    if (!(day < it.opened)) return placeLater(it, slot, day);
  }
  // The only event needs no list; but were it far away, all that come between would have to be sorted in before it.
  if (it.ahead === 0 && it.today === NONE && day - it.day < NEAR) it.day = Math.max(it.day, day);
  if (day <= it.day) {
    insertToday(it, slot);
    return isCrowded(it);
  }
  words[(slot << 2) | LINK] = days[day & (days.length - 1)] as number;
  days[day & (days.length - 1)] = slot;
  it.ahead++;
  return false;
}

/** The same for a day whose month is not open. */
function placeLater(it: Calendar, slot: number, day: number): boolean {
  if (day < it.opened + it.month * it.months.last.length) {
    postpone(it, slot, day);
    it.ahead++;
    it.postponed++;
    return false;
  }
  const { times, words } = it;
  const time = times[slot << 1] as number;
  words[(slot << 2) | LINK] = IN_HEAP;
  put(it.overflow, slot, time, words[(slot << 2) | ORDER] as number);
  if (time < it.asideTime) {
    it.asideTime = time;
    it.asideAt = NONE;
    it.isStale = false;
  }
  it.missed++;
  return true;
}

/** Days that are looked at before anything is asked. */
const FEW_DAYS = 4;

/** Goes on to the next day that has events, but not far beyond what lies aside; its place among the days, or -1. */
function seek(it: Calendar): number {
  const { days } = it;
  const last = days.length - 1;
  const asideDay = it.asideTime < Number.POSITIVE_INFINITY ? Math.floor(it.asideTime * it.perTime) : Number.POSITIVE_INFINITY;
  for (;;) {
    if (it.opened - it.day <= it.month) open(it);
    const end = Math.min(it.opened - 1, asideDay);
    let left = end - it.day;
    if (it.ahead === it.months.total) left = Math.min(0, left);
    let at = it.day & last;
    let slot = NONE;
    while (left > 0 && slot === NONE) {
      left--;
      at = (at + 1) & last;
      slot = days[at] as number;
    }
    it.passed += end - left - it.day;
    it.day = Math.max(it.day, end - left);
    if (slot !== NONE) return at;
    if (end === asideDay) return NONE;
  }
}

/** The first day after today that has events becomes today, unless it is far beyond what lies aside; nothing must be left of today. */
export function turn(it: Calendar): void {
  const { days, words } = it;
  const last = days.length - 1;
  if (it.day > it.asideTime * it.perTime) return;
  if (it.opened - it.day <= it.month) open(it);
  if (it.day >= it.fetched && it.ahead > MANY) fetchDays(it);
  let at = it.day & last;
  let slot = NONE;
  let left = FEW_DAYS;
  // Most of the time it is one of the next days; that few of them may lie beyond what lies aside.
  while (left > 0 && slot === NONE) {
    left--;
    at = (at + 1) & last;
    slot = days[at] as number;
  }
  it.passed += FEW_DAYS - left;
  it.day += FEW_DAYS - left;
  if (slot === NONE) {
    at = seek(it);
    if (at === NONE) return;
    slot = days[at] as number;
  }
  days[at] = NONE;
  it.ahead--;
  let after = words[(slot << 2) | LINK] as number;
  words[(slot << 2) | LINK] = NONE;
  it.today = slot;
  it.todayLast = slot;
  while (after !== NONE) {
    slot = after;
    after = words[(slot << 2) | LINK] as number;
    insertToday(it, slot);
    it.ahead--;
  }
}

/** Gives the days another width or number when the last events were costly. */
export function countDown(it: Calendar): void {
  if (--it.untilTuned > 0 && !isCrowded(it)) return;
  const old = it.days;
  const { today, overflow, months } = it;
  if (!tune(it)) return;
  it.day = Math.floor(it.now * it.perTime) - 1;
  it.month = it.days.length / 2;
  it.opened = (Math.floor(it.day / it.month) + 2) * it.month;
  it.today = NONE;
  it.ahead = 0;
  placeAll(it, today);
  for (let at = 0; at < old.length; at++) placeAll(it, old[at] as number);
  for (let month = 0; month < months.last.length; month++) for (let at = months.last[month] as number; at !== NONE; at = before(months, at)) place(it, months.pages[at] as number);
  while (overflow.size > 0 && Math.floor((overflow.time[0] as number) * it.perTime) < it.opened + it.month * it.months.last.length) {
    const slot = overflow.slot[0] as number;
    remove(overflow, slot);
    place(it, slot);
  }
  it.missed = it.postponed = it.crowd = it.walked = it.fetched = 0;
  settle(it);
}

function placeAll(it: Calendar, list: number): void {
  let slot = list;
  while (slot !== NONE) {
    const after = it.words[(slot << 2) | LINK] as number;
    place(it, slot);
    slot = after;
  }
}

function setAside(it: Calendar, at: number, slot: number): void {
  const time = it.times[slot << 1] as number;
  it.aside[at] = time;
  if (time >= it.asideTime) return;
  it.asideTime = time;
  it.asideAt = at;
  it.isStale = false;
}

/** The first event of a register, a list of timers or the heap (-1); -1 where there is none. */
function firstAside(it: Calendar, at: number): number {
  if (at < 0) return it.overflow.size > 0 ? (it.overflow.slot[0] as number) : NONE;
  return at < it.registers ? at : (it.firstTimer[at - it.registers] as number);
}

/** Finds the earliest of registers, lists of timers and heap. */
export function settle(it: Calendar): void {
  const { aside, times, words } = it;
  const top = firstAside(it, NONE);
  let time = top === NONE ? Number.POSITIVE_INFINITY : (times[top << 1] as number);
  let order = top === NONE ? Number.POSITIVE_INFINITY : (words[(top << 2) | ORDER] as number);
  let at = NONE;
  const end = it.registers + it.delayCount;
  for (let other = 0; other < end; other++) {
    if ((aside[other] as number) > time || aside[other] === Number.POSITIVE_INFINITY) continue;
    const slot = firstAside(it, other);
    const otherTime = slot === NONE ? Number.POSITIVE_INFINITY : (times[slot << 1] as number);
    const otherOrder = slot === NONE ? Number.POSITIVE_INFINITY : (words[(slot << 2) | ORDER] as number);
    aside[other] = otherTime;
    if (otherTime > time || (otherTime === time && otherOrder > order)) continue;
    time = otherTime;
    at = other;
    order = otherOrder;
  }
  it.asideTime = time;
  it.asideAt = at;
  it.isStale = false;
}
