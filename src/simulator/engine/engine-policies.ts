import type { Network } from '../../model/network.ts';
import { placesOf } from './autoscaling.ts';
import { askBreaker, type BreakerState, breakerFor, callFailed, callSucceeded, IS_OPEN, PASSES } from './breaker.ts';
import { CAUSE_CALL_TIMEOUT } from './opcodes.ts';
import { type CallCounts, callCountsFor, countPause, forgetCounts } from './call-counts.ts';
import { type CallPolicy, grownMs, type Pause } from './call-policies.ts';
import { cancel, schedule, scheduleAfter } from './calendar.ts';
import type { Phase } from '../../model/network-arrivals.ts';
import { EngineCancel } from './engine-cancel.ts';
import { uniform } from './streams.ts';
import { BACKING_OFF, CALLING, NONE, RUNNING } from './task-states.ts';
import { BEGAN, INSTANCE, PARENT, PC, PROGRAM, SINCE, STATE, TASK, TASK_NUMBERS } from './task-row.ts';

/** Sums of many small ratios: what is this close to a whole token is one. */
const ROUNDING = 1e-9;

/** What surrounds a call: fallback( breaker( retry( hedge( timeout( program ))))), or the breaker inside the retry. */
export abstract class EnginePolicies extends EngineCancel {
  /** Retries of the call that a task is in, and its attempts under way beyond the first. */
  private retried: Int32Array;
  private hedged: Int32Array;
  private readonly budgetTokens: Float64Array;
  private readonly budgetRatio: Float64Array;
  private readonly budgetBurst: Float64Array;
  /** Breakers by unit: one for all, or one per instance of its group. */
  readonly breakers: BreakerState[];
  readonly breakerBase: Int32Array;
  readonly breakerUnits: Int32Array;
  readonly calls: CallCounts;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    const slots = this.code.policies.length > 0 ? this.capacity : 0;
    this.retried = new Int32Array(slots);
    this.hedged = new Int32Array(slots);
    const budgets = network.retryBudgets ?? [];
    this.budgetRatio = Float64Array.from(budgets, (it) => it.ratio);
    this.budgetBurst = Float64Array.from(budgets, (it) => it.burst);
    this.budgetTokens = this.budgetBurst.slice();
    const breakers = network.breakers ?? [];
    const instances = new Map(network.groups.map((it) => [it.id, placesOf(it, network)]));
    this.breakerUnits = Int32Array.from(breakers, (it) => (it.group === undefined ? 1 : (instances.get(it.group) ?? 1)));
    this.breakerBase = new Int32Array(breakers.length);
    this.breakers = [];
    breakers.forEach((rule, index) => {
      this.breakerBase[index] = this.breakers.length;
      for (let unit = 0; unit < (this.breakerUnits[index] as number); unit++) this.breakers.push(breakerFor(rule));
    });
    this.calls = callCountsFor(network.programs.length);
  }

  protected override grow(): void {
    super.grow();
    if (this.code.policies.length === 0) return;
    const longer = (it: Int32Array): Int32Array => {
      const next = new Int32Array(this.capacity);
      next.set(it);
      return next;
    };
    this.retried = longer(this.retried);
    this.hedged = longer(this.hedged);
  }

  /** Forgets what was counted so far. */
  protected forgetPolicies(): void {
    forgetCounts(this.calls, this.now);
    for (const it of this.breakers) {
      it.opened = it.halfOpened = it.closed = it.refused = it.openMs = 0;
      it.settledAt = this.now;
    }
  }

  protected beginCall(slot: number, pc: number): void {
    const policy = this.policyAt(pc);
    this.retried[slot] = 0;
    this.count(this.calls.calls, this.code.a[pc] as number);
    if (policy.budget >= 0)
      this.budgetTokens[policy.budget] = Math.min(
        this.budgetBurst[policy.budget] as number,
        (this.budgetTokens[policy.budget] as number) + (this.budgetRatio[policy.budget] as number),
      );
    if (policy.breaker >= 0 && !policy.breakerInside) {
      const cause = this.causeOfRefusal(slot, policy);
      if (cause !== NONE) {
        this.giveUp(slot, pc, cause);
        return;
      }
    }
    this.attempt(slot, pc);
  }

  /** The pause before a retry is over. */
  protected resume(slot: number, pc: number): void {
    countPause(this.calls, this.code.a[pc] as number, this.now, -1);
    this.attempt(slot, pc);
  }

  /** The first attempt, or one after a pause. */
  private attempt(slot: number, pc: number): void {
    const policy = this.policyAt(pc);
    if (policy.breaker >= 0 && policy.breakerInside) {
      const cause = this.causeOfRefusal(slot, policy);
      if (cause !== NONE) {
        this.tryAgain(slot, pc, cause);
        return;
      }
    }
    this.hedged[slot] = 0;
    this.taskNumbers[TASK_NUMBERS * slot + SINCE] = this.now;
    this.send(slot, pc, policy);
  }

  /** The time of a hedge, or of the deadline of the oldest attempt, has come. */
  protected attemptDue(slot: number, pc: number): void {
    const policy = this.policyAt(pc);
    const oldest = this.oldestChild(slot);
    if (this.hedgeAt(slot, policy) <= (this.taskNumbers[TASK_NUMBERS * oldest + BEGAN] as number) + policy.timeoutMs) {
      this.hedged[slot] = (this.hedged[slot] as number) + 1;
      this.count(this.calls.hedges, this.code.a[pc] as number);
      this.send(slot, pc, policy);
      return;
    }
    this.count(this.calls.timeouts, this.code.a[pc] as number);
    this.part(slot, oldest, policy);
    if (this.child[slot] === NONE) this.attemptFailed(slot, pc, CAUSE_CALL_TIMEOUT);
    else this.scheduleAttempt(slot, policy);
  }

  /** An attempt has answered; an error waits for the other attempts that are under way. */
  protected override answerPolicy(task: number, slot: number, cause: number): void {
    const pc = this.taskWords[TASK * slot + PC] as number;
    const policy = this.policyAt(pc);
    this.disown(slot, task);
    cancel(this.calendar, slot);
    if (cause >= 0) {
      if (this.child[slot] === NONE) this.attemptFailed(slot, pc, cause);
      else this.scheduleAttempt(slot, policy);
      return;
    }
    while (this.child[slot] !== NONE) this.part(slot, this.child[slot] as number, policy);
    if (policy.breaker >= 0) callSucceeded(this.breakerOf(slot, policy), this.now);
    this.taskWords[TASK * slot + STATE] = RUNNING;
    this.taskWords[TASK * slot + PC] = pc + 1;
    this.push(slot);
  }

  /** A call whose own caller has ended it counts as failed: opossum's trial, too, ends in one way or the other. */
  protected override callVanished(slot: number): void {
    const pc = this.taskWords[TASK * slot + PC] as number;
    const policy = this.policyAt(pc);
    if (this.taskWords[TASK * slot + STATE] === BACKING_OFF) countPause(this.calls, this.code.a[pc] as number, this.now, -1);
    if (policy.breaker >= 0 && (!policy.breakerInside || this.taskWords[TASK * slot + STATE] === CALLING)) callFailed(this.breakerOf(slot, policy), this.now);
  }

  private send(slot: number, pc: number, policy: CallPolicy): void {
    const program = this.code.a[pc] as number;
    this.count(this.calls.attempts, program);
    const task = this.begin(program);
    this.adopt(slot, task);
    this.taskWords[TASK * slot + STATE] = CALLING;
    if (policy.hedges > 0) this.scheduleAttempt(slot, policy);
    else if (policy.timeoutMs < Number.POSITIVE_INFINITY) scheduleAfter(this.calendar, slot, this.now, policy.timeoutMs);
    this.push(task);
  }

  private scheduleAttempt(slot: number, policy: CallPolicy): void {
    const due = Math.min(this.hedgeAt(slot, policy), (this.taskNumbers[TASK_NUMBERS * this.oldestChild(slot) + BEGAN] as number) + policy.timeoutMs);
    if (due < Number.POSITIVE_INFINITY) schedule(this.calendar, slot, due);
  }

  private hedgeAt(slot: number, policy: CallPolicy): number {
    const sent = this.hedged[slot] as number;
    return sent < policy.hedges ? (this.taskNumbers[TASK_NUMBERS * slot + SINCE] as number) + (sent + 1) * policy.hedgeAfterMs : Number.POSITIVE_INFINITY;
  }

  /** Turns away from an attempt: it is ended, or works on for nobody. */
  private part(slot: number, task: number, policy: CallPolicy): void {
    this.disown(slot, task);
    this.taskWords[TASK * task + PARENT] = NONE;
    if (policy.cancels) this.withdraw(task);
  }

  private attemptFailed(slot: number, pc: number, cause: number): void {
    const policy = this.policyAt(pc);
    if (policy.breaker >= 0 && policy.breakerInside) callFailed(this.breakerOf(slot, policy), this.now);
    this.tryAgain(slot, pc, cause);
  }

  private tryAgain(slot: number, pc: number, cause: number): void {
    const policy = this.policyAt(pc);
    const retry = (this.retried[slot] as number) + 1;
    if (retry === 1) this.count(this.calls.failedFirst, this.code.a[pc] as number);
    if (retry > policy.retries || !this.mayRetry(slot, policy)) {
      if (policy.breaker >= 0 && !policy.breakerInside) callFailed(this.breakerOf(slot, policy), this.now);
      this.giveUp(slot, pc, cause);
      return;
    }
    this.retried[slot] = retry;
    this.count(this.calls.retries, this.code.a[pc] as number);
    this.taskWords[TASK * slot + STATE] = BACKING_OFF;
    countPause(this.calls, this.code.a[pc] as number, this.now, 1);
    schedule(this.calendar, slot, this.now + this.pauseOf(policy.pause, retry, this.streamOf(slot)));
  }

  private mayRetry(slot: number, policy: CallPolicy): boolean {
    if (policy.probability < 1 && uniform(this.streams, this.streamOf(slot)) >= policy.probability) return false;
    if (policy.budget < 0) return true;
    const tokens = this.budgetTokens[policy.budget] as number;
    if (tokens < 1 - ROUNDING) return false;
    this.budgetTokens[policy.budget] = Math.max(0, tokens - 1);
    return true;
  }

  /** Every attempt has failed, or none was allowed. */
  private giveUp(slot: number, pc: number, cause: number): void {
    const policy = this.policyAt(pc);
    this.count(this.calls.failed, this.code.a[pc] as number);
    if (policy.fallback < 0) {
      this.fail(slot, cause);
      return;
    }
    this.count(this.calls.fallbacks, this.code.a[pc] as number);
    if (this.ledger) this.ledger.lose(slot, this.now);
    this.taskWords[TASK * slot + STATE] = RUNNING;
    this.taskWords[TASK * slot + PC] = policy.fallback;
    this.push(slot);
  }

  protected pauseOf(pause: Pause, retry: number, stream: number): number {
    if (pause.kind === 'none') return 0;
    if (pause.kind === 'law') return this.duration(pause.row, stream);
    const grown = grownMs(pause.initialMs, pause.factor, pause.maxMs, retry);
    if (pause.jitter === 'none') return grown;
    const share = uniform(this.streams, stream);
    return pause.jitter === 'full' ? share * grown : (0.5 + 0.5 * share) * grown;
  }

  private causeOfRefusal(slot: number, policy: CallPolicy): number {
    const answer = askBreaker(this.breakerOf(slot, policy), this.now);
    if (answer === PASSES) return NONE;
    return (answer === IS_OPEN ? this.code.breakerOpen[policy.breaker] : this.code.breakerFull[policy.breaker]) as number;
  }

  private breakerOf(slot: number, policy: CallPolicy): BreakerState {
    const units = this.breakerUnits[policy.breaker] as number;
    return this.breakers[(this.breakerBase[policy.breaker] as number) + (units === 1 ? 0 : (this.taskWords[TASK * slot + INSTANCE] as number) % units)] as BreakerState;
  }

  private policyAt(pc: number): CallPolicy {
    return this.code.policies[this.code.b[pc] as number] as CallPolicy;
  }

  private streamOf(slot: number): number {
    return this.sourceCount + this.stationCount + (this.taskWords[TASK * slot + PROGRAM] as number);
  }
}
