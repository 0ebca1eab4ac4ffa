import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { schedule } from './calendar.ts';
import { EngineStations } from './engine-stations.ts';
import { NONE, RANKS, SHARES, TURNS } from './task-states.ts';
import { BUSY, LENGTH, TAIL, UNIT } from './units.ts';
import { AFTER, BEFORE, PC, TASK } from './task-row.ts';

/** Stations that do more than serve in order of arrival: shared processors, queues by priority, event loops. */
export abstract class EngineSpecial extends EngineStations {
  /** Per unit and rank: the last of that rank in the queue; NONE where nobody of it waits. */
  private readonly rankTail: Int32Array;
  private readonly ranks: number;
  /** Per unit of an event loop: the last in the queue that has been let in, and the last whose turn it is; NONE where there is none. Behind them stand new connections. */
  private readonly inTail: Int32Array;
  private readonly turnTail: Int32Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    this.ranks = this.code.ranks;
    this.rankTail = new Int32Array(network.stations.some((it) => it.discipline === 'priority') ? (this.units.length / UNIT) * this.ranks : 0).fill(NONE);
    const loops = network.stations.some((it) => it.discipline === 'eventLoop') ? this.units.length / UNIT : 0;
    this.inTail = new Int32Array(loops).fill(NONE);
    this.turnTail = new Int32Array(loops).fill(NONE);
  }

  protected askSpecial(slot: number, pc: number, s: number, unit: number): boolean {
    const isShared = ((this.special[s] as number) & SHARES) !== 0;
    const present = (this.units[UNIT * unit + LENGTH] as number) + (isShared ? 0 : (this.units[UNIT * unit + BUSY] as number));
    if (this.refusing[s] || present >= (this.servers[s] as number) + (this.room[s] as number)) {
      this.count(this.refused, s);
      this.fail(slot, this.code.stationRefusal[s] as number);
      return false;
    }
    if (isShared) {
      this.joinShared(slot, pc, s, unit);
      return false;
    }
    if (!this.frozen[s] && (this.units[UNIT * unit + BUSY] as number) < (this.servers[s] as number)) {
      this.occupyServer(unit);
      return this.grant(slot, pc, s, unit, 0);
    }
    const kind = this.special[s] as number;
    if (kind & RANKS) this.enqueueRanked(slot, pc, s, unit);
    else if (kind & TURNS && this.code.rank[pc] === 0) {
      const before = this.inTail[unit] as number;
      this.inTail[unit] = slot;
      this.enqueue(slot, pc, s, unit, before);
    } else this.enqueue(slot, pc, s, unit, this.units[UNIT * unit + TAIL] as number);
    return false;
  }

  /** Faults need to know when a service ends. */
  protected scheduleSpecial(slot: number, s: number, time: number): void {
    const due = this.now + time * this.slownessOf(this.unitOf(slot, s), s);
    this.doneAt[slot] = due;
    schedule(this.calendar, slot, due);
  }

  /** Behind the last of its own rank, or of the nearest better rank that anybody waits in. */
  private enqueueRanked(slot: number, pc: number, s: number, unit: number): void {
    const base = unit * this.ranks;
    const rank = this.code.rank[pc] as number;
    let before: number = NONE;
    for (let better = rank; better >= 0 && before === NONE; better--) before = this.rankTail[base + better] as number;
    this.rankTail[base + rank] = slot;
    this.enqueue(slot, pc, s, unit, before);
  }

  /** An event loop whose turn is over lets one new connection in, and the next turn is for all who are in by then. */
  protected override handOver(first: number, s: number): void {
    if ((this.special[s] as number) & TURNS) {
      const unit = this.unitOf(first, s);
      if (this.turnTail[unit] === NONE) {
        const last = this.inTail[unit] as number;
        const next = last === NONE ? first : (this.taskWords[TASK * last + AFTER] as number);
        if (next !== NONE) this.inTail[unit] = next;
        this.turnTail[unit] = this.inTail[unit] as number;
      }
    }
    super.handOver(first, s);
  }

  protected leaveSpecial(slot: number, s: number, unit: number): void {
    if ((this.special[s] as number) & TURNS) {
      if (this.inTail[unit] === slot) this.inTail[unit] = this.taskWords[TASK * slot + BEFORE] as number;
      if (this.turnTail[unit] === slot) this.turnTail[unit] = this.taskWords[TASK * slot + BEFORE] as number;
      return;
    }
    if (!((this.special[s] as number) & RANKS)) return;
    const rank = this.code.rank[this.taskWords[TASK * slot + PC] as number] as number;
    const at = unit * this.ranks + rank;
    if (this.rankTail[at] !== slot) return;
    const before = this.taskWords[TASK * slot + BEFORE] as number;
    this.rankTail[at] = before !== NONE && this.code.rank[this.taskWords[TASK * before + PC] as number] === rank ? before : NONE;
  }
}
