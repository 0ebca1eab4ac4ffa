import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { look, type Scaler, scalerFor } from './autoscaling.ts';
import { nextTime, schedule } from './calendar.ts';
import { EngineJobs } from './engine-jobs.ts';
import { NONE, SCALING } from './task-states.ts';
import { AFTER, STATE, TASK } from './task-row.ts';

interface Watched {
  group: number;
  station: number;
  scaler: Scaler;
  /** The station's busy time at the last look, and when the next is. */
  busyBefore: number;
  nextLookAt: number;
  /** When instances that are being started will serve, the first one first. */
  startsAt: number[];
}

/** Instances of a group that took calls from a moment on. */
export interface GroupChange {
  atMs: number;
  instances: number;
}

/** Groups whose instances come and go: those that take calls are the group's members. */
export abstract class EngineScaling extends EngineJobs {
  /** No more requests are sent. */
  protected closed = false;
  private readonly watched: Watched[] = [];
  readonly groupChanges: GroupChange[][];
  private readonly memberIntegral: Float64Array;
  private readonly memberChanged: Float64Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    this.groupChanges = network.groups.map((it) => [{ atMs: 0, instances: it.instances }]);
    this.memberIntegral = new Float64Array(network.groups.length);
    this.memberChanged = new Float64Array(network.groups.length);
    network.groups.forEach(({ autoscaling, instances }, group) => {
      if (!autoscaling) return;
      const station = network.stations.findIndex((it) => it.id === autoscaling.station);
      // An autoscaler is a task that runs no program: its number in `watched` is kept where branches are counted.
      const timer = this.allocate();
      this.pending[timer] = this.watched.length;
      this.taskWords[TASK * timer + STATE] = SCALING;
      this.standing++;
      this.watched.push({ group, station, scaler: scalerFor(autoscaling, instances), busyBefore: 0, nextLookAt: autoscaling.everyMs, startsAt: [] });
      schedule(this.calendar, timer, autoscaling.everyMs);
    });
  }

  /** Mean number of instances that took calls since the measurement began. */
  meanInstances(group: number): number {
    this.touchMembers(group);
    return (this.memberIntegral[group] as number) / Math.max(1e-9, this.now - this.measureFrom);
  }

  /** Before what was counted is forgotten: the busy time of the stations begins again at 0. */
  protected forgetScaling(): void {
    for (const it of this.watched) it.busyBefore -= this.busyIntegral[it.station] as number;
    this.memberIntegral.fill(0);
    this.memberChanged.fill(this.now);
    for (const changes of this.groupChanges) changes.splice(0, changes.length - 1);
  }

  /** An autoscaler looks, or an instance that it has started begins to serve. */
  protected scale(timer: number): void {
    const it = this.watched[this.pending[timer] as number] as Watched;
    const { rule } = it.scaler;
    while ((it.startsAt[0] ?? Number.POSITIVE_INFINITY) <= this.now) {
      it.startsAt.shift();
      this.join(it.group);
    }
    if (this.now >= it.nextLookAt) {
      this.settleStation(it.station);
      const busy = this.busyIntegral[it.station] as number;
      const usage = (busy - it.busyBefore) / rule.everyMs / (this.servers[it.station] as number);
      it.busyBefore = busy;
      it.nextLookAt = this.now + rule.everyMs;
      const missing = look(it.scaler, usage, this.now) - (this.groupInstances[it.group] as number) - it.startsAt.length;
      for (let more = 0; more < missing; more++) {
        if (rule.startMs > 0) it.startsAt.push(this.now + rule.startMs);
        else this.join(it.group);
      }
      // Those that do not serve yet go first.
      for (let fewer = 0; fewer < -missing; fewer++) if (it.startsAt.pop() === undefined) this.leaveGroup(it.group);
    }
    // Or a run that is to empty the system would never end.
    if (this.closed && (nextTime(this.calendar) === Number.POSITIVE_INFINITY || !this.isAnyoneAtWork())) return;
    schedule(this.calendar, timer, Math.min(it.nextLookAt, it.startsAt[0] ?? Number.POSITIVE_INFINITY));
  }

  private isAnyoneAtWork(): boolean {
    let atWork = this.capacity - this.sourceCount - this.standing;
    for (let slot = this.freeHead; slot !== NONE; slot = this.taskWords[TASK * slot + AFTER] as number) atWork--;
    return atWork > 0;
  }

  /** One more instance takes calls: an idle one, or the one that has least left to do. */
  private join(group: number): void {
    const members = this.groupMembers[group] as Int32Array;
    const count = this.groupInstances[group] as number;
    const base = this.groupBase[group] as number;
    let chosen = count;
    for (let other = count; other < members.length; other++)
      if ((this.groupActive[base + (members[other] as number)] as number) < (this.groupActive[base + (members[chosen] as number)] as number)) chosen = other;
    this.joinAt(group, chosen);
  }

  /** The last one that joined takes no more calls, and finishes its work. */
  private leaveGroup(group: number): void {
    this.leaveAt(group, (this.groupInstances[group] as number) - 1);
  }

  /** The instance at this place behind the members takes calls. */
  protected joinAt(group: number, place: number): void {
    const count = this.groupInstances[group] as number;
    this.swap(group, place, count);
    this.setMembers(group, count + 1);
  }

  /** The member at this place takes no more calls. */
  protected leaveAt(group: number, place: number): void {
    const count = (this.groupInstances[group] as number) - 1;
    this.swap(group, place, count);
    if ((this.groupTurn[group] as number) >= count) this.groupTurn[group] = 0;
    this.setMembers(group, count);
  }

  private swap(group: number, one: number, other: number): void {
    const members = this.groupMembers[group] as Int32Array;
    const instance = members[one] as number;
    members[one] = members[other] as number;
    members[other] = instance;
  }

  private setMembers(group: number, count: number): void {
    this.touchMembers(group);
    this.groupInstances[group] = count;
    const changes = this.groupChanges[group] as GroupChange[];
    const last = changes[changes.length - 1];
    if (last?.atMs === this.now) last.instances = count;
    else changes.push({ atMs: this.now, instances: count });
  }

  private touchMembers(group: number): void {
    this.memberIntegral[group] = (this.memberIntegral[group] as number) + (this.now - (this.memberChanged[group] as number)) * (this.groupInstances[group] as number);
    this.memberChanged[group] = this.now;
  }
}
