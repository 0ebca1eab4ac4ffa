import { bareDraws } from './bare-draws.ts';

const SLOTS = 65_536;

/** Days of the calendar and their width, found by trying. */
const DAYS = 1024;
const PER_MS = 2;

/**
 * M/M/1 at a load of 0.8 in one function over a calendar queue, as any network would be played, with nothing recorded but the mean time in the system, in ms.
 * Lindley's recursion needs no events and so is no measure of how fast they can be played.
 */
export function bareQueue(customers: number): number {
  const { exponential } = bareDraws();
  const time = new Float64Array(SLOTS);
  const began = new Float64Array(SLOTS);
  const next = new Int32Array(SLOTS);
  const days = new Int32Array(DAYS).fill(-1);
  const free = Int32Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot);
  let freeCount = SLOTS;
  let first = -1;
  let last = -1;
  let idle = 1;
  let pending = 0;
  let now = 0;
  let day = 0;
  const schedule = (slot: number, at: number): void => {
    time[slot] = at;
    pending++;
    const bucket = (at * PER_MS) & (DAYS - 1);
    let other = days[bucket] as number;
    if (other === -1 || at < (time[other] as number)) {
      next[slot] = other;
      days[bucket] = slot;
      return;
    }
    for (let after = next[other] as number; after !== -1 && (time[after] as number) <= at; after = next[other] as number) other = after;
    next[slot] = next[other] as number;
    next[other] = slot;
  };
  let arrived = 0;
  let sum = 0;
  let arrival = 0;
  while (pending > 0 || arrived < customers) {
    let slot = -1;
    const lastDay = arrival < Number.POSITIVE_INFINITY ? Math.floor(arrival * PER_MS) : Number.POSITIVE_INFINITY;
    if (pending > 0)
      for (; day <= lastDay; day++) {
        slot = days[day & (DAYS - 1)] as number;
        if (slot !== -1 && (time[slot] as number) * PER_MS < day + 1) break;
        slot = -1;
      }
    else day = Math.min(lastDay, Math.floor(now * PER_MS));
    if (day > lastDay) day = lastDay;
    if (slot === -1 || arrival < (time[slot] as number)) {
      now = arrival;
      const customer = free[--freeCount] as number;
      began[customer] = now;
      if (idle > 0) {
        idle--;
        schedule(customer, now + exponential());
      } else {
        next[customer] = -1;
        if (first === -1) first = customer;
        else next[last] = customer;
        last = customer;
      }
      arrival = ++arrived < customers ? now + exponential() / 0.8 : Number.POSITIVE_INFINITY;
      continue;
    }
    days[day & (DAYS - 1)] = next[slot] as number;
    pending--;
    now = time[slot] as number;
    sum += now - (began[slot] as number);
    free[freeCount++] = slot;
    if (first === -1) idle++;
    else {
      const waiting = first;
      first = next[waiting] as number;
      schedule(waiting, now + exponential());
    }
  }
  return sum / customers;
}
