import type { Phase } from '../../model/network-arrivals.ts';
import type { Group, Network } from '../../model/network.ts';
import { placesOf } from './autoscaling.ts';
import { type ArrivalPlan, planOf } from './arrivals.ts';
import { assemble, type Bytecode } from './bytecode.ts';
import { ACQUIRE } from './opcodes.ts';
import { calendarFor, growCalendar, type Calendar } from './calendar.ts';
import type { Ledger } from './ledger.ts';
import { histogram, type Histogram, recordZeros } from './histogram.ts';
import { type Notes, notesFor } from './notes.ts';
import { streamsFor, type Streams } from './streams.ts';
import { lawOf, type Law } from './times.ts';
import { BALANCES, FAILS, NO_MESSAGE, NONE, RANKS, SHARES, TURNS, UNAWAITED } from './task-states.ts';
import { BEGINS, CAME, IN_FLIGHT, IN_FLIGHT_SUM, PATIENCE, SOURCE_NUMBERS, SOURCE_ROW, SPENT, SQUARES_SUM, UNTIL } from './source-row.ts';
import { AFTER, AGE, ANSWER, CAUSE, LAST_NEEDED, PARENT, ROLE, SOURCE, TASK, TASK_BITS } from './task-row.ts';
import { ARRIVED, BUSY, DEMANDED, HELD, LENGTH, RELEASED, UNIT, UNIT_NUMBERS, unitsFor, UNWAITED, WAITED } from './units.ts';

/** What the event engine keeps: tasks by slot, stations and their units, groups, sources, programs; everything an array of numbers. */
export class EngineState {
  now = 0;
  events = 0;
  // Declared only: a field that is first undefined and then an array costs a check at every use.
  declare readonly code: Bytecode;
  declare readonly calendar: Calendar;
  declare protected readonly streams: Streams;
  /** Patience of who waits, per station; think times, per source: apart from the others, so that switching them on moves no other draw. */
  declare protected readonly limitStreams: Streams;
  declare protected readonly thinkStreams: Streams;
  declare protected readonly sourceCount: number;
  declare protected readonly stationCount: number;

  // Tasks.
  declare protected capacity: number;
  protected freeHead = NONE;
  /** Records of tasks, and their numbers. */
  declare protected taskWords: Int32Array;
  declare protected taskNumbers: Float64Array;
  declare protected child: Int32Array;
  declare protected pending: Int32Array;
  declare protected attemptsLeft: Int32Array;
  /** At a shared processor: the unit's given work at which this task is done. */
  declare protected doneAt: Float64Array;
  declare protected registers: Int32Array;
  declare protected ready: Int32Array;
  protected readyHead = 0;
  protected readyTail = 0;
  /** Slots that run no program and are never freed: users, autoscalers, faults. */
  protected standing = 0;

  // Stations and their units (one per instance).
  declare protected readonly unitBase: Int32Array;
  declare protected readonly unitCount: Int32Array;
  declare protected readonly servers: Float64Array;
  declare protected readonly room: Float64Array;
  /** Records of units, and their numbers. */
  declare protected readonly units: Int32Array;
  declare protected readonly unitNumbers: Float64Array;
  /** Processor sharing: work that each present customer has been given so far, and when that was last brought up to date. */
  declare readonly sharing: Uint8Array;
  /** What the station does beyond serving in order of arrival: `SHARES`, `RANKS`, `TURNS`, `FAILS`. */
  declare protected readonly special: Uint8Array;
  /** Where servers are busy for the times that were drawn, and no longer. */
  declare readonly isPlain: Uint8Array;
  /** By faults: how many freeze the station, how many refuse, and what services that begin are multiplied by. */
  declare protected readonly frozen: Uint8Array;
  declare protected readonly refusing: Uint8Array;
  declare protected readonly slowness: Float64Array;
  declare protected readonly contention: Float64Array;
  declare protected readonly coherency: Float64Array;
  declare protected readonly unitGiven: Float64Array;
  declare protected readonly unitGivenAt: Float64Array;
  /** Busy servers, waiting tasks and their time integrals, as `settle` left them. */
  declare readonly busy: Float64Array;
  declare readonly queued: Float64Array;
  declare readonly busyIntegral: Float64Array;
  declare readonly queueIntegral: Float64Array;
  declare readonly arrivals: Float64Array;
  declare readonly released: Float64Array;
  declare readonly queuedAtStart: Float64Array;
  declare readonly refused: Float64Array;
  declare readonly expired: Float64Array;
  /** Left the queue because their call was ended. */
  declare readonly withdrawn: Float64Array;
  declare readonly waits: Histogram[];
  declare readonly demanded: Float64Array;

  // Groups.
  /** Instances that take calls: so many, and which. */
  declare readonly groupInstances: Int32Array;
  /** Some group has more than one place for an instance. */
  declare protected readonly hasManyPlaces: boolean;
  declare protected readonly groupMembers: Int32Array[];
  declare protected readonly groupBalance: Uint8Array;
  declare protected readonly groupTurn: Int32Array;
  declare protected readonly groupBase: Int32Array;
  declare protected readonly groupActive: Int32Array;
  /** Why an instance takes no calls: how many faults hold it down. Only groups that may fail have any. */
  declare protected readonly downReasons: Int32Array;
  declare protected readonly groupFails: Uint8Array;
  /** Programs whose calls may be lost, or find no instance. */
  declare protected readonly guarded: Uint8Array;

  // Sources.
  declare protected readonly sourceProgram: Int32Array;
  declare protected readonly isPoisson: Uint8Array;
  declare readonly patience: Float64Array;
  declare protected readonly phaseFrom: Float64Array[];
  declare protected readonly phaseRate: Float64Array[];
  /** Null where the phases and `isPoisson` say all. */
  declare protected readonly plans: (ArrivalPlan | null)[];
  /** Closed sources: the law of think times; null for open ones. */
  declare protected readonly thinks: (Law | null)[];
  declare protected readonly thinkLists: Float64Array;
  /** Per request: the task of the user who waits for it. Null where no source is closed. */
  declare protected userOf: Int32Array | null;
  declare readonly offered: Float64Array;
  /** Answered well in the measured span, but come before it: in no distribution. */
  declare protected readonly goodFromBefore: Float64Array;
  declare readonly errors: Float64Array[];
  declare readonly latency: Histogram[];
  declare readonly inFlight: Float64Array;
  declare readonly inFlightIntegral: Float64Array;
  declare readonly inFlightSquares: Float64Array;
  /** Records of sources, and their numbers; what is counted in them reaches the arrays with `settle`. */
  declare protected readonly sourceWords: Int32Array;
  declare protected readonly sourceNumbers: Float64Array;
  /** Time that the answered requests of a source have spent since the measurement began: Little's law compares it with the integral. */
  declare readonly spent: Float64Array;

  // Programs that were spawned.
  declare readonly spawned: Float64Array;
  declare readonly finished: Float64Array;
  declare readonly failed: Float64Array;
  declare readonly sojourn: Histogram[];
  declare readonly age: Histogram[];

  /** What goes into waits, latencies, sojourns and ages, in this order, and where the last three begin. */
  declare protected readonly notes: Notes;
  declare protected readonly latencyNotes: number;
  declare protected readonly sojournNotes: number;
  declare protected readonly ageNotes: number;

  measureFrom = 0;
  /** Arrivals since time 0, measured or not. */
  allOffered = 0;
  /** Where the time of each response goes; null where nobody asked. */
  ledger: Ledger | null = null;
  /** Called for every answered, failed or late request; null where nobody asked for a series. */
  onAnswer: ((source: number, latencyMs: number, isGood: boolean) => void) | null = null;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    this.code = assemble(network);
    this.sourceCount = network.sources.length;
    this.stationCount = network.stations.length;
    const groupIndex = new Map(network.groups.map((it, index) => [it.id, index]));
    const programIndex = new Map(network.programs.map((it, index) => [it.id, index]));
    this.streams = streamsFor(seed, [
      ...network.sources.map((it) => `arrivals ${it.drawsAs ?? it.id}`),
      ...network.stations.map((it) => `service ${it.drawsAs ?? it.id}`),
      ...network.programs.map((it) => `program ${it.drawsAs ?? it.id}`),
      'balancer',
    ]);
    this.limitStreams = streamsFor(
      seed,
      network.stations.map((it) => `patience ${it.drawsAs ?? it.id}`),
    );
    this.thinkStreams = streamsFor(
      seed,
      network.sources.map((it) => `think ${it.drawsAs ?? it.id}`),
    );
    const n = (this.capacity = 1024 + this.sourceCount);
    this.calendar = calendarFor(n, this.sourceCount);
    const ints = (): Int32Array => new Int32Array(n);
    this.taskWords = new Int32Array(TASK * n);
    this.taskNumbers = new Float64Array(this.taskWords.buffer);
    this.calendar.beside = this.taskWords;
    this.calendar.besideBits = TASK_BITS;
    this.calendar.besideLast = LAST_NEEDED;
    this.child = ints();
    this.pending = ints();
    this.attemptsLeft = ints();
    this.doneAt = new Float64Array(n);
    this.registers = new Int32Array(n * this.code.loopDepth);
    this.ready = ints();
    this.chainFree(this.sourceCount, n);

    const stations = network.stations;
    this.unitCount = Int32Array.from(stations, (it) => (it.group === undefined ? 1 : placesOf(network.groups[groupIndex.get(it.group) ?? -1] as Group, network)));
    this.unitBase = new Int32Array(stations.length);
    let units = 0;
    for (let s = 0; s < stations.length; s++) {
      this.unitBase[s] = units;
      units += this.unitCount[s] as number;
    }
    this.servers = Float64Array.from(stations, (it) => it.servers ?? Number.POSITIVE_INFINITY);
    this.room = Float64Array.from(stations, (it) => it.room ?? Number.POSITIVE_INFINITY);
    const stationOf = stations.flatMap((_, s) => new Array<number>(this.unitCount[s] as number).fill(s));
    this.units = unitsFor(
      stationOf.map((s) => this.servers[s] as number),
      stationOf.map((s) => this.room[s] as number),
    );
    this.unitNumbers = new Float64Array(this.units.buffer);
    this.sharing = Uint8Array.from(stations, (it) => (it.discipline === 'processorSharing' ? 1 : 0));
    const failing = new Set((network.faults ?? []).flatMap((it) => ('station' in it ? [it.station] : [])));
    for (const it of network.faults ?? []) if (it.kind === 'deploy' && it.warmUp) for (const one of stations) if (one.group === it.group) failing.add(one.id);
    this.special = Uint8Array.from(
      stations,
      (it) =>
        (it.discipline === 'processorSharing' ? SHARES : 0) +
        (it.discipline === 'priority' ? RANKS : 0) +
        (it.discipline === 'eventLoop' ? TURNS : 0) +
        (failing.has(it.id) ? FAILS : 0),
    );
    const held = new Set([...this.code.op].flatMap((op, row) => (op === ACQUIRE ? [this.code.a[row]] : [])));
    this.isPlain = Uint8Array.from(stations, (_, s) => (this.special[s] || held.has(s) ? 0 : 1));
    this.frozen = new Uint8Array(stations.length);
    this.refusing = new Uint8Array(stations.length);
    this.slowness = new Float64Array(stations.length).fill(1);
    this.contention = Float64Array.from(stations, (it) => it.scalability?.contention ?? 0);
    this.coherency = Float64Array.from(stations, (it) => it.scalability?.coherency ?? 0);
    this.unitGiven = new Float64Array(units);
    this.unitGivenAt = new Float64Array(units);
    const perStation = (): Float64Array => new Float64Array(stations.length);
    this.busy = perStation();
    this.queued = perStation();
    this.busyIntegral = perStation();
    this.queueIntegral = perStation();
    this.arrivals = perStation();
    this.released = perStation();
    this.queuedAtStart = perStation();
    this.refused = perStation();
    this.expired = perStation();
    this.withdrawn = perStation();
    this.demanded = perStation();
    this.waits = stations.map(histogram);

    this.hasManyPlaces = network.groups.some((it) => placesOf(it, network) > 1);
    this.groupInstances = Int32Array.from(network.groups, (it) => it.instances);
    this.groupBalance = Uint8Array.from(network.groups, (it) => BALANCES.indexOf(it.balancer));
    this.groupTurn = new Int32Array(network.groups.length);
    this.groupBase = new Int32Array(network.groups.length);
    let active = 0;
    for (let g = 0; g < network.groups.length; g++) {
      // The place before a group's instances counts tasks that found none.
      active++;
      this.groupBase[g] = active;
      active += placesOf(network.groups[g] as Group, network);
    }
    this.groupMembers = network.groups.map((it) => Int32Array.from({ length: placesOf(it, network) }, (_, index) => index));
    this.groupActive = new Int32Array(active);
    this.downReasons = new Int32Array(active);
    const down = new Set((network.faults ?? []).flatMap((it) => (it.kind === 'down' || it.kind === 'deploy' ? [it.group] : [])));
    const lossy = new Set((network.faults ?? []).flatMap((it) => (it.kind === 'lose' ? [it.program] : [])));
    const special = new Set([...down, ...network.groups.flatMap((it) => (it.onDemand || it.memory ? [it.id] : []))]);
    const isParted = (network.faults ?? []).some((it) => it.kind === 'partition');
    this.guarded = Uint8Array.from(network.programs, (it) => (isParted || lossy.has(it.id) || (it.group !== undefined && special.has(it.group)) ? 1 : 0));
    this.groupFails = Uint8Array.from(network.groups, (it) => (down.has(it.id) || it.memory ? 1 : 0));

    const sources = network.sources;
    this.sourceProgram = Int32Array.from(sources, (it) => programIndex.get(it.program) ?? NONE);
    this.isPoisson = Uint8Array.from(sources, (it) => (it.arrivals === 'poisson' ? 1 : 0));
    this.patience = Float64Array.from(sources, (it) => it.patienceMs ?? Number.POSITIVE_INFINITY);
    const phases = sources.map((_, index) => rateOf(index));
    this.plans = sources.map((it, index) => (it.closed ? null : planOf(it.arrivals, phases[index] as readonly Phase[])));
    const lists: number[] = [];
    this.thinks = sources.map((it) => (it.closed ? lawOf(it.closed.think, lists) : null));
    this.thinkLists = Float64Array.from(lists);
    this.userOf = sources.some((it) => it.closed) ? ints().fill(NONE) : null;
    this.phaseFrom = phases.map((it) => Float64Array.from(it, (phase) => phase.fromMs));
    this.phaseRate = phases.map((it) => Float64Array.from(it, (phase) => phase.perSecond / 1000));
    this.sourceWords = new Int32Array(SOURCE_ROW * sources.length);
    this.sourceNumbers = new Float64Array(this.sourceWords.buffer);
    for (let source = 0; source < sources.length; source++) {
      const program = this.sourceProgram[source] as number;
      this.sourceNumbers[SOURCE_NUMBERS * source + UNTIL] = Number.NEGATIVE_INFINITY;
      this.sourceNumbers[SOURCE_NUMBERS * source + PATIENCE] = this.patience[source] as number;
      this.sourceWords.set(
        [program, this.code.start[program] as number, this.code.programGroup[program] as number, this.isPoisson[source] as number],
        SOURCE_ROW * source + BEGINS,
      );
    }
    const perSource = (): Float64Array => new Float64Array(sources.length);
    this.offered = perSource();
    this.goodFromBefore = perSource();
    this.inFlight = perSource();
    this.inFlightIntegral = perSource();
    this.inFlightSquares = perSource();
    this.spent = perSource();
    this.errors = sources.map(() => new Float64Array(this.code.causes.length));
    this.latency = sources.map(histogram);
    const programs = network.programs.length;
    this.spawned = new Float64Array(programs);
    this.finished = new Float64Array(programs);
    this.failed = new Float64Array(programs);
    this.sojourn = network.programs.map(histogram);
    this.age = network.programs.map(histogram);
    this.notes = notesFor([...this.waits, ...this.latency, ...this.sojourn, ...this.age]);
    this.latencyNotes = stations.length;
    this.sojournNotes = this.latencyNotes + sources.length;
    this.ageNotes = this.sojournNotes + programs;
  }

  /** Tasks that there is room for. */
  get slots(): number {
    return this.capacity;
  }

  /** Answers to a source's requests without an error and in time: those that have a response time, on its way into the histogram or there, and `goodFromBefore`. */
  goodOf(source: number): number {
    return (this.goodFromBefore[source] as number) + (this.latency[source] as Histogram).total + (this.notes.many[this.latencyNotes + source] as number);
  }

  protected count(into: Float64Array, index: number): void {
    into[index] = (into[index] as number) + 1;
  }

  /** Brings the figures of a station up to now. */
  protected settleStation(s: number): void {
    const { units, unitNumbers } = this;
    let busy = 0;
    let queued = 0;
    let held = 0;
    let waited = 0;
    let unwaited = 0;
    let demanded = 0;
    const base = this.unitBase[s] as number;
    for (let unit = base; unit < base + (this.unitCount[s] as number); unit++) {
      const at = UNIT * unit;
      const number = UNIT_NUMBERS * unit;
      busy += this.busyServers(unit, s);
      if (!this.sharing[s]) queued += units[at + LENGTH] as number;
      held += unitNumbers[number + HELD] as number;
      waited += unitNumbers[number + WAITED] as number;
      demanded += unitNumbers[number + DEMANDED] as number;
      unwaited += unitNumbers[number + UNWAITED] as number;
      this.arrivals[s] = (this.arrivals[s] as number) + (units[at + ARRIVED] as number);
      this.released[s] = (this.released[s] as number) + (units[at + RELEASED] as number);
      unitNumbers[number + UNWAITED] = units[at + ARRIVED] = units[at + RELEASED] = 0;
    }
    recordZeros(this.waits[s] as Histogram, unwaited);
    this.busy[s] = busy;
    this.queued[s] = queued;
    this.demanded[s] = demanded;
    // What the sums lose in rounding must not show as less than nothing.
    this.busyIntegral[s] = Math.max(0, held + busy * this.now);
    this.queueIntegral[s] = Math.max(0, waited + queued * this.now);
  }

  protected busyServers(unit: number, s: number): number {
    return this.sharing[s] ? Math.min(this.units[UNIT * unit + LENGTH] as number, this.servers[s] as number) : (this.units[UNIT * unit + BUSY] as number);
  }

  /** What a settled station has counted begins anew, now. */
  protected forgetStation(s: number, stillDemanded: number): void {
    const base = this.unitBase[s] as number;
    for (let unit = base; unit < base + (this.unitCount[s] as number); unit++) {
      const number = UNIT_NUMBERS * unit;
      this.unitNumbers[number + HELD] = -this.busyServers(unit, s) * this.now;
      this.unitNumbers[number + WAITED] = this.sharing[s] ? 0 : -(this.units[UNIT * unit + LENGTH] as number) * this.now;
      this.unitNumbers[number + DEMANDED] = unit === base ? stillDemanded : 0;
    }
    this.queuedAtStart[s] = this.queued[s] as number;
  }

  /** Adds to one of the numbers of a unit. */
  protected addTo(unit: number, what: number, amount: number): void {
    const at = UNIT_NUMBERS * unit + what;
    this.unitNumbers[at] = (this.unitNumbers[at] as number) + amount;
  }

  protected countAt(unit: number, what: number): void {
    this.units[UNIT * unit + what] = (this.units[UNIT * unit + what] as number) + 1;
  }

  protected settleSource(source: number): void {
    const { sourceWords, sourceNumbers } = this;
    const at = SOURCE_ROW * source;
    const number = SOURCE_NUMBERS * source;
    const many = sourceNumbers[number + IN_FLIGHT] as number;
    this.inFlight[source] = many;
    this.spent[source] = sourceNumbers[number + SPENT] as number;
    this.inFlightIntegral[source] = Math.max(0, (sourceNumbers[number + IN_FLIGHT_SUM] as number) + many * this.now);
    this.inFlightSquares[source] = Math.max(0, (sourceNumbers[number + SQUARES_SUM] as number) + many * many * this.now);
    this.allOffered += sourceWords[at + CAME] as number;
    this.offered[source] = (this.offered[source] as number) + (sourceWords[at + CAME] as number);
    sourceWords[at + CAME] = 0;
  }

  /** A request more in flight, or (-1) one fewer. */
  protected countInFlight(source: number, change: number): void {
    const { sourceNumbers } = this;
    const at = SOURCE_NUMBERS * source;
    const before = sourceNumbers[at + IN_FLIGHT] as number;
    sourceNumbers[at + IN_FLIGHT] = before + change;
    sourceNumbers[at + IN_FLIGHT_SUM] = (sourceNumbers[at + IN_FLIGHT_SUM] as number) - change * this.now;
    sourceNumbers[at + SQUARES_SUM] = (sourceNumbers[at + SQUARES_SUM] as number) - (2 * before * change + 1) * this.now;
  }

  protected chainFree(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      this.taskWords[TASK * slot + AFTER] = slot + 1 < to ? slot + 1 : this.freeHead;
      this.clear(slot);
    }
    this.freeHead = from;
  }

  /** Makes the slot's record that of a free one, see `task-row.ts`. */
  protected clear(slot: number): void {
    this.child[slot] = NONE;
    this.pending[slot] = 0;
    const at = TASK * slot;
    for (const it of [SOURCE, PARENT, CAUSE]) this.taskWords[at + it] = NONE;
    this.taskWords[at + ROLE] = UNAWAITED;
    this.taskWords[at + ANSWER] = 0;
    this.taskWords[at + AGE] = NO_MESSAGE;
  }

  protected grow(): void {
    const old = this.capacity;
    const n = old * 2;
    const ints = (it: Int32Array): Int32Array => {
      const next = new Int32Array(n);
      next.set(it);
      return next;
    };
    const floats = (it: Float64Array): Float64Array => {
      const next = new Float64Array(n);
      next.set(it);
      return next;
    };
    growCalendar(this.calendar, n);
    const tasks = new Int32Array(TASK * n);
    tasks.set(this.taskWords);
    this.taskWords = tasks;
    this.taskNumbers = new Float64Array(tasks.buffer);
    this.calendar.beside = tasks;
    this.child = ints(this.child);
    this.pending = ints(this.pending);
    this.attemptsLeft = ints(this.attemptsLeft);
    this.doneAt = floats(this.doneAt);
    if (this.userOf) this.userOf = ints(this.userOf);
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
