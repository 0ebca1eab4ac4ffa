import { type Known, known } from '../../model/known.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Endpoint, EndpointId, Topology } from '../../model/topology.ts';

/** Reads' part of the load where nobody says. */
const READ_SHARE = known(0.8, 'ratio', 'assumed', { range: [0.5, 0.95], source: 'assumed by the simulator' });
/**
 * How far an endpoint's odds may lie from those of equal shares, up or down, in nine of ten cases: of two endpoints, one is then asked for up to ten times as often as the other.
 * Requests to pages follow Zipf's law with an exponent near 1 (Breslau et al., "Web Caching and Zipf-like Distributions", INFOCOM 1999): of twenty or more, nine tenths then lie
 * within 4.4 times of the middle one, up or down.
 */
const SKEW = 5;

/** Endpoints that take load from outside. Where nothing is marked external, every HTTP endpoint of the judged system does. */
export function entryEndpoints(topology: Topology): readonly Endpoint[] {
  const runs = new Set(topology.components.filter((it) => it.scope === 'runtime' && it.kind !== 'frontend').map((it) => it.id));
  const http = topology.endpoints.filter((it) => it.trigger.kind === 'http' && runs.has(it.component));
  const external = http.filter((it) => it.external);
  return external.length > 0 ? external : http;
}

/** The topology with a share for each entry endpoint and for reads, guessed where nobody measured it; itself where the scenario names the mix. */
export function withAssumedShares(topology: Topology, scenario: Scenario): Topology {
  if (isNamed(scenario, topology)) return topology;
  const { reads, writes } = rolesOf(topology);
  const isKnown = (it: Known | undefined): boolean => it?.state === 'known';
  const guesses = new Map<EndpointId, Known>();
  for (const [group, part] of [
    [reads, writes.length === 0 ? 1 : READ_SHARE.value],
    [writes, reads.length === 0 ? 1 : 1 - READ_SHARE.value],
  ] as const) {
    const guessed = group.filter((it) => !isKnown(it.share));
    for (const it of guessed) guesses.set(it.id, guess(part / group.length, guessed.length > 1));
  }
  return {
    ...topology,
    ...(reads.length > 0 && writes.length > 0 && !isKnown(topology.readShare) && { readShare: READ_SHARE }),
    endpoints: topology.endpoints.map((it) => {
      const share = guesses.get(it.id);
      return share ? { ...it, share } : it;
    }),
  };
}

/** What is the only one to be guessed among the reads or the writes has what they have left: no guess of its own. */
function guess(share: number, isDrawn: boolean): Known {
  const odds = share / (1 - share);
  const ofOdds = (it: number): number => it / (1 + it);
  return known(share, 'ratio', 'assumed', { ...(isDrawn && { range: [ofOdds(odds / SKEW), ofOdds(odds * SKEW)] as const }), source: 'assumed by the simulator' });
}

/**
 * Share of the load per entry endpoint; shares add up to 1, or there are none. The scenario's weights win. Else measured shares are what they are, and the rest
 * is divided between the reads and the writes among the others, and there by their guessed shares (equal ones before `withAssumedShares`); excluded endpoints have 0.
 */
export function sharesOf(topology: Topology, scenario: Scenario): Map<EndpointId, number> {
  if (isNamed(scenario, topology)) return normalised(entryEndpoints(topology).map((it) => [it.id, scenario.mix?.[it.id] ?? 0] as const));
  const { reads, writes } = rolesOf(topology);
  const readPart = topology.readShare?.state === 'known' ? topology.readShare.value : READ_SHARE.value;
  const measured = [...reads, ...writes].filter(isSettled).map((it) => [it.id, weightOf(it)] as const);
  const taken = measured.reduce((sum, [, share]) => sum + share, 0);
  const others = normalised([...dividedAmong(reads, writes.length === 0 ? 1 : readPart), ...dividedAmong(writes, reads.length === 0 ? 1 : 1 - readPart)]);
  const left = Math.max(0, 1 - taken);
  return normalised([...measured, ...[...others].map(([id, share]) => [id, share * left] as const)]);
}

const isSettled = (it: Endpoint): boolean => it.share?.state === 'known' && it.share.basis !== 'assumed';
const weightOf = (it: Endpoint): number => (it.share?.state === 'known' ? it.share.value : 1);

/** What those of a group that nobody measured would have, were nothing else known: as many parts of the group's load as they are of its endpoints. */
function dividedAmong(group: readonly Endpoint[], part: number): (readonly [EndpointId, number])[] {
  const guessed = group.filter((it) => !isSettled(it));
  const total = guessed.reduce((sum, it) => sum + weightOf(it), 0);
  return guessed.map((it) => [it.id, (part * (guessed.length / group.length) * weightOf(it)) / total] as const);
}

function normalised(weights: readonly (readonly [EndpointId, number])[]): Map<EndpointId, number> {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return new Map(total > 0 ? weights.filter(([, weight]) => weight > 0).map(([id, weight]) => [id, weight / total]) : []);
}

function rolesOf(topology: Topology): { reads: readonly Endpoint[]; writes: readonly Endpoint[] } {
  const entries = entryEndpoints(topology);
  return { reads: entries.filter((it) => it.role === 'read'), writes: entries.filter((it) => it.role === 'write') };
}

/** Whether the scenario's mix says of any entry endpoint how often it is asked. */
const isNamed = ({ mix }: Scenario, topology: Topology): boolean => mix !== null && entryEndpoints(topology).some((it) => (mix[it.id] ?? 0) > 0);
