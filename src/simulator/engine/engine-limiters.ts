import type { Network } from '../../model/network.ts';
import type { Phase } from '../../model/network-arrivals.ts';
import { placesOf } from './autoscaling.ts';
import { schedule } from './calendar.ts';
import { EngineScaling } from './engine-scaling.ts';
import { askLimiter, type LimiterState, limiterFor, REFUSED } from './limiters.ts';
import { uniform } from './streams.ts';
import { DELAYED } from './task-states.ts';
import { INSTANCE, PROGRAM, STATE, TASK } from './task-row.ts';

/** Limiters in front of work, and the clients that they tell apart. */
export abstract class EngineLimiters extends EngineScaling {
  /** By unit: one count for all, or one per instance of the limiter's group. */
  readonly limiters: LimiterState[] = [];
  readonly limiterBase: Int32Array;
  readonly limiterUnits: Int32Array;
  private readonly clientsOfSource: Float64Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    const limiters = network.limiters ?? [];
    const instances = new Map(network.groups.map((it) => [it.id, placesOf(it, network)]));
    this.limiterUnits = Int32Array.from(limiters, (it) => (it.group === undefined ? 1 : (instances.get(it.group) ?? 1)));
    this.limiterBase = new Int32Array(limiters.length);
    limiters.forEach((rule, index) => {
      this.limiterBase[index] = this.limiters.length;
      for (let unit = 0; unit < (this.limiterUnits[index] as number); unit++) this.limiters.push(limiterFor(rule));
    });
    this.clientsOfSource = Float64Array.from(network.sources, (it) => it.clients ?? 0);
  }

  protected forgetLimiters(): void {
    for (const it of this.limiters) it.passed = it.delayed = it.refused = it.delayMs = 0;
  }

  /** A request of the source comes from one of its clients, each as likely. */
  protected drawClient(slot: number, source: number): void {
    const many = this.clientsOfSource[source] as number;
    const drawn = uniform(this.streams, this.sourceCount + this.stationCount + (this.taskWords[TASK * slot + PROGRAM] as number));
    this.client[slot] = many > 0 ? (Math.floor(drawn * many) + 0.5) / many : drawn;
  }

  /** True where the task may go on at once; else it has failed or waits. */
  protected mayPass(slot: number, limiter: number): boolean {
    const units = this.limiterUnits[limiter] as number;
    const unit = (this.limiterBase[limiter] as number) + (units === 1 ? 0 : (this.taskWords[TASK * slot + INSTANCE] as number) % units);
    const it = this.limiters[unit] as LimiterState;
    const keys = it.at.length;
    const delay = askLimiter(it, keys === 1 ? 0 : Math.floor((this.client[slot] as number) * keys), this.now);
    if (delay === 0) return true;
    if (delay === REFUSED) this.fail(slot, this.code.limiterCause[limiter] as number);
    else {
      this.taskWords[TASK * slot + STATE] = DELAYED;
      schedule(this.calendar, slot, this.now + delay);
    }
    return false;
  }
}
