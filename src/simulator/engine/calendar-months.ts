import type { Calendar } from './calendar.ts';
import { IN_MONTH, LINK } from './calendar-record.ts';
import { insertToday } from './calendar-today.ts';
import { NONE } from './task-states.ts';

/**
 * Events of the days that have no lists yet, month by month, in no order: so many that their records would not stay near the processor are touched in one go when
 * their month is opened, and again soon after, instead of each at a time of its own.
 */
export interface Months {
  /** Pages of 16 words: the page before (or -1), then slots. */
  pages: Int32Array;
  /** Where the last slot of each month lies; -1 where it has none. As many months as a power of two. */
  last: Int32Array;
  /** First of the pages that were given back, each of which names the next; -1 where there is none. And how many pages have ever been in use. */
  freePage: number;
  used: number;
  /** In all of them. */
  total: number;
}

const PAGE = 16;
const FEW = 64;

export const monthsFor = (many: number): Months => ({ pages: new Int32Array(PAGE * FEW), last: new Int32Array(many).fill(NONE), freePage: NONE, used: 0, total: 0 });

/** A new page for a month, after the one in which `last` lies. */
function nextPage(months: Months, last: number): number {
  let page = months.freePage;
  if (page !== NONE) months.freePage = months.pages[page] as number;
  else {
    page = PAGE * months.used++;
    if (page === months.pages.length) {
      const more = new Int32Array(2 * page);
      more.set(months.pages);
      months.pages = more;
    }
  }
  months.pages[page] = last;
  return page + 1;
}

/** Puts the slot, whose event is due on this day, into its month. */
export function postpone(it: Calendar, slot: number, day: number): void {
  const { months, words } = it;
  const month = Math.floor(day / it.month) & (months.last.length - 1);
  const last = months.last[month] as number;
  const place = (last & (PAGE - 1)) === PAGE - 1 ? nextPage(months, last) : last + 1;
  months.pages[place] = slot;
  months.last[month] = place;
  months.total++;
  words[(slot << 2) | LINK] = IN_MONTH - place;
}

/** Takes what lies at `place` out of the month of this day; the last of the month takes its place. */
export function recall(it: Calendar, place: number, day: number): void {
  const { months, words } = it;
  const month = Math.floor(day / it.month) & (months.last.length - 1);
  const last = months.last[month] as number;
  const moved = months.pages[last] as number;
  months.pages[place] = moved;
  words[(moved << 2) | LINK] = IN_MONTH - place;
  months.last[month] = before(months, last);
  months.total--;
}

/** The place before this one in its month, -1 where it is the first; the page goes back when it was the first of the page. */
export function before(months: Months, place: number): number {
  if ((place & (PAGE - 1)) > 1) return place - 1;
  const page = place - 1;
  const last = months.pages[page] as number;
  months.pages[page] = months.freePage;
  months.freePage = page;
  return last;
}

const GATHERED = 128;
const gathered = new Float64Array(GATHERED);
const slots = new Int32Array(GATHERED);

/** Opens months until at least one whole month lies ahead of today. */
export function open(it: Calendar): void {
  const { days, words, times, months } = it;
  while (it.opened - it.day <= it.month) {
    if (months.total === 0) {
      it.opened = (Math.floor(it.day / it.month) + 2) * it.month;
      return;
    }
    const month = Math.floor(it.opened / it.month) & (months.last.length - 1);
    it.opened += it.month;
    let place = months.last[month] as number;
    months.last[month] = NONE;
    while (place !== NONE) {
      let many = 0;
      // Loads that do not wait for each other.
      for (; place !== NONE && many < GATHERED; many++) {
        const slot = months.pages[place] as number;
        slots[many] = slot;
        gathered[many] = times[slot << 1] as number;
        place = before(months, place);
      }
      months.total -= many;
      for (let at = 0; at < many; at++) {
        const slot = slots[at] as number;
        const day = Math.floor((gathered[at] as number) * it.perTime);
        if (day <= it.day) {
          insertToday(it, slot);
          it.ahead--;
          continue;
        }
        words[(slot << 2) | LINK] = days[day & (days.length - 1)] as number;
        days[day & (days.length - 1)] = slot;
      }
    }
  }
}
