import { ACQUIRE } from './bytecode.ts';
import { cancel, schedule, scheduleAfter } from './calendar.ts';
import { record, type Histogram } from './histogram.ts';
import { uniform } from './streams.ts';
import { RUNNING, QUEUED, SERVED, NONE, UNAGED, AGED, NO_MESSAGE, BALANCE_ROUND_ROBIN, BALANCE_LEAST } from './task-states.ts';
import { EngineState } from './engine-state.ts';
import { drawTime, type Law } from './times.ts';

/** Tasks at stations: a server at once, a place in the queue, or a share of the processor. */
export abstract class EngineStations extends EngineState {
  /** Gives back what the task holds and ends it with an error. */
  protected abstract fail(slot: number, cause: number): void;

  /** A new task at the start of a program. */
  protected begin(program: number): number {
    const slot = this.allocate();
    this.program[slot] = program;
    this.pc[slot] = this.code.start[program] as number;
    this.instance[slot] = this.pick(this.code.programGroup[program] as number);
    return slot;
  }

  protected pick(group: number): number {
    if (group < 0) return Math.floor(uniform(this.streams, this.sourceCount + this.stationCount + this.code.start.length) * 1048576);
    const instances = this.groupInstances[group] as number;
    let chosen = 0;
    if (instances > 1) {
      const balance = this.groupBalance[group];
      if (balance === BALANCE_ROUND_ROBIN) {
        chosen = this.groupTurn[group] as number;
        this.groupTurn[group] = chosen + 1 < instances ? chosen + 1 : 0;
      } else if (balance === BALANCE_LEAST) {
        const base = this.groupBase[group] as number;
        const members = this.groupMembers[group] as Int32Array;
        for (let other = 1; other < instances; other++)
          if ((this.groupActive[base + (members[other] as number)] as number) < (this.groupActive[base + (members[chosen] as number)] as number)) chosen = other;
      } else chosen = Math.floor(uniform(this.streams, this.sourceCount + this.stationCount + this.code.start.length) * instances);
    }
    const instance = (this.groupMembers[group] as Int32Array)[chosen] as number;
    const at = (this.groupBase[group] as number) + instance;
    this.groupActive[at] = (this.groupActive[at] as number) + 1;
    return instance;
  }

  protected allocate(): number {
    if (this.freeHead === NONE) this.grow();
    const slot = this.freeHead;
    this.freeHead = this.next[slot] as number;
    this.parent[slot] = NONE;
    this.child[slot] = NONE;
    this.pending[slot] = 0;
    this.source[slot] = NONE;
    this.began[slot] = this.now;
    this.cause[slot] = NONE;
    this.isBranch[slot] = 0;
    this.answered[slot] = 0;
    this.aged[slot] = NO_MESSAGE;
    this.state[slot] = RUNNING;
    return slot;
  }

  /** The task no longer runs on the instance that was picked for it. */
  protected leaveInstance(slot: number): void {
    const group = this.code.programGroup[this.program[slot] as number] as number;
    if (group < 0) return;
    const at = (this.groupBase[group] as number) + (this.instance[slot] as number);
    this.groupActive[at] = (this.groupActive[at] as number) - 1;
  }

  protected free(slot: number): void {
    if (!this.isBranch[slot]) this.leaveInstance(slot);
    this.source[slot] = NONE;
    this.next[slot] = this.freeHead;
    this.freeHead = slot;
  }

  protected push(slot: number): void {
    this.ready[this.readyTail++] = slot;
    if (this.readyTail === this.capacity) this.readyTail = 0;
  }

  protected duration(pc: number, stream: number): number {
    const { code } = this;
    return drawTime(this.streams, stream, code.b[pc] as number, code.x[pc] as number, code.y[pc] as number, code.lists);
  }

  protected unitOf(slot: number, s: number): number {
    const units = this.unitCount[s] as number;
    const base = this.unitBase[s] as number;
    return units === 1 ? base : base + ((this.instance[slot] as number) % units);
  }

  /** Asks a station for a server; false where the task now waits, is served, or has failed. */
  protected ask(slot: number, pc: number, s: number): boolean {
    this.count(this.arrivals, s);
    const unit = this.unitOf(slot, s);
    if (this.sharing[s]) {
      this.joinShared(slot, pc, s, unit);
      return false;
    }
    if ((this.unitBusy[unit] as number) < (this.servers[s] as number)) {
      this.unitBusy[unit] = (this.unitBusy[unit] as number) + 1;
      return this.grant(slot, pc, s, 0);
    }
    if ((this.unitLength[unit] as number) >= (this.room[s] as number)) {
      this.count(this.refused, s);
      this.fail(slot, this.code.stationRefusal[s] as number);
      return false;
    }
    this.touch(s);
    this.count(this.queued, s);
    this.unitLength[unit] = (this.unitLength[unit] as number) + 1;
    const tail = this.unitTail[unit] as number;
    this.previous[slot] = tail;
    this.next[slot] = NONE;
    if (tail === NONE) this.unitHead[unit] = slot;
    else this.next[tail] = slot;
    this.unitTail[unit] = slot;
    this.state[slot] = QUEUED;
    this.waitingSince[slot] = this.now;
    const limit = this.code.z[pc] as number;
    if (this.code.hasRetention && this.aged[slot] === UNAGED) this.limitMessage(slot, limit, s);
    else if (limit >= 0 && limit < Number.POSITIVE_INFINITY) scheduleAfter(this.calendar, slot, this.now, limit);
    else if (limit < 0) schedule(this.calendar, slot, this.now + this.drawnLimit(-1 - limit, s));
    return false;
  }

  /** The moment when a message that still waits for its start is dropped. */
  protected abstract dropAt(slot: number): number;

  private limitMessage(slot: number, limit: number, s: number): void {
    const due = Math.min(this.now + (limit < 0 ? this.drawnLimit(-1 - limit, s) : limit), Math.max(this.now, this.dropAt(slot)));
    if (due < Number.POSITIVE_INFINITY) schedule(this.calendar, slot, due);
  }

  protected drawnLimit(index: number, s: number): number {
    const [kind, mean, second] = this.code.limits[index] as Law;
    return drawTime(this.limitStreams, s, kind, mean, second, this.code.lists);
  }

  /** A server is the task's; true where the task goes on at once (a hold), false where its service has begun. */
  protected grant(slot: number, pc: number, s: number, waited: number): boolean {
    this.touch(s);
    this.count(this.busy, s);
    this.count(this.granted, s);
    this.heldSum[s] = (this.heldSum[s] as number) - this.now;
    record(this.waits[s] as Histogram, waited);
    if (this.aged[slot] === UNAGED) {
      this.aged[slot] = AGED;
      record(this.age[this.program[slot] as number] as Histogram, this.now - (this.began[slot] as number));
    }
    if (this.code.op[pc] === ACQUIRE) return true;
    this.state[slot] = SERVED;
    schedule(this.calendar, slot, this.now + this.duration(pc, this.sourceCount + s));
    return false;
  }

  /** Brings the work given to each customer of a shared processor up to now. */
  protected give(unit: number, s: number): void {
    const present = this.unitLength[unit] as number;
    if (present > 0) {
      const pace = Math.min(1, (this.servers[s] as number) / present);
      this.unitGiven[unit] = (this.unitGiven[unit] as number) + (this.now - (this.unitGivenAt[unit] as number)) * pace;
    } else this.unitGiven[unit] = 0;
    this.unitGivenAt[unit] = this.now;
  }

  /** Customers of a shared processor stand in order of completion; only the first has an event. */
  protected joinShared(slot: number, pc: number, s: number, unit: number): void {
    this.give(unit, s);
    this.touch(s);
    const first = this.unitHead[unit] as number;
    if (first !== NONE) cancel(this.calendar, first);
    const present = (this.unitLength[unit] as number) + 1;
    this.unitLength[unit] = present;
    this.busy[s] = (this.busy[s] as number) - Math.min(present - 1, this.servers[s] as number) + Math.min(present, this.servers[s] as number);
    this.count(this.granted, s);
    record(this.waits[s] as Histogram, 0);
    this.state[slot] = SERVED;
    const due = (this.unitGiven[unit] as number) + this.duration(pc, this.sourceCount + s);
    this.doneAt[slot] = due;
    let before = this.unitTail[unit] as number;
    while (before !== NONE && (this.doneAt[before] as number) > due) before = this.previous[before] as number;
    const after = before === NONE ? first : (this.next[before] as number);
    this.previous[slot] = before;
    this.next[slot] = after;
    if (before === NONE) this.unitHead[unit] = slot;
    else this.next[before] = slot;
    if (after === NONE) this.unitTail[unit] = slot;
    else this.previous[after] = slot;
    this.scheduleShared(unit, s);
  }

  protected leaveShared(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.give(unit, s);
    this.touch(s);
    const present = (this.unitLength[unit] as number) - 1;
    this.unitLength[unit] = present;
    this.busy[s] = (this.busy[s] as number) - Math.min(present + 1, this.servers[s] as number) + Math.min(present, this.servers[s] as number);
    this.count(this.released, s);
    const after = this.next[slot] as number;
    this.unitHead[unit] = after;
    if (after === NONE) this.unitTail[unit] = NONE;
    else this.previous[after] = NONE;
    this.scheduleShared(unit, s);
  }

  protected scheduleShared(unit: number, s: number): void {
    const first = this.unitHead[unit] as number;
    if (first === NONE) return;
    const pace = Math.min(1, (this.servers[s] as number) / (this.unitLength[unit] as number));
    schedule(this.calendar, first, this.now + Math.max(0, (this.doneAt[first] as number) - (this.unitGiven[unit] as number)) / pace);
  }

  protected giveBack(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.touch(s);
    this.busy[s] = (this.busy[s] as number) - 1;
    this.count(this.released, s);
    this.heldSum[s] = (this.heldSum[s] as number) + this.now;
    const first = this.unitHead[unit] as number;
    if (first === NONE) {
      this.unitBusy[unit] = (this.unitBusy[unit] as number) - 1;
      return;
    }
    this.leaveQueue(first, s);
    cancel(this.calendar, first);
    const pc = this.pc[first] as number;
    this.state[first] = RUNNING;
    if (this.grant(first, pc, s, this.now - (this.waitingSince[first] as number))) {
      this.pc[first] = pc + 1;
      this.push(first);
    }
  }

  protected leaveQueue(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.touch(s);
    this.queued[s] = (this.queued[s] as number) - 1;
    this.unitLength[unit] = (this.unitLength[unit] as number) - 1;
    const before = this.previous[slot] as number;
    const after = this.next[slot] as number;
    if (before === NONE) this.unitHead[unit] = after;
    else this.next[before] = after;
    if (after === NONE) this.unitTail[unit] = before;
    else this.previous[after] = before;
  }
}
