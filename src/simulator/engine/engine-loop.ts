import { ACQUIRE, BRANCH, DELAY, END, JUMP, RELEASE, SERVE } from './bytecode.ts';
import { cancel, look, nextTime, take } from './calendar.ts';
import { ENDLESS, mostAtOnce } from './endless.ts';
import { EngineSources } from './engine-sources.ts';
import { type Histogram, record, recordZeros } from './histogram.ts';
import { uniform } from './streams.ts';
import { CANCELLED, DELAYED, NONE, RUNNING, SERVED, UNAGED } from './task-states.ts';

/**
 * The loop over events, with what most events are made of written out in it: plain stations, delays, branches. A call of its own for each step would cost more than
 * the steps, and every field would be read again after it. Whatever is rarer goes to the methods that say the same (`wake`, `step`, `giveBack`, `ask`), and
 * `isPlayedOut` sends everything there: a test holds the two against each other, to the bit.
 */
export abstract class EngineLoop extends EngineSources {
  /** True: nothing is taken in this loop's own hand. */
  isPlayedOut = false;
  /** Tasks that went on since time last passed, and when that was. */
  private atOnce = 0;
  private moment = -1;
  private readonly mostAtOnce: number;

  constructor(...[network, seed, rateOf]: ConstructorParameters<typeof EngineSources>) {
    super(network, seed, rateOf);
    this.mostAtOnce = mostAtOnce(network);
  }

  /** The event of a task has come. */
  protected abstract wake(slot: number): void;
  /** Runs a task until it waits or ends. */
  protected abstract step(slot: number): void;
  /** Runs whoever is ready. */
  protected abstract drain(): void;

  /** Runs until `untilMs`, or until nothing is left to happen. */
  run(untilMs: number): void {
    if (this.ledger || this.isPlayedOut) this.playOut(untilMs);
    else while (this.play(untilMs));
    if (untilMs < Number.POSITIVE_INFINITY) this.now = untilMs;
    this.settle();
  }

  /** Counts what goes on without time passing. */
  protected goOn(): void {
    if (++this.atOnce > this.mostAtOnce) throw new Error(ENDLESS);
  }

  private watch(now: number): void {
    if (now > this.moment) {
      this.moment = now;
      this.atOnce = 0;
    } else this.goOn();
  }

  /** Brings every integral up to now. */
  settle(): void {
    for (let s = 0; s < this.stationCount; s++) {
      this.touch(s);
      recordZeros(this.waits[s] as Histogram, this.unwaited[s] as number);
      this.unwaited[s] = 0;
    }
    for (let source = 0; source < this.sourceCount; source++) this.touchSource(source);
  }

  private playOut(untilMs: number): void {
    const { calendar } = this;
    for (;;) {
      const time = nextTime(calendar);
      if (time > untilMs || time === Number.POSITIVE_INFINITY) return;
      const slot = take(calendar);
      this.now = time;
      this.watch(time);
      this.events++;
      if (slot < this.sourceCount) this.come(slot);
      else this.wake(slot);
      this.drain();
    }
  }

  /** Plays until the time is up (false), or until there are more slots than the arrays in its hands have (true). */
  private play(untilMs: number): boolean {
    const { calendar, capacity, sourceCount, stationCount, streams, code } = this;
    const { pc: at, state, next, previous, waitingSince, aged, program, instance } = this;
    const { op, a, x, z, hasRetention } = code;
    const { times } = calendar;
    const { special, unitCount, unitBase, unitBusy, unitHead, unitTail, unitLength, servers, room } = this;
    const { busy, queued, changed, busyIntegral, queueIntegral, arrivals, granted, released, heldSum, unwaited, waits } = this;
    for (;;) {
      let task = look(calendar);
      if (task === NONE) return false;
      const now = times[4 * task] as number;
      if (now > untilMs) return false;
      take(calendar);
      let pc = 0;
      this.now = now;
      this.events++;
      this.watch(now);
      if (task < sourceCount) {
        this.come(task);
        task = NONE;
      } else {
        pc = at[task] as number;
        const was = state[task];
        if (was === DELAYED) pc++;
        else if (was !== SERVED || special[a[pc] as number]) {
          this.wake(task);
          task = NONE;
        }
        // A service that is over gives its server back in the same way as a hold.
      }
      let gives = task !== NONE && state[task] === SERVED;
      for (;;) {
        if (task === NONE) {
          if (this.capacity !== capacity) {
            this.drain();
            return true;
          }
          if (this.readyHead === this.readyTail) break;
          this.goOn();
          task = this.ready[this.readyHead++] as number;
          if (this.readyHead === capacity) this.readyHead = 0;
          if (state[task] === CANCELLED) {
            this.free(task);
            task = NONE;
            continue;
          }
          pc = at[task] as number;
        }
        const what = gives ? RELEASE : op[pc];
        if (what === SERVE || what === ACQUIRE || what === RELEASE) {
          const s = a[pc] as number;
          if (special[s]) {
            at[task] = pc;
            this.step(task);
            task = NONE;
            continue;
          }
          const span = now - (changed[s] as number);
          const units = unitCount[s] as number;
          const unit = (unitBase[s] as number) + (units === 1 ? 0 : (instance[task] as number) % units);
          if (what === RELEASE) {
            if (span > 0) {
              busyIntegral[s] = (busyIntegral[s] as number) + span * (busy[s] as number);
              queueIntegral[s] = (queueIntegral[s] as number) + span * (queued[s] as number);
              changed[s] = now;
            }
            gives = false;
            pc++;
            released[s] = (released[s] as number) + 1;
            const held = (heldSum[s] as number) + now;
            const first = unitHead[unit] as number;
            if (first === NONE) {
              heldSum[s] = held;
              busy[s] = (busy[s] as number) - 1;
              unitBusy[unit] = (unitBusy[unit] as number) - 1;
              continue;
            }
            // The server goes from hand to hand.
            heldSum[s] = held - now;
            queued[s] = (queued[s] as number) - 1;
            unitLength[unit] = (unitLength[unit] as number) - 1;
            const after = next[first] as number;
            unitHead[unit] = after;
            if (after === NONE) unitTail[unit] = NONE;
            else previous[after] = NONE;
            const place = at[first] as number;
            if ((z[place] as number) < Number.POSITIVE_INFINITY || hasRetention) cancel(calendar, first);
            granted[s] = (granted[s] as number) + 1;
            record(waits[s] as Histogram, now - (waitingSince[first] as number));
            if (aged[first] === UNAGED) this.comeOfAge(first);
            if (op[place] === ACQUIRE) {
              state[first] = RUNNING;
              at[first] = place + 1;
              this.push(first);
            } else {
              state[first] = SERVED;
              this.scheduleEnd(first, place, sourceCount + s);
            }
            continue;
          }
          const inUse = unitBusy[unit] as number;
          if (inUse >= (servers[s] as number)) {
            at[task] = pc;
            arrivals[s] = (arrivals[s] as number) + 1;
            if ((unitLength[unit] as number) >= (room[s] as number)) this.refuse(task, s);
            else this.enqueue(task, pc, s, unit, unitTail[unit] as number);
            task = NONE;
            continue;
          }
          if (span > 0) {
            busyIntegral[s] = (busyIntegral[s] as number) + span * (busy[s] as number);
            queueIntegral[s] = (queueIntegral[s] as number) + span * (queued[s] as number);
            changed[s] = now;
          }
          arrivals[s] = (arrivals[s] as number) + 1;
          unitBusy[unit] = inUse + 1;
          busy[s] = (busy[s] as number) + 1;
          granted[s] = (granted[s] as number) + 1;
          heldSum[s] = (heldSum[s] as number) - now;
          unwaited[s] = (unwaited[s] as number) + 1;
          if (aged[task] === UNAGED) this.comeOfAge(task);
          if (what === ACQUIRE) {
            pc++;
            continue;
          }
          at[task] = pc;
          state[task] = SERVED;
          this.scheduleEnd(task, pc, sourceCount + s);
          task = NONE;
        } else if (what === BRANCH) pc = uniform(streams, sourceCount + stationCount + (program[task] as number)) < (x[pc] as number) ? pc + 1 : (a[pc] as number);
        else if (what === JUMP) pc = a[pc] as number;
        else {
          at[task] = pc;
          if (what === DELAY) {
            state[task] = DELAYED;
            this.scheduleEnd(task, pc, sourceCount + stationCount + (program[task] as number));
          } else if (what === END) this.end(task, NONE);
          else this.step(task);
          task = NONE;
        }
      }
    }
  }
}
