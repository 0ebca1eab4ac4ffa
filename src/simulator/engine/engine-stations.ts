import { ACQUIRE } from './opcodes.ts';
import { cancel, schedule, scheduleAfter } from './calendar.ts';
import { note } from './notes.ts';
import { AGED, NONE, PART, QUEUED, RUNNING, SERVED, UNAGED } from './task-states.ts';
import { ARRIVED, BUSY, DEMANDED, HEAD, HELD, LENGTH, RELEASED, TAIL, UNIT, WAITED } from './units.ts';
import { EngineGroups } from './engine-groups.ts';
import { exponential } from './streams.ts';
import { drawTime, type Law } from './times.ts';
import { EXPONENTIAL } from './opcodes.ts';
import { AFTER, AGE, BEFORE, BEGAN, INSTANCE, PC, PROGRAM, ROLE, SINCE, STATE, TASK, TASK_NUMBERS } from './task-row.ts';

/** Tasks at stations: a server at once, a place in the queue, or a share of the processor. */
export abstract class EngineStations extends EngineGroups {
  /** Gives back what the task holds and ends it with an error. */
  protected abstract fail(slot: number, cause: number): void;

  /** A new task at the start of a program. `dealt`, `connection`: where it comes over a connection that stays with its instance. */
  protected begin(program: number, dealt: Int32Array | null = null, connection: number = NONE): number {
    const slot = this.allocate();
    this.taskWords[TASK * slot + PROGRAM] = program;
    if (this.guarded[program]) this.enterGuarded(slot, program, dealt, connection);
    else {
      this.taskWords[TASK * slot + PC] = this.code.start[program] as number;
      this.taskWords[TASK * slot + INSTANCE] = dealt
        ? this.pickBehind(dealt, connection, this.code.programGroup[program] as number)
        : this.pick(this.code.programGroup[program] as number);
    }
    return slot;
  }

  protected allocate(): number {
    if (this.freeHead === NONE) this.grow();
    const slot = this.freeHead;
    this.freeHead = this.taskWords[TASK * slot + AFTER] as number;
    this.taskNumbers[TASK_NUMBERS * slot + BEGAN] = this.now;
    this.taskWords[TASK * slot + STATE] = RUNNING;
    if (this.ledger) this.ledger.begin(slot, this.now);
    return slot;
  }

  /** The task no longer runs on the instance that was picked for it. */
  protected leaveInstance(slot: number): void {
    const group = this.code.programGroup[this.taskWords[TASK * slot + PROGRAM] as number] as number;
    if (group < 0) return;
    const at = (this.groupBase[group] as number) + (this.taskWords[TASK * slot + INSTANCE] as number);
    this.groupActive[at] = (this.groupActive[at] as number) - 1;
  }

  protected free(slot: number): void {
    if (this.taskWords[TASK * slot + ROLE] !== PART) this.leaveInstance(slot);
    this.clear(slot);
    this.taskWords[TASK * slot + AFTER] = this.freeHead;
    this.freeHead = slot;
  }

  protected push(slot: number): void {
    if (this.ledger) this.ledger.catchUp(slot, this.now);
    this.ready[this.readyTail++] = slot;
    if (this.readyTail === this.capacity) this.readyTail = 0;
  }

  /** The task's time of service or delay begins now. */
  protected scheduleEnd(slot: number, pc: number, stream: number): void {
    const { code } = this;
    if (code.b[pc] === EXPONENTIAL) schedule(this.calendar, slot, this.now + (code.x[pc] as number) * exponential(this.streams, stream));
    else schedule(this.calendar, slot, this.now + this.duration(pc, stream));
  }

  /** The same of a service at a station that is not `special`. */
  protected beginService(slot: number, pc: number, s: number, unit: number): void {
    this.scheduleEnd(slot, pc, this.sourceCount + s);
    this.addTo(unit, DEMANDED, this.remaining(slot));
  }

  /** Time until the task's event. */
  protected remaining(slot: number): number {
    return (this.calendar.times[2 * slot] as number) - this.now;
  }

  protected duration(pc: number, stream: number): number {
    const { code } = this;
    return drawTime(this.streams, stream, code.b[pc] as number, code.x[pc] as number, code.y[pc] as number, code.lists);
  }

  protected unitOf(slot: number, s: number): number {
    const units = this.unitCount[s] as number;
    const base = this.unitBase[s] as number;
    return units === 1 ? base : base + ((this.taskWords[TASK * slot + INSTANCE] as number) % units);
  }

  /** Asks a station for a server; false where the task now waits, is served, or has failed. */
  protected ask(slot: number, pc: number, s: number): boolean {
    const unit = this.unitOf(slot, s);
    this.countAt(unit, ARRIVED);
    if (this.special[s]) return this.askSpecial(slot, pc, s, unit);
    if ((this.units[UNIT * unit + BUSY] as number) < (this.servers[s] as number)) {
      this.occupyServer(unit);
      return this.grant(slot, pc, s, unit, 0);
    }
    if ((this.units[UNIT * unit + LENGTH] as number) >= (this.room[s] as number)) {
      this.refuse(slot, s);
      return false;
    }
    this.enqueue(slot, pc, s, unit, this.units[UNIT * unit + TAIL] as number);
    return false;
  }

  /** There is no room to wait. */
  protected refuse(slot: number, s: number): void {
    this.count(this.refused, s);
    this.fail(slot, this.code.stationRefusal[s] as number);
  }

  /** Takes a place in the queue behind `before` (NONE: in front), until a server is free or the wait limit over. */
  protected enqueue(slot: number, pc: number, s: number, unit: number, before: number): void {
    this.addTo(unit, WAITED, -this.now);
    this.units[UNIT * unit + LENGTH] = (this.units[UNIT * unit + LENGTH] as number) + 1;
    const after = before === NONE ? (this.units[UNIT * unit + HEAD] as number) : (this.taskWords[TASK * before + AFTER] as number);
    this.taskWords[TASK * slot + BEFORE] = before;
    this.taskWords[TASK * slot + AFTER] = after;
    if (before === NONE) this.units[UNIT * unit + HEAD] = slot;
    else this.taskWords[TASK * before + AFTER] = slot;
    if (after === NONE) this.units[UNIT * unit + TAIL] = slot;
    else this.taskWords[TASK * after + BEFORE] = slot;
    this.taskWords[TASK * slot + STATE] = QUEUED;
    this.taskNumbers[TASK_NUMBERS * slot + SINCE] = this.now;
    const limit = this.code.z[pc] as number;
    if (this.code.hasRetention && this.taskWords[TASK * slot + AGE] === UNAGED) this.limitMessage(slot, limit, s);
    else if (limit >= 0 && limit < Number.POSITIVE_INFINITY) scheduleAfter(this.calendar, slot, this.now, limit);
    else if (limit < 0) schedule(this.calendar, slot, this.now + this.drawnLimit(-1 - limit, s));
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

  /** Asks a station that does more than serve in order of arrival. */
  protected abstract askSpecial(slot: number, pc: number, s: number, unit: number): boolean;
  /** A service of this length begins there. */
  protected abstract scheduleSpecial(slot: number, s: number, time: number): void;
  /** The task leaves the queue of such a station. */
  protected abstract leaveSpecial(slot: number, s: number, unit: number): void;

  /** A message has its first server. */
  protected comeOfAge(slot: number): void {
    this.taskWords[TASK * slot + AGE] = AGED;
    note(this.notes, this.ageNotes + (this.taskWords[TASK * slot + PROGRAM] as number), this.now - (this.taskNumbers[TASK_NUMBERS * slot + BEGAN] as number));
  }

  /** A server is the task's; true where the task goes on at once (a hold), false where its service has begun. */
  protected grant(slot: number, pc: number, s: number, unit: number, waited: number): boolean {
    note(this.notes, s, waited);
    if (this.taskWords[TASK * slot + AGE] === UNAGED) this.comeOfAge(slot);
    if (this.code.op[pc] === ACQUIRE) return true;
    this.taskWords[TASK * slot + STATE] = SERVED;
    if (this.special[s]) this.scheduleSpecial(slot, s, this.duration(pc, this.sourceCount + s));
    else this.beginService(slot, pc, s, unit);
    return false;
  }

  /** What the time of a service that begins now is multiplied with. */
  protected slownessOf(_unit: number, s: number): number {
    return this.slowness[s] as number;
  }

  /** Speed at which each of so many customers of a shared processor is served. */
  protected pace(s: number, present: number): number {
    if (this.frozen[s]) return 0;
    const others = present - 1;
    return Math.min(1, (this.servers[s] as number) / present) / (1 + (this.contention[s] as number) * others + (this.coherency[s] as number) * present * others);
  }

  /** Brings the work given to each customer of a shared processor up to now. */
  protected give(unit: number, s: number): void {
    const present = this.units[UNIT * unit + LENGTH] as number;
    if (present > 0) {
      const pace = this.pace(s, present);
      this.unitGiven[unit] = (this.unitGiven[unit] as number) + (this.now - (this.unitGivenAt[unit] as number)) * pace;
    } else this.unitGiven[unit] = 0;
    this.unitGivenAt[unit] = this.now;
  }

  /** Customers of a shared processor stand in order of completion; only the first has an event. */
  protected joinShared(slot: number, pc: number, s: number, unit: number): void {
    this.give(unit, s);
    const first = this.units[UNIT * unit + HEAD] as number;
    if (first !== NONE) cancel(this.calendar, first);
    this.changePresent(unit, s, 1);
    note(this.notes, s, 0);
    this.taskWords[TASK * slot + STATE] = SERVED;
    const due = (this.unitGiven[unit] as number) + this.duration(pc, this.sourceCount + s) * this.slownessOf(unit, s);
    this.doneAt[slot] = due;
    let before = this.units[UNIT * unit + TAIL] as number;
    while (before !== NONE && (this.doneAt[before] as number) > due) before = this.taskWords[TASK * before + BEFORE] as number;
    const after = before === NONE ? first : (this.taskWords[TASK * before + AFTER] as number);
    this.taskWords[TASK * slot + BEFORE] = before;
    this.taskWords[TASK * slot + AFTER] = after;
    if (before === NONE) this.units[UNIT * unit + HEAD] = slot;
    else this.taskWords[TASK * before + AFTER] = slot;
    if (after === NONE) this.units[UNIT * unit + TAIL] = slot;
    else this.taskWords[TASK * after + BEFORE] = slot;
    this.scheduleShared(unit, s);
  }

  /** One customer more, or (-1) fewer. */
  private changePresent(unit: number, s: number, change: number): void {
    const before = this.units[UNIT * unit + LENGTH] as number;
    const servers = this.servers[s] as number;
    this.units[UNIT * unit + LENGTH] = before + change;
    this.addTo(unit, HELD, -(Math.min(before + change, servers) - Math.min(before, servers)) * this.now);
  }

  protected leaveShared(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.give(unit, s);
    this.changePresent(unit, s, -1);
    this.countAt(unit, RELEASED);
    const after = this.taskWords[TASK * slot + AFTER] as number;
    this.units[UNIT * unit + HEAD] = after;
    if (after === NONE) this.units[UNIT * unit + TAIL] = NONE;
    else this.taskWords[TASK * after + BEFORE] = NONE;
    this.scheduleShared(unit, s);
  }

  protected scheduleShared(unit: number, s: number): void {
    const first = this.units[UNIT * unit + HEAD] as number;
    if (first === NONE || this.frozen[s]) return;
    const pace = this.pace(s, this.units[UNIT * unit + LENGTH] as number);
    schedule(this.calendar, first, this.now + Math.max(0, (this.doneAt[first] as number) - (this.unitGiven[unit] as number)) / pace);
  }

  protected occupyServer(unit: number): void {
    this.units[UNIT * unit + BUSY] = (this.units[UNIT * unit + BUSY] as number) + 1;
    this.addTo(unit, HELD, -this.now);
  }

  protected giveBack(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.countAt(unit, RELEASED);
    const first = this.units[UNIT * unit + HEAD] as number;
    if (first === NONE || this.frozen[s]) {
      this.units[UNIT * unit + BUSY] = (this.units[UNIT * unit + BUSY] as number) - 1;
      this.addTo(unit, HELD, this.now);
      return;
    }
    this.handOver(first, s);
  }

  /** A server that is free, and counted as busy at its unit, goes to one who waits. */
  protected handOver(first: number, s: number): void {
    this.leaveQueue(first, s);
    cancel(this.calendar, first);
    const pc = this.taskWords[TASK * first + PC] as number;
    this.taskWords[TASK * first + STATE] = RUNNING;
    if (this.grant(first, pc, s, this.unitOf(first, s), this.now - (this.taskNumbers[TASK_NUMBERS * first + SINCE] as number))) {
      this.taskWords[TASK * first + PC] = pc + 1;
      this.push(first);
    }
  }

  protected leaveQueue(slot: number, s: number): void {
    if (this.ledger) this.ledger.leaveQueue(slot, s, this.now);
    const unit = this.unitOf(slot, s);
    this.addTo(unit, WAITED, this.now);
    this.units[UNIT * unit + LENGTH] = (this.units[UNIT * unit + LENGTH] as number) - 1;
    if (this.special[s]) this.leaveSpecial(slot, s, unit);
    // Who comes to stand in front is not told that nobody is before it.
    const before = this.units[UNIT * unit + HEAD] === slot ? NONE : (this.taskWords[TASK * slot + BEFORE] as number);
    const after = this.taskWords[TASK * slot + AFTER] as number;
    if (before === NONE) this.units[UNIT * unit + HEAD] = after;
    else this.taskWords[TASK * before + AFTER] = after;
    if (after === NONE) this.units[UNIT * unit + TAIL] = before;
    else this.taskWords[TASK * after + BEFORE] = before;
  }
}
