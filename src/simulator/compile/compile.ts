import { valueIn } from '../../model/known.ts';
import type { Network, Source } from '../../model/network.ts';
import type { StationId } from '../../model/outcome.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { ChannelId, Endpoint, Topology } from '../../model/topology.ts';
import { assume } from './assume.ts';
import { limitsBefore } from './compile-limiters.ts';
import { giveAttempts } from './compile-messages.ts';
import { programOf } from './compile-steps.ts';
import { Draft, type StationMeta } from './draft.ts';
import { sharesOf } from './mix.ts';

export type { StationMeta } from './draft.ts';

/** A topology under a scenario as a queueing network, with the way back from its names. */
export interface Compiled {
  network: Network;
  /** The topology with the simulator's own assumptions filled in: its assumed inputs are what a range draws. */
  topology: Topology;
  stations: ReadonlyMap<StationId, StationMeta>;
  /** Channels whose messages run a program: the station where they wait. */
  channels: ReadonlyMap<ChannelId, { station: StationId; programs: readonly string[] }>;
  assumptions: readonly string[];
}

/** A spike begins after this much base load. */
export const SPIKE_AT_MS = 10_000;
/** A client that declares nothing gives up after this. */
export const DEFAULT_PATIENCE_MS = 10_000;

/**
 * Translates a topology under a scenario. Unknown numbers that it needs are assumed and listed; a pool without a known size limits nothing.
 * Dev-scoped components take no load.
 */
export const compile = (given: Topology, scenario: Scenario): Compiled => compileAssumed(assume(given, scenario), scenario);

/** The same where what is assumed stands in the topology already: one that came out of `compile`, with other numbers. */
export function compileAssumed({ topology, assumptions }: { topology: Topology; assumptions: readonly string[] }, scenario: Scenario): Compiled {
  const shares = sharesOf(topology, scenario);
  const draft = new Draft(topology, scenario, shares);
  const sources: Source[] = [];
  for (const endpoint of topology.endpoints) {
    const share = shares.get(endpoint.id) ?? 0;
    if (share > 0) sources.push(clients(draft, endpoint, share));
    else if (endpoint.trigger.kind === 'schedule' && draft.runs(endpoint.component)) sources.push(...timer(draft, endpoint));
  }
  giveAttempts(draft);
  return {
    network: {
      version: 1,
      groups: draft.groups,
      stations: draft.stations,
      programs: [...draft.programs.values()],
      sources,
      ...(draft.breakers.length > 0 && { breakers: draft.breakers }),
      ...(draft.limiters.length > 0 && { limiters: draft.limiters }),
    },
    topology,
    stations: draft.meta,
    channels: draft.channels,
    assumptions: [...assumptions, ...draft.said],
  };
}

/** The requests of an entry endpoint. */
function clients(draft: Draft, endpoint: Endpoint, share: number): Source {
  const { profile, targetPerSecond, clientPatienceMs, clientCount, objective } = draft.scenario;
  const phases =
    profile.kind === 'spike'
      ? [
          { fromMs: 0, perSecond: profile.basePerSecond * share },
          { fromMs: SPIKE_AT_MS, perSecond: profile.peakPerSecond * share },
          { fromMs: SPIKE_AT_MS + profile.seconds * 1000, perSecond: profile.basePerSecond * share },
        ]
      : [{ fromMs: 0, perSecond: targetPerSecond * share }];
  return {
    id: endpoint.id,
    program: entryOf(draft, endpoint),
    arrivals: 'poisson',
    share,
    phases,
    patienceMs: clientPatienceMs ?? DEFAULT_PATIENCE_MS,
    ...(objective.p95Ms !== null && { objectiveP95Ms: objective.p95Ms }),
    ...(clientCount !== null && { clients: Math.max(1, Math.round(clientCount)) }),
  };
}

/** The endpoint's program, behind the limits of the gateway that its clients come through. */
function entryOf(draft: Draft, endpoint: Endpoint): string {
  const program = programOf(draft, endpoint);
  const limits = limitsBefore(draft, endpoint);
  if (limits.length === 0) return program;
  const id = `${endpoint.id} through its gateway`;
  draft.programs.set(id, { id, body: [...limits, { op: 'call', program }] });
  return id;
}

/** The runs of a scheduled endpoint; none where its interval is not known. */
function timer(draft: Draft, endpoint: Endpoint): Source[] {
  const everyMs = endpoint.trigger.kind === 'schedule' ? valueIn(endpoint.trigger.everyMs) : undefined;
  if (!everyMs) return [];
  return [{ id: endpoint.id, program: programOf(draft, endpoint), arrivals: 'deterministic', share: 0, phases: [{ fromMs: 0, perSecond: 1000 / everyMs }], patienceMs: null }];
}
