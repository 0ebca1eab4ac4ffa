/**
 * Pending events: at most one per slot, taken in order of time and, among equals, of scheduling.
 * An indexed 4-ary heap: cancelling costs one removal, and nothing is left behind.
 */
export interface Calendar {
  size: number;
  time: Float64Array;
  order: Float64Array;
  slot: Int32Array;
  /** Place in the heap by slot; -1 where the slot has no event. */
  place: Int32Array;
  scheduled: number;
  /** The first event was taken and its place is still empty: the next one scheduled, usually at once, drops in there. */
  hasHole: boolean;
}

export const calendarFor = (slots: number): Calendar => ({
  size: 0,
  time: new Float64Array(slots),
  order: new Float64Array(slots),
  slot: new Int32Array(slots),
  place: new Int32Array(slots).fill(-1),
  scheduled: 0,
  hasHole: false,
});

export function growCalendar(it: Calendar, slots: number): void {
  const old = it.place.length;
  it.time = lengthened(it.time, new Float64Array(slots));
  it.order = lengthened(it.order, new Float64Array(slots));
  it.slot = lengthened(it.slot, new Int32Array(slots));
  it.place = lengthened(it.place, new Int32Array(slots).fill(-1, old));
}

function lengthened<T extends Float64Array | Int32Array>(old: T, next: T): T {
  next.set(old as never);
  return next;
}

/** Schedules the slot's event; it must have none. */
export function schedule(it: Calendar, slot: number, time: number): void {
  if (it.hasHole) {
    it.hasHole = false;
    sink(it, 0, slot, time, it.scheduled++);
  } else rise(it, it.size++, slot, time, it.scheduled++);
}

/** Time of the next event; Infinity when there is none. */
export function nextTime(it: Calendar): number {
  if (it.hasHole) fill(it);
  return it.size > 0 ? (it.time[0] as number) : Number.POSITIVE_INFINITY;
}

/** The slot of the next event, which leaves the calendar; ask `nextTime` first, every time. */
export function take(it: Calendar): number {
  const slot = it.slot[0] as number;
  it.place[slot] = -1;
  it.hasHole = true;
  return slot;
}

export function cancel(it: Calendar, slot: number): void {
  if ((it.place[slot] as number) < 0) return;
  if (it.hasHole) fill(it);
  const at = it.place[slot] as number;
  it.place[slot] = -1;
  const last = --it.size;
  if (at === last) return;
  const moved = it.slot[last] as number;
  const time = it.time[last] as number;
  const order = it.order[last] as number;
  const above = (at - 1) >> 2;
  if (at > 0 && (time < (it.time[above] as number) || (time === it.time[above] && order < (it.order[above] as number)))) rise(it, at, moved, time, order);
  else sink(it, at, moved, time, order);
}

/** Closes the hole with the last event. */
function fill(it: Calendar): void {
  it.hasHole = false;
  const last = --it.size;
  if (last > 0) sink(it, 0, it.slot[last] as number, it.time[last] as number, it.order[last] as number);
}

function rise(it: Calendar, from: number, slot: number, time: number, order: number): void {
  const { time: times, order: orders, slot: slots, place } = it;
  let at = from;
  while (at > 0) {
    const above = (at - 1) >> 2;
    const other = times[above] as number;
    if (other < time || (other === time && (orders[above] as number) < order)) break;
    times[at] = other;
    orders[at] = orders[above] as number;
    const moved = slots[above] as number;
    slots[at] = moved;
    place[moved] = at;
    at = above;
  }
  times[at] = time;
  orders[at] = order;
  slots[at] = slot;
  place[slot] = at;
}

function sink(it: Calendar, from: number, slot: number, time: number, order: number): void {
  const { time: times, order: orders, slot: slots, place, size } = it;
  let at = from;
  for (;;) {
    const first = (at << 2) + 1;
    if (first >= size) break;
    const end = Math.min(first + 4, size);
    let least = first;
    let leastTime = times[first] as number;
    for (let child = first + 1; child < end; child++) {
      const t = times[child] as number;
      if (t < leastTime || (t === leastTime && (orders[child] as number) < (orders[least] as number))) {
        least = child;
        leastTime = t;
      }
    }
    if (time < leastTime || (time === leastTime && order < (orders[least] as number))) break;
    times[at] = leastTime;
    orders[at] = orders[least] as number;
    const moved = slots[least] as number;
    slots[at] = moved;
    place[moved] = at;
    at = least;
  }
  times[at] = time;
  orders[at] = order;
  slots[at] = slot;
  place[slot] = at;
}
