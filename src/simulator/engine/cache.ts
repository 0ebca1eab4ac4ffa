import type { Cache } from '../../model/network-policies.ts';

const NONE = -1;

/** Entries of one cache (of one instance): which keys it has, until when, and in what order they were last used. Plain data; keys count from 1. */
export interface Entries {
  ttlMs: number;
  capacity: number;
  size: number;
  /** Entry of each key, or -1. */
  place: Int32Array;
  /** By entry: its key, when it dies, and its neighbours in the order of use. */
  key: Int32Array;
  diesAt: Float64Array;
  newer: Int32Array;
  older: Int32Array;
  newest: number;
  oldest: number;
  /** Entries that nobody uses, in a chain over `older`. */
  unused: number;
  evicted: number;
}

/** An empty cache, or one with its most popular keys, the first of them used last. */
export function entriesFor(cache: Cache): Entries {
  const capacity = Math.min(cache.capacity ?? cache.keys, cache.keys);
  const it: Entries = {
    ttlMs: cache.ttlMs ?? Number.POSITIVE_INFINITY,
    capacity,
    size: 0,
    place: new Int32Array(cache.keys + 1).fill(NONE),
    key: new Int32Array(capacity),
    diesAt: new Float64Array(capacity),
    newer: new Int32Array(capacity),
    older: Int32Array.from({ length: capacity }, (_, entry) => (entry + 1 < capacity ? entry + 1 : NONE)),
    newest: NONE,
    oldest: NONE,
    unused: capacity > 0 ? 0 : NONE,
    evicted: 0,
  };
  for (let key = Math.min(capacity, Math.floor((cache.warm ?? 0) * cache.keys)); key > 0; key--) store(it, key, 0);
  return it;
}

/** True where the key is there; it then counts as used. An entry that has died is removed. */
export function has(it: Entries, key: number, now: number): boolean {
  const entry = it.place[key] as number;
  if (entry === NONE) return false;
  if ((it.diesAt[entry] as number) <= now) {
    remove(it, key);
    return false;
  }
  if (it.newest !== entry) {
    unlink(it, entry);
    link(it, entry);
  }
  return true;
}

/** Stores a key, in place of the one that was not used for longest where there is no room. */
export function store(it: Entries, key: number, now: number): void {
  if (it.capacity === 0) return;
  let entry = it.place[key] as number;
  if (entry === NONE) {
    if (it.size >= it.capacity) {
      it.evicted++;
      remove(it, it.key[it.oldest] as number);
    }
    entry = it.unused;
    it.unused = it.older[entry] as number;
    it.size++;
    it.place[key] = entry;
    it.key[entry] = key;
  } else unlink(it, entry);
  link(it, entry);
  it.diesAt[entry] = now + it.ttlMs;
}

export function remove(it: Entries, key: number): void {
  const entry = it.place[key] as number;
  if (entry === NONE) return;
  unlink(it, entry);
  it.place[key] = NONE;
  it.older[entry] = it.unused;
  it.unused = entry;
  it.size--;
}

export function clear(it: Entries): void {
  while (it.oldest !== NONE) remove(it, it.key[it.oldest] as number);
}

function link(it: Entries, entry: number): void {
  it.newer[entry] = NONE;
  it.older[entry] = it.newest;
  if (it.newest === NONE) it.oldest = entry;
  else it.newer[it.newest] = entry;
  it.newest = entry;
}

function unlink(it: Entries, entry: number): void {
  const newer = it.newer[entry] as number;
  const older = it.older[entry] as number;
  if (newer === NONE) it.newest = older;
  else it.older[newer] = older;
  if (older === NONE) it.oldest = newer;
  else it.newer[older] = newer;
}
