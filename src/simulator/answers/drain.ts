import type { Network } from '../../model/network.ts';
import type { Drain } from '../../model/replies.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { ChannelId, Topology } from '../../model/topology.ts';
import { ask } from '../solve/ask.ts';
import { channelsOf } from './at-target.ts';
import { simulate } from '../engine/simulate.ts';
import { solve } from '../solve/solve.ts';
import { solveAt } from '../solve/solve-at.ts';

export interface DrainOptions {
  /** Requests a second over all sources by their shares; without it the sources' own rates hold. */
  perSecond?: number;
  seed?: number;
}

/** The longest stretch that is played, and the most that is played in it. */
const MOST_SECONDS = 3600;
const MOST_REQUESTS = 3e6;
/** Beyond what the rates say, before a backlog counts as not gone. */
const PATIENCE = 1.5;
const EXTRA_SECONDS = 30;
const POINTS = 400;
/** A queue of this many is none, or of the usual length if that is more. */
const FEW = 5;
const SOURCE = 'backlog';

/** How long so many runs of a program, waiting at a station at once, take to go while the usual load goes on. */
export function drainOf(network: Network, program: string, station: string, backlog: number, options: DrainOptions = {}): Drain {
  const s = network.stations.findIndex((it) => it.id === station);
  const solved = solve(network, options.perSecond).stations[s];
  const inPerSecond = solved?.arrivalsPerSecond ?? 0;
  const drainPerSecond = solved && solved.utilisation > 0 ? inPerSecond / solved.utilisation : alone(network, program, s);
  return played(network, program, s, backlog, inPerSecond, drainPerSecond, options);
}

/** How long a channel's backlog takes to go at the scenario's target; null where the topology has no such channel with a program. */
export function drain(topology: Topology, scenario: Scenario, channel: ChannelId, backlog: number): Drain | null {
  const asked = ask(topology, { ...scenario, profile: { kind: 'steady' } });
  const { compiled, question } = asked;
  const found = compiled.channels.get(channel);
  const program = found?.programs[0];
  if (!found || program === undefined) return null;
  solveAt(question.flat, question.state, scenario.targetPerSecond);
  const outcome = channelsOf(asked).find((it) => it.id === channel);
  const s = compiled.network.stations.findIndex((it) => it.id === found.station);
  const drainPerSecond = outcome && outcome.drainPerSecond > 0 ? outcome.drainPerSecond : alone(compiled.network, program, s);
  return played(compiled.network, program, s, backlog, outcome?.inPerSecond ?? 0, drainPerSecond, { seed: scenario.seed, perSecond: scenario.targetPerSecond });
}

/** Runs a second of a program that a station can do when nothing else comes. */
function alone(network: Network, program: string, s: number): number {
  const light = 1e-3;
  const source = { id: SOURCE, program, arrivals: 'poisson' as const, share: 1, patienceMs: null };
  const utilisation = solve({ ...network, sources: [source] }, light).stations[s]?.utilisation ?? 0;
  return utilisation > 0 ? light / utilisation : 0;
}

function played(network: Network, program: string, s: number, backlog: number, inPerSecond: number, drainPerSecond: number, options: DrainOptions): Drain {
  const rates = { drainPerSecond, inPerSecond };
  if (backlog <= 0) return { ...rates, fluidSeconds: 0, seconds: 0 };
  if (drainPerSecond <= inPerSecond) return { ...rates, fluidSeconds: null, seconds: null };
  const fluidSeconds = backlog / (drainPerSecond - inPerSecond);
  const longest = Math.min(MOST_SECONDS, MOST_REQUESTS / Math.max(1, inPerSecond));
  const seconds = Math.min(longest, PATIENCE * fluidSeconds + EXTRA_SECONDS);
  const steady = network.sources.map((it) => (it.burst === undefined ? it : { ...it, burst: 0 }));
  const seriesMs = Math.max(1, (seconds * 1000) / POINTS);
  const settings = { seconds, seed: options.seed ?? 1, warmupSeconds: 0, seriesMs, intervals: false, ...(options.perSecond !== undefined && { perSecond: options.perSecond }) };
  const usual = simulate({ ...network, sources: steady }, settings);
  const source = { id: SOURCE, program, arrivals: 'poisson' as const, share: 0, phases: [], burst: Math.round(backlog), patienceMs: null };
  const run = simulate({ ...network, sources: [...steady, source] }, settings);
  const few = Math.max(FEW, ...usual.series.map((it) => it.queues[s] ?? 0));
  const gone = run.series.find((it) => (it.queues[s] ?? 0) <= few);
  return { ...rates, fluidSeconds, seconds: gone ? gone.atMs / 1000 : null };
}
