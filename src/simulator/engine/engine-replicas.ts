import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { placesOf } from './autoscaling.ts';
import { EngineCaches } from './engine-caches.ts';
import { type Streams, streamsFor } from './streams.ts';
import { drawTime, type Law, lawOf } from './times.ts';
import { drawKey, type Zipf, zipfOf } from './zipf.ts';
import { INSTANCE, TASK } from './task-row.ts';

/** What the replicas of some data show: by replica, when the latest write of each key shows, and when the latest of all does. */
interface Replicas {
  zipf: Zipf;
  lag: Law;
  shownAt: Float64Array[];
  caughtUpAt: Float64Array;
}

/** Data that replicas show a while after it was written: writes at the primary, and reads that see the old value. */
export abstract class EngineReplicas extends EngineCaches {
  private readonly replicas: Replicas[];
  /** Keys of writes, then of reads, then lags. */
  private readonly replicaStreams: Streams;
  private readonly lagLists: Float64Array;
  // Counted per replicated data.
  readonly writes: Float64Array;
  readonly replicaReads: Float64Array;
  readonly staleReads: Float64Array;
  /** Sum over writes of the mean time until the replicas show them. */
  readonly lagSum: Float64Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    const data = network.replicatedData ?? [];
    const lists: number[] = [];
    this.replicas = data.map((it) => {
      const group = network.groups.find((one) => one.id === it.group);
      const many = group ? placesOf(group, network) : 1;
      return {
        zipf: zipfOf(it.keys, it.zipf),
        lag: lawOf(it.lag, lists),
        shownAt: Array.from({ length: many }, () => new Float64Array(it.keys + 1).fill(Number.NEGATIVE_INFINITY)),
        caughtUpAt: new Float64Array(many),
      };
    });
    this.lagLists = Float64Array.from(lists);
    this.replicaStreams = streamsFor(
      seed,
      ['write', 'read', 'lag'].flatMap((what) => data.map((it) => `${what} ${it.id}`)),
    );
    this.writes = new Float64Array(data.length);
    this.replicaReads = new Float64Array(data.length);
    this.staleReads = new Float64Array(data.length);
    this.lagSum = new Float64Array(data.length);
  }

  protected forgetReplicas(): void {
    for (const it of [this.writes, this.replicaReads, this.staleReads, this.lagSum]) it.fill(0);
  }

  /** A write of some key: each replica shows it after a lag of its own, and never before an earlier write. */
  protected writeData(data: number): void {
    const it = this.replicas[data] as Replicas;
    const [kind, mean, second] = it.lag;
    const key = drawKey(it.zipf, this.replicaStreams, data);
    const many = it.shownAt.length;
    let lags = 0;
    for (let replica = 0; replica < many; replica++) {
      const lag = drawTime(this.replicaStreams, 2 * this.replicas.length + data, kind, mean, second, this.lagLists);
      const shown = Math.max(it.caughtUpAt[replica] as number, this.now + lag);
      it.caughtUpAt[replica] = shown;
      (it.shownAt[replica] as Float64Array)[key] = shown;
      lags += shown - this.now;
    }
    this.count(this.writes, data);
    this.lagSum[data] = (this.lagSum[data] as number) + lags / many;
  }

  /** A read of some key at the replica that the task runs in: true where it sees an old value. */
  protected readsStale(slot: number, data: number): boolean {
    const it = this.replicas[data] as Replicas;
    const key = drawKey(it.zipf, this.replicaStreams, this.replicas.length + data);
    const many = it.shownAt.length;
    const shown = it.shownAt[many === 1 ? 0 : (this.taskWords[TASK * slot + INSTANCE] as number) % many] as Float64Array;
    this.count(this.replicaReads, data);
    if ((shown[key] as number) <= this.now) return false;
    this.count(this.staleReads, data);
    return true;
  }
}
