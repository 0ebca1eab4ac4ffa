import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import {
  ACQUIRE,
  AGAIN,
  BRANCH,
  CALL,
  CALL_WITH,
  CAUSE_CALL_TIMEOUT,
  CAUSE_PATIENCE,
  CROSS,
  DELAY,
  END,
  ENTER,
  FAIL,
  FORK,
  HANG,
  INVALIDATE,
  JUMP,
  LIMIT,
  LOOKUP,
  LOOP,
  READ_REPLICA,
  RELEASE,
  RESPOND,
  SERVE,
  SPAWN,
  STORE,
  WRITE,
} from './opcodes.ts';
import { hasEvent, hasEventFrom } from './calendar.ts';
import { reset } from './histogram.ts';
import { uniform } from './streams.ts';
import {
  ANSWERED,
  OVERDUE,
  RUNNING,
  QUEUED,
  SCALING,
  SERVED,
  DELAYED,
  CALLING,
  FORKED,
  BACKING_OFF,
  BETWEEN_ATTEMPTS,
  CANCELLED,
  DEPLOYING,
  FAULT,
  LOST,
  NONE,
  PART,
  RESTART,
  UNAGED,
  UNAWAITED,
} from './task-states.ts';
import { IN_FLIGHT_SUM, SOURCE_NUMBERS, SPENT, SQUARES_SUM } from './source-row.ts';
import { EngineLoop } from './engine-loop.ts';
import { AGE, ANSWER, BEGAN, INSTANCE, PARENT, PC, PROGRAM, ROLE, SOURCE, STATE, TASK, TASK_NUMBERS } from './task-row.ts';

/**
 * The event engine: tasks (one per running program or parallel branch) step through bytecode, wait at stations in FIFO order, and are the events.
 * Everything is arrays of numbers by slot; slots are used again. A class because it is a lifetime: made, run, read, dropped.
 */
export class Engine extends EngineLoop {
  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    this.beginFaults();
    network.sources.forEach((source, index) => {
      for (let many = 0; many < (source.burst ?? 0); many++) this.arrive(index);
      this.drain();
      if (source.closed) this.beginUsers(index, source.closed.users);
      else this.scheduleArrival(index);
    });
  }

  /** Forgets what was measured so far; what is under way stays. */
  beginMeasuring(): void {
    this.settle();
    this.forgetScaling();
    this.measureFrom = this.now;
    for (const it of [this.busyIntegral, this.queueIntegral, this.arrivals, this.released, this.refused, this.expired, this.withdrawn]) it.fill(0);
    for (const it of [this.offered, this.goodFromBefore, this.inFlightIntegral, this.inFlightSquares, this.spent]) it.fill(0);
    for (const it of [this.spawned, this.finished, this.failed]) it.fill(0);
    for (const it of this.errors) it.fill(0);
    for (const all of [this.waits, this.latency, this.sojourn, this.age]) all.forEach(reset);
    this.forgetPolicies();
    this.forgetLimiters();
    this.forgetJobs();
    this.forgetCaches();
    this.forgetReplicas();
    this.forgetInstances();
    this.ledger?.forget();
    this.events = 0;
    // Whoever holds a server or is in flight has spent its time so far outside the measurement.
    const stillDemanded = this.stillDemanded();
    for (let s = 0; s < this.stationCount; s++) this.forgetStation(s, stillDemanded[s] as number);
    for (let source = 0; source < this.sourceCount; source++) {
      const many = this.inFlight[source] as number;
      const at = SOURCE_NUMBERS * source;
      this.sourceNumbers[at + IN_FLIGHT_SUM] = -many * this.now;
      this.sourceNumbers[at + SQUARES_SUM] = -many * many * this.now;
      this.sourceNumbers[at + SPENT] = 0;
    }
  }

  /** Requests that have not been answered although their client has lost patience; counted at the end of a run. */
  countOverdue(): void {
    for (let slot = this.sourceCount; slot < this.capacity; slot++) {
      const source = this.taskWords[TASK * slot + SOURCE] as number;
      if (source < 0 || this.taskWords[TASK * slot + ANSWER]) continue;
      const began = this.taskNumbers[TASK_NUMBERS * slot + BEGAN] as number;
      if (began >= this.measureFrom && this.now - began > (this.patience[source] as number)) {
        this.taskWords[TASK * slot + ANSWER] = OVERDUE;
        this.taskWords[TASK * slot + ROLE] = UNAWAITED;
        this.count(this.errors[source] as Float64Array, CAUSE_PATIENCE);
      }
    }
  }

  /** Time that services under way still need, per station; a station that is `special` has none. */
  stillDemanded(): Float64Array {
    const sums = new Float64Array(this.stationCount);
    for (let slot = this.sourceCount; slot < this.capacity; slot++) {
      if (this.taskWords[TASK * slot + STATE] !== SERVED || !hasEvent(this.calendar, slot)) continue;
      const s = this.code.a[this.taskWords[TASK * slot + PC] as number] as number;
      if (!this.special[s]) sums[s] = (sums[s] as number) + this.remaining(slot);
    }
    return sums;
  }

  /** Time that the requests of a source which are in flight have spent since the measurement began. */
  stillSpent(source: number): number {
    let sum = 0;
    for (let slot = this.sourceCount; slot < this.capacity; slot++)
      if (this.taskWords[TASK * slot + SOURCE] === source && this.taskWords[TASK * slot + ANSWER] !== ANSWERED)
        sum += this.now - Math.max(this.taskNumbers[TASK_NUMBERS * slot + BEGAN] as number, this.measureFrom);
    return sum;
  }

  /** True when work is under way but nothing will ever happen to it: whoever comes can only join those who wait. */
  isStuck(): boolean {
    for (let source = 0; source < this.sourceCount; source++) if ((this.inFlight[source] as number) > 0) return !hasEventFrom(this.calendar, this.sourceCount) && !this.isAnyLost();
    return false;
  }

  protected override drain(): void {
    while (this.readyHead !== this.readyTail) {
      const slot = this.ready[this.readyHead++] as number;
      if (this.readyHead === this.capacity) this.readyHead = 0;
      this.goOn();
      if (this.taskWords[TASK * slot + STATE] === CANCELLED) this.free(slot);
      else this.step(slot);
    }
  }

  /** The event of a task has come. */
  protected override wake(slot: number): void {
    const pc = this.taskWords[TASK * slot + PC] as number;
    if (this.ledger) this.ledger.wake(slot, this.taskWords[TASK * slot + STATE] as number, this.code.a[pc] as number, this.now);
    switch (this.taskWords[TASK * slot + STATE]) {
      case SERVED:
        if (this.sharing[this.code.a[pc] as number]) this.leaveShared(slot, this.code.a[pc] as number);
        else this.giveBack(slot, this.code.a[pc] as number);
        this.taskWords[TASK * slot + PC] = pc + 1;
        this.step(slot);
        break;
      case DELAYED:
        this.taskWords[TASK * slot + PC] = pc + 1;
        this.step(slot);
        break;
      case SCALING:
        this.scale(slot);
        break;
      case BETWEEN_ATTEMPTS:
        this.startAgain(slot);
        break;
      case QUEUED: {
        const s = this.code.a[pc] as number;
        if (this.code.hasRetention && this.taskWords[TASK * slot + AGE] === UNAGED && this.now >= this.dropAt(slot)) {
          this.drop(slot, s);
          break;
        }
        this.leaveQueue(slot, s);
        this.count(this.expired, s);
        this.fail(slot, this.code.stationTimeout[s] as number);
        break;
      }
      case CALLING:
        if (this.code.op[pc] === CALL_WITH) {
          this.attemptDue(slot, pc);
          break;
        }
        // The callee works on, for nobody.
        this.taskWords[TASK * (this.child[slot] as number) + PARENT] = NONE;
        this.child[slot] = NONE;
        this.fail(slot, CAUSE_CALL_TIMEOUT);
        break;
      case BACKING_OFF:
        this.resume(slot, pc);
        break;
      case RESTART:
        this.restart(slot);
        break;
      case FAULT:
        this.turnFault(slot);
        break;
      case DEPLOYING:
        this.roll(slot);
        break;
      default:
        this.wakeUser(slot);
    }
  }

  /** Runs a task until it waits or ends. */
  protected override step(slot: number): void {
    const { code } = this;
    this.taskWords[TASK * slot + STATE] = RUNNING;
    for (;;) {
      const pc = this.taskWords[TASK * slot + PC] as number;
      switch (code.op[pc]) {
        case SERVE:
          this.ask(slot, pc, code.a[pc] as number);
          return;
        case ACQUIRE:
          if (!this.ask(slot, pc, code.a[pc] as number)) return;
          this.taskWords[TASK * slot + PC] = pc + 1;
          break;
        case RELEASE:
          this.giveBack(slot, code.a[pc] as number);
          this.taskWords[TASK * slot + PC] = pc + 1;
          break;
        case DELAY: {
          this.taskWords[TASK * slot + STATE] = DELAYED;
          this.scheduleEnd(slot, pc, this.sourceCount + this.stationCount + (this.taskWords[TASK * slot + PROGRAM] as number));
          return;
        }
        case CALL:
          this.startCall(slot, pc);
          return;
        case CALL_WITH:
          this.beginCall(slot, pc);
          return;
        case LIMIT:
          if (!this.mayPass(slot, code.a[pc] as number)) return;
          this.taskWords[TASK * slot + PC] = pc + 1;
          break;
        case LOOKUP:
          if (!this.lookUp(slot, pc)) return;
          break;
        case STORE:
          this.storeKey(slot, code.a[pc] as number);
          this.taskWords[TASK * slot + PC] = pc + 1;
          break;
        case INVALIDATE:
          this.invalidate(slot, pc);
          this.taskWords[TASK * slot + PC] = pc + 1;
          break;
        case WRITE:
          this.writeData(code.a[pc] as number);
          this.taskWords[TASK * slot + PC] = pc + 1;
          break;
        case READ_REPLICA:
          this.taskWords[TASK * slot + PC] = this.readsStale(slot, code.a[pc] as number) ? pc + 1 : (code.b[pc] as number);
          break;
        case CROSS:
          this.cross(slot);
          break;
        case ENTER:
          this.taskWords[TASK * slot + PC] = code.start[this.taskWords[TASK * slot + PROGRAM] as number] as number;
          break;
        case HANG:
          this.taskWords[TASK * slot + STATE] = LOST;
          return;
        case FAIL:
          this.fail(slot, code.a[pc] as number);
          return;
        case SPAWN: {
          const program = code.a[pc] as number;
          const task = this.begin(program);
          this.taskWords[TASK * task + AGE] = UNAGED;
          this.publish(task);
          if (this.knowsClients) this.client[task] = this.client[slot] as number;
          this.count(this.spawned, program);
          this.push(task);
          this.taskWords[TASK * slot + PC] = pc + 1;
          break;
        }
        case FORK: {
          const table = code.a[pc] as number;
          const branches = code.forks[table] as number;
          this.pending[slot] = branches;
          this.taskWords[TASK * slot + STATE] = FORKED;
          this.taskWords[TASK * slot + PC] = code.b[pc] as number;
          // What fails inside is reported at the fork, whose holds are the ones to give back.
          this.attemptsLeft[slot] = pc;
          for (let branch = 1; branch <= branches; branch++) {
            const task = this.allocate();
            this.taskWords[TASK * task + PARENT] = slot;
            if (this.keepsChildren) this.adopt(slot, task);
            else if (this.knowsClients) this.client[task] = this.client[slot] as number;
            this.taskWords[TASK * task + ROLE] = PART;
            this.taskWords[TASK * task + PROGRAM] = this.taskWords[TASK * slot + PROGRAM] as number;
            this.taskWords[TASK * task + INSTANCE] = this.taskWords[TASK * slot + INSTANCE] as number;
            this.taskWords[TASK * task + PC] = code.forks[table + branch] as number;
            this.push(task);
          }
          return;
        }
        case LOOP: {
          const times = code.x[pc] as number;
          let rounds = Math.floor(times);
          if (rounds < times && uniform(this.streams, this.sourceCount + this.stationCount + (this.taskWords[TASK * slot + PROGRAM] as number)) < times - rounds) rounds++;
          if (rounds > 0) {
            this.registers[slot * code.loopDepth + (code.b[pc] as number)] = rounds;
            this.taskWords[TASK * slot + PC] = pc + 1;
          } else this.taskWords[TASK * slot + PC] = code.a[pc] as number;
          break;
        }
        case AGAIN: {
          const at = slot * code.loopDepth + (code.b[pc] as number);
          const left = (this.registers[at] as number) - 1;
          this.registers[at] = left;
          this.taskWords[TASK * slot + PC] = left > 0 ? (code.a[pc] as number) : pc + 1;
          break;
        }
        case BRANCH:
          this.taskWords[TASK * slot + PC] =
            uniform(this.streams, this.sourceCount + this.stationCount + (this.taskWords[TASK * slot + PROGRAM] as number)) < (code.x[pc] as number)
              ? pc + 1
              : (code.a[pc] as number);
          break;
        case JUMP:
          this.taskWords[TASK * slot + PC] = code.a[pc] as number;
          break;
        case RESPOND:
          this.taskWords[TASK * slot + PC] = pc + 1;
          this.answer(slot, NONE);
          break;
        case END:
          this.end(slot, NONE);
          return;
      }
    }
  }
}
