import { CALL_WITH, CAUSE_PATIENCE, LOOKUP } from './opcodes.ts';
import { cancel, scheduleAfter } from './calendar.ts';
import { note } from './notes.ts';
import { ANSWERED, CALLING, NO_MESSAGE, NONE, PART, RUNNING, UNAWAITED } from './task-states.ts';
import { EngineSpecial } from './engine-special.ts';
import { AGE, ANSWER, BEGAN, CAUSE, PARENT, PC, PROGRAM, ROLE, SOURCE, STATE, TASK, TASK_NUMBERS } from './task-row.ts';
import { SOURCE_NUMBERS, SPENT } from './source-row.ts';

/** Calls between tasks, their ends and their answers. */
export abstract class EngineCalls extends EngineSpecial {
  /** Some call may have several attempts under way, or ends what it called: then every task knows its calls and branches. */
  protected readonly keepsChildren: boolean = this.code.policies.some((it) => it.cancels || it.hedges > 0);
  protected elder: Int32Array = new Int32Array(this.keepsChildren ? this.capacity : 0);
  protected younger: Int32Array = new Int32Array(this.keepsChildren ? this.capacity : 0);
  /** Some limiter tells clients apart: then every task knows for which one it works, as a number between 0 and 1. */
  protected readonly knowsClients: boolean = this.code.knowsClients;
  protected client: Float64Array = new Float64Array(this.knowsClients ? this.capacity : 0);

  /** The answer reaches the closed source's user who waits for this request. */
  protected abstract answerUser(request: number): void;
  /** An attempt of a call with policies has answered. */
  protected abstract answerPolicy(task: number, slot: number, cause: number): void;

  /** A message begins its life. */
  protected abstract publish(slot: number): void;
  /** A message has failed; true where it will be tried again. */
  protected abstract tryJobAgain(slot: number): boolean;

  protected override grow(): void {
    super.grow();
    if (this.knowsClients) {
      const client = new Float64Array(this.capacity);
      client.set(this.client);
      this.client = client;
    }
    if (!this.keepsChildren) return;
    const longer = (it: Int32Array): Int32Array => {
      const next = new Int32Array(this.capacity);
      next.set(it);
      return next;
    };
    this.elder = longer(this.elder);
    this.younger = longer(this.younger);
  }

  /** The task works for `slot`; of several, `child` is the youngest. */
  protected adopt(slot: number, task: number): void {
    const elder = this.child[slot] as number;
    this.taskWords[TASK * task + PARENT] = slot;
    this.child[slot] = task;
    if (this.knowsClients) this.client[task] = this.client[slot] as number;
    if (!this.keepsChildren) return;
    this.elder[task] = elder;
    this.younger[task] = NONE;
    if (elder !== NONE) this.younger[elder] = task;
  }

  /** The task no longer works for `slot`; who its parent is stays as it was. */
  protected disown(slot: number, task: number): void {
    if (!this.keepsChildren) {
      this.child[slot] = NONE;
      return;
    }
    const elder = this.elder[task] as number;
    const younger = this.younger[task] as number;
    if (younger === NONE) this.child[slot] = elder;
    else this.elder[younger] = elder;
    if (elder !== NONE) this.younger[elder] = younger;
  }

  protected oldestChild(slot: number): number {
    let task = this.child[slot] as number;
    if (this.keepsChildren) while ((this.elder[task] as number) !== NONE) task = this.elder[task] as number;
    return task;
  }

  /** A miss that others wait for has failed. */
  protected abstract missFailed(slot: number, row: number): void;

  protected startCall(slot: number, pc: number): void {
    const task = this.begin(this.code.a[pc] as number);
    this.adopt(slot, task);
    this.taskWords[TASK * slot + STATE] = CALLING;
    const timeout = this.code.x[pc] as number;
    if (timeout < Number.POSITIVE_INFINITY) scheduleAfter(this.calendar, slot, this.now, timeout);
    this.push(task);
  }

  /** Gives back what the task holds and ends it with an error. */
  protected fail(slot: number, cause: number): void {
    this.giveBackAll(slot, this.taskWords[TASK * slot + PC] as number);
    this.end(slot, cause);
  }

  /** Gives back all that a task holds at this row. */
  protected giveBackAll(slot: number, pc: number): void {
    let hold = this.code.hold[pc] as number;
    while (hold >= 0) {
      if (this.code.op[hold] === LOOKUP) this.missFailed(slot, hold);
      else this.giveBack(slot, this.code.a[hold] as number);
      hold = this.code.hold[hold] as number;
    }
  }

  protected end(slot: number, cause: number): void {
    const program = this.taskWords[TASK * slot + PROGRAM] as number;
    if (this.taskWords[TASK * slot + ROLE] === PART) {
      const parent = this.taskWords[TASK * slot + PARENT] as number;
      if (this.keepsChildren) this.disown(parent, slot);
      this.free(slot);
      if (cause >= 0) this.taskWords[TASK * parent + CAUSE] = cause;
      const left = (this.pending[parent] as number) - 1;
      this.pending[parent] = left;
      if (left > 0) return;
      if (this.ledger) this.ledger.handUp(slot, parent, this.now);
      this.taskWords[TASK * parent + STATE] = RUNNING;
      const failed = this.taskWords[TASK * parent + CAUSE] as number;
      if (failed < 0) this.push(parent);
      else {
        this.taskWords[TASK * parent + PC] = this.attemptsLeft[parent] as number;
        this.fail(parent, failed);
      }
      return;
    }
    if (cause >= 0 && this.code.jobs && this.taskWords[TASK * slot + AGE] !== NO_MESSAGE && this.tryJobAgain(slot)) return;
    this.answer(slot, cause);
    if (this.taskWords[TASK * slot + AGE] !== NO_MESSAGE) {
      this.count(cause < 0 ? this.finished : this.failed, program);
      if (cause < 0) note(this.notes, this.sojournNotes + program, this.now - (this.taskNumbers[TASK_NUMBERS * slot + BEGAN] as number));
    }
    this.free(slot);
  }

  /** Tells the caller, once. */
  protected answer(from: number, cause: number): void {
    let slot = from;
    while (this.taskWords[TASK * slot + ROLE] === PART) slot = this.taskWords[TASK * slot + PARENT] as number;
    if (this.taskWords[TASK * slot + ANSWER]) return;
    if (this.ledger)
      for (let at = from; at !== slot; at = this.taskWords[TASK * at + PARENT] as number) this.ledger.handUp(at, this.taskWords[TASK * at + PARENT] as number, this.now);
    this.taskWords[TASK * slot + ANSWER] = ANSWERED;
    this.taskWords[TASK * slot + ROLE] = UNAWAITED;
    const source = this.taskWords[TASK * slot + SOURCE] as number;
    if (source >= 0) this.answerClient(slot, source, cause);
    const parent = this.taskWords[TASK * slot + PARENT] as number;
    if (parent === NONE) return;
    if (this.ledger) this.ledger.handUp(slot, parent, this.now);
    this.taskWords[TASK * slot + PARENT] = NONE;
    if (this.code.op[this.taskWords[TASK * parent + PC] as number] === CALL_WITH) {
      this.answerPolicy(slot, parent, cause);
      return;
    }
    this.child[parent] = NONE;
    cancel(this.calendar, parent);
    if (cause >= 0) {
      this.fail(parent, cause);
      return;
    }
    this.taskWords[TASK * parent + STATE] = RUNNING;
    this.taskWords[TASK * parent + PC] = (this.taskWords[TASK * parent + PC] as number) + 1;
    this.push(parent);
  }

  protected answerClient(slot: number, source: number, cause: number): void {
    const began = this.taskNumbers[TASK_NUMBERS * slot + BEGAN] as number;
    this.countInFlight(source, -1);
    const spent = SOURCE_NUMBERS * source + SPENT;
    this.sourceNumbers[spent] = (this.sourceNumbers[spent] as number) + this.now - Math.max(began, this.measureFrom);
    const latency = this.now - began;
    const isLate = latency > (this.patience[source] as number);
    const isGood = cause < 0 && !isLate;
    if (began >= this.measureFrom) {
      // Who has hung up sees no answer, and has no response time.
      if (isLate) this.count(this.errors[source] as Float64Array, CAUSE_PATIENCE);
      else if (cause >= 0) this.count(this.errors[source] as Float64Array, cause);
      else {
        note(this.notes, this.latencyNotes + source, latency);
        if (this.ledger) this.ledger.record(slot, source, latency);
      }
    }
    // What an overloaded system answers came long ago: throughput counts by the answer, not by the arrival.
    if (isGood && began < this.measureFrom) this.count(this.goodFromBefore, source);
    if (this.onAnswer) this.onAnswer(source, latency, isGood);
    if (this.userOf && (this.userOf[slot] as number) >= 0) this.answerUser(slot);
  }
}
