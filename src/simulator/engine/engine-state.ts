import type { Phase } from '../../model/network-arrivals.ts';
import type { Group, Network } from '../../model/network.ts';
import { placesOf } from './autoscaling.ts';
import { type ArrivalPlan, planOf } from './arrivals.ts';
import { assemble, type Bytecode } from './bytecode.ts';
import { calendarFor, growCalendar, type Calendar } from './calendar.ts';
import type { Ledger } from './ledger.ts';
import { histogram, type Histogram } from './histogram.ts';
import { streamsFor, type Streams } from './streams.ts';
import { lawOf, type Law } from './times.ts';
import { NONE, BALANCES, FAILS, RANKS, SHARES, TURNS } from './task-states.ts';

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
  declare protected pc: Int32Array;
  declare protected state: Uint8Array;
  declare protected parent: Int32Array;
  declare protected child: Int32Array;
  declare protected pending: Int32Array;
  declare protected attemptsLeft: Int32Array;
  declare protected program: Int32Array;
  declare protected instance: Int32Array;
  declare protected source: Int32Array;
  declare protected began: Float64Array;
  declare protected waitingSince: Float64Array;
  /** At a shared processor: the unit's given work at which this task is done. */
  declare protected doneAt: Float64Array;
  declare protected cause: Int32Array;
  declare protected isBranch: Uint8Array;
  declare protected answered: Uint8Array;
  declare protected aged: Uint8Array;
  declare protected next: Int32Array;
  declare protected previous: Int32Array;
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
  declare protected readonly unitBusy: Int32Array;
  declare protected readonly unitHead: Int32Array;
  declare protected readonly unitTail: Int32Array;
  declare protected readonly unitLength: Int32Array;
  /** Processor sharing: work that each present customer has been given so far, and when that was last brought up to date. */
  declare readonly sharing: Uint8Array;
  /** What the station does beyond serving in order of arrival: `SHARES`, `RANKS`, `TURNS`, `FAILS`. */
  declare protected readonly special: Uint8Array;
  /** By faults: how many freeze the station, how many refuse, and what services that begin are multiplied by. */
  declare protected readonly frozen: Uint8Array;
  declare protected readonly refusing: Uint8Array;
  declare protected readonly slowness: Float64Array;
  declare protected readonly contention: Float64Array;
  declare protected readonly coherency: Float64Array;
  declare protected readonly unitGiven: Float64Array;
  declare protected readonly unitGivenAt: Float64Array;
  declare readonly busy: Float64Array;
  declare readonly queued: Float64Array;
  declare protected readonly changed: Float64Array;
  declare readonly busyIntegral: Float64Array;
  declare readonly queueIntegral: Float64Array;
  declare readonly arrivals: Float64Array;
  declare readonly granted: Float64Array;
  declare readonly released: Float64Array;
  declare readonly queuedAtStart: Float64Array;
  declare readonly refused: Float64Array;
  declare readonly expired: Float64Array;
  /** Left the queue because their call was ended. */
  declare readonly withdrawn: Float64Array;
  declare readonly waits: Histogram[];
  /** Sum of holding times: begins are subtracted, ends added. */
  declare readonly heldSum: Float64Array;

  // Groups.
  /** Instances that take calls: so many, and which. */
  declare readonly groupInstances: Int32Array;
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
  declare readonly completed: Float64Array;
  declare readonly good: Float64Array;
  declare readonly errors: Float64Array[];
  declare readonly latency: Histogram[];
  declare readonly inFlight: Float64Array;
  declare readonly inFlightIntegral: Float64Array;
  declare readonly inFlightSquares: Float64Array;
  declare readonly inFlightChanged: Float64Array;
  /** Time that all requests of a source have spent, finished or not: Little's law compares it with the integral. */
  declare readonly spent: Float64Array;

  // Programs that were spawned.
  declare readonly spawned: Float64Array;
  declare readonly finished: Float64Array;
  declare readonly failed: Float64Array;
  declare readonly sojourn: Histogram[];
  declare readonly age: Histogram[];

  measureFrom = 0;
  /** Arrivals since time 0, measured or not. */
  allOffered = 0;
  /** Where the time of each response goes; null where nobody asked. */
  ledger: Ledger | null = null;
  /** Per station: who did not wait and is not in its histogram yet. */
  declare protected readonly unwaited: Float64Array;
  /** Called for every answered, failed or late request; null where nobody asked for a series. */
  onAnswer: ((source: number, latencyMs: number, isGood: boolean) => void) | null = null;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
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
    this.limitStreams = streamsFor(
      seed,
      network.stations.map((it) => `patience ${it.id}`),
    );
    this.thinkStreams = streamsFor(
      seed,
      network.sources.map((it) => `think ${it.id}`),
    );
    const n = (this.capacity = 1024 + this.sourceCount);
    this.calendar = calendarFor(n, this.sourceCount);
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
    this.unitCount = Int32Array.from(stations, (it) => (it.group === undefined ? 1 : placesOf(network.groups[groupIndex.get(it.group) ?? -1] as Group, network)));
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
    this.frozen = new Uint8Array(stations.length);
    this.refusing = new Uint8Array(stations.length);
    this.slowness = new Float64Array(stations.length).fill(1);
    this.contention = Float64Array.from(stations, (it) => it.scalability?.contention ?? 0);
    this.coherency = Float64Array.from(stations, (it) => it.scalability?.coherency ?? 0);
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
    this.withdrawn = perStation();
    this.heldSum = perStation();
    this.unwaited = perStation();
    this.waits = stations.map(histogram);

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
    const perSource = (): Float64Array => new Float64Array(sources.length);
    this.offered = perSource();
    this.completed = perSource();
    this.good = perSource();
    this.inFlight = perSource();
    this.inFlightIntegral = perSource();
    this.inFlightSquares = perSource();
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
  }

  /** Tasks that there is room for. */
  get slots(): number {
    return this.capacity;
  }

  protected count(into: Float64Array, index: number): void {
    into[index] = (into[index] as number) + 1;
  }

  protected touch(s: number): void {
    const span = this.now - (this.changed[s] as number);
    if (span > 0) {
      this.busyIntegral[s] = (this.busyIntegral[s] as number) + span * (this.busy[s] as number);
      this.queueIntegral[s] = (this.queueIntegral[s] as number) + span * (this.queued[s] as number);
      this.changed[s] = this.now;
    }
  }

  protected touchSource(source: number): void {
    const span = this.now - (this.inFlightChanged[source] as number);
    if (span > 0) {
      const many = this.inFlight[source] as number;
      this.inFlightIntegral[source] = (this.inFlightIntegral[source] as number) + span * many;
      this.inFlightSquares[source] = (this.inFlightSquares[source] as number) + span * many * many;
      this.inFlightChanged[source] = this.now;
    }
  }

  protected chainFree(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      this.next[slot] = slot + 1 < to ? slot + 1 : this.freeHead;
      this.source[slot] = NONE;
    }
    this.freeHead = from;
  }

  protected grow(): void {
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
    if (this.userOf) this.userOf = ints(this.userOf);
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
