import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { schedule } from './calendar.ts';
import { EnginePolicies } from './engine-policies.ts';
import { BETWEEN_ATTEMPTS, NONE, RUNNING } from './task-states.ts';
import { BEGAN, CAUSE, INSTANCE, PC, PROGRAM, STATE, TASK, TASK_NUMBERS } from './task-row.ts';

/** Messages that are tried again, dead-lettered, or dropped when nobody starts them in time. */
export abstract class EngineJobs extends EnginePolicies {
  private tries: Int32Array;
  // Counted per spawned program.
  readonly jobRetries: Float64Array;
  readonly deadLettered: Float64Array;
  readonly dropped: Float64Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    this.tries = new Int32Array(this.code.jobs ? this.capacity : 0);
    const programs = network.programs.length;
    this.jobRetries = new Float64Array(programs);
    this.deadLettered = new Float64Array(programs);
    this.dropped = new Float64Array(programs);
  }

  protected override grow(): void {
    super.grow();
    if (!this.code.jobs) return;
    const tries = new Int32Array(this.capacity);
    tries.set(this.tries);
    this.tries = tries;
  }

  protected forgetJobs(): void {
    for (const it of [this.jobRetries, this.deadLettered, this.dropped]) it.fill(0);
  }

  /** A new message has not been tried. */
  protected override publish(slot: number): void {
    if (this.code.jobs) this.tries[slot] = 0;
  }

  /** After a failed attempt: true where the message will be tried again, at the end of the line; false where that was the last. */
  protected override tryJobAgain(slot: number): boolean {
    const program = this.taskWords[TASK * slot + PROGRAM] as number;
    const job = this.code.jobs?.[program];
    if (!job) return false;
    const tried = (this.tries[slot] as number) + 1;
    if (tried >= job.attempts) {
      this.count(this.deadLettered, program);
      return false;
    }
    this.tries[slot] = tried;
    this.count(this.jobRetries, program);
    this.leaveInstance(slot);
    this.taskWords[TASK * slot + CAUSE] = NONE;
    const pause = this.pauseOf(job.pause, tried, this.sourceCount + this.stationCount + program);
    if (pause > 0) {
      this.taskWords[TASK * slot + STATE] = BETWEEN_ATTEMPTS;
      schedule(this.calendar, slot, this.now + pause);
    } else this.startAgain(slot);
    return true;
  }

  /** The pause before an attempt is over. */
  protected startAgain(slot: number): void {
    const program = this.taskWords[TASK * slot + PROGRAM] as number;
    if (this.guarded[program]) this.enterGuarded(slot, program, null, NONE);
    else {
      this.taskWords[TASK * slot + INSTANCE] = this.pick(this.code.programGroup[program] as number);
      this.taskWords[TASK * slot + PC] = this.code.start[program] as number;
    }
    this.taskWords[TASK * slot + STATE] = RUNNING;
    this.push(slot);
  }

  /** The moment when a message that still waits for its start is dropped. */
  protected override dropAt(slot: number): number {
    return (this.taskNumbers[TASK_NUMBERS * slot + BEGAN] as number) + (this.code.jobs?.[this.taskWords[TASK * slot + PROGRAM] as number]?.retentionMs ?? Number.POSITIVE_INFINITY);
  }

  /** Nobody has started the message in time: it is gone, whatever it held before. */
  protected drop(slot: number, s: number): void {
    this.leaveQueue(slot, s);
    this.count(this.withdrawn, s);
    this.count(this.dropped, this.taskWords[TASK * slot + PROGRAM] as number);
    this.giveBackAll(slot, this.taskWords[TASK * slot + PC] as number);
    this.free(slot);
  }
}
