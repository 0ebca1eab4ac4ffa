import { ACQUIRE, BRANCH, DELAY, END, JUMP, OTHER, RELEASE, SPAWN } from './opcodes.ts';
import { cancel, countDown, look, nextTime, placeAnew, settle, take, turn } from './calendar.ts';
import { keepOrdersShort } from './calendar-order.ts';
import { LINK, NEAR, NOWHERE, ORDER } from './calendar-record.ts';
import { ENDLESS, mostAtOnce } from './endless.ts';
import { EngineSources } from './engine-sources.ts';
import { HAS_LAW, HAS_LIMIT, HAS_ROOM, HAS_UNITS, MANY, NUMBER, OP, OP_BITS, OPERAND, ROW_BITS, ROW_NUMBER_BITS, STREAM, UNITS } from './hot-row.ts';
import { hotRows } from './hot-rows.ts';
import { NOTED, NOTED_BITS } from './noted.ts';
import { recordNotes, recordNotesOf } from './notes.ts';
import { BEGINS, CAME, GROUP, IN_FLIGHT, IN_FLIGHT_SUM, IS_POISSON, PATIENCE, RATE, SOURCE_BITS, SOURCE_NUMBER_BITS, SPENT, SQUARES_SUM, STARTS_AT, UNTIL } from './source-row.ts';
import { STREAM_BITS, STREAM_WORDS, TAKEN } from './stream-words.ts';
import { outside, refill, uniform, width } from './streams.ts';
import { AWAITED, CANCELLED, DELAYED, NO_MESSAGE, NONE, PART, QUEUED, RUNNING, SERVED, UNAGED, UNAWAITED } from './task-states.ts';
import { ARRIVED, BUSY, DEMANDED, HEAD, HELD, LENGTH, RELEASED, ROOM, SERVERS, TAIL, UNIT, UNIT_BITS, UNWAITED, WAITED } from './units.ts';
import { AFTER, AGE, ANSWER, BEFORE, BEGAN, INSTANCE, PARENT, PC, PROGRAM, ROLE, SINCE, SOURCE, STATE, TASK_BITS, TASK_NUMBER_BITS } from './task-row.ts';

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
  /** Instructions as the loop reads them, see `hotRows`. */
  private readonly hot: Int32Array;
  private readonly rowNumbers: Float64Array;
  private readonly mostAtOnce: number;
  private readonly hasMessages: boolean;

  constructor(...[network, seed, rateOf]: ConstructorParameters<typeof EngineSources>) {
    super(network, seed, rateOf);
    this.mostAtOnce = mostAtOnce(network);
    const { special, room, unitBase, unitCount } = this;
    this.hot = hotRows(this.code, { special, room, unitBase, unitCount }, this.sourceCount + this.stationCount, this.sourceCount);
    this.hasMessages = this.code.op.includes(SPAWN);
    this.rowNumbers = new Float64Array(this.hot.buffer);
  }

  /** The event of a task has come. */
  protected abstract wake(slot: number): void;
  /** Runs a task until it waits or ends. */
  protected abstract step(slot: number): void;
  /** Runs whoever is ready. */
  protected abstract drain(): void;

  /** Runs until `untilMs`, or until nothing is left to happen. */
  run(untilMs: number): void {
    keepOrdersShort(this.calendar);
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
    recordNotes(this.notes);
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
    const { calendar, capacity, sourceCount, streams, hot, rowNumbers, units, unitNumbers, ready, measureFrom } = this;
    const { taskWords, taskNumbers, sourceWords, sourceNumbers, guarded } = this;
    const { times, words, aside } = calendar;
    const { values: noteValues, many: noteMany } = this.notes;
    const { start, programGroup } = this.code;
    const layers = width;
    const maySpawn = !this.knowsClients && this.code.jobs === null;
    const mayAnswer = this.onAnswer === null && this.userOf === null;
    const { hasMessages } = this;
    const hasGroups = this.groupInstances.length > 0;
    const hasPatience = this.patience.some((it) => it < Number.POSITIVE_INFINITY);
    let { moment, events } = this;
    for (;;) {
      // The next event: of today in most cases, else the calendar finds it.
      let task = calendar.today | 0;
      if (task === NONE && calendar.ahead > 0) {
        turn(calendar);
        task = calendar.today | 0;
      }
      let now = task === NONE ? Number.POSITIVE_INFINITY : (times[task << 1] as number);
      const asideTime = calendar.asideTime;
      let pc = 0;
      let gives = false;
      if (
        asideTime < now &&
        asideTime <= untilMs &&
        calendar.asideAt >= 0 &&
        calendar.asideAt < sourceCount &&
        this.freeHead !== NONE &&
        asideTime < (sourceNumbers[(calendar.asideAt << SOURCE_NUMBER_BITS) | UNTIL] as number)
      ) {
        // An arrival that begins a program and nothing else.
        const from = calendar.asideAt;
        now = asideTime;
        calendar.now = now;
        this.now = now;
        events++;
        if (now > moment) {
          moment = now;
          this.atOnce = 0;
        } else this.goOn();
        task = this.freeHead;
        this.freeHead = taskWords[(task << TASK_BITS) | AFTER] as number;
        // The rest of a free slot's record is as it should be; state and place in the program are written when the task first waits.
        taskWords[(task << TASK_BITS) | SOURCE] = from;
        taskWords[(task << TASK_BITS) | ROLE] = AWAITED;
        taskNumbers[(task << TASK_NUMBER_BITS) | BEGAN] = now;
        const record = from << SOURCE_BITS;
        const figures = from << SOURCE_NUMBER_BITS;
        taskWords[(task << TASK_BITS) | PROGRAM] = sourceWords[record | BEGINS] as number;
        pc = sourceWords[record | STARTS_AT] as number;
        // Without groups there is one instance of everything, in every record.
        if (hasGroups) taskWords[(task << TASK_BITS) | INSTANCE] = this.pick(sourceWords[record | GROUP] as number);
        sourceWords[record | CAME] = (sourceWords[record | CAME] as number) + 1;
        const before = sourceNumbers[figures | IN_FLIGHT] as number;
        sourceNumbers[figures | IN_FLIGHT] = before + 1;
        sourceNumbers[figures | IN_FLIGHT_SUM] = (sourceNumbers[figures | IN_FLIGHT_SUM] as number) - now;
        sourceNumbers[figures | SQUARES_SUM] = (sourceNumbers[figures | SQUARES_SUM] as number) - (2 * before + 1) * now;
        let gap = 1;
        if (sourceWords[record | IS_POISSON] === 1) {
          const drawnAt = from << STREAM_BITS;
          let taken = streams[drawnAt | TAKEN] as number;
          if (taken === STREAM_WORDS) taken = refill(streams, from) | 0;
          streams[drawnAt | TAKEN] = taken + 1;
          const word = streams[drawnAt | taken] as number;
          const layer = word & 255;
          gap = ((word + 0.5) / 4294967296) * (layers[layer] as number);
          if (gap >= (layers[layer + 1] as number)) gap = +outside(streams, from, layer, gap);
        }
        const due = now + gap / (sourceNumbers[figures | RATE] as number);
        if (due < (sourceNumbers[figures | UNTIL] as number)) {
          times[from << 1] = due;
          words[(from << 2) | ORDER] = calendar.scheduled++;
          aside[from] = due;
          if (sourceCount === 1 && calendar.delayCount === 0 && calendar.overflow.size === 0) calendar.asideTime = due;
          else settle(calendar);
        } else {
          calendar.next = from;
          take(calendar);
          this.scheduleArrivalFrom(from, sourceNumbers[figures | UNTIL] as number);
        }
      } else {
        if (asideTime <= now) {
          task = look(calendar) | 0;
          if (task === NONE) return this.leave(moment, events);
          now = times[task << 1] as number;
        } else calendar.next = task;
        if (now > untilMs || task === NONE) return this.leave(moment, events);
        this.now = now;
        events++;
        if (now > moment) {
          moment = now;
          this.atOnce = 0;
        } else this.goOn();
        if (task === calendar.today) {
          calendar.now = now;
          calendar.today = words[(task << 2) | LINK] as number;
          words[(task << 2) | LINK] = NOWHERE;
          if (--calendar.untilTuned <= 0) countDown(calendar);
        } else take(calendar);
        if (task < sourceCount) {
          this.come(task);
          task = NONE;
        } else {
          pc = taskWords[(task << TASK_BITS) | PC] as number;
          const was = taskWords[(task << TASK_BITS) | STATE];
          if (was === DELAYED) pc++;
          else if (was === SERVED && ((hot[(pc << ROW_BITS) | OP] as number) & OP_BITS) !== OTHER) gives = true;
          else {
            this.wake(task);
            task = NONE;
          }
        }
      }
      for (;;) {
        if (task === NONE) {
          if (this.capacity !== capacity) {
            this.drain();
            this.leave(moment, events);
            return true;
          }
          if (this.readyHead === this.readyTail) break;
          this.goOn();
          task = ready[this.readyHead++] as number;
          if (this.readyHead === capacity) this.readyHead = 0;
          if (taskWords[(task << TASK_BITS) | STATE] === CANCELLED) {
            this.free(task);
            task = NONE;
            continue;
          }
          pc = taskWords[(task << TASK_BITS) | PC] as number;
        }
        const row = pc << ROW_BITS;
        const word = hot[row | OP] as number;
        // A service that is over gives its server back in the same way as a hold.
        const what = gives ? RELEASE : word & OP_BITS;
        // Who begins a service or a delay now, at which row, that row's first word, and the record of its station's unit.
        let begins = task;
        let beginsAt = pc;
        let begun = word;
        let numbers = NONE;
        // biome-ignore lint/suspicious/noConfusingLabels: who begins a service or a delay leaves the block, and everybody else goes round the loop.
        taken: {
          if (what <= RELEASE && what !== END) {
            const unit =
              (hot[row | UNITS] as number) + ((word & HAS_UNITS) === 0 ? 0 : UNIT * ((taskWords[(task << TASK_BITS) | INSTANCE] as number) % (hot[row | MANY] as number)));
            numbers = unit >> 1;
            if (what === RELEASE) {
              gives = false;
              pc++;
              units[unit | RELEASED] = (units[unit | RELEASED] as number) + 1;
              const first = units[unit | HEAD] as number;
              if (first === NONE) {
                units[unit | BUSY] = (units[unit | BUSY] as number) - 1;
                unitNumbers[numbers | HELD] = (unitNumbers[numbers | HELD] as number) + now;
                continue;
              }
              // The server goes from hand to hand.
              unitNumbers[numbers | WAITED] = (unitNumbers[numbers | WAITED] as number) + now;
              units[unit | LENGTH] = (units[unit | LENGTH] as number) - 1;
              const after = taskWords[(first << TASK_BITS) | AFTER] as number;
              // Whoever stands in front now is not told: its record may be far away, and the unit says so too.
              units[unit | HEAD] = after;
              if (after === NONE) units[unit | TAIL] = NONE;
              const s = hot[row | OPERAND] as number;
              const noted = noteMany[s] as number;
              noteValues[(s << NOTED_BITS) | noted] = now - (taskNumbers[(first << TASK_NUMBER_BITS) | SINCE] as number);
              noteMany[s] = noted + 1;
              if (noted === NOTED - 1) recordNotesOf(this.notes, s);
              if (hasMessages && taskWords[(first << TASK_BITS) | AGE] === UNAGED) this.comeOfAge(first);
              const place = taskWords[(first << TASK_BITS) | PC] as number;
              begun = hot[(place << ROW_BITS) | OP] as number;
              if ((begun & HAS_LIMIT) !== 0) cancel(calendar, first);
              if ((begun & OP_BITS) === ACQUIRE) {
                taskWords[(first << TASK_BITS) | STATE] = RUNNING;
                taskWords[(first << TASK_BITS) | PC] = place + 1;
                ready[this.readyTail++] = first;
                if (this.readyTail === capacity) this.readyTail = 0;
                continue;
              }
              begins = first;
              beginsAt = place;
              taskWords[(first << TASK_BITS) | STATE] = SERVED;
              break taken;
            }
            const inUse = units[unit | BUSY] as number;
            units[unit | ARRIVED] = (units[unit | ARRIVED] as number) + 1;
            if (inUse >= (units[unit | SERVERS] as number)) {
              taskWords[(task << TASK_BITS) | PC] = pc;
              const length = units[unit | LENGTH] as number;
              if ((word & HAS_ROOM) !== 0 && length >= (units[unit | ROOM] as number)) this.refuse(task, hot[row | OPERAND] as number);
              else if ((word & HAS_LIMIT) !== 0) this.enqueue(task, pc, hot[row | OPERAND] as number, unit >> UNIT_BITS, units[unit | TAIL] as number);
              else {
                unitNumbers[numbers | WAITED] = (unitNumbers[numbers | WAITED] as number) - now;
                units[unit | LENGTH] = length + 1;
                const before = units[unit | TAIL] as number;
                taskWords[(task << TASK_BITS) | BEFORE] = before;
                taskWords[(task << TASK_BITS) | AFTER] = NONE;
                if (before === NONE) units[unit | HEAD] = task;
                else taskWords[(before << TASK_BITS) | AFTER] = task;
                units[unit | TAIL] = task;
                taskWords[(task << TASK_BITS) | STATE] = QUEUED;
                taskNumbers[(task << TASK_NUMBER_BITS) | SINCE] = now;
              }
              task = NONE;
              continue;
            }
            units[unit | BUSY] = inUse + 1;
            unitNumbers[numbers | HELD] = (unitNumbers[numbers | HELD] as number) - now;
            unitNumbers[numbers | UNWAITED] = (unitNumbers[numbers | UNWAITED] as number) + 1;
            if (hasMessages && taskWords[(task << TASK_BITS) | AGE] === UNAGED) this.comeOfAge(task);
            if (what === ACQUIRE) {
              pc++;
              continue;
            }
            taskWords[(task << TASK_BITS) | STATE] = SERVED;
            taskWords[(task << TASK_BITS) | PC] = pc;
            task = NONE;
            break taken;
          }
          if (what === DELAY) {
            taskWords[(task << TASK_BITS) | STATE] = DELAYED;
            taskWords[(task << TASK_BITS) | PC] = pc;
            task = NONE;
            break taken;
          }
          if (what === BRANCH)
            pc = uniform(streams, hot[row | STREAM] as number) < (rowNumbers[(pc << ROW_NUMBER_BITS) | NUMBER] as number) ? pc + 1 : (hot[row | OPERAND] as number);
          else if (what === JUMP) pc = hot[row | OPERAND] as number;
          else if (what === SPAWN && maySpawn) {
            const spawned = hot[row | OPERAND] as number;
            const message = this.freeHead;
            if (message !== NONE && guarded[spawned] === 0) {
              this.freeHead = taskWords[(message << TASK_BITS) | AFTER] as number;
              taskNumbers[(message << TASK_NUMBER_BITS) | BEGAN] = now;
              taskWords[(message << TASK_BITS) | PROGRAM] = spawned;
              taskWords[(message << TASK_BITS) | PC] = start[spawned] as number;
              if (hasGroups) taskWords[(message << TASK_BITS) | INSTANCE] = this.pick(programGroup[spawned] as number);
              taskWords[(message << TASK_BITS) | AGE] = UNAGED;
              taskWords[(message << TASK_BITS) | STATE] = RUNNING;
              this.spawned[spawned] = (this.spawned[spawned] as number) + 1;
              ready[this.readyTail++] = message;
              if (this.readyTail === capacity) this.readyTail = 0;
              pc++;
              continue;
            }
            const later = this.begin(spawned);
            this.taskWords[(later << TASK_BITS) | AGE] = UNAGED;
            this.count(this.spawned, spawned);
            this.push(later);
            pc++;
            if (this.capacity === capacity) continue;
            // The arrays in hand are too short: the rest of the task is played with longer ones.
            this.taskWords[(task << TASK_BITS) | PC] = pc;
            this.step(task);
            task = NONE;
          } else if (what === END) {
            const role = taskWords[(task << TASK_BITS) | ROLE] as number;
            if (role === PART || (role !== AWAITED && taskWords[(task << TASK_BITS) | PARENT] !== NONE)) {
              this.end(task, NONE);
              task = NONE;
              continue;
            }
            const began_ = taskNumbers[(task << TASK_NUMBER_BITS) | BEGAN] as number;
            if (role === AWAITED) {
              const from = taskWords[(task << TASK_BITS) | SOURCE] as number;
              const latency = now - began_;
              const figures = from << SOURCE_NUMBER_BITS;
              if (mayAnswer && began_ >= measureFrom && (!hasPatience || latency <= (sourceNumbers[figures | PATIENCE] as number))) {
                const before = sourceNumbers[figures | IN_FLIGHT] as number;
                sourceNumbers[figures | IN_FLIGHT] = before - 1;
                sourceNumbers[figures | IN_FLIGHT_SUM] = (sourceNumbers[figures | IN_FLIGHT_SUM] as number) + now;
                sourceNumbers[figures | SQUARES_SUM] = (sourceNumbers[figures | SQUARES_SUM] as number) - (1 - 2 * before) * now;
                sourceNumbers[figures | SPENT] = (sourceNumbers[figures | SPENT] as number) + now - began_;
                const index = this.latencyNotes + from;
                const noted = noteMany[index] as number;
                noteValues[(index << NOTED_BITS) | noted] = latency;
                noteMany[index] = noted + 1;
                if (noted === NOTED - 1) recordNotesOf(this.notes, index);
              } else this.answerClient(task, from, NONE);
              taskWords[(task << TASK_BITS) | SOURCE] = NONE;
              taskWords[(task << TASK_BITS) | ROLE] = UNAWAITED;
            } else {
              taskWords[(task << TASK_BITS) | SOURCE] = NONE;
              taskWords[(task << TASK_BITS) | ANSWER] = 0;
              if (taskWords[(task << TASK_BITS) | AGE] !== NO_MESSAGE) {
                const which = taskWords[(task << TASK_BITS) | PROGRAM] as number;
                this.count(this.finished, which);
                const index = this.sojournNotes + which;
                const noted = noteMany[index] as number;
                noteValues[(index << NOTED_BITS) | noted] = now - began_;
                noteMany[index] = noted + 1;
                if (noted === NOTED - 1) recordNotesOf(this.notes, index);
                taskWords[(task << TASK_BITS) | AGE] = NO_MESSAGE;
              }
            }
            if (hasGroups) this.leaveInstance(task);
            taskWords[(task << TASK_BITS) | AFTER] = this.freeHead;
            this.freeHead = task;
            task = NONE;
          } else {
            taskWords[(task << TASK_BITS) | PC] = pc;
            this.step(task);
            task = NONE;
          }
          continue;
        }
        const stream = hot[(beginsAt << ROW_BITS) | STREAM] as number;
        let due: number;
        if ((begun & HAS_LAW) === 0) {
          const drawnAt = stream << STREAM_BITS;
          let taken = streams[drawnAt | TAKEN] as number;
          if (taken === STREAM_WORDS) taken = refill(streams, stream) | 0;
          streams[drawnAt | TAKEN] = taken + 1;
          const word = streams[drawnAt | taken] as number;
          const layer = word & 255;
          let x = ((word + 0.5) / 4294967296) * (layers[layer] as number);
          if (x >= (layers[layer + 1] as number)) x = +outside(streams, stream, layer, x);
          due = now + (rowNumbers[(beginsAt << ROW_NUMBER_BITS) | NUMBER] as number) * x;
        } else due = now + this.duration(beginsAt, stream);
        if (numbers >= 0) unitNumbers[numbers | DEMANDED] = (unitNumbers[numbers | DEMANDED] as number) + (due - now);
        times[begins << 1] = due;
        words[(begins << 2) | ORDER] = calendar.scheduled++;
        const days = calendar.days;
        const day = Math.floor(due * calendar.perTime);
        if (calendar.ahead > 0 && day > calendar.day && day < calendar.opened) {
          const place = day & (days.length - 1);
          words[(begins << 2) | LINK] = days[place] as number;
          days[place] = begins;
          calendar.ahead++;
        } else if (day <= calendar.day && (calendar.today === NONE || due < (times[calendar.today << 1] as number))) {
          // The first of today.
          const first = calendar.today;
          words[(begins << 2) | LINK] = first;
          calendar.today = begins;
          if (first === NONE) calendar.todayLast = begins;
        } else if (calendar.ahead === 0 && calendar.today === NONE && day - calendar.day < NEAR && day < calendar.opened) {
          // The only event needs no list.
          words[(begins << 2) | LINK] = NONE;
          calendar.day = Math.max(calendar.day, day);
          calendar.today = begins;
          calendar.todayLast = begins;
        } else placeAnew(calendar, begins);
      }
    }
  }

  private leave(moment: number, events: number): boolean {
    this.moment = moment;
    this.events = events;
    return false;
  }
}
