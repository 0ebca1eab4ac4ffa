import { CAUSE_PATIENCE } from './bytecode.ts';
import { cancel, schedule } from './calendar.ts';
import { record, type Histogram } from './histogram.ts';
import { RUNNING, CALLING, BACKING_OFF, NONE, NO_MESSAGE } from './task-states.ts';
import { EngineStations } from './engine-stations.ts';

/** Calls between tasks, their ends and their answers. */
export abstract class EngineCalls extends EngineStations {
  protected startCall(slot: number, pc: number): void {
    const task = this.begin(this.code.a[pc] as number);
    this.parent[task] = slot;
    this.child[slot] = task;
    this.state[slot] = CALLING;
    const timeout = this.code.x[pc] as number;
    if (timeout < Number.POSITIVE_INFINITY) schedule(this.calendar, slot, this.now + timeout);
    this.push(task);
  }

  protected afterFailedCall(slot: number, cause: number): void {
    const left = this.attemptsLeft[slot] as number;
    if (left <= 0) {
      this.fail(slot, cause);
      return;
    }
    this.attemptsLeft[slot] = left - 1;
    this.state[slot] = BACKING_OFF;
    schedule(this.calendar, slot, this.now + (this.code.y[this.pc[slot] as number] as number));
  }

  /** Gives back what the task holds and ends it with an error. */
  protected fail(slot: number, cause: number): void {
    let hold = this.code.hold[this.pc[slot] as number] as number;
    while (hold >= 0) {
      this.giveBack(slot, this.code.a[hold] as number);
      hold = this.code.hold[hold] as number;
    }
    this.end(slot, cause);
  }

  protected end(slot: number, cause: number): void {
    const program = this.program[slot] as number;
    if (this.isBranch[slot]) {
      const parent = this.parent[slot] as number;
      this.free(slot);
      if (cause >= 0) this.cause[parent] = cause;
      const left = (this.pending[parent] as number) - 1;
      this.pending[parent] = left;
      if (left > 0) return;
      this.state[parent] = RUNNING;
      const failed = this.cause[parent] as number;
      if (failed < 0) this.push(parent);
      else {
        this.pc[parent] = this.attemptsLeft[parent] as number;
        this.fail(parent, failed);
      }
      return;
    }
    this.answer(slot, cause);
    if (this.aged[slot] !== NO_MESSAGE) {
      this.count(cause < 0 ? this.finished : this.failed, program);
      if (cause < 0) record(this.sojourn[program] as Histogram, this.now - (this.began[slot] as number));
    }
    this.free(slot);
  }

  /** Tells the caller, once. */
  protected answer(from: number, cause: number): void {
    let slot = from;
    while (this.isBranch[slot]) slot = this.parent[slot] as number;
    if (this.answered[slot]) return;
    this.answered[slot] = 1;
    const source = this.source[slot] as number;
    if (source >= 0) this.answerClient(slot, source, cause);
    const parent = this.parent[slot] as number;
    if (parent === NONE) return;
    this.parent[slot] = NONE;
    this.child[parent] = NONE;
    cancel(this.calendar, parent);
    if (cause >= 0) {
      this.afterFailedCall(parent, cause);
      return;
    }
    this.state[parent] = RUNNING;
    this.pc[parent] = (this.pc[parent] as number) + 1;
    this.push(parent);
  }

  protected answerClient(slot: number, source: number, cause: number): void {
    this.touchSource(source);
    this.inFlight[source] = (this.inFlight[source] as number) - 1;
    this.spent[source] = (this.spent[source] as number) + this.now;
    const began = this.began[slot] as number;
    const latency = this.now - began;
    const isLate = latency > (this.patience[source] as number);
    const isGood = cause < 0 && !isLate;
    if (began >= this.measureFrom) {
      if (cause >= 0) this.count(this.errors[source] as Float64Array, isLate ? CAUSE_PATIENCE : cause);
      else {
        this.count(this.completed, source);
        record(this.latency[source] as Histogram, latency);
        if (isLate) this.count(this.errors[source] as Float64Array, CAUSE_PATIENCE);
        else this.count(this.good, source);
      }
    }
    if (this.onAnswer) this.onAnswer(source, latency, isGood);
  }
}
