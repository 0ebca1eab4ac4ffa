import { BACKING_OFF, DELAYED, SERVED } from './task-states.ts';

/** Tails are gathered in buckets of this many to the octave: whoever is at or beyond a quantile is told apart to 2%. */
const PER_OCTAVE_BITS = 5;
const word = new Float64Array(1);
const halves = new Uint32Array(word.buffer);

function bucketOf(value: number): number {
  word[0] = value;
  return (halves[1] as number) >>> (20 - PER_OCTAVE_BITS);
}

/** Where the time of some responses went: sums over them, ms. */
export interface Spent {
  responses: number;
  /** By station, waits at 2·s and services at 2·s + 1; then delays, then what attempts cost that came to nothing. */
  parts: Float64Array;
}

/**
 * Where each request's time goes: every task has a line in it, with the time that it has waited, been served and been delayed so far, and hands it up when it answers.
 * Branches side by side count as the last of them to end; a call counts as what it called did. So the parts of a response add up to it.
 * A class because it is a lifetime: made for a run that asks for it, and read at its end; a run without one pays nothing but the question.
 */
export class Ledger {
  private readonly width: number;
  private readonly delays: number;
  private readonly lost: number;
  private lines: Float64Array;
  private since: Float64Array;
  private readonly overall: Spent[];
  private readonly byBucket: Map<number, Spent>[];

  constructor(stations: number, sources: number, capacity: number) {
    this.delays = 2 * stations;
    this.lost = this.delays + 1;
    this.width = this.delays + 2;
    this.lines = new Float64Array(capacity * this.width);
    this.since = new Float64Array(capacity);
    this.overall = Array.from({ length: sources }, () => this.nothing());
    this.byBucket = Array.from({ length: sources }, () => new Map());
  }

  /** A task begins. */
  begin(slot: number, now: number): void {
    if (slot >= this.since.length) this.grow(slot);
    this.lines.fill(0, slot * this.width, (slot + 1) * this.width);
    this.since[slot] = now;
  }

  /** A task leaves the queue of a station, for whatever reason. */
  leaveQueue(slot: number, station: number, now: number): void {
    this.charge(slot, 2 * station, now);
  }

  /** A task's event has come: what it has done until now depends on its state. */
  wake(slot: number, state: number, station: number, now: number): void {
    if (state === SERVED) this.charge(slot, 2 * station + 1, now);
    else if (state === DELAYED) this.charge(slot, this.delays, now);
    else if (state === BACKING_OFF) this.charge(slot, this.lost, now);
  }

  /** A task goes on: what it has waited for since its last own doing is no station's (another's lookup of the same key). */
  catchUp(slot: number, now: number): void {
    if ((this.since[slot] as number) < now) this.charge(slot, this.delays, now);
  }

  /** What a task has done since it last did something of its own came to nothing. */
  lose(slot: number, now: number): void {
    this.charge(slot, this.lost, now);
  }

  /** A call has answered, or the last branch has ended: its line is its parent's too. */
  handUp(slot: number, parent: number, now: number): void {
    const { lines, width } = this;
    const from = slot * width;
    const to = parent * width;
    const passed = now - (this.since[parent] as number);
    let own = 0;
    for (let part = 0; part < width; part++) own += lines[from + part] as number;
    // Of attempts side by side the one that answers may have begun before the time that is still to be accounted for.
    const share = own > passed && own > 0 ? passed / own : 1;
    for (let part = 0; part < width; part++) lines[to + part] = (lines[to + part] as number) + share * (lines[from + part] as number);
    // Before this attempt there were others, which were given up.
    lines[to + this.lost] = (lines[to + this.lost] as number) + Math.max(0, passed - share * own);
    this.since[parent] = now;
  }

  /** A client has its answer, after this long. */
  record(slot: number, source: number, latency: number): void {
    const buckets = this.byBucket[source] as Map<number, Spent>;
    const bucket = bucketOf(latency);
    let tail = buckets.get(bucket);
    if (!tail) {
      tail = this.nothing();
      buckets.set(bucket, tail);
    }
    const all = this.overall[source] as Spent;
    all.responses++;
    tail.responses++;
    const from = slot * this.width;
    for (let part = 0; part < this.width; part++) {
      const time = this.lines[from + part] as number;
      if (time === 0) continue;
      all.parts[part] = (all.parts[part] as number) + time;
      tail.parts[part] = (tail.parts[part] as number) + time;
    }
  }

  /** Forgets the responses so far; what is under way stays. */
  forget(): void {
    this.overall.forEach((_, source) => {
      this.overall[source] = this.nothing();
    });
    for (const it of this.byBucket) it.clear();
  }

  /** Of all responses of a source. */
  total(source: number): Spent {
    return this.overall[source] as Spent;
  }

  /** Of those that took so long or longer (to the lower edge of its bucket, 2% below). */
  beyond(source: number, latency: number): Spent {
    const sum = this.nothing();
    const first = bucketOf(latency);
    const buckets = this.byBucket[source] as Map<number, Spent>;
    for (const bucket of [...buckets.keys()].sort((a, b) => a - b)) {
      if (bucket < first) continue;
      const it = buckets.get(bucket) as Spent;
      sum.responses += it.responses;
      for (let part = 0; part < this.width; part++) sum.parts[part] = (sum.parts[part] as number) + (it.parts[part] as number);
    }
    return sum;
  }

  private charge(slot: number, part: number, now: number): void {
    const at = slot * this.width + part;
    this.lines[at] = (this.lines[at] as number) + now - (this.since[slot] as number);
    this.since[slot] = now;
  }

  private nothing(): Spent {
    return { responses: 0, parts: new Float64Array(this.width) };
  }

  private grow(slot: number): void {
    const capacity = Math.max(slot + 1, 2 * this.since.length);
    const lines = new Float64Array(capacity * this.width);
    lines.set(this.lines);
    this.lines = lines;
    const since = new Float64Array(capacity);
    since.set(this.since);
    this.since = since;
  }
}
