import type { Cache } from '../../model/network-policies.ts';
import { exp, power } from '../arithmetic.ts';
import { answersOf } from './answers.ts';
import type { Flat } from './flatten.ts';
import { LOOP } from './node-kinds.ts';
import type { State } from './state.ts';

/** Where caches are asked in a flattened network; a lookup is a branch whose arms get their chances from the hit ratio, round by round. */
export interface CacheUse {
  caches: readonly Popularity[];
  lookups: readonly { node: number; hit: number; miss: number; cache: number }[];
  removals: readonly { node: number; cache: number; all: boolean }[];
  /** Some request asks a cache of few popular keys again, or asks it for what it has removed: that it meets its own key is left out here. */
  isAskedAgain: boolean;
}

/** A cache with its keys in groups of about the same popularity: chance of one key of each, and how many there are. */
export interface Popularity {
  cache: Cache;
  instances: number;
  chance: Float64Array;
  keys: Float64Array;
}

/** So many of the most popular keys stand alone; groups of the others grow by this factor. */
const ALONE = 32;
const GROWTH = 1.06;

/** Groups a cache's keys: a million take some 200 groups. */
export function popularityOf(cache: Cache, instances: number): Popularity {
  const chance: number[] = [];
  const keys: number[] = [];
  for (let first = 1; first <= cache.keys; ) {
    const next = first < ALONE ? first + 1 : Math.min(cache.keys + 1, Math.max(first + 1, Math.floor(first * GROWTH)));
    keys.push(next - first);
    chance.push(1 / power((first + next - 1) / 2, cache.zipf));
    first = next;
  }
  const total = chance.reduce((sum, it, at) => sum + it * (keys[at] as number), 0);
  return { cache, instances, chance: new Float64Array(chance.map((it) => it / total)), keys: new Float64Array(keys) };
}

/** A chance that two lookups are for the same key above which it matters that one request makes both. */
const SAME_KEY = 0.05;

/** Whether a request meets its own keys: it looks up a cache with few popular ones more than once, or beside a removal. */
export function isAskedAgain(flat: Pick<Flat, 'parent' | 'kind'>, use: Pick<CacheUse, 'caches' | 'lookups' | 'removals'>): boolean {
  return use.caches.some(({ chance, keys }, cache) => {
    let same = 0;
    for (let at = 0; at < chance.length; at++) same += (keys[at] as number) * (chance[at] as number) * (chance[at] as number);
    if (same < SAME_KEY) return false;
    const visits = new Map<number, number>();
    const looks = new Set<number>();
    for (const it of [...use.lookups, ...use.removals]) {
      if (it.cache !== cache) continue;
      let times = 1;
      let root = it.node;
      for (; (flat.parent[root] as number) >= 0; root = flat.parent[root] as number) if (flat.kind[root] === LOOP) times = 2;
      visits.set(root, (visits.get(root) ?? 0) + times);
      if ('hit' in it) looks.add(root);
    }
    return [...looks].some((root) => (visits.get(root) as number) > 1);
  });
}

/** Rates at one instance of a cache, per ms, and how long a miss takes to be stored. */
export interface CacheLoad {
  lookups: number;
  /** Removals of one key, drawn like those that are looked up; of all keys. */
  removals: number;
  clearings: number;
  missMs: number;
}

/**
 * Share of lookups that hit. Lookups of a key are taken as a Poisson stream: an entry lives from its store to its end (TTL or removal), and of each life only the lookup before it missed. A TTL ends as many lives as an exponential time of the same mean. Where not all keys have room the one unused for longest goes: Che's approximation
 * (Che, Tung and Wang 2002), which gives every entry the same longest time without use.
 */
export function hitShare({ cache, chance, keys }: Popularity, load: CacheLoad): number {
  if (cache.capacity === 0 || load.lookups <= 0) return 0;
  const unused = cache.capacity === null || cache.capacity >= cache.keys ? Number.POSITIVE_INFINITY : longestUnused(cache, cache.capacity, chance, keys, load);
  let hits = 0;
  for (let at = 0; at < chance.length; at++) {
    const p = chance[at] as number;
    const found = foundWith(cache, p, load, unused);
    hits += p * (keys[at] as number) * whileStored(found, load.lookups * p, load.missMs);
  }
  return Math.min(1, hits);
}

/**
 * Share of a key's lookups that hit where a miss is stored only after some time, from that where it is stored at once. All who come before the store miss too, and what they store may come
 * after the next end. A chain of how many misses are under way, the entry being there or not, with exponential times: entries end at a constant rate, so its balance is solved number by number.
 */
function whileStored(found: number, perMs: number, missMs: number): number {
  if (found <= 0 || found >= 1 || perMs * missMs < 1e-6) return found;
  const ends = (perMs * (1 - found)) / found;
  // Where more misses are under way than this all lookups miss, near enough.
  const lastsMs = Math.min(missMs, MOST_UNDER_WAY / perMs);
  const stores = 1 / lastsMs;
  let absent = 1;
  let all = 0;
  let there = 0;
  const most = MOST_MISSES + 2 * perMs * lastsMs;
  for (let n = 0; n < most; n++) {
    const present = (absent * perMs) / (n * stores + ends);
    there += present;
    all += absent + present;
    if (n > 0 && absent + present < 1e-9 * all) break;
    absent *= (perMs * lastsMs) / (n + 1) / (1 + perMs / ((n + 1) * stores + ends));
    if (absent < LARGE) continue;
    absent /= LARGE;
    all /= LARGE;
    there /= LARGE;
  }
  return there / all;
}

const MOST_MISSES = 100;
const MOST_UNDER_WAY = 10_000;
/** Weights beyond this are scaled down before they overflow. */
const LARGE = 1e200;

/** Chance that a key's lookup finds it when a miss is stored at once. */
function foundWith(cache: Cache, p: number, load: CacheLoad, unusedMs: number): number {
  const often = load.lookups * p;
  const removed = load.removals * p + load.clearings;
  const ttl = cache.ttlMs ?? Number.POSITIVE_INFINITY;
  // Mean life ÷ its end: by TTL, by removal, or by whichever comes first.
  const ends = ttl === Number.POSITIVE_INFINITY ? removed : removed * ttl < 1e-9 ? 1 / ttl : removed / (1 - exp(-removed * ttl));
  const all = often + ends;
  if (all <= 0) return 0;
  return (often / all) * (unusedMs === Number.POSITIVE_INFINITY ? 1 : 1 - exp(-all * unusedMs));
}

/** The time without use after which an entry has made room: so that as many keys as there is room for are there on average. */
function longestUnused(cache: Cache, capacity: number, chance: Float64Array, keys: Float64Array, load: CacheLoad): number {
  const present = (unused: number): number => {
    let sum = 0;
    for (let at = 0; at < chance.length; at++) sum += (keys[at] as number) * foundWith(cache, chance[at] as number, load, unused);
    return sum;
  };
  if (present(Number.POSITIVE_INFINITY) <= capacity) return Number.POSITIVE_INFINITY;
  let low = 0;
  let high = capacity / load.lookups;
  while (present(high) < capacity) {
    low = high;
    high *= 2;
  }
  for (let round = 0; round < HALVINGS; round++) {
    const middle = (low + high) / 2;
    if (present(middle) < capacity) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const HALVINGS = 24;

/** Every lookup hits: the least load there may be, from where the rounds go on. */
export function forgetHits(flat: Flat, use: CacheUse): void {
  for (const { hit, miss } of use.lookups) {
    flat.factor[hit] = 1;
    flat.factor[miss] = 0;
  }
  if (flat.splits) flat.answers = answersOf(flat);
}

/** Writes the chances of hits and misses at the present rates; returns how far they moved. */
export function weighHits(flat: Flat, state: State, use: CacheUse): number {
  let moved = 0;
  use.caches.forEach((popularity, cache) => {
    const load: CacheLoad = { lookups: 0, removals: 0, clearings: 0, missMs: 0 };
    for (const it of use.lookups) {
      if (it.cache !== cache) continue;
      const rate = state.rate[it.node] as number;
      load.lookups += rate / popularity.instances;
      load.missMs += (rate / popularity.instances) * (state.mean[it.miss] as number);
    }
    if (load.lookups <= 0) return;
    load.missMs /= load.lookups;
    for (const it of use.removals) {
      if (it.cache !== cache) continue;
      const rate = (state.rate[it.node] as number) / popularity.instances;
      if (it.all) load.clearings += rate;
      else load.removals += rate;
    }
    const hits = hitShare(popularity, load);
    for (const it of use.lookups) {
      if (it.cache !== cache) continue;
      moved = Math.max(moved, Math.abs(hits - (flat.factor[it.hit] as number)));
      flat.factor[it.hit] = hits;
      flat.factor[it.miss] = 1 - hits;
    }
  });
  // Hits or misses alone may answer early.
  if (flat.splits) flat.answers = answersOf(flat);
  return moved;
}
