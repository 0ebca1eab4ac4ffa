import type { Network } from '../../model/network.ts';
import type { SeriesPoint, SpikeOutcome } from '../../model/outcome.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { drawNames } from './draw-names.ts';
import { DEFAULT_AGE_SECONDS } from '../solve/ask.ts';
import { compile, SPIKE_AT_MS } from '../compile/compile.ts';
import { withAutoscaling } from '../compile/scaling.ts';
import type { Run } from '../engine/run.ts';
import { simulate } from '../engine/simulate.ts';
import { solve } from '../solve/solve.ts';

export interface SpikeOptions {
  /** Which waits slow responses are made of; default true. Without it the outcome is the same otherwise, and a fifth cheaper. */
  attribution?: boolean;
  /** Ends as soon as the backlog is gone; default false. `goodputShare`, `drainSeconds` and `runSeconds` are the same, all else is of the shorter run. */
  untilDrained?: boolean;
}

/** Share of requests that must be accepted in time for a spike to pass. */
const ACCEPTED = 0.99;
/** Longest stretch that is played after a spike; the freshness objective may need less. */
const MOST_RECOVERY_SECONDS = 120;
const POINT_MS = 1000;
/** A backlog counts as gone at this many waiters, or at the level before the spike if that was more. */
const FEW = 5;

/**
 * Plays the scenario's spike request by request: base load, the spike, and recovery.
 * It passes when 99% are answered before their client gives up, the p95 of each endpoint stays under its objective, and the backlog is gone within the freshness objective.
 * A steady profile is played as a spike from 5% of the target to the target for a minute.
 */
export function playSpike(topology: Topology, scenario: Scenario, { attribution = true, untilDrained = false }: SpikeOptions = {}): SpikeOutcome {
  const { profile, targetPerSecond } = scenario;
  const spike = profile.kind === 'spike' ? profile : { kind: 'spike' as const, basePerSecond: targetPerSecond / 20, peakPerSecond: targetPerSecond, seconds: 60 };
  const compiled = compile(topology, { ...scenario, profile: spike });
  const { network } = compiled;
  const freshnessSeconds = scenario.objective.messageAgeSeconds ?? DEFAULT_AGE_SECONDS;
  const recovery = Math.min(MOST_RECOVERY_SECONDS, freshnessSeconds * 1.5);
  const seconds = SPIKE_AT_MS / 1000 + spike.seconds + recovery;
  const spikeEndMs = SPIKE_AT_MS + spike.seconds * 1000;
  const run = simulate(namedByKind(withAutoscaling(compiled, spike.basePerSecond), topology), {
    seconds,
    seed: scenario.seed,
    warmupSeconds: 0,
    seriesMs: POINT_MS,
    intervals: false,
    attribution,
    ...(untilDrained && { isEnough: (series) => drainOf(series, spikeEndMs) !== null }),
  });
  const drainSeconds = drainOf(run.series, spikeEndMs);
  const unloaded = solve(network, 1e-6);
  let offered = 0;
  let accepted = 0;
  let p95Ms = 0;
  let isSlow = false;
  run.sources.forEach((source, index) => {
    if ((network.sources[index]?.share ?? 0) <= 0) return;
    offered += source.offered;
    const fast = scenario.objective.p95Ms ?? Math.max(500, 4 * (unloaded.sources[index]?.latencyMs?.p95 ?? 0));
    accepted += source.goodputPerSecond * run.seconds;
    p95Ms = Math.max(p95Ms, source.latencyMs?.p95 ?? 0);
    if ((source.latencyMs?.p95 ?? Number.POSITIVE_INFINITY) > fast) isSlow = true;
  });
  return {
    passes: offered > 0 && !isSlow && accepted / offered >= ACCEPTED && drainSeconds !== null && drainSeconds <= freshnessSeconds,
    acceptedShare: offered > 0 ? accepted / offered : 0,
    goodputShare: goodputShareOf(run, spikeEndMs),
    drainSeconds,
    p95Ms,
    errorsByCause: run.errorsByCause,
    attribution: run.sources.flatMap((it) => (it.attribution ? [{ endpoint: it.id, ...it.attribution }] : [])),
    stations: network.stations.map((it) => it.id),
    series: run.series,
    runSeconds: seconds,
  };
}

/** The same network with draws that go by what its parts are: what somebody calls a component moves no number. */
function namedByKind(network: Network, topology: Topology): Network {
  const nameOf = drawNames(topology);
  const named = <T extends { id: string }>(parts: readonly T[]): T[] => parts.map((it) => ({ ...it, drawsAs: nameOf(it.id) }));
  return { ...network, stations: named(network.stations), programs: named(network.programs), sources: named(network.sources) };
}

/** Goodput over the spike ÷ offered over the spike. */
function goodputShareOf(run: Run, spikeEndMs: number): number {
  let offered = 0;
  let good = 0;
  for (const point of run.series) {
    if (point.atMs <= SPIKE_AT_MS || point.atMs > spikeEndMs) continue;
    offered += point.offeredPerSecond;
    good += point.goodputPerSecond;
  }
  return offered > 0 ? good / offered : 0;
}

/** From the end of the spike until nothing waits any more than before it. */
function drainOf(series: readonly SeriesPoint[], spikeEndMs: number): number | null {
  if ((series.at(-1)?.atMs ?? 0) < spikeEndMs) return null;
  const waiting = (queues: readonly number[]): number => queues.reduce((sum, it) => sum + it, 0);
  const before = Math.max(FEW, ...series.filter((it) => it.atMs <= SPIKE_AT_MS).map((it) => waiting(it.queues)));
  const drained = series.find((it) => it.atMs >= spikeEndMs && waiting(it.queues) <= before);
  return drained ? Math.max(0, (drained.atMs - spikeEndMs) / 1000) : null;
}
