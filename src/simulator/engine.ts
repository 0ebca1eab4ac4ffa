import type { Network } from '../model/network.ts';
import {
  ACQUIRE,
  AGAIN,
  assemble,
  BRANCH,
  type Bytecode,
  CALL,
  CAUSE_CALL_TIMEOUT,
  CAUSE_PATIENCE,
  DELAY,
  DETERMINISTIC,
  END,
  EXPONENTIAL,
  FORK,
  GAMMA,
  JUMP,
  LOGNORMAL,
  LOOP,
  RELEASE,
  RESPOND,
  SERVE,
  SPAWN,
} from './bytecode.ts';
import { type Calendar, calendarFor, cancel, growCalendar, nextTime, schedule, take } from './calendar.ts';
import { type Histogram, histogram, record } from './histogram.ts';
import { exponential, gamma, hyperexponential, lognormal, type Streams, streamsFor, uniform } from './streams.ts';

/** What a task's event means when it comes. */
const RUNNING = 0;
const QUEUED = 1;
const SERVED = 2;
const DELAYED = 3;
const CALLING = 4;
const FORKED = 5;
const BACKING_OFF = 6;

const NONE = -1;
/** Spawned tasks have an age until their first server; others have none. */
const UNAGED = 0;
const AGED = 1;
const NO_MESSAGE = 2;
const BALANCE_ROUND_ROBIN = 1;
const BALANCE_LEAST = 2;

/**
 * The event engine: tasks (one per running program or parallel branch) step through bytecode, wait at stations in FIFO order, and are the events.
 * Everything is arrays of numbers by slot; slots are used again. A class because it is a lifetime: made, run, read, dropped.
 */
export class Engine {
  now = 0;
  events = 0;
  readonly code: Bytecode;
  readonly calendar: Calendar;
  private readonly streams: Streams;
  private readonly sourceCount: number;
  private readonly stationCount: number;

  // Tasks.
  private capacity: number;
  private freeHead = NONE;
  private pc: Int32Array;
  private state: Uint8Array;
  private parent: Int32Array;
  private child: Int32Array;
  private pending: Int32Array;
  private attemptsLeft: Int32Array;
  private program: Int32Array;
  private instance: Int32Array;
  private source: Int32Array;
  private began: Float64Array;
  private waitingSince: Float64Array;
  /** At a shared processor: the unit's given work at which this task is done. */
  private doneAt: Float64Array;
  private cause: Int32Array;
  private isBranch: Uint8Array;
  private answered: Uint8Array;
  private aged: Uint8Array;
  private next: Int32Array;
  private previous: Int32Array;
  private registers: Int32Array;
  private ready: Int32Array;
  private readyHead = 0;
  private readyTail = 0;

  // Stations and their units (one per instance).
  private readonly unitBase: Int32Array;
  private readonly unitCount: Int32Array;
  private readonly servers: Float64Array;
  private readonly room: Float64Array;
  private readonly unitBusy: Int32Array;
  private readonly unitHead: Int32Array;
  private readonly unitTail: Int32Array;
  private readonly unitLength: Int32Array;
  /** Processor sharing: work that each present customer has been given so far, and when that was last brought up to date. */
  readonly sharing: Uint8Array;
  private readonly unitGiven: Float64Array;
  private readonly unitGivenAt: Float64Array;
  readonly busy: Float64Array;
  readonly queued: Float64Array;
  private readonly changed: Float64Array;
  readonly busyIntegral: Float64Array;
  readonly queueIntegral: Float64Array;
  readonly arrivals: Float64Array;
  readonly granted: Float64Array;
  readonly released: Float64Array;
  readonly queuedAtStart: Float64Array;
  readonly refused: Float64Array;
  readonly expired: Float64Array;
  readonly waits: Histogram[];
  /** Sum of holding times: begins are subtracted, ends added. */
  readonly heldSum: Float64Array;

  // Groups.
  private readonly groupInstances: Int32Array;
  private readonly groupBalance: Uint8Array;
  private readonly groupTurn: Int32Array;
  private readonly groupBase: Int32Array;
  private readonly groupActive: Int32Array;

  // Sources.
  private readonly sourceProgram: Int32Array;
  private readonly isPoisson: Uint8Array;
  readonly patience: Float64Array;
  private readonly phaseFrom: Float64Array[];
  private readonly phaseRate: Float64Array[];
  readonly offered: Float64Array;
  readonly completed: Float64Array;
  readonly good: Float64Array;
  readonly errors: Float64Array[];
  readonly latency: Histogram[];
  readonly inFlight: Float64Array;
  readonly inFlightIntegral: Float64Array;
  readonly inFlightChanged: Float64Array;
  /** Time that all requests of a source have spent, finished or not: Little's law compares it with the integral. */
  readonly spent: Float64Array;

  // Programs that were spawned.
  readonly spawned: Float64Array;
  readonly finished: Float64Array;
  readonly failed: Float64Array;
  readonly sojourn: Histogram[];
  readonly age: Histogram[];

  measureFrom = 0;
  /** Arrivals since time 0, measured or not. */
  allOffered = 0;
  /** Called for every answered, failed or late request; null where nobody asked for a series. */
  onAnswer: ((source: number, latencyMs: number, isGood: boolean) => void) | null = null;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly { fromMs: number; perSecond: number }[]) {
    this.code = assemble(network);
    this.sourceCount = network.sources.length;
    this.stationCount = network.stations.length;
    const groupIndex = new Map(network.groups.map((it, index) => [it.id, index]));
    const programIndex = new Map(network.programs.map((it, index) => [it.id, index]));
    this.streams = streamsFor(seed, [
      ...network.sources.map((it) => `arrivals ${it.id}`),
      ...network.stations.map((it) => `service ${it.id}`),
      ...network.programs.map((it) => `program ${it.id}`),
      'balancer',
    ]);
    const n = (this.capacity = 1024 + this.sourceCount);
    this.calendar = calendarFor(n);
    const ints = (): Int32Array => new Int32Array(n);
    this.pc = ints();
    this.state = new Uint8Array(n);
    this.parent = ints();
    this.child = ints();
    this.pending = ints();
    this.attemptsLeft = ints();
    this.program = ints();
    this.instance = ints();
    this.source = ints();
    this.began = new Float64Array(n);
    this.waitingSince = new Float64Array(n);
    this.doneAt = new Float64Array(n);
    this.cause = ints();
    this.isBranch = new Uint8Array(n);
    this.answered = new Uint8Array(n);
    this.aged = new Uint8Array(n);
    this.next = ints();
    this.previous = ints();
    this.registers = new Int32Array(n * this.code.loopDepth);
    this.ready = ints();
    this.chainFree(this.sourceCount, n);

    const stations = network.stations;
    this.unitCount = Int32Array.from(stations, (it) => (it.group === undefined ? 1 : (network.groups[groupIndex.get(it.group) ?? -1]?.instances ?? 1)));
    this.unitBase = new Int32Array(stations.length);
    let units = 0;
    for (let s = 0; s < stations.length; s++) {
      this.unitBase[s] = units;
      units += this.unitCount[s] as number;
    }
    this.servers = Float64Array.from(stations, (it) => it.servers ?? Number.POSITIVE_INFINITY);
    this.room = Float64Array.from(stations, (it) => it.room ?? Number.POSITIVE_INFINITY);
    this.unitBusy = new Int32Array(units);
    this.sharing = Uint8Array.from(stations, (it) => (it.discipline === 'processorSharing' ? 1 : 0));
    this.unitGiven = new Float64Array(units);
    this.unitGivenAt = new Float64Array(units);
    this.unitHead = new Int32Array(units).fill(NONE);
    this.unitTail = new Int32Array(units).fill(NONE);
    this.unitLength = new Int32Array(units);
    const perStation = (): Float64Array => new Float64Array(stations.length);
    this.busy = perStation();
    this.queued = perStation();
    this.changed = perStation();
    this.busyIntegral = perStation();
    this.queueIntegral = perStation();
    this.arrivals = perStation();
    this.granted = perStation();
    this.released = perStation();
    this.queuedAtStart = perStation();
    this.refused = perStation();
    this.expired = perStation();
    this.heldSum = perStation();
    this.waits = stations.map(histogram);

    this.groupInstances = Int32Array.from(network.groups, (it) => it.instances);
    this.groupBalance = Uint8Array.from(network.groups, (it) => (it.balancer === 'roundRobin' ? BALANCE_ROUND_ROBIN : it.balancer === 'leastConnections' ? BALANCE_LEAST : 0));
    this.groupTurn = new Int32Array(network.groups.length);
    this.groupBase = new Int32Array(network.groups.length);
    let active = 0;
    for (let g = 0; g < network.groups.length; g++) {
      this.groupBase[g] = active;
      active += this.groupInstances[g] as number;
    }
    this.groupActive = new Int32Array(active);

    const sources = network.sources;
    this.sourceProgram = Int32Array.from(sources, (it) => programIndex.get(it.program) ?? NONE);
    this.isPoisson = Uint8Array.from(sources, (it) => (it.arrivals === 'poisson' ? 1 : 0));
    this.patience = Float64Array.from(sources, (it) => it.patienceMs ?? Number.POSITIVE_INFINITY);
    const phases = sources.map((_, index) => rateOf(index));
    this.phaseFrom = phases.map((it) => Float64Array.from(it, (phase) => phase.fromMs));
    this.phaseRate = phases.map((it) => Float64Array.from(it, (phase) => phase.perSecond / 1000));
    const perSource = (): Float64Array => new Float64Array(sources.length);
    this.offered = perSource();
    this.completed = perSource();
    this.good = perSource();
    this.inFlight = perSource();
    this.inFlightIntegral = perSource();
    this.inFlightChanged = perSource();
    this.spent = perSource();
    this.errors = sources.map(() => new Float64Array(this.code.causes.length));
    this.latency = sources.map(histogram);
    const programs = network.programs.length;
    this.spawned = new Float64Array(programs);
    this.finished = new Float64Array(programs);
    this.failed = new Float64Array(programs);
    this.sojourn = network.programs.map(histogram);
    this.age = network.programs.map(histogram);

    sources.forEach((source, index) => {
      for (let many = 0; many < (source.burst ?? 0); many++) this.arrive(index);
      this.drain();
      this.scheduleArrival(index);
    });
  }

  /** Runs until `untilMs`, or until nothing is left to happen. */
  run(untilMs: number): void {
    const { calendar } = this;
    for (;;) {
      const time = nextTime(calendar);
      if (time > untilMs || time === Number.POSITIVE_INFINITY) break;
      const slot = take(calendar);
      this.now = time;
      this.events++;
      if (slot < this.sourceCount) {
        this.arrive(slot);
        this.scheduleArrival(slot);
      } else this.wake(slot);
      if (this.readyHead !== this.readyTail) this.drain();
    }
    if (untilMs < Number.POSITIVE_INFINITY) this.now = untilMs;
    this.settle();
  }

  /** Stops all arrivals, so that `run` can empty the system. */
  close(): void {
    for (let source = 0; source < this.sourceCount; source++) cancel(this.calendar, source);
  }

  /** Brings every integral up to now. */
  settle(): void {
    for (let s = 0; s < this.stationCount; s++) this.touch(s);
    for (let source = 0; source < this.sourceCount; source++) this.touchSource(source);
  }

  /** Forgets what was measured so far; what is under way stays. */
  beginMeasuring(): void {
    this.settle();
    this.measureFrom = this.now;
    for (const it of [this.busyIntegral, this.queueIntegral, this.arrivals, this.granted, this.released, this.refused, this.expired, this.heldSum]) it.fill(0);
    for (const it of [this.offered, this.completed, this.good, this.inFlightIntegral, this.spent]) it.fill(0);
    for (const it of [this.spawned, this.finished, this.failed]) it.fill(0);
    for (const it of this.errors) it.fill(0);
    for (const all of [this.waits, this.latency, this.sojourn, this.age])
      for (const it of all) {
        it.counts.fill(0);
        it.zeros = it.total = it.sum = it.sumOfSquares = it.max = 0;
      }
    this.events = 0;
    // Whoever holds a server or is in flight has spent its time so far outside the measurement.
    this.queuedAtStart.set(this.queued);
    for (let s = 0; s < this.stationCount; s++) this.heldSum[s] = -(this.busy[s] as number) * this.now;
    for (let source = 0; source < this.sourceCount; source++) this.spent[source] = -(this.inFlight[source] as number) * this.now;
  }

  /** Requests that have not been answered although their client has lost patience; counted at the end of a run. */
  countOverdue(): void {
    for (let slot = this.sourceCount; slot < this.capacity; slot++) {
      const source = this.source[slot] as number;
      if (source < 0 || this.answered[slot]) continue;
      const began = this.began[slot] as number;
      if (began >= this.measureFrom && this.now - began > (this.patience[source] as number)) {
        this.answered[slot] = 1;
        this.count(this.errors[source] as Float64Array, CAUSE_PATIENCE);
      }
    }
  }

  /** True when work is under way but nothing will ever happen to it. */
  isStuck(): boolean {
    for (let source = 0; source < this.sourceCount; source++) if ((this.inFlight[source] as number) > 0) return nextTime(this.calendar) === Number.POSITIVE_INFINITY;
    return false;
  }

  private count(into: Float64Array, index: number): void {
    into[index] = (into[index] as number) + 1;
  }

  private touch(s: number): void {
    const span = this.now - (this.changed[s] as number);
    if (span > 0) {
      this.busyIntegral[s] = (this.busyIntegral[s] as number) + span * (this.busy[s] as number);
      this.queueIntegral[s] = (this.queueIntegral[s] as number) + span * (this.queued[s] as number);
      this.changed[s] = this.now;
    }
  }

  private touchSource(source: number): void {
    const span = this.now - (this.inFlightChanged[source] as number);
    if (span > 0) {
      this.inFlightIntegral[source] = (this.inFlightIntegral[source] as number) + span * (this.inFlight[source] as number);
      this.inFlightChanged[source] = this.now;
    }
  }

  private scheduleArrival(source: number): void {
    const from = this.phaseFrom[source] as Float64Array;
    const rates = this.phaseRate[source] as Float64Array;
    let at = this.now;
    let phase = -1;
    while (phase + 1 < from.length && (from[phase + 1] as number) <= at) phase++;
    for (;;) {
      const rate = phase < 0 ? 0 : (rates[phase] as number);
      const end = phase + 1 < from.length ? (from[phase + 1] as number) : Number.POSITIVE_INFINITY;
      // Beyond the phase nothing is remembered: a Poisson stream begins anew there.
      const due = rate > 0 ? at + (this.isPoisson[source] ? exponential(this.streams, source) : 1) / rate : Number.POSITIVE_INFINITY;
      if (due < end) {
        schedule(this.calendar, source, due);
        return;
      }
      if (end === Number.POSITIVE_INFINITY) return;
      at = end;
      phase++;
    }
  }

  private arrive(source: number): void {
    const slot = this.begin(this.sourceProgram[source] as number);
    this.source[slot] = source;
    this.touchSource(source);
    this.allOffered++;
    this.count(this.offered, source);
    this.count(this.inFlight, source);
    this.spent[source] = (this.spent[source] as number) - this.now;
    this.push(slot);
  }

  /** A new task at the start of a program. */
  private begin(program: number): number {
    const slot = this.allocate();
    this.program[slot] = program;
    this.pc[slot] = this.code.start[program] as number;
    this.instance[slot] = this.pick(this.code.programGroup[program] as number);
    return slot;
  }

  private pick(group: number): number {
    if (group < 0) return Math.floor(uniform(this.streams, this.sourceCount + this.stationCount + this.code.start.length) * 1048576);
    const instances = this.groupInstances[group] as number;
    let chosen = 0;
    if (instances > 1) {
      const balance = this.groupBalance[group];
      if (balance === BALANCE_ROUND_ROBIN) {
        chosen = this.groupTurn[group] as number;
        this.groupTurn[group] = chosen + 1 < instances ? chosen + 1 : 0;
      } else if (balance === BALANCE_LEAST) {
        const base = this.groupBase[group] as number;
        for (let other = 1; other < instances; other++) if ((this.groupActive[base + other] as number) < (this.groupActive[base + chosen] as number)) chosen = other;
      } else chosen = Math.floor(uniform(this.streams, this.sourceCount + this.stationCount + this.code.start.length) * instances);
    }
    const at = (this.groupBase[group] as number) + chosen;
    this.groupActive[at] = (this.groupActive[at] as number) + 1;
    return chosen;
  }

  private allocate(): number {
    if (this.freeHead === NONE) this.grow();
    const slot = this.freeHead;
    this.freeHead = this.next[slot] as number;
    this.parent[slot] = NONE;
    this.child[slot] = NONE;
    this.pending[slot] = 0;
    this.source[slot] = NONE;
    this.began[slot] = this.now;
    this.cause[slot] = NONE;
    this.isBranch[slot] = 0;
    this.answered[slot] = 0;
    this.aged[slot] = NO_MESSAGE;
    this.state[slot] = RUNNING;
    return slot;
  }

  private free(slot: number): void {
    if (!this.isBranch[slot]) {
      const group = this.code.programGroup[this.program[slot] as number] as number;
      if (group >= 0) {
        const at = (this.groupBase[group] as number) + (this.instance[slot] as number);
        this.groupActive[at] = (this.groupActive[at] as number) - 1;
      }
    }
    this.source[slot] = NONE;
    this.next[slot] = this.freeHead;
    this.freeHead = slot;
  }

  private push(slot: number): void {
    this.ready[this.readyTail++] = slot;
    if (this.readyTail === this.capacity) this.readyTail = 0;
  }

  private drain(): void {
    while (this.readyHead !== this.readyTail) {
      const slot = this.ready[this.readyHead++] as number;
      if (this.readyHead === this.capacity) this.readyHead = 0;
      this.step(slot);
    }
  }

  /** The event of a task has come. */
  private wake(slot: number): void {
    const pc = this.pc[slot] as number;
    switch (this.state[slot]) {
      case SERVED:
        if (this.sharing[this.code.a[pc] as number]) this.leaveShared(slot, this.code.a[pc] as number);
        else this.giveBack(slot, this.code.a[pc] as number);
        this.pc[slot] = pc + 1;
        this.step(slot);
        break;
      case DELAYED:
        this.pc[slot] = pc + 1;
        this.step(slot);
        break;
      case QUEUED: {
        const s = this.code.a[pc] as number;
        this.leaveQueue(slot, s);
        this.count(this.expired, s);
        this.fail(slot, this.code.stationTimeout[s] as number);
        break;
      }
      case CALLING: {
        // The callee works on, for nobody.
        this.parent[this.child[slot] as number] = NONE;
        this.child[slot] = NONE;
        this.afterFailedCall(slot, CAUSE_CALL_TIMEOUT);
        break;
      }
      case BACKING_OFF:
        this.startCall(slot, pc);
        break;
    }
  }

  /** Runs a task until it waits or ends. */
  private step(slot: number): void {
    const { code } = this;
    this.state[slot] = RUNNING;
    for (;;) {
      const pc = this.pc[slot] as number;
      switch (code.op[pc]) {
        case SERVE:
          this.ask(slot, pc, code.a[pc] as number);
          return;
        case ACQUIRE:
          if (!this.ask(slot, pc, code.a[pc] as number)) return;
          this.pc[slot] = pc + 1;
          break;
        case RELEASE:
          this.giveBack(slot, code.a[pc] as number);
          this.pc[slot] = pc + 1;
          break;
        case DELAY: {
          const time = this.duration(pc, this.sourceCount + this.stationCount + (this.program[slot] as number));
          this.state[slot] = DELAYED;
          schedule(this.calendar, slot, this.now + time);
          return;
        }
        case CALL:
          this.attemptsLeft[slot] = code.b[pc] as number;
          this.startCall(slot, pc);
          return;
        case SPAWN: {
          const program = code.a[pc] as number;
          const task = this.begin(program);
          this.aged[task] = UNAGED;
          this.count(this.spawned, program);
          this.push(task);
          this.pc[slot] = pc + 1;
          break;
        }
        case FORK: {
          const table = code.a[pc] as number;
          const branches = code.forks[table] as number;
          this.pending[slot] = branches;
          this.state[slot] = FORKED;
          this.pc[slot] = code.b[pc] as number;
          // What fails inside is reported at the fork, whose holds are the ones to give back.
          this.attemptsLeft[slot] = pc;
          for (let branch = 1; branch <= branches; branch++) {
            const task = this.allocate();
            this.parent[task] = slot;
            this.isBranch[task] = 1;
            this.program[task] = this.program[slot] as number;
            this.instance[task] = this.instance[slot] as number;
            this.pc[task] = code.forks[table + branch] as number;
            this.push(task);
          }
          return;
        }
        case LOOP: {
          const times = code.x[pc] as number;
          let rounds = Math.floor(times);
          if (rounds < times && uniform(this.streams, this.sourceCount + this.stationCount + (this.program[slot] as number)) < times - rounds) rounds++;
          if (rounds > 0) {
            this.registers[slot * code.loopDepth + (code.b[pc] as number)] = rounds;
            this.pc[slot] = pc + 1;
          } else this.pc[slot] = code.a[pc] as number;
          break;
        }
        case AGAIN: {
          const at = slot * code.loopDepth + (code.b[pc] as number);
          const left = (this.registers[at] as number) - 1;
          this.registers[at] = left;
          this.pc[slot] = left > 0 ? (code.a[pc] as number) : pc + 1;
          break;
        }
        case BRANCH:
          this.pc[slot] = uniform(this.streams, this.sourceCount + this.stationCount + (this.program[slot] as number)) < (code.x[pc] as number) ? pc + 1 : (code.a[pc] as number);
          break;
        case JUMP:
          this.pc[slot] = code.a[pc] as number;
          break;
        case RESPOND:
          this.pc[slot] = pc + 1;
          this.answer(slot, NONE);
          break;
        case END:
          this.end(slot, NONE);
          return;
      }
    }
  }

  private duration(pc: number, stream: number): number {
    const mean = this.code.x[pc] as number;
    switch (this.code.b[pc]) {
      case DETERMINISTIC:
        return mean;
      case EXPONENTIAL:
        return mean * exponential(this.streams, stream);
      case GAMMA: {
        const shape = this.code.y[pc] as number;
        return (mean * gamma(this.streams, stream, shape)) / shape;
      }
      case LOGNORMAL:
        return mean * lognormal(this.streams, stream, this.code.y[pc] as number);
      default:
        return mean * hyperexponential(this.streams, stream, this.code.y[pc] as number);
    }
  }

  private unitOf(slot: number, s: number): number {
    const units = this.unitCount[s] as number;
    const base = this.unitBase[s] as number;
    return units === 1 ? base : base + ((this.instance[slot] as number) % units);
  }

  /** Asks a station for a server; false where the task now waits, is served, or has failed. */
  private ask(slot: number, pc: number, s: number): boolean {
    this.count(this.arrivals, s);
    const unit = this.unitOf(slot, s);
    if (this.sharing[s]) {
      this.joinShared(slot, pc, s, unit);
      return false;
    }
    if ((this.unitBusy[unit] as number) < (this.servers[s] as number)) {
      this.unitBusy[unit] = (this.unitBusy[unit] as number) + 1;
      return this.grant(slot, pc, s, 0);
    }
    if ((this.unitLength[unit] as number) >= (this.room[s] as number)) {
      this.count(this.refused, s);
      this.fail(slot, this.code.stationRefusal[s] as number);
      return false;
    }
    this.touch(s);
    this.count(this.queued, s);
    this.unitLength[unit] = (this.unitLength[unit] as number) + 1;
    const tail = this.unitTail[unit] as number;
    this.previous[slot] = tail;
    this.next[slot] = NONE;
    if (tail === NONE) this.unitHead[unit] = slot;
    else this.next[tail] = slot;
    this.unitTail[unit] = slot;
    this.state[slot] = QUEUED;
    this.waitingSince[slot] = this.now;
    const limit = this.code.z[pc] as number;
    if (limit < Number.POSITIVE_INFINITY) schedule(this.calendar, slot, this.now + limit);
    return false;
  }

  /** A server is the task's; true where the task goes on at once (a hold), false where its service has begun. */
  private grant(slot: number, pc: number, s: number, waited: number): boolean {
    this.touch(s);
    this.count(this.busy, s);
    this.count(this.granted, s);
    this.heldSum[s] = (this.heldSum[s] as number) - this.now;
    record(this.waits[s] as Histogram, waited);
    if (this.aged[slot] === UNAGED) {
      this.aged[slot] = AGED;
      record(this.age[this.program[slot] as number] as Histogram, this.now - (this.began[slot] as number));
    }
    if (this.code.op[pc] === ACQUIRE) return true;
    this.state[slot] = SERVED;
    schedule(this.calendar, slot, this.now + this.duration(pc, this.sourceCount + s));
    return false;
  }

  /** Brings the work given to each customer of a shared processor up to now. */
  private give(unit: number, s: number): void {
    const present = this.unitLength[unit] as number;
    if (present > 0) {
      const pace = Math.min(1, (this.servers[s] as number) / present);
      this.unitGiven[unit] = (this.unitGiven[unit] as number) + (this.now - (this.unitGivenAt[unit] as number)) * pace;
    } else this.unitGiven[unit] = 0;
    this.unitGivenAt[unit] = this.now;
  }

  /** Customers of a shared processor stand in order of completion; only the first has an event. */
  private joinShared(slot: number, pc: number, s: number, unit: number): void {
    this.give(unit, s);
    this.touch(s);
    const first = this.unitHead[unit] as number;
    if (first !== NONE) cancel(this.calendar, first);
    const present = (this.unitLength[unit] as number) + 1;
    this.unitLength[unit] = present;
    this.busy[s] = (this.busy[s] as number) - Math.min(present - 1, this.servers[s] as number) + Math.min(present, this.servers[s] as number);
    this.count(this.granted, s);
    record(this.waits[s] as Histogram, 0);
    this.state[slot] = SERVED;
    const due = (this.unitGiven[unit] as number) + this.duration(pc, this.sourceCount + s);
    this.doneAt[slot] = due;
    let before = this.unitTail[unit] as number;
    while (before !== NONE && (this.doneAt[before] as number) > due) before = this.previous[before] as number;
    const after = before === NONE ? first : (this.next[before] as number);
    this.previous[slot] = before;
    this.next[slot] = after;
    if (before === NONE) this.unitHead[unit] = slot;
    else this.next[before] = slot;
    if (after === NONE) this.unitTail[unit] = slot;
    else this.previous[after] = slot;
    this.scheduleShared(unit, s);
  }

  private leaveShared(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.give(unit, s);
    this.touch(s);
    const present = (this.unitLength[unit] as number) - 1;
    this.unitLength[unit] = present;
    this.busy[s] = (this.busy[s] as number) - Math.min(present + 1, this.servers[s] as number) + Math.min(present, this.servers[s] as number);
    this.count(this.released, s);
    const after = this.next[slot] as number;
    this.unitHead[unit] = after;
    if (after === NONE) this.unitTail[unit] = NONE;
    else this.previous[after] = NONE;
    this.scheduleShared(unit, s);
  }

  private scheduleShared(unit: number, s: number): void {
    const first = this.unitHead[unit] as number;
    if (first === NONE) return;
    const pace = Math.min(1, (this.servers[s] as number) / (this.unitLength[unit] as number));
    schedule(this.calendar, first, this.now + Math.max(0, (this.doneAt[first] as number) - (this.unitGiven[unit] as number)) / pace);
  }

  private giveBack(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.touch(s);
    this.busy[s] = (this.busy[s] as number) - 1;
    this.count(this.released, s);
    this.heldSum[s] = (this.heldSum[s] as number) + this.now;
    const first = this.unitHead[unit] as number;
    if (first === NONE) {
      this.unitBusy[unit] = (this.unitBusy[unit] as number) - 1;
      return;
    }
    this.leaveQueue(first, s);
    cancel(this.calendar, first);
    const pc = this.pc[first] as number;
    this.state[first] = RUNNING;
    if (this.grant(first, pc, s, this.now - (this.waitingSince[first] as number))) {
      this.pc[first] = pc + 1;
      this.push(first);
    }
  }

  private leaveQueue(slot: number, s: number): void {
    const unit = this.unitOf(slot, s);
    this.touch(s);
    this.queued[s] = (this.queued[s] as number) - 1;
    this.unitLength[unit] = (this.unitLength[unit] as number) - 1;
    const before = this.previous[slot] as number;
    const after = this.next[slot] as number;
    if (before === NONE) this.unitHead[unit] = after;
    else this.next[before] = after;
    if (after === NONE) this.unitTail[unit] = before;
    else this.previous[after] = before;
  }

  private startCall(slot: number, pc: number): void {
    const task = this.begin(this.code.a[pc] as number);
    this.parent[task] = slot;
    this.child[slot] = task;
    this.state[slot] = CALLING;
    const timeout = this.code.x[pc] as number;
    if (timeout < Number.POSITIVE_INFINITY) schedule(this.calendar, slot, this.now + timeout);
    this.push(task);
  }

  private afterFailedCall(slot: number, cause: number): void {
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
  private fail(slot: number, cause: number): void {
    let hold = this.code.hold[this.pc[slot] as number] as number;
    while (hold >= 0) {
      this.giveBack(slot, this.code.a[hold] as number);
      hold = this.code.hold[hold] as number;
    }
    this.end(slot, cause);
  }

  private end(slot: number, cause: number): void {
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
  private answer(from: number, cause: number): void {
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

  private answerClient(slot: number, source: number, cause: number): void {
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

  private chainFree(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      this.next[slot] = slot + 1 < to ? slot + 1 : this.freeHead;
      this.source[slot] = NONE;
    }
    this.freeHead = from;
  }

  private grow(): void {
    const old = this.capacity;
    const n = old * 2;
    const ints = (it: Int32Array): Int32Array => {
      const next = new Int32Array(n);
      next.set(it);
      return next;
    };
    const bytes = (it: Uint8Array): Uint8Array => {
      const next = new Uint8Array(n);
      next.set(it);
      return next;
    };
    const floats = (it: Float64Array): Float64Array => {
      const next = new Float64Array(n);
      next.set(it);
      return next;
    };
    growCalendar(this.calendar, n);
    this.pc = ints(this.pc);
    this.state = bytes(this.state);
    this.parent = ints(this.parent);
    this.child = ints(this.child);
    this.pending = ints(this.pending);
    this.attemptsLeft = ints(this.attemptsLeft);
    this.program = ints(this.program);
    this.instance = ints(this.instance);
    this.source = ints(this.source);
    this.began = floats(this.began);
    this.waitingSince = floats(this.waitingSince);
    this.doneAt = floats(this.doneAt);
    this.cause = ints(this.cause);
    this.isBranch = bytes(this.isBranch);
    this.answered = bytes(this.answered);
    this.aged = bytes(this.aged);
    this.next = ints(this.next);
    this.previous = ints(this.previous);
    const registers = new Int32Array(n * this.code.loopDepth);
    registers.set(this.registers);
    this.registers = registers;
    // The ring of ready tasks is laid out anew from its head.
    const ready = new Int32Array(n);
    let count = 0;
    for (let at = this.readyHead; at !== this.readyTail; at = at + 1 === old ? 0 : at + 1) ready[count++] = this.ready[at] as number;
    this.ready = ready;
    this.readyHead = 0;
    this.readyTail = count;
    this.capacity = n;
    this.chainFree(old, n);
  }
}
