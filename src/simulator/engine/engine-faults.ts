import type { Phase } from '../../model/network-arrivals.ts';
import type { Fault } from '../../model/network-faults.ts';
import type { Network } from '../../model/network.ts';
import { SERVE } from './opcodes.ts';
import { cancel, schedule } from './calendar.ts';
import { EngineReplicas } from './engine-replicas.ts';
import { type Streams, streamsFor, uniform } from './streams.ts';
import { BETWEEN_ATTEMPTS, DEPLOYING, FAULT, LOOKING_ON, LOST, NONE, PART, QUEUED, RESTART, SCALING, SERVED, THINKING, USING } from './task-states.ts';
import { BUSY, HEAD, UNIT } from './units.ts';
import { drawTime, type Law, lawOf } from './times.ts';
import { AFTER, INSTANCE, PARENT, PC, PROGRAM, ROLE, STATE, TASK } from './task-row.ts';

/** A fault that is played: what it is, whether it is present, and the laws of its times where it comes again and again. */
interface Played {
  fault: Fault;
  isPresent: boolean;
  target: number;
  up: Law | null;
  down: Law | null;
}

/** Stations that are slow, frozen or closed, calls that are lost, instances that crash. */
export abstract class EngineFaults extends EngineReplicas {
  private readonly faults: Played[];
  private readonly faultStreams: Streams;
  private readonly faultLists: Float64Array;
  /** Per program: faults that lose its calls now. Per group: those that keep instances down now. */
  private readonly losing: number[][];
  private readonly downing: number[][];
  /** Partitions that are present, and by fault which programs are on its side of the cut. */
  private readonly parting: number[] = [];
  private readonly isInside: (Uint8Array | null)[];
  private readonly presentFromStart: number[] = [];

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    const faults = network.faults ?? [];
    const lists: number[] = [];
    const target = (it: Fault): number =>
      it.kind === 'partition'
        ? NONE
        : it.kind === 'lose'
          ? network.programs.findIndex((program) => program.id === it.program)
          : it.kind === 'down' || it.kind === 'deploy'
            ? network.groups.findIndex((group) => group.id === it.group)
            : network.stations.findIndex((station) => station.id === it.station);
    this.faults = faults.map((fault) => ({
      fault,
      isPresent: false,
      target: target(fault),
      up: 'up' in fault ? lawOf(fault.up, lists) : null,
      down: 'down' in fault ? lawOf(fault.down, lists) : null,
    }));
    this.faultLists = Float64Array.from(lists);
    this.faultStreams = streamsFor(
      seed,
      faults.map((it, index) => `fault ${it.kind} ${index}`),
    );
    this.losing = network.programs.map(() => []);
    this.downing = network.groups.map(() => []);
    this.isInside = faults.map((it) => (it.kind === 'partition' ? Uint8Array.from(network.programs, ({ id }) => (it.programs.includes(id) ? 1 : 0)) : null));
    this.faults.forEach(({ fault, up }, index) => {
      if (fault.kind === 'deploy') return;
      const clock = this.allocate();
      this.pending[clock] = index;
      this.taskWords[TASK * clock + STATE] = FAULT;
      this.standing++;
      if ('fromMs' in fault && fault.fromMs <= 0) this.presentFromStart.push(clock);
      else schedule(this.calendar, clock, 'fromMs' in fault ? fault.fromMs : this.faultTime(index, up));
    });
  }

  /** Begins the faults that are there from the start: once all is made that they could harm. */
  protected beginFaults(): void {
    for (const clock of this.presentFromStart) this.turnFault(clock);
  }

  /** A fault begins or ends. */
  protected turnFault(clock: number): void {
    const index = this.pending[clock] as number;
    const it = this.faults[index] as Played;
    it.isPresent = !it.isPresent;
    this.apply(it, index);
    if ('untilMs' in it.fault) {
      if (it.isPresent) schedule(this.calendar, clock, it.fault.untilMs);
    } else if (it.isPresent || !this.closed) schedule(this.calendar, clock, this.now + this.faultTime(index, it.isPresent ? it.down : it.up));
  }

  /** A run that is to end begins no more of the faults that come again and again; one that is present still ends. */
  protected closeFaults(): void {
    if (this.faults.length === 0) return;
    for (let slot = this.sourceCount; slot < this.capacity; slot++) {
      if (this.taskWords[TASK * slot + STATE] !== FAULT) continue;
      const it = this.faults[this.pending[slot] as number] as Played;
      if (it.up && !it.isPresent) cancel(this.calendar, slot);
    }
  }

  private faultTime(index: number, law: Law | null): number {
    const [kind, mean, second] = law as Law;
    return drawTime(this.faultStreams, index, kind, mean, second, this.faultLists);
  }

  private apply(it: Played, index: number): void {
    const { fault, isPresent, target } = it;
    switch (fault.kind) {
      case 'slow':
        // As a product of all that are present: dividing again would leave rounding errors behind.
        this.slowness[target] = this.faults.reduce(
          (all, { fault: other, isPresent: now, target: at }) => (now && other.kind === 'slow' && at === target ? all * other.factor : all),
          1,
        );
        break;
      case 'freeze':
        if (isPresent) this.freeze(target);
        else this.thaw(target);
        break;
      case 'refuse':
        this.refusing[target] = (this.refusing[target] as number) + (isPresent ? 1 : -1);
        break;
      case 'lose':
        enlist(this.losing[target] as number[], index, isPresent);
        break;
      case 'partition':
        enlist(this.parting, index, isPresent);
        break;
      case 'down': {
        this.blame(target, index, isPresent);
        const base = this.groupBase[target] as number;
        const all = (this.groupMembers[target] as Int32Array).length;
        const many = fault.instances === 'all' ? all : Math.min(all, fault.instances);
        for (let instance = 0; instance < many; instance++) this.downReasons[base + instance] = (this.downReasons[base + instance] as number) + (isPresent ? 1 : -1);
        if (isPresent) this.crash(target, (instance) => instance < many, this.code.a[this.code.faultRow[index] as number] as number);
        break;
      }
    }
  }

  /** A call may be lost on its way; else it needs an instance that is up. */
  protected enterGuarded(slot: number, program: number, dealt: Int32Array | null, connection: number): void {
    this.taskWords[TASK * slot + INSTANCE] = NONE;
    for (const index of this.losing[program] as number[]) {
      const { fault } = this.faults[index] as Played;
      if (fault.kind !== 'lose' || uniform(this.faultStreams, index) >= fault.share) continue;
      this.taskWords[TASK * slot + PC] = this.code.faultRow[index] as number;
      return;
    }
    // Whose call it is will be known only when the task takes its first step.
    if (this.parting.length > 0 && !dealt) this.taskWords[TASK * slot + PC] = this.code.crossRow;
    else this.settleIn(slot, program, this.code.programGroup[program] as number, dealt, connection);
  }

  /** The first step of a program while some are cut off from others: a call across the cut is lost. */
  protected cross(slot: number): void {
    const program = this.taskWords[TASK * slot + PROGRAM] as number;
    const caller = this.taskWords[TASK * slot + PARENT] as number;
    for (const index of caller === NONE ? [] : this.parting) {
      const isInside = this.isInside[index] as Uint8Array;
      if (isInside[program] === isInside[this.taskWords[TASK * caller + PROGRAM] as number]) continue;
      this.taskWords[TASK * slot + PC] = this.code.faultRow[index] as number;
      return;
    }
    this.settleIn(slot, program, this.code.programGroup[program] as number, null, NONE);
  }

  /** Calls that find no instance fail with the cause of the latest fault that is to blame for it. */
  protected blame(group: number, index: number, isPresent: boolean): void {
    enlist(this.downing[group] as number[], index, isPresent);
  }

  /** Sets the instance of a task that begins, and the row where it does. */
  protected settleIn(slot: number, program: number, group: number, dealt: Int32Array | null, connection: number): void {
    const instance = dealt ? this.pickBehind(dealt, connection, group) : this.pick(group);
    this.taskWords[TASK * slot + INSTANCE] = instance;
    this.taskWords[TASK * slot + PC] = instance >= 0 || group < 0 ? (this.code.start[program] as number) : this.nowhereRow(group);
  }

  /** Where a task stands that found no instance: it fails with the cause of the latest fault; -1 where no fault is to blame. */
  protected nowhereRow(group: number): number {
    const faults = this.downing[group] as number[];
    return this.code.faultRow[faults[faults.length - 1] ?? -1] ?? -1;
  }

  /** The servers stop: services wait where they are. */
  private freeze(s: number): void {
    if (this.frozen[s] === 0) {
      if (this.sharing[s]) this.eachUnit(s, (unit) => this.stopShared(unit, s));
      else
        for (const slot of this.servedAt(s)) {
          this.doneAt[slot] = (this.doneAt[slot] as number) - this.now;
          cancel(this.calendar, slot);
        }
    }
    this.frozen[s] = (this.frozen[s] as number) + 1;
  }

  /** They go on, and who waits gets those that have become free. */
  private thaw(s: number): void {
    if (this.frozen[s] === 1 && this.sharing[s]) this.eachUnit(s, (unit) => this.give(unit, s));
    this.frozen[s] = (this.frozen[s] as number) - 1;
    if (this.frozen[s]) return;
    if (this.sharing[s]) {
      this.eachUnit(s, (unit) => this.scheduleShared(unit, s));
      return;
    }
    for (const slot of this.servedAt(s)) {
      this.doneAt[slot] = (this.doneAt[slot] as number) + this.now;
      schedule(this.calendar, slot, this.doneAt[slot] as number);
    }
    this.eachUnit(s, (unit) => {
      while ((this.units[UNIT * unit + BUSY] as number) < (this.servers[s] as number) && (this.units[UNIT * unit + HEAD] as number) !== NONE) {
        this.occupyServer(unit);
        this.handOver(this.units[UNIT * unit + HEAD] as number, s);
      }
    });
  }

  private stopShared(unit: number, s: number): void {
    this.give(unit, s);
    const first = this.units[UNIT * unit + HEAD] as number;
    if (first !== NONE) cancel(this.calendar, first);
  }

  private eachUnit(s: number, act: (unit: number) => void): void {
    const base = this.unitBase[s] as number;
    for (let unit = base; unit < base + (this.unitCount[s] as number); unit++) act(unit);
  }

  /** Calls that never answer are no deadlock. */
  protected isAnyLost(): boolean {
    return (
      this.faults.some(({ fault }) => (fault.kind === 'lose' || fault.kind === 'partition') && fault.hangs) &&
      this.tasks((slot) => this.taskWords[TASK * slot + STATE] === LOST).length > 0
    );
  }

  private servedAt(s: number): number[] {
    return this.tasks((slot) => {
      const pc = this.taskWords[TASK * slot + PC] as number;
      return this.taskWords[TASK * slot + STATE] === SERVED && this.code.op[pc] === SERVE && this.code.a[pc] === s;
    });
  }

  /** Running programs and branches that are so, in the order of their slots. */
  private tasks(isSo: (slot: number) => boolean): number[] {
    const isFree = new Uint8Array(this.capacity);
    for (let slot = this.freeHead; slot !== NONE; slot = this.taskWords[TASK * slot + AFTER] as number) isFree[slot] = 1;
    const found: number[] = [];
    for (let slot = this.sourceCount; slot < this.capacity; slot++) if (!isFree[slot] && isSo(slot)) found.push(slot);
    return found;
  }

  /**
   * Ends all that some instances of a group run, with an error; what it called elsewhere works on for nobody.
   * All leave their queues before anything is given back, and all have given back before a caller hears of it.
   */
  protected crash(group: number, isHit: (instance: number) => boolean, cause: number): void {
    const hit = this.tasks((slot) => {
      const state = this.taskWords[TASK * slot + STATE];
      // Clocks and users run nothing, in no instance.
      if (state === FAULT || state === DEPLOYING || state === RESTART || state === SCALING || state === THINKING || state === USING || state === BETWEEN_ATTEMPTS) return false;
      const instance = this.taskWords[TASK * slot + INSTANCE] as number;
      return instance >= 0 && this.code.programGroup[this.taskWords[TASK * slot + PROGRAM] as number] === group && isHit(instance);
    });
    for (const slot of hit) {
      if (this.taskWords[TASK * slot + STATE] === QUEUED) {
        const s = this.code.a[this.taskWords[TASK * slot + PC] as number] as number;
        this.leaveQueue(slot, s);
        this.count(this.withdrawn, s);
      } else if (this.taskWords[TASK * slot + STATE] === LOOKING_ON) this.lookAway(slot);
      for (let child = this.child[slot] as number; child !== NONE; child = this.keepsChildren ? (this.elder[child] as number) : NONE)
        if (this.taskWords[TASK * child + ROLE] !== PART) this.taskWords[TASK * child + PARENT] = NONE;
      this.child[slot] = NONE;
    }
    for (const slot of hit) this.release(slot);
    for (const slot of hit) {
      if (this.taskWords[TASK * slot + ROLE] === PART) this.free(slot);
      else this.end(slot, cause);
    }
    this.emptyCaches(group, isHit);
  }
}

function enlist(list: number[], index: number, isPresent: boolean): void {
  if (isPresent) list.push(index);
  else list.splice(list.indexOf(index), 1);
}
