import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { placesOf } from './autoscaling.ts';
import { clear, type Entries, entriesFor, has, remove, store } from './cache.ts';
import { EngineLimiters } from './engine-limiters.ts';
import { type Streams, streamsFor } from './streams.ts';
import { DELAYED, LOOKING_ON, NONE, RUNNING } from './task-states.ts';
import { drawKey, type Zipf, zipfOf } from './zipf.ts';
import { AFTER, INSTANCE, PC, STATE, TASK } from './task-row.ts';

/** A key whose miss is under way, with nobody who waits for it. */
const ALONE = -2;

/** Look-aside caches: lookups, stores after a miss, invalidations, and lookups that wait for another's miss. */
export abstract class EngineCaches extends EngineLimiters {
  /** Caches by unit: one for all, or one per instance of its group. */
  private readonly cacheEntries: Entries[] = [];
  private readonly cacheBase: Int32Array;
  private readonly cacheUnits: Int32Array;
  private readonly cacheGroup: readonly number[];
  private readonly zipfs: Zipf[];
  /** Lookups, then invalidations of each cache. */
  private readonly keyStreams: Streams;
  /** By unit, for caches with single flight: per key -1, `ALONE`, or the last of those who wait, whose `next` is the first. */
  private readonly flights: (Int32Array | null)[] = [];
  // Counted per cache.
  readonly lookups: Float64Array;
  readonly hits: Float64Array;
  /** Lookups that waited for another's miss. */
  readonly joined: Float64Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    const caches = network.caches ?? [];
    this.cacheGroup = caches.map((it) => network.groups.findIndex((one) => one.id === it.group));
    this.zipfs = caches.map((it) => zipfOf(it.keys, it.zipf));
    this.keyStreams = streamsFor(seed, [...caches.map((it) => `lookup ${it.id}`), ...caches.map((it) => `invalidate ${it.id}`)]);
    this.cacheBase = new Int32Array(caches.length);
    this.cacheUnits = Int32Array.from(caches, (it) => {
      const group = network.groups.find((one) => one.id === it.group);
      return group ? placesOf(group, network) : 1;
    });
    caches.forEach((cache, index) => {
      this.cacheBase[index] = this.cacheEntries.length;
      for (let unit = 0; unit < (this.cacheUnits[index] as number); unit++) {
        this.cacheEntries.push(entriesFor(cache));
        this.flights.push(cache.singleFlight ? new Int32Array(cache.keys + 1).fill(NONE) : null);
      }
    });
    this.lookups = new Float64Array(caches.length);
    this.hits = new Float64Array(caches.length);
    this.joined = new Float64Array(caches.length);
  }

  protected forgetCaches(): void {
    for (const it of [this.lookups, this.hits, this.joined]) it.fill(0);
    for (const it of this.cacheEntries) it.evicted = 0;
  }

  /** Entries of all instances of a cache: how many there are, and how many have had to leave. */
  cacheTotals(cache: number): { stored: number; evicted: number } {
    const base = this.cacheBase[cache] as number;
    const units = this.cacheEntries.slice(base, base + (this.cacheUnits[cache] as number));
    return { stored: units.reduce((sum, it) => sum + it.size, 0), evicted: units.reduce((sum, it) => sum + it.evicted, 0) };
  }

  /** Some instances of a group are other processes now, and what their predecessors had stored is gone. Nobody of theirs may be waiting for a miss. */
  protected emptyCaches(group: number, isHit: (instance: number) => boolean): void {
    this.cacheGroup.forEach((own, cache) => {
      if (own !== group) return;
      for (let unit = 0; unit < (this.cacheUnits[cache] as number); unit++) if (isHit(unit)) clear(this.cacheEntries[(this.cacheBase[cache] as number) + unit] as Entries);
    });
  }

  /** Looks a key up; false where the task now waits for another's miss. */
  protected lookUp(slot: number, pc: number): boolean {
    const cache = this.code.a[pc] as number;
    const key = drawKey(this.zipfs[cache] as Zipf, this.keyStreams, cache);
    const unit = this.cacheUnit(slot, cache);
    this.registers[slot * this.code.loopDepth + (this.code.b[pc] as number)] = key;
    this.count(this.lookups, cache);
    if (has(this.cacheEntries[unit] as Entries, key, this.now)) {
      this.count(this.hits, cache);
      this.taskWords[TASK * slot + PC] = pc + 1;
      return true;
    }
    const flights = this.flights[unit];
    if (flights) {
      const last = flights[key] as number;
      if (last !== NONE) {
        this.count(this.joined, cache);
        this.taskWords[TASK * slot + AFTER] = last === ALONE ? slot : (this.taskWords[TASK * last + AFTER] as number);
        if (last !== ALONE) this.taskWords[TASK * last + AFTER] = slot;
        flights[key] = slot;
        this.taskWords[TASK * slot + STATE] = LOOKING_ON;
        return false;
      }
      flights[key] = ALONE;
    }
    this.taskWords[TASK * slot + PC] = this.code.x[pc] as number;
    return true;
  }

  /** A miss has succeeded; who waited for it goes on as after a hit. `row` is its lookup. */
  protected storeKey(slot: number, row: number): void {
    const unit = this.cacheUnit(slot, this.code.a[row] as number);
    const key = this.keyOf(slot, row);
    store(this.cacheEntries[unit] as Entries, key, this.now);
    for (const waiter of this.land(unit, key)) {
      if (this.ledger) this.ledger.wake(waiter, DELAYED, 0, this.now);
      this.taskWords[TASK * waiter + PC] = (this.taskWords[TASK * waiter + PC] as number) + 1;
      this.taskWords[TASK * waiter + STATE] = RUNNING;
      this.push(waiter);
    }
  }

  protected invalidate(slot: number, pc: number): void {
    const cache = this.code.a[pc] as number;
    const entries = this.cacheEntries[this.cacheUnit(slot, cache)] as Entries;
    if (this.code.b[pc]) clear(entries);
    else remove(entries, drawKey(this.zipfs[cache] as Zipf, this.keyStreams, this.zipfs.length + cache));
  }

  /**
   * A miss has failed, and all who waited for it fail with it: at this moment, but once what has ended the miss is through. They may be attempts of the very call
   * that is just turning away from the miss.
   */
  protected missFailed(slot: number, row: number): void {
    for (const waiter of this.land(this.cacheUnit(slot, this.code.a[row] as number), this.keyOf(slot, row))) {
      // The row before a miss is where those fail who waited for it.
      this.taskWords[TASK * waiter + PC] = (this.code.x[this.taskWords[TASK * waiter + PC] as number] as number) - 1;
      this.taskWords[TASK * waiter + STATE] = RUNNING;
      this.push(waiter);
    }
  }

  /** Who waits for another's miss waits no more. */
  protected override lookAway(slot: number): void {
    const row = this.taskWords[TASK * slot + PC] as number;
    const flights = this.flights[this.cacheUnit(slot, this.code.a[row] as number)] as Int32Array;
    const key = this.keyOf(slot, row);
    const last = flights[key] as number;
    let before = last;
    while (this.taskWords[TASK * before + AFTER] !== slot) before = this.taskWords[TASK * before + AFTER] as number;
    if (before === slot) flights[key] = ALONE;
    else {
      this.taskWords[TASK * before + AFTER] = this.taskWords[TASK * slot + AFTER] as number;
      if (last === slot) flights[key] = before;
    }
  }

  /** Ends a miss; the tasks that waited for it, the first one first. */
  private land(unit: number, key: number): number[] {
    const flights = this.flights[unit];
    if (!flights) return [];
    const last = flights[key] as number;
    flights[key] = NONE;
    if (last < 0) return [];
    const waiters: number[] = [];
    for (let slot = this.taskWords[TASK * last + AFTER] as number; ; slot = this.taskWords[TASK * slot + AFTER] as number) {
      waiters.push(slot);
      if (slot === last) return waiters;
    }
  }

  private keyOf(slot: number, row: number): number {
    return this.registers[slot * this.code.loopDepth + (this.code.b[row] as number)] as number;
  }

  private cacheUnit(slot: number, cache: number): number {
    const units = this.cacheUnits[cache] as number;
    return (this.cacheBase[cache] as number) + (units === 1 ? 0 : (this.taskWords[TASK * slot + INSTANCE] as number) % units);
  }
}
