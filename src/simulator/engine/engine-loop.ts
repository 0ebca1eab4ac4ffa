import { ACQUIRE, BRANCH, DELAY, END, JUMP, OTHER, RELEASE, SPAWN } from './opcodes.ts';
import { cancel, look, nextTime, take, turn } from './calendar.ts';
import { NOWHERE, WHERE } from './calendar-record.ts';
import { ENDLESS, mostAtOnce } from './endless.ts';
import { EngineSources } from './engine-sources.ts';
import { hotRows } from './hot-rows.ts';
import { type Histogram, record } from './histogram.ts';
import { uniform } from './streams.ts';
import { CANCELLED, DELAYED, NO_MESSAGE, NONE, RUNNING, SERVED, UNAGED } from './task-states.ts';
import { ARRIVED, BUSY, HEAD, HELD, LENGTH, RELEASED, ROOM, SERVERS, TAIL, UNIT, UNIT_BITS, UNWAITED, WAITED } from './units.ts';

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
  /** Instructions as the loop reads them: four words each, see `hotRows`. */
  private readonly hot: Int32Array;
  private readonly mostAtOnce: number;

  constructor(...[network, seed, rateOf]: ConstructorParameters<typeof EngineSources>) {
    super(network, seed, rateOf);
    this.mostAtOnce = mostAtOnce(network);
    this.hot = hotRows(this.code, this.special, this.unitBase, this.unitCount);
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

  /** Brings every integral up to now. */
  settle(): void {
    for (let s = 0; s < this.stationCount; s++) this.settleStation(s);
    for (let source = 0; source < this.sourceCount; source++) this.settleSource(source);
  }

  private playOut(untilMs: number): void {
    const { calendar } = this;
    for (;;) {
      const time = nextTime(calendar);
      if (time > untilMs || time === Number.POSITIVE_INFINITY) return;
      const slot = take(calendar);
      this.now = time;
      if (time > this.moment) {
        this.moment = time;
        this.atOnce = 0;
      } else this.goOn();
      this.events++;
      if (slot < this.sourceCount) this.come(slot);
      else this.wake(slot);
      this.drain();
    }
  }

  /** Plays until the time is up (false), or until there are more slots than the arrays in its hands have (true). */
  private play(untilMs: number): boolean {
    const { calendar, capacity, sourceCount, stationCount, streams, hot } = this;
    const { pc: at, state, next, previous, waitingSince, aged, program, instance, parent, isBranch } = this;
    const { times, words } = calendar;
    const { x } = this.code;
    const { units, unitNumbers, waits } = this;
    const maySpawn = !this.knowsClients && this.code.jobs === null;
    let { moment } = this;
    for (;;) {
      // The next event: of today in most cases, else the calendar finds it.
      let task = calendar.today;
      if (task === NONE && calendar.ahead > 0) {
        turn(calendar);
        task = calendar.today;
      }
      let now = task === NONE ? Number.POSITIVE_INFINITY : (times[4 * task] as number);
      if (calendar.asideTime <= now) {
        task = look(calendar);
        if (task === NONE) return this.leave(moment);
        now = times[4 * task] as number;
      } else calendar.next = task;
      if (now > untilMs || task === NONE) return this.leave(moment);
      take(calendar);
      this.now = now;
      this.events++;
      if (now > moment) {
        moment = now;
        this.atOnce = 0;
      } else this.goOn();
      let pc = 0;
      let gives = false;
      if (task < sourceCount) {
        this.come(task);
        task = NONE;
      } else {
        pc = at[task] as number;
        const was = state[task];
        if (was === DELAYED) pc++;
        else if (was === SERVED && hot[4 * pc] !== OTHER) gives = true;
        else {
          this.wake(task);
          task = NONE;
        }
      }
      for (;;) {
        if (task === NONE) {
          if (this.capacity !== capacity) {
            this.drain();
            this.leave(moment);
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
        const row = 4 * pc;
        // A service that is over gives its server back in the same way as a hold.
        const what = gives ? RELEASE : (hot[row] as number);
        if (what <= RELEASE && what !== END) {
          const s = hot[row + 1] as number;
          const many = hot[row + 3] as number;
          const unit = (hot[row + 2] as number) + (many === 1 ? 0 : UNIT * ((instance[task] as number) % many));
          const numbers = unit >> 1;
          if (what === RELEASE) {
            gives = false;
            pc++;
            units[unit + RELEASED] = (units[unit + RELEASED] as number) + 1;
            const first = units[unit + HEAD] as number;
            if (first === NONE) {
              units[unit + BUSY] = (units[unit + BUSY] as number) - 1;
              unitNumbers[numbers + HELD] = (unitNumbers[numbers + HELD] as number) + now;
              continue;
            }
            // The server goes from hand to hand.
            unitNumbers[numbers + WAITED] = (unitNumbers[numbers + WAITED] as number) + now;
            units[unit + LENGTH] = (units[unit + LENGTH] as number) - 1;
            const after = next[first] as number;
            units[unit + HEAD] = after;
            if (after === NONE) units[unit + TAIL] = NONE;
            else previous[after] = NONE;
            if (words[8 * first + WHERE] !== NOWHERE) cancel(calendar, first);
            record(waits[s] as Histogram, now - (waitingSince[first] as number));
            if (aged[first] === UNAGED) this.comeOfAge(first);
            const place = at[first] as number;
            if (hot[4 * place] === ACQUIRE) {
              state[first] = RUNNING;
              at[first] = place + 1;
              this.push(first);
            } else {
              state[first] = SERVED;
              this.beginService(first, place, s, unit >> UNIT_BITS);
            }
            continue;
          }
          const inUse = units[unit + BUSY] as number;
          units[unit + ARRIVED] = (units[unit + ARRIVED] as number) + 1;
          if (inUse >= (units[unit + SERVERS] as number)) {
            at[task] = pc;
            if ((units[unit + LENGTH] as number) >= (units[unit + ROOM] as number)) this.refuse(task, s);
            else this.enqueue(task, pc, s, unit >> UNIT_BITS, units[unit + TAIL] as number);
            task = NONE;
            continue;
          }
          units[unit + BUSY] = inUse + 1;
          unitNumbers[numbers + HELD] = (unitNumbers[numbers + HELD] as number) - now;
          unitNumbers[numbers + UNWAITED] = (unitNumbers[numbers + UNWAITED] as number) + 1;
          if (aged[task] === UNAGED) this.comeOfAge(task);
          if (what === ACQUIRE) {
            pc++;
            continue;
          }
          at[task] = pc;
          state[task] = SERVED;
          this.beginService(task, pc, s, unit >> UNIT_BITS);
          task = NONE;
        } else if (what === BRANCH) pc = uniform(streams, sourceCount + stationCount + (program[task] as number)) < (x[pc] as number) ? pc + 1 : (hot[row + 1] as number);
        else if (what === JUMP) pc = hot[row + 1] as number;
        else if (what === SPAWN && maySpawn) {
          const message = this.begin(hot[row + 1] as number);
          aged[message] = UNAGED;
          this.count(this.spawned, hot[row + 1] as number);
          this.push(message);
          pc++;
          if (this.capacity === capacity) continue;
          // The arrays in hand are too short: the rest of the task is played with longer ones.
          this.pc[task] = pc;
          this.step(task);
          task = NONE;
        } else if (what === END && parent[task] === NONE && isBranch[task] === 0) {
          this.finish(task);
          task = NONE;
        } else {
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

  private leave(moment: number): boolean {
    this.moment = moment;
    return false;
  }

  /** The end of a task that nobody has called. */
  private finish(slot: number): void {
    const source = this.source[slot] as number;
    if (source >= 0 && this.answered[slot] === 0) this.answerClient(slot, source, NONE);
    if (this.aged[slot] !== NO_MESSAGE) {
      const program = this.program[slot] as number;
      this.count(this.finished, program);
      record(this.sojourn[program] as Histogram, this.now - (this.began[slot] as number));
    }
    this.free(slot);
  }
}
