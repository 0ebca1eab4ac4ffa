import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { placesOf } from './autoscaling.ts';
import { schedule } from './calendar.ts';
import { EngineFaults } from './engine-faults.ts';
import { RESTART } from './task-states.ts';
import { INSTANCE, PC, PROGRAM, STATE, TASK } from './task-row.ts';

/** Instances of a serverless group that run nothing, the one used last on top; all are there from the start, as gone as after a long idle time. */
interface Idle {
  idleMs: number;
  count: number;
  instance: Int32Array;
  since: Float64Array;
}

/** A group whose instances crash when what they run needs more memory than they have. */
interface Limited {
  baseMb: number;
  limitMb: number;
  restartMs: number;
  /** Per instance: what runs there needs so much, its clock, and whether that clock brings the crash (else the restart). */
  neededMb: Float64Array;
  clock: Int32Array;
  isDying: Uint8Array;
}

/** Instances that are started by the calls that need them, and instances that run out of memory. */
export abstract class EngineInstances extends EngineFaults {
  private readonly idle: (Idle | null)[];
  private readonly limited: (Limited | null)[];
  private readonly programMb: Float64Array;
  /** Some group needs to know when an instance is left. */
  protected readonly watches: boolean;
  // Counted per group.
  readonly coldStarts: Float64Array;
  readonly noneFree: Float64Array;
  readonly crashes: Float64Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    const { groups } = network;
    this.idle = groups.map(({ onDemand, instances }) =>
      onDemand
        ? {
            idleMs: onDemand.idleMs,
            count: instances,
            instance: Int32Array.from({ length: instances }, (_, index) => instances - 1 - index),
            since: new Float64Array(instances).fill(Number.NEGATIVE_INFINITY),
          }
        : null,
    );
    this.limited = groups.map((group, index) => (group.memory ? { ...group.memory, ...this.clocksFor(index, placesOf(group, network)) } : null));
    this.watches = groups.some((it) => it.onDemand || it.memory);
    this.programMb = Float64Array.from(network.programs, (it) => it.memoryMb ?? 0);
    this.coldStarts = new Float64Array(groups.length);
    this.noneFree = new Float64Array(groups.length);
    this.crashes = new Float64Array(groups.length);
  }

  private clocksFor(group: number, places: number): Pick<Limited, 'neededMb' | 'clock' | 'isDying'> {
    const clock = Int32Array.from({ length: places }, (_, instance) => {
      const slot = this.allocate();
      this.taskWords[TASK * slot + STATE] = RESTART;
      this.pending[slot] = group;
      this.taskWords[TASK * slot + INSTANCE] = instance;
      this.standing++;
      return slot;
    });
    return { neededMb: new Float64Array(places), clock, isDying: new Uint8Array(places) };
  }

  protected forgetInstances(): void {
    for (const it of [this.coldStarts, this.noneFree, this.crashes]) it.fill(0);
  }

  protected override settleIn(slot: number, program: number, group: number, dealt: Int32Array | null, connection: number): void {
    const idle = group < 0 ? null : this.idle[group];
    if (idle) this.takeIdle(slot, program, group, idle);
    else super.settleIn(slot, program, group, dealt, connection);
    const instance = this.taskWords[TASK * slot + INSTANCE] as number;
    const limited = group < 0 || instance < 0 ? null : this.limited[group];
    if (limited) this.needMemory(limited, program, group, instance);
  }

  /** The instance used last that is idle; where it has been so for too long all the others have too, and it starts anew. */
  private takeIdle(slot: number, program: number, group: number, idle: Idle): void {
    let at = idle.count - 1;
    while (at >= 0 && this.groupFails[group] && !this.isUp(group, idle.instance[at] as number)) at--;
    if (at < 0) {
      this.count(this.noneFree, group);
      this.taskWords[TASK * slot + PC] = (idle.count > 0 ? this.nowhereRow(group) : this.code.fullRow[group]) as number;
      return;
    }
    const instance = idle.instance[at] as number;
    const isWarm = this.now < (idle.since[at] as number) + idle.idleMs;
    idle.count--;
    idle.instance.copyWithin(at, at + 1, idle.count + 1);
    idle.since.copyWithin(at, at + 1, idle.count + 1);
    this.taskWords[TASK * slot + INSTANCE] = instance;
    this.occupy(group, instance);
    if (!isWarm) this.count(this.coldStarts, group);
    this.taskWords[TASK * slot + PC] = (isWarm ? this.code.start[program] : this.code.coldRow[group]) as number;
  }

  private needMemory(it: Limited, program: number, group: number, instance: number): void {
    it.neededMb[instance] = (it.neededMb[instance] as number) + (this.programMb[program] as number);
    if (it.baseMb + (it.neededMb[instance] as number) <= it.limitMb || it.isDying[instance]) return;
    // It takes no more calls at once; the crash itself is an event of its own, for the task that asked is under way.
    it.isDying[instance] = 1;
    const at = (this.groupBase[group] as number) + instance;
    this.downReasons[at] = (this.downReasons[at] as number) + 1;
    schedule(this.calendar, it.clock[instance] as number, this.now);
  }

  protected override leaveInstance(slot: number): void {
    super.leaveInstance(slot);
    if (this.watches) this.settleOut(slot);
  }

  private settleOut(slot: number): void {
    const program = this.taskWords[TASK * slot + PROGRAM] as number;
    const group = this.code.programGroup[program] as number;
    const instance = this.taskWords[TASK * slot + INSTANCE] as number;
    if (!this.guarded[program] || group < 0 || instance < 0) return;
    const idle = this.idle[group];
    if (idle) {
      idle.instance[idle.count] = instance;
      idle.since[idle.count++] = this.now;
    }
    const limited = this.limited[group];
    // Sums of many parts leave a rest; who runs nothing needs nothing.
    if (limited)
      limited.neededMb[instance] =
        this.groupActive[(this.groupBase[group] as number) + instance] === 0 ? 0 : (limited.neededMb[instance] as number) - (this.programMb[program] as number);
  }

  /** An instance is out of memory, or back again. */
  protected restart(clock: number): void {
    const group = this.pending[clock] as number;
    const instance = this.taskWords[TASK * clock + INSTANCE] as number;
    const it = this.limited[group] as Limited;
    if (!it.isDying[instance]) {
      const at = (this.groupBase[group] as number) + instance;
      this.downReasons[at] = (this.downReasons[at] as number) - 1;
      return;
    }
    this.count(this.crashes, group);
    schedule(this.calendar, clock, this.now + it.restartMs);
    this.crash(group, (one) => one === instance, this.code.a[this.code.memoryRow[group] as number] as number);
    it.isDying[instance] = 0;
  }

  /** What has crashed starts anew when it is needed again, after all that are still warm. */
  protected override crash(group: number, isHit: (instance: number) => boolean, cause: number): void {
    super.crash(group, isHit, cause);
    const idle = this.idle[group];
    if (!idle) return;
    const entries = Array.from({ length: idle.count }, (_, at) => {
      const instance = idle.instance[at] as number;
      return { instance, since: isHit(instance) ? Number.NEGATIVE_INFINITY : (idle.since[at] as number) };
    });
    const gone = entries.filter((it) => it.since === Number.NEGATIVE_INFINITY);
    [...gone, ...entries.filter((it) => it.since > Number.NEGATIVE_INFINITY)].forEach((it, at) => {
      idle.instance[at] = it.instance;
      idle.since[at] = it.since;
    });
  }

  protected override nowhereRow(group: number): number {
    const row = super.nowhereRow(group);
    return row >= 0 ? row : (this.code.memoryRow[group] as number);
  }
}
