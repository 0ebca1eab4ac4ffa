import { bareDraws } from './bare-draws.ts';

/** Stations of the network of eight (`topology8`), by hand; a pool's connection is held through the database behind it. */
const API = 0;
const AUTH = 1;
const CACHE = 2;
const POOL = 3;
const DB = 4;
const BROKER = 5;
const WORKERS = 6;
const NOTIFY = 7;
const SERVERS = [50, 16, 64, 20, 8, 4, 4, 10];
const MEANS = [2, 14, 0.5, 0, 35, 0.1, 4, 8];
const SLOTS = 4096;

/** Days of the calendar and their width for this very network, found by trying. */
const DAYS = 4096;
const PER_MS = 8;

/**
 * What the engine's run is compared with: the same network in one function that knows nothing else and records nothing but a mean, over a calendar queue of its own
 * whose days fit this network. Mean time until the answer, in ms.
 */
export function bareNetwork(requests: number): number {
  const { uniform, exponential } = bareDraws();
  const time = new Float64Array(SLOTS);
  const days = new Int32Array(DAYS).fill(-1);
  const stage = new Uint8Array(SLOTS);
  const next = new Int32Array(SLOTS);
  const began = new Float64Array(SLOTS);
  const idle = Int32Array.from(SERVERS);
  const means = Float64Array.from(MEANS);
  const first = new Int32Array(8).fill(-1);
  const last = new Int32Array(8).fill(-1);
  const free = Int32Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot);
  let freeCount = SLOTS;
  let pending = 0;
  let now = 0;
  let day = 0;

  /** A pending slot is in its day's list, earliest first; the list of a day may also hold events of a later year. */
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
  const enter = (slot: number, station: number): void => {
    stage[slot] = station;
    if ((idle[station] as number) > 0) {
      idle[station] = (idle[station] as number) - 1;
      if (station === POOL) enter(slot, DB);
      else schedule(slot, now + exponential() * (means[station] as number));
      return;
    }
    next[slot] = -1;
    if (first[station] === -1) first[station] = slot;
    else next[last[station] as number] = slot;
    last[station] = slot;
  };
  const leave = (station: number): void => {
    const slot = first[station] as number;
    if (slot === -1) {
      idle[station] = (idle[station] as number) + 1;
      return;
    }
    first[station] = next[slot] as number;
    if (station === POOL) enter(slot, DB);
    else schedule(slot, now + exponential() * (means[station] as number));
  };

  let arrived = 0;
  let answered = 0;
  let sum = 0;
  let arrival = 0;
  while (pending > 0 || arrived < requests) {
    // The next event of the calendar that comes before the next arrival, day by day.
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
      const request = free[--freeCount] as number;
      began[request] = now;
      enter(request, API);
      arrival = ++arrived < requests ? now + exponential() / 0.9 : Number.POSITIVE_INFINITY;
      continue;
    }
    days[day & (DAYS - 1)] = next[slot] as number;
    pending--;
    now = time[slot] as number;
    switch (stage[slot]) {
      case API:
        enter(slot, AUTH);
        break;
      case AUTH:
        leave(AUTH);
        enter(slot, CACHE);
        break;
      case CACHE:
        leave(CACHE);
        enter(slot, uniform() < 0.2 ? POOL : BROKER);
        break;
      case DB:
        leave(DB);
        leave(POOL);
        enter(slot, BROKER);
        break;
      case BROKER:
        leave(BROKER);
        leave(API);
        sum += now - (began[slot] as number);
        answered++;
        enter(slot, WORKERS);
        break;
      case WORKERS:
        leave(WORKERS);
        enter(slot, NOTIFY);
        break;
      case NOTIFY:
        leave(NOTIFY);
        free[freeCount++] = slot;
        break;
    }
  }
  return sum / answered;
}
