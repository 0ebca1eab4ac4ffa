import type { Network, Source } from '../../model/network.ts';
import type { SeriesPoint } from '../../model/outcome.ts';
import type { Metastability, Recovery, Trigger } from '../../model/replies.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { breaksAt } from './assess.ts';
import { compile } from '../compile/compile.ts';
import type { Progress } from '../engine/play.ts';
import { simulateInSlices } from '../engine/simulate.ts';
import { toTheEnd } from '../engine/slices.ts';

export interface RecoveryOptions {
  /** Requests a second over all sources by their shares; without it the sources' first rates hold. */
  perSecond?: number;
  /** How long the system is watched after the trigger; by default 90 s, and longer while its backlog falls. */
  watchSeconds?: number;
  seed?: number;
}

const WATCH_SECONDS = 90;
/** A backlog that has shrunk to this in the second half of the watch is on its way out: the watch is doubled, at most to so long and so many requests. */
const FALLING = 0.9;
const MOST_SECONDS = 1440;
const MOST_REQUESTS = 4e6;
/** The end of the run, over which goodput is compared. */
const LAST_SECONDS = 20;
const POINT_MS = 1000;
/** The trigger comes after this much of the usual load. */
const FROM_MS = 10_000;
/** Normal for so many points on end is back to normal. */
const STEADY_POINTS = 5;
/** Goodput that counts as come back, of what the untroubled system does in the same seconds under the same luck. */
const BACK = 0.95;
/** A backlog counts as gone at this many, or at twice the most that the untroubled system has. */
const FEW = 10;
const OUTAGE: Trigger = { kind: 'outage', seconds: 10 };
/** Loads that are told apart. */
const PRECISION = 1.04;
const LOWEST = 1 / 64;
/** Loads that are played at most: the one asked about, both ends, and halvings of what lies between them. */
const MOST_TRIALS = 10;

/**
 * Plays a trigger and what follows, beside the same system without the trigger under the same luck.
 * In an outage no station serves anybody; what was being served goes on afterwards, and everybody's timers run.
 */
export const recoveryOf = (network: Network, trigger: Trigger, options: RecoveryOptions = {}): Recovery => toTheEnd(recoveryInSlices(network, trigger, options));

/** The same in slices, as `simulateInSlices`; `share` begins anew where the watch is made longer. */
export function* recoveryInSlices(network: Network, trigger: Trigger, options: RecoveryOptions = {}): Generator<Progress, Recovery, void> {
  const usual = network.sources.map((it) => steady(it, options.perSecond));
  const perSecond = usual.reduce((sum, it) => sum + (it.phases?.[0]?.perSecond ?? 0), 0);
  const longest = Math.min(MOST_SECONDS, Math.max(LAST_SECONDS, MOST_REQUESTS / Math.max(1, perSecond)));
  let watched = yield* watch({ ...network, sources: usual }, trigger, Math.min(options.watchSeconds ?? WATCH_SECONDS, longest), options.seed ?? 1);
  while (options.watchSeconds === undefined && watched.isFalling && 2 * watched.recovery.watchedSeconds <= longest)
    watched = yield* watch({ ...network, sources: usual }, trigger, 2 * watched.recovery.watchedSeconds, options.seed ?? 1);
  return watched.recovery;
}

function* watch(network: Network, trigger: Trigger, watchedSeconds: number, seed: number): Generator<Progress, { recovery: Recovery; isFalling: boolean }, void> {
  const endMs = FROM_MS + trigger.seconds * 1000;
  function* play(it: Network, half: number): Generator<Progress, readonly SeriesPoint[], void> {
    const steps = simulateInSlices(it, { seconds: endMs / 1000 + watchedSeconds, seed, warmupSeconds: 0, seriesMs: POINT_MS, intervals: false });
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value.series;
      yield { ...step.value, share: (half + step.value.share) / 2 };
    }
  }
  const calm = yield* play(network, 0);
  const troubled = yield* play(triggered(network, trigger), 1);
  const normal = Math.max(FEW, 2 * Math.max(0, ...calm.map((it) => it.inFlight)));
  const last = (series: readonly SeriesPoint[]): number => averageOf(series.slice(-LAST_SECONDS).map((it) => it.goodputPerSecond));
  const first = Math.round(endMs / POINT_MS);
  let seconds: number | null = null;
  for (let at = first; at + STEADY_POINTS <= troubled.length && seconds === null; at++) {
    const points = troubled.slice(at, at + STEADY_POINTS);
    const goodput = averageOf(points.map((it) => it.goodputPerSecond));
    const usually = averageOf(calm.slice(at, at + STEADY_POINTS).map((it) => it.goodputPerSecond));
    if (goodput >= BACK * usually && points.every((it) => it.inFlight <= normal)) seconds = ((troubled[at]?.atMs ?? 0) - endMs) / 1000;
  }
  // Work that nobody waits for any more is a backlog too.
  const backlog = (it: SeriesPoint | undefined): number => (it ? Math.max(it.inFlight, ...it.queues) : 0);
  const recovery: Recovery = {
    seconds,
    peakInFlight: Math.max(0, ...troubled.map((it) => it.inFlight)),
    goodputBeforePerSecond: last(calm),
    goodputAfterPerSecond: last(troubled),
    watchedSeconds,
  };
  const middle = troubled[Math.floor((first + troubled.length) / 2)];
  return { recovery, isFalling: !isBack(recovery) && backlog(troubled[troubled.length - 1]) < FALLING * backlog(middle) };
}

const isBack = (it: Recovery): boolean => it.goodputAfterPerSecond >= BACK * it.goodputBeforePerSecond;

/** How long a topology takes to come back from a trigger at the scenario's target. */
export const recovery = (topology: Topology, scenario: Scenario, trigger: Trigger = OUTAGE, options: RecoveryOptions = {}): Recovery =>
  recoveryOf(compile(topology, { ...scenario, profile: { kind: 'steady' } }).network, trigger, { seed: scenario.seed, perSecond: scenario.targetPerSecond, ...options });

/**
 * Whether goodput returns after a trigger (default: a full outage of 10 s) at a load, and the largest load from which it does, found by bisection to 4%:
 * a dozen runs of some minutes each, so ask for it on demand. `upTo`: the largest load worth asking about (the breaking point).
 */
export const metastabilityOf = (network: Network, perSecond: number, upTo: number = perSecond, trigger: Trigger = OUTAGE, options: RecoveryOptions = {}): Metastability =>
  toTheEnd(searchInSlices(network, perSecond, upTo, trigger, options));

function* searchInSlices(network: Network, perSecond: number, upTo: number, trigger: Trigger, options: RecoveryOptions): Generator<Progress, Metastability, void> {
  let done = 0;
  let trials = MOST_TRIALS;
  function* at(load: number): Generator<Progress, Recovery, void> {
    const steps = recoveryInSlices(network, trigger, { ...options, perSecond: load });
    for (;;) {
      const step = steps.next();
      if (step.done) {
        done++;
        return step.value;
      }
      yield { ...step.value, share: (done + step.value.share) / Math.max(done + 1, trials) };
    }
  }
  const recovery = yield* at(perSecond);
  const recovers = isBack(recovery);
  let high = Math.max(upTo, perSecond);
  if (high === perSecond ? recovers : isBack(yield* at(high))) return { perSecond, recovers, recovery, recoversBelowPerSecond: null };
  let low = recovers ? perSecond : high * LOWEST;
  if (!recovers && !isBack(yield* at(low))) return { perSecond, recovers, recovery, recoversBelowPerSecond: 0 };
  if (!recovers) high = perSecond;
  trials = done;
  for (let ratio = high / low; ratio > PRECISION; ratio = Math.sqrt(ratio)) trials++;
  while (high > low * PRECISION) {
    const middle = Math.sqrt(low * high);
    if (isBack(yield* at(middle))) low = middle;
    else high = middle;
  }
  return { perSecond, recovers, recovery, recoversBelowPerSecond: low };
}

/** The same for a topology at the scenario's target; beyond its breaking point nothing comes back, so the search ends there. Null where nothing takes load. */
export const metastability = (topology: Topology, scenario: Scenario, trigger: Trigger = OUTAGE, options: RecoveryOptions = {}): Metastability | null =>
  toTheEnd(metastabilityInSlices(topology, scenario, trigger, options));

/** The same in slices, as `simulateInSlices`. */
export function* metastabilityInSlices(
  topology: Topology,
  scenario: Scenario,
  trigger: Trigger = OUTAGE,
  options: RecoveryOptions = {},
): Generator<Progress, Metastability | null, void> {
  const { network } = compile(topology, { ...scenario, profile: { kind: 'steady' } });
  if (!network.sources.some((it) => it.share > 0)) return null;
  const breaks = breaksAt(topology, scenario) ?? scenario.targetPerSecond;
  // At the very edge nothing drains within any watch.
  const upTo = Math.max(0.1, BACK * breaks);
  return yield* searchInSlices(network, Math.min(scenario.targetPerSecond, upTo), upTo, trigger, { seed: scenario.seed, ...options });
}

function steady(source: Source, perSecond: number | undefined): Source {
  const rate = perSecond !== undefined && source.share > 0 ? perSecond * source.share : (source.phases?.[0]?.perSecond ?? 0);
  const { burst: _burst, ...rest } = source;
  return { ...rest, phases: [{ fromMs: 0, perSecond: rate }] };
}

/** Something happens at `FROM_MS`: every station with servers of its own stops for a while, or the load is a multiple of itself. */
function triggered(network: Network, trigger: Trigger): Network {
  const untilMs = FROM_MS + trigger.seconds * 1000;
  if (trigger.kind === 'outage') {
    const stations = network.stations.filter((it) => it.servers !== null);
    const frozen = (stations.length > 0 ? stations : network.stations).map((it) => ({ kind: 'freeze' as const, station: it.id, fromMs: FROM_MS, untilMs }));
    return { ...network, faults: [...(network.faults ?? []), ...frozen] };
  }
  const spiked = (source: Source): Source => {
    const rate = source.phases?.[0]?.perSecond ?? 0;
    const phases = [
      { fromMs: 0, perSecond: rate },
      { fromMs: FROM_MS, perSecond: rate * trigger.factor },
      { fromMs: untilMs, perSecond: rate },
    ];
    return source.share > 0 ? { ...source, phases } : source;
  };
  return { ...network, sources: network.sources.map(spiked) };
}

const averageOf = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / Math.max(1, values.length);
