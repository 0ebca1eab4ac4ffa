import { CALL_WITH } from './opcodes.ts';
import { cancel } from './calendar.ts';
import { EngineCalls } from './engine-calls.ts';
import { BACKING_OFF, CALLING, CANCELLED, FORKED, LOOKING_ON, NONE, QUEUED, RUNNING, SERVED } from './task-states.ts';
import { DEMANDED, HEAD, TAIL, UNIT } from './units.ts';
import { AFTER, BEFORE, PARENT, PC, STATE, TASK } from './task-row.ts';

/** Work that is ended from outside: a task and whatever it waits for, down to the last call and branch. */
export abstract class EngineCancel extends EngineCalls {
  /** The caller's breaker hears how a call ended. */
  protected abstract callVanished(slot: number): void;

  /** Who waits for another's miss waits no more. */
  protected abstract lookAway(slot: number): void;

  /**
   * Ends a task at once, and all that it called or split into. What it has answered already, or started for nobody, goes on.
   * All leave their queues before anything is given back, so that nobody of them is served on the way out.
   */
  protected withdraw(slot: number): void {
    const tasks = [slot];
    for (let next = 0; next < tasks.length; next++) {
      const task = tasks[next] as number;
      this.taskWords[TASK * task + PARENT] = NONE;
      if (this.taskWords[TASK * task + STATE] === QUEUED) {
        const s = this.code.a[this.taskWords[TASK * task + PC] as number] as number;
        this.leaveQueue(task, s);
        this.count(this.withdrawn, s);
      } else if (this.taskWords[TASK * task + STATE] === LOOKING_ON) this.lookAway(task);
      for (let child = this.child[task] as number; child !== NONE; child = this.elder[child] as number) tasks.push(child);
      this.child[task] = NONE;
    }
    for (const task of tasks) this.dismiss(task);
  }

  private dismiss(task: number): void {
    const wasRunning = this.taskWords[TASK * task + STATE] === RUNNING;
    this.release(task);
    if (wasRunning) this.taskWords[TASK * task + STATE] = CANCELLED;
    else this.free(task);
  }

  /** Takes from a task all that it has: its event, its service, what it holds. It must have left its queue. */
  protected release(task: number): void {
    const state = this.taskWords[TASK * task + STATE];
    let pc = this.taskWords[TASK * task + PC] as number;
    if (state === SERVED) {
      const s = this.code.a[pc] as number;
      if (!this.special[s]) this.addTo(this.unitOf(task, s), DEMANDED, -this.remaining(task));
      cancel(this.calendar, task);
      if (this.sharing[s]) this.quitShared(task, s);
      else this.giveBack(task, s);
    } else cancel(this.calendar, task);
    if ((state === CALLING || state === BACKING_OFF) && this.code.op[pc] === CALL_WITH) this.callVanished(task);
    if (state === FORKED) pc = this.attemptsLeft[task] as number;
    this.giveBackAll(task, pc);
  }

  /** Leaves a shared processor from anywhere in its order. */
  private quitShared(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    const before = this.taskWords[TASK * slot + BEFORE] as number;
    if (before === NONE) {
      this.leaveShared(slot, s);
      return;
    }
    const first = this.units[UNIT * unit + HEAD] as number;
    cancel(this.calendar, first);
    const after = this.taskWords[TASK * slot + AFTER] as number;
    this.taskWords[TASK * before + AFTER] = after;
    if (after === NONE) this.units[UNIT * unit + TAIL] = before;
    else this.taskWords[TASK * after + BEFORE] = before;
    // The rest as if the head had left: it takes its place again.
    this.taskWords[TASK * slot + AFTER] = first;
    this.taskWords[TASK * first + BEFORE] = slot;
    this.units[UNIT * unit + HEAD] = slot;
    this.leaveShared(slot, s);
  }
}
