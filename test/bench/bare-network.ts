/** Stations of the network of eight (`topology8`), by hand. */
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
const ARRIVAL = 8;
const SLOTS = 4096;

/** What the engine's run is compared with: the same network in one function that knows nothing else and records nothing but a mean. Mean time until the answer, in ms. */
export function bareNetwork(requests: number): number {
  let random = 1;
  const uniform = (): number => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return (random + 0.5) / 4294967296;
  };
  const time = new Float64Array(SLOTS);
  const heap = new Int32Array(SLOTS);
  const stage = new Uint8Array(SLOTS);
  const next = new Int32Array(SLOTS);
  const began = new Float64Array(SLOTS);
  const idle = Int32Array.from(SERVERS);
  const first = new Int32Array(8).fill(-1);
  const last = new Int32Array(8).fill(-1);
  const free = Int32Array.from({ length: SLOTS }, (_, slot) => SLOTS - 1 - slot);
  let freeCount = SLOTS;
  let size = 0;
  let now = 0;

  const schedule = (slot: number, at: number): void => {
    time[slot] = at;
    let place = size++;
    while (place > 0) {
      const above = (place - 1) >> 2;
      const other = heap[above] as number;
      if ((time[other] as number) <= at) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = slot;
  };
  const take = (): number => {
    const top = heap[0] as number;
    const moved = heap[--size] as number;
    const at = time[moved] as number;
    let place = 0;
    for (;;) {
      let least = 4 * place + 1;
      if (least >= size) break;
      const end = Math.min(least + 4, size);
      for (let child = least + 1; child < end; child++) if ((time[heap[child] as number] as number) < (time[heap[least] as number] as number)) least = child;
      if (at <= (time[heap[least] as number] as number)) break;
      heap[place] = heap[least] as number;
      place = least;
    }
    heap[place] = moved;
    return top;
  };
  const start = (slot: number, station: number): void => {
    // A connection is held through the database behind it.
    if (station === POOL) enter(slot, DB);
    else schedule(slot, now - Math.log(uniform()) * (MEANS[station] as number));
  };
  const enter = (slot: number, station: number): void => {
    stage[slot] = station;
    if ((idle[station] as number) > 0) {
      idle[station] = (idle[station] as number) - 1;
      start(slot, station);
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
    start(slot, station);
  };

  let arrived = 0;
  let answered = 0;
  let sum = 0;
  const source = free[--freeCount] as number;
  stage[source] = ARRIVAL;
  schedule(source, 0);
  while (size > 0) {
    const slot = take();
    now = time[slot] as number;
    const station = stage[slot] as number;
    if (station === ARRIVAL) {
      const request = free[--freeCount] as number;
      began[request] = now;
      enter(request, API);
      if (++arrived < requests) schedule(source, now - Math.log(uniform()) / 0.9);
      continue;
    }
    if (station !== API) leave(station);
    if (station === API) enter(slot, AUTH);
    else if (station === AUTH) enter(slot, CACHE);
    else if (station === CACHE) enter(slot, uniform() < 0.2 ? POOL : BROKER);
    else if (station === DB) {
      leave(POOL);
      enter(slot, BROKER);
    } else if (station === BROKER) {
      leave(API);
      sum += now - (began[slot] as number);
      answered++;
      enter(slot, WORKERS);
    } else if (station === WORKERS) enter(slot, NOTIFY);
    else free[freeCount++] = slot;
  }
  return sum / answered;
}
