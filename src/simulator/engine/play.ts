import type { Network } from '../../model/network.ts';
import type { SeriesPoint } from '../../model/outcome.ts';
import { Batches, MOST_BATCHES } from '../experiment/batches.ts';
import { Engine } from './engine.ts';
import { Ledger } from './ledger.ts';
import { type SeriesRecorder, seriesOf } from './series.ts';
import { warmUpEnd } from '../experiment/warm-up.ts';

/** How far a run has come. */
export interface Progress {
  /** Simulated time. */
  atMs: number;
  /** Share of the run that is done, 0 to 1; for a run to a precision by the most requests that it may take. */
  share: number;
  requests: number;
  events: number;
}

export interface PlayOptions {
  seconds: number;
  seed: number;
  /** Left out of every measure but the series. `auto`: found by MSER-5 on the slowest station, at most half of the run. */
  warmupSeconds: number | 'auto';
  perSecond?: number;
  seriesMs?: number;
  drainSeconds?: number;
  attribution?: boolean;
  /** Notes batches for the 95% intervals. */
  intervals: boolean;
  /** Asked at the end of the planned time: a later end in seconds, or null when it is enough. */
  extendTo?: (play: Play) => number | null;
  /** How far an unsettled warm-up may push the end of the run. */
  mostSeconds?: number;
}

/** A run is played in about this many slices; progress is told and cancelling possible between them. */
const SLICES = 256;
/** Slices after which the warm-up is looked at for the first time, and then at each doubling. */
const FIRST_LOOK = 40;

/**
 * A run in slices of simulated time. Where the slices lie follows from the options alone, so a run that somebody watches gives the same bits as one that nobody does.
 * A class because it is a lifetime: made, advanced until `advance` says false, read.
 */
export class Play {
  readonly engine: Engine;
  /** Null where nobody asked for intervals. */
  readonly batches: Batches | null;
  /** Where the measured span began; null while the warm-up lasts. */
  measuredFromMs: number | null = null;
  /** False where MSER-5 found no steady state in the first half of the run. */
  isSettled = true;
  private readonly options: PlayOptions;
  private readonly recorder: SeriesRecorder | null;
  private readonly levels: Float64Array[] = [];
  private readonly seen: Float64Array;
  private readonly busiest: Float64Array;
  private sliceMs: number;
  private endMs: number;
  private slice = 0;
  private nextLook = FIRST_LOOK;
  private isDraining = false;
  private events = 0;
  private readonly servers: Float64Array;

  constructor(network: Network, options: PlayOptions) {
    const { perSecond } = options;
    this.options = options;
    this.engine = new Engine(network, options.seed, (source) => {
      const it = network.sources[source];
      if (!it) return [];
      return perSecond !== undefined && it.share > 0 ? [{ fromMs: 0, perSecond: perSecond * it.share }] : (it.phases ?? []);
    });
    const groups = new Map(network.groups.map((it) => [it.id, it.instances]));
    this.servers = Float64Array.from(network.stations, (it) => (it.servers ?? Number.POSITIVE_INFINITY) * (it.group === undefined ? 1 : (groups.get(it.group) ?? 1)));
    this.recorder = options.seriesMs === undefined ? null : seriesOf(this.engine, network.stations.length, options.seriesMs);
    if (options.attribution) this.engine.ledger = new Ledger(network.stations.length, network.sources.length, this.engine.slots);
    this.batches = options.intervals ? new Batches(this.engine) : null;
    this.endMs = options.seconds * 1000;
    this.sliceMs = this.endMs / SLICES;
    this.seen = new Float64Array(network.stations.length + 1);
    this.busiest = new Float64Array(network.stations.length);
    if (options.warmupSeconds !== 'auto' && options.warmupSeconds <= 0) this.measure(true);
  }

  get series(): readonly SeriesPoint[] {
    return this.recorder?.points ?? [];
  }

  /** Plays one slice; false when the run is over. */
  advance(): boolean {
    if (this.isDraining) return false;
    const { warmupSeconds } = this.options;
    const fromMs = this.measuredFromMs;
    let untilMs: number;
    if (fromMs === null) {
      const warmupMs = warmupSeconds === 'auto' ? this.endMs / 2 : Math.min(this.endMs, warmupSeconds * 1000);
      this.slice++;
      untilMs = Math.min(warmupMs, Math.max(this.engine.now, this.slice * this.sliceMs));
      this.runTo(untilMs);
      if (warmupSeconds === 'auto') this.look(untilMs >= warmupMs);
      else if (untilMs >= warmupMs) this.measure(true);
      if (this.engine.now < this.endMs) return true;
    } else if (this.engine.now < this.endMs) {
      if (this.slice >= MOST_BATCHES) {
        this.batches?.merge();
        this.slice /= 2;
        this.sliceMs *= 2;
      }
      this.slice++;
      untilMs = Math.min(this.endMs, fromMs + this.slice * this.sliceMs);
      if (this.endMs - untilMs < this.sliceMs / 1000) untilMs = this.endMs;
      this.runTo(untilMs);
      this.batches?.take();
      if (untilMs < this.endMs) return true;
    }
    const later = this.options.extendTo?.(this) ?? null;
    if (later === null) return this.drain();
    this.endMs = Math.max(this.endMs, this.wholeSlices(later));
    return this.engine.now < this.endMs || this.drain();
  }

  progress(): Progress {
    const { engine } = this;
    return { atMs: engine.now, share: Math.min(1, engine.now / this.endMs), requests: engine.allOffered, events: this.events + engine.events };
  }

  private drain(): boolean {
    const { drainSeconds } = this.options;
    this.isDraining = true;
    if (drainSeconds === undefined) return false;
    this.engine.close();
    // Without an end nothing is cut off: the run's last moment is its last event.
    if (drainSeconds === Number.POSITIVE_INFINITY) this.engine.run(Number.POSITIVE_INFINITY);
    else this.runTo(this.endMs + drainSeconds * 1000);
    return false;
  }

  /** The end of the slice in which a moment lies, ms. */
  private wholeSlices(seconds: number): number {
    const fromMs = this.measuredFromMs ?? 0;
    return fromMs + Math.ceil((seconds * 1000 - fromMs) / this.sliceMs) * this.sliceMs;
  }

  private runTo(untilMs: number): void {
    if (this.recorder) this.recorder.runTo(untilMs);
    else this.engine.run(untilMs);
  }

  /** The measured span begins now. */
  private measure(isSettled: boolean): void {
    const { engine } = this;
    this.events += engine.events;
    if (engine.now > 0) engine.beginMeasuring();
    this.measuredFromMs = engine.now;
    this.isSettled = isSettled;
    this.sliceMs = Math.max(this.endMs - engine.now, this.endMs / SLICES) / SLICES;
    this.slice = 0;
    this.batches?.begin();
  }

  /** Notes how full each station was in this slice, and at some moments asks whether the start is forgotten. */
  private look(isLast: boolean): void {
    const { engine, seen } = this;
    const stations = this.busiest.length;
    const level = new Float64Array(stations + 1);
    for (let s = 0; s <= stations; s++) {
      const now = s < stations ? (engine.busyIntegral[s] as number) + (engine.queueIntegral[s] as number) : engine.inFlightIntegral.reduce((sum, it) => sum + it, 0);
      level[s] = now - (seen[s] as number);
      seen[s] = now;
      if (s < stations) this.busiest[s] = (engine.busyIntegral[s] as number) / (this.servers[s] as number);
    }
    this.levels.push(level);
    if (this.levels.length < this.nextLook && !isLast) return;
    this.nextLook *= 2;
    // The slowest station is the one that is busiest; where none has a limit, everything in flight stands for it.
    let slowest = stations;
    for (let s = 0; s < stations; s++) if ((this.busiest[s] as number) > (slowest === stations ? 0 : (this.busiest[slowest] as number))) slowest = s;
    const isSettled = warmUpEnd(this.levels.map((it) => it[slowest] as number)) !== null;
    if (isSettled) this.measure(true);
    else if (isLast) {
      if (2 * this.endMs <= (this.options.mostSeconds ?? 0) * 1000) this.endMs *= 2;
      else this.measure(false);
    }
  }
}
