import type { Phase } from '../../model/network-arrivals.ts';
import type { Network } from '../../model/network.ts';
import { nextArrival, sizeOf } from './arrivals.ts';
import { schedule, cancel } from './calendar.ts';
import { EngineDeploys } from './engine-deploys.ts';
import { exponential, type Streams, streamsFor, uniform } from './streams.ts';
import { AWAITED, BALANCE_CONNECTION, NONE, THINKING, USING } from './task-states.ts';
import { drawTime, type Law } from './times.ts';
import { RATE, SOURCE_NUMBERS, UNTIL } from './source-row.ts';
import { BEGAN, INSTANCE, ROLE, SOURCE, STATE, TASK, TASK_NUMBERS } from './task-row.ts';

/** A user whose request took no time and who does not think either waits this long, or the clock would stand still. */
const LEAST_ROUND_MS = 1;

/** Where requests come from: open streams, and users who think between requests. */
export abstract class EngineSources extends EngineDeploys {
  /** Per source that keeps connections to a group which stays with them: the instance behind each. */
  private readonly dealt: readonly (Int32Array | null)[];
  private readonly connectionStreams: Streams;
  /** Sources whose requests need nothing but a task that begins a program. */
  private readonly isSimple: Uint8Array;

  constructor(network: Network, seed: number, rateOf: (source: number) => readonly Phase[]) {
    super(network, seed, rateOf);
    this.connectionStreams = streamsFor(
      seed,
      network.sources.map((it) => `connections ${it.drawsAs ?? it.id}`),
    );
    this.dealt = network.sources.map((source, index) => {
      const group = this.code.programGroup[this.sourceProgram[index] as number] as number;
      const connections = source.connections ?? source.closed?.users;
      if (group < 0 || network.groups[group]?.onDemand || this.groupBalance[group] !== BALANCE_CONNECTION || !connections) return null;
      return Int32Array.from({ length: connections }, () => (this.groupMembers[group] as Int32Array)[this.place(group)] as number);
    });
    const isSimple = !this.knowsClients && !this.userOf && this.calendar.registers === this.sourceCount;
    this.isSimple = Uint8Array.from(this.plans, (plan, source) => (isSimple && !plan && !this.dealt[source] && !this.guarded[this.sourceProgram[source] as number] ? 1 : 0));
  }

  /** Stops all arrivals, so that `run` can empty the system. */
  close(): void {
    this.closed = true;
    for (let source = 0; source < this.sourceCount; source++) cancel(this.calendar, source);
    this.closeFaults();
    if (this.userOf) for (let slot = this.sourceCount; slot < this.capacity; slot++) if (this.taskWords[TASK * slot + STATE] === THINKING) cancel(this.calendar, slot);
  }

  /** A source's event: its requests are there, and the next is arranged. */
  protected come(source: number): void {
    const plan = this.plans[source];
    for (let many = plan ? sizeOf(plan, this.streams, source) : 1; many > 0; many--) this.arrive(source);
    this.scheduleArrival(source);
  }

  /** `connection`: the one that the request comes over; NONE: any. */
  protected arrive(source: number, connection: number = NONE): number {
    const program = this.sourceProgram[source] as number;
    const dealt = this.dealt[source] as Int32Array | null;
    const slot = dealt
      ? this.begin(program, dealt, connection >= 0 ? connection % dealt.length : Math.floor(uniform(this.connectionStreams, source) * dealt.length))
      : this.begin(program);
    this.taskWords[TASK * slot + SOURCE] = source;
    this.taskWords[TASK * slot + ROLE] = AWAITED;
    if (this.knowsClients) this.drawClient(slot, source);
    if (this.userOf) this.userOf[slot] = NONE;
    this.allOffered++;
    this.count(this.offered, source);
    this.countInFlight(source, 1);
    this.push(slot);
    return slot;
  }

  /** The next arrival after now. */
  protected scheduleArrival(source: number): void {
    this.scheduleArrivalFrom(source, this.now);
  }

  /** The next arrival after a moment, now or later; an arrival at a constant rate leaves the rate and its end in the source's record. */
  protected scheduleArrivalFrom(source: number, fromMs: number): void {
    const plan = this.plans[source];
    if (plan) {
      const due = nextArrival(plan, this.streams, source, this.now);
      if (due < Number.POSITIVE_INFINITY) schedule(this.calendar, source, due);
      return;
    }
    const from = this.phaseFrom[source] as Float64Array;
    const rates = this.phaseRate[source] as Float64Array;
    let at = fromMs;
    let phase = -1;
    while (phase + 1 < from.length && (from[phase + 1] as number) <= at) phase++;
    for (;;) {
      const rate = phase < 0 ? 0 : (rates[phase] as number);
      const end = phase + 1 < from.length ? (from[phase + 1] as number) : Number.POSITIVE_INFINITY;
      // Beyond the phase nothing is remembered: a Poisson stream begins anew there.
      const due = rate > 0 ? at + (this.isPoisson[source] ? exponential(this.streams, source) : 1) / rate : Number.POSITIVE_INFINITY;
      if (due < end) {
        schedule(this.calendar, source, due);
        this.sourceNumbers[SOURCE_NUMBERS * source + RATE] = rate;
        if (this.isSimple[source]) this.sourceNumbers[SOURCE_NUMBERS * source + UNTIL] = end;
        return;
      }
      if (end === Number.POSITIVE_INFINITY) return;
      at = end;
      phase++;
    }
  }

  /** A user is a task that runs no program: it keeps the number of its source and the request that it waits for. */
  protected beginUsers(source: number, users: number): void {
    for (let many = 0; many < users; many++) {
      const user = this.allocate();
      this.pending[user] = source;
      this.standing++;
      // A user keeps its connection.
      this.taskWords[TASK * user + INSTANCE] = many;
      this.think(user, false);
    }
  }

  private think(user: number, atOnce: boolean): void {
    if (this.closed) return;
    const source = this.pending[user] as number;
    const [kind, mean, second] = this.thinks[source] as Law;
    this.taskWords[TASK * user + STATE] = THINKING;
    this.child[user] = NONE;
    const time = drawTime(this.thinkStreams, source, kind, mean, second, this.thinkLists);
    schedule(this.calendar, user, this.now + (atOnce && time === 0 ? LEAST_ROUND_MS : time));
  }

  protected wakeUser(user: number): void {
    if (this.taskWords[TASK * user + STATE] === USING) {
      // Patience is over: the request goes on for nobody, and is counted when it is answered or the run ends.
      (this.userOf as Int32Array)[this.child[user] as number] = NONE;
      this.think(user, this.patience[this.pending[user] as number] === 0);
      return;
    }
    const source = this.pending[user] as number;
    const request = this.arrive(source, this.taskWords[TASK * user + INSTANCE] as number);
    (this.userOf as Int32Array)[request] = user;
    this.child[user] = request;
    this.taskWords[TASK * user + STATE] = USING;
    const patience = this.patience[source] as number;
    if (patience < Number.POSITIVE_INFINITY) schedule(this.calendar, user, this.now + patience);
  }

  protected answerUser(request: number): void {
    const user = (this.userOf as Int32Array)[request] as number;
    (this.userOf as Int32Array)[request] = NONE;
    cancel(this.calendar, user);
    this.think(user, this.taskNumbers[TASK_NUMBERS * request + BEGAN] === this.now);
  }
}
