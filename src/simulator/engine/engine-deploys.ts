import type { Deploy } from '../../model/network-faults.ts';
import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { schedule } from './calendar.ts';
import { EngineInstances } from './engine-instances.ts';
import { type Streams, streamsFor } from './streams.ts';
import { DEPLOYING } from './task-states.ts';
import { UNIT } from './units.ts';
import { drawTime, type Law, lawOf } from './times.ts';
import { STATE, TASK } from './task-row.ts';

/** A deploy and how far it has come. */
interface Rollout {
  deploy: Deploy;
  /** Its place among the faults. */
  index: number;
  group: number;
  instances: number;
  coldStart: Law;
  isUnderWay: boolean;
  /** Instances that take calls: of the version before, and of the new one. */
  old: number;
  fresh: number;
  isFresh: Uint8Array;
  /** When instances that are being started take calls, the first one first. */
  startsAt: number[];
  /** Instances that finish their work, and until when they may. */
  leaving: { instance: number; untilMs: number }[];
}

/** New versions that replace the instances of a group, some at a time. */
export abstract class EngineDeploys extends EngineInstances {
  private readonly rollouts: Rollout[] = [];
  /** Deploys that have to wait for another one of their group, by their clocks. */
  private readonly held: number[] = [];
  private readonly deployStreams: Streams;
  private readonly deployLists: Float64Array;
  private readonly groupStations: number[][];
  /** Per unit of a station: services that begin before this moment take so many times as long. Null where no deploy has a warm-up. */
  private readonly coldUntil: Float64Array | null;
  private readonly coldness: Float64Array | null;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    const lists: number[] = [];
    this.groupStations = network.groups.map((group) => network.stations.flatMap((it, s) => (it.group === group.id ? [s] : [])));
    let isSlow = false;
    (network.faults ?? []).forEach((deploy, index) => {
      if (deploy.kind !== 'deploy') return;
      const group = network.groups.findIndex((it) => it.id === deploy.group);
      const instances = network.groups[group]?.instances ?? 0;
      isSlow ||= deploy.warmUp !== undefined;
      const clock = this.allocate();
      this.pending[clock] = this.rollouts.length;
      this.taskWords[TASK * clock + STATE] = DEPLOYING;
      this.standing++;
      this.rollouts.push({
        deploy,
        index,
        group,
        instances,
        coldStart: lawOf(deploy.coldStart, lists),
        isUnderWay: false,
        old: 0,
        fresh: 0,
        isFresh: new Uint8Array((this.groupMembers[group] as Int32Array).length),
        startsAt: [],
        leaving: [],
      });
      schedule(this.calendar, clock, deploy.fromMs);
    });
    this.deployLists = Float64Array.from(lists);
    this.deployStreams = streamsFor(
      seed,
      this.rollouts.map((it) => `deploy ${it.index}`),
    );
    this.coldUntil = isSlow ? new Float64Array(this.units.length / UNIT) : null;
    this.coldness = isSlow ? new Float64Array(this.units.length / UNIT) : null;
  }

  /** A deploy begins, or the next thing in it happens. */
  protected roll(clock: number): void {
    const it = this.rollouts[this.pending[clock] as number] as Rollout;
    if (!it.isUnderWay) {
      if (this.rollouts.some((other) => other.isUnderWay && other.group === it.group)) {
        this.held.push(clock);
        return;
      }
      this.beginRollout(it);
    }
    while ((it.startsAt[0] ?? Number.POSITIVE_INFINITY) <= this.now) this.takesOver(it);
    // Taking one away may let another be started, and that one may take calls at once.
    while (this.startOne(it) || this.retireOne(it));
    while ((it.leaving[0]?.untilMs ?? Number.POSITIVE_INFINITY) <= this.now) this.endLeaving(it);
    const next = Math.min(it.startsAt[0] ?? Number.POSITIVE_INFINITY, it.leaving[0]?.untilMs ?? Number.POSITIVE_INFINITY);
    if (next < Number.POSITIVE_INFINITY) {
      schedule(this.calendar, clock, next);
      return;
    }
    it.isUnderWay = false;
    this.blame(it.group, it.index, false);
    const at = this.held.findIndex((other) => this.rollouts[this.pending[other] as number]?.group === it.group);
    if (at >= 0) for (const other of this.held.splice(at, 1)) this.roll(other);
  }

  private beginRollout(it: Rollout): void {
    it.isUnderWay = true;
    it.old = this.groupInstances[it.group] as number;
    it.fresh = 0;
    it.isFresh.fill(0);
    this.blame(it.group, it.index, true);
  }

  /** Starts a new instance where one more may be there; false where none may. */
  private startOne(it: Rollout): boolean {
    const { deploy, instances } = it;
    const arriving = it.fresh + it.startsAt.length;
    if (arriving >= instances || it.old + arriving >= instances + deploy.surge) return false;
    const [kind, mean, second] = it.coldStart;
    const readyAt = this.now + drawTime(this.deployStreams, this.rollouts.indexOf(it), kind, mean, second, this.deployLists);
    it.startsAt.push(readyAt);
    it.startsAt.sort((a, b) => a - b);
    if (readyAt <= this.now) this.takesOver(it);
    return true;
  }

  /** The instance that was first to be ready takes calls. */
  private takesOver(it: Rollout): void {
    it.startsAt.shift();
    const members = this.groupMembers[it.group] as Int32Array;
    const isLeaving = (place: number): boolean => it.leaving.some(({ instance }) => instance === members[place]);
    let place = this.groupInstances[it.group] as number;
    while (isLeaving(place)) place++;
    const instance = members[place] as number;
    it.isFresh[instance] = 1;
    it.fresh++;
    this.joinAt(it.group, place);
    this.emptyCaches(it.group, (one) => one === instance);
    const { warmUp } = it.deploy;
    if (!warmUp || !this.coldUntil || !this.coldness) return;
    for (const s of this.groupStations[it.group] as number[]) {
      const unit = (this.unitBase[s] as number) + instance;
      this.coldUntil[unit] = this.now + warmUp.forMs;
      this.coldness[unit] = warmUp.factor;
    }
  }

  /** An old instance takes no more calls, where enough others do; false where none may be spared. */
  private retireOne(it: Rollout): boolean {
    if (it.old === 0 || it.old + it.fresh <= it.instances - it.deploy.unavailable) return false;
    const members = this.groupMembers[it.group] as Int32Array;
    let place = 0;
    while (it.isFresh[members[place] as number]) place++;
    const instance = members[place] as number;
    it.old--;
    this.leaveAt(it.group, place);
    it.leaving.push({ instance, untilMs: this.now + it.deploy.graceMs });
    return true;
  }

  /** What an old instance still runs is ended. */
  private endLeaving(it: Rollout): void {
    const gone = it.leaving.shift()?.instance;
    this.crash(it.group, (instance) => instance === gone, this.code.a[this.code.faultRow[it.index] as number] as number);
  }

  protected override slownessOf(unit: number, s: number): number {
    const slowness = super.slownessOf(unit, s);
    return this.coldUntil && this.coldness && this.now < (this.coldUntil[unit] as number) ? slowness * (this.coldness[unit] as number) : slowness;
  }
}
