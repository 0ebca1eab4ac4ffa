import type { Network } from '../model/network.ts';
import { placesOf } from './autoscaling.ts';
import { askBreaker, type BreakerState, breakerFor, callFailed, callSucceeded, IS_OPEN, PASSES } from './breaker.ts';
import { CAUSE_CALL_TIMEOUT } from './bytecode.ts';
import { type CallPolicy, grownMs, type Pause } from './call-policies.ts';
import { cancel, schedule, scheduleAfter } from './calendar.ts';
import type { Phase } from '../model/network-arrivals.ts';
import { EngineCancel } from './engine-cancel.ts';
import { uniform } from './streams.ts';
import { BACKING_OFF, CALLING, NONE, RUNNING } from './task-states.ts';

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
  // Counted per called program.
  readonly callsMade: Float64Array;
  readonly attemptsMade: Float64Array;
  readonly retriesMade: Float64Array;
  readonly timedOut: Float64Array;
  readonly hedgesSent: Float64Array;
  readonly fellBack: Float64Array;
  readonly failedFirst: Float64Array;
  readonly gaveUp: Float64Array;
  /** Calls that wait for their next attempt, now and over time. */
  private readonly pausing: Float64Array;
  private readonly pausingChanged: Float64Array;
  private readonly pausingIntegral: Float64Array;

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
    const instances = new Map(network.groups.map((it) => [it.id, placesOf(it)]));
    this.breakerUnits = Int32Array.from(breakers, (it) => (it.group === undefined ? 1 : (instances.get(it.group) ?? 1)));
    this.breakerBase = new Int32Array(breakers.length);
    this.breakers = [];
    breakers.forEach((rule, index) => {
      this.breakerBase[index] = this.breakers.length;
      for (let unit = 0; unit < (this.breakerUnits[index] as number); unit++) this.breakers.push(breakerFor(rule));
    });
    const perProgram = (): Float64Array => new Float64Array(network.programs.length);
    this.callsMade = perProgram();
    this.attemptsMade = perProgram();
    this.retriesMade = perProgram();
    this.timedOut = perProgram();
    this.hedgesSent = perProgram();
    this.fellBack = perProgram();
    this.failedFirst = perProgram();
    this.gaveUp = perProgram();
    this.pausing = perProgram();
    this.pausingChanged = perProgram();
    this.pausingIntegral = perProgram();
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
    for (const it of [this.callsMade, this.attemptsMade, this.retriesMade, this.timedOut, this.hedgesSent, this.fellBack, this.failedFirst, this.gaveUp, this.pausingIntegral])
      it.fill(0);
    this.pausingChanged.fill(this.now);
    for (const it of this.breakers) {
      it.opened = it.halfOpened = it.closed = it.refused = it.openMs = 0;
      it.settledAt = this.now;
    }
  }

  protected beginCall(slot: number, pc: number): void {
    const policy = this.policyAt(pc);
    this.retried[slot] = 0;
    this.count(this.callsMade, this.code.a[pc] as number);
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

  /** Mean number of calls that waited for their next attempt since the measurement began. */
  meanPausing(program: number): number {
    this.pause(program, 0);
    return (this.pausingIntegral[program] as number) / Math.max(1e-9, this.now - this.measureFrom);
  }

  /** So many more calls wait for their next attempt. */
  private pause(program: number, more: number): void {
    const waiting = this.pausing[program] as number;
    this.pausingIntegral[program] = (this.pausingIntegral[program] as number) + (this.now - (this.pausingChanged[program] as number)) * waiting;
    this.pausingChanged[program] = this.now;
    this.pausing[program] = waiting + more;
  }

  /** The pause before a retry is over. */
  protected resume(slot: number, pc: number): void {
    this.pause(this.code.a[pc] as number, -1);
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
    this.waitingSince[slot] = this.now;
    this.send(slot, pc, policy);
  }

  /** The time of a hedge, or of the deadline of the oldest attempt, has come. */
  protected attemptDue(slot: number, pc: number): void {
    const policy = this.policyAt(pc);
    const oldest = this.oldestChild(slot);
    if (this.hedgeAt(slot, policy) <= (this.began[oldest] as number) + policy.timeoutMs) {
      this.hedged[slot] = (this.hedged[slot] as number) + 1;
      this.count(this.hedgesSent, this.code.a[pc] as number);
      this.send(slot, pc, policy);
      return;
    }
    this.count(this.timedOut, this.code.a[pc] as number);
    this.part(slot, oldest, policy);
    if (this.child[slot] === NONE) this.attemptFailed(slot, pc, CAUSE_CALL_TIMEOUT);
    else this.scheduleAttempt(slot, policy);
  }

  /** An attempt has answered; an error waits for the other attempts that are under way. */
  protected override answerPolicy(task: number, slot: number, cause: number): void {
    const pc = this.pc[slot] as number;
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
    this.state[slot] = RUNNING;
    this.pc[slot] = pc + 1;
    this.push(slot);
  }

  /** A call whose own caller has ended it counts as failed: opossum's trial, too, ends in one way or the other. */
  protected override callVanished(slot: number): void {
    const pc = this.pc[slot] as number;
    const policy = this.policyAt(pc);
    if (this.state[slot] === BACKING_OFF) this.pause(this.code.a[pc] as number, -1);
    if (policy.breaker >= 0 && (!policy.breakerInside || this.state[slot] === CALLING)) callFailed(this.breakerOf(slot, policy), this.now);
  }

  private send(slot: number, pc: number, policy: CallPolicy): void {
    const program = this.code.a[pc] as number;
    this.count(this.attemptsMade, program);
    const task = this.begin(program);
    this.adopt(slot, task);
    this.state[slot] = CALLING;
    if (policy.hedges > 0) this.scheduleAttempt(slot, policy);
    else if (policy.timeoutMs < Number.POSITIVE_INFINITY) scheduleAfter(this.calendar, slot, this.now, policy.timeoutMs);
    this.push(task);
  }

  private scheduleAttempt(slot: number, policy: CallPolicy): void {
    const due = Math.min(this.hedgeAt(slot, policy), (this.began[this.oldestChild(slot)] as number) + policy.timeoutMs);
    if (due < Number.POSITIVE_INFINITY) schedule(this.calendar, slot, due);
  }

  private hedgeAt(slot: number, policy: CallPolicy): number {
    const sent = this.hedged[slot] as number;
    return sent < policy.hedges ? (this.waitingSince[slot] as number) + (sent + 1) * policy.hedgeAfterMs : Number.POSITIVE_INFINITY;
  }

  /** Turns away from an attempt: it is ended, or works on for nobody. */
  private part(slot: number, task: number, policy: CallPolicy): void {
    this.disown(slot, task);
    this.parent[task] = NONE;
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
    if (retry === 1) this.count(this.failedFirst, this.code.a[pc] as number);
    if (retry > policy.retries || !this.mayRetry(slot, policy)) {
      if (policy.breaker >= 0 && !policy.breakerInside) callFailed(this.breakerOf(slot, policy), this.now);
      this.giveUp(slot, pc, cause);
      return;
    }
    this.retried[slot] = retry;
    this.count(this.retriesMade, this.code.a[pc] as number);
    this.state[slot] = BACKING_OFF;
    this.pause(this.code.a[pc] as number, 1);
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
    this.count(this.gaveUp, this.code.a[pc] as number);
    if (policy.fallback < 0) {
      this.fail(slot, cause);
      return;
    }
    this.count(this.fellBack, this.code.a[pc] as number);
    if (this.ledger) this.ledger.lose(slot, this.now);
    this.state[slot] = RUNNING;
    this.pc[slot] = policy.fallback;
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
    return this.breakers[(this.breakerBase[policy.breaker] as number) + (units === 1 ? 0 : (this.instance[slot] as number) % units)] as BreakerState;
  }

  private policyAt(pc: number): CallPolicy {
    return this.code.policies[this.code.b[pc] as number] as CallPolicy;
  }

  private streamOf(slot: number): number {
    return this.sourceCount + this.stationCount + (this.program[slot] as number);
  }
}
