/**
 * Pending events too far away for the calendar's buckets: an indexed 4-ary heap in order of time and, among equals, of scheduling.
 * Cancelling costs one removal, and nothing is left behind.
 */
export interface Overflow {
  size: number;
  time: Float64Array;
  order: Float64Array;
  slot: Int32Array;
  /** Place in the heap by slot; -1 where the slot is not here. */
  place: Int32Array;
}

export const overflowFor = (slots: number): Overflow => ({
  size: 0,
  time: new Float64Array(FEW),
  order: new Float64Array(FEW),
  slot: new Int32Array(FEW),
  place: new Int32Array(slots).fill(-1),
});

const FEW = 64;

/** Room for more slots. */
export function growOverflow(it: Overflow, slots: number): void {
  it.place = lengthened(it.place, new Int32Array(slots).fill(-1, it.place.length));
}

/** The longer array with what is in the other. */
export function lengthened<T extends Float64Array | Int32Array>(old: T, next: T): T {
  next.set(old as never);
  return next;
}

export function put(it: Overflow, slot: number, time: number, order: number): void {
  if (it.size === it.time.length) {
    it.time = lengthened(it.time, new Float64Array(2 * it.size));
    it.order = lengthened(it.order, new Float64Array(2 * it.size));
    it.slot = lengthened(it.slot, new Int32Array(2 * it.size));
  }
  rise(it, it.size++, slot, time, order);
}

/** Takes the slot out; it must be here. */
export function remove(it: Overflow, slot: number): void {
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

function rise(it: Overflow, from: number, slot: number, time: number, order: number): void {
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

function sink(it: Overflow, from: number, slot: number, time: number, order: number): void {
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
