import { answerOf } from '../model/answer.ts';
import type { Outcome, StationId, StationOutcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ComponentId, Pool, Topology } from '../model/topology.ts';

/** Utilisation at which a resized part should stand at the target: `holds` asks for target ≤ 0.7 × the rate at which it breaks. */
export const PLANNED_UTILISATION = 0.7;

/** The scenario's question is answered with no. */
export const fails = (scenario: Scenario, outcome: Outcome): boolean => answerOf(scenario, outcome) === 'fails';

/** Assumed inputs decide the answer: nobody knows whether it fails. */
export const undecided = (scenario: Scenario, outcome: Outcome): boolean => answerOf(scenario, outcome) === 'unknown';

/** The station that the simulator made of a pool; undefined where no load reaches it. */
export function stationOfPool(outcome: Outcome, pool: Pool): StationOutcome | undefined {
  const pools = outcome.stations.filter((it) => it.kind === 'pool');
  const named = pools.find((it) => it.id === pool.id || it.label === pool.id);
  if (named) return named;
  // The only one between two of them may be another pool's: a client of its own for a lock, which no request uses, stands beside it without any load.
  const isMadeThere = (it: StationOutcome): boolean => it.places.some((at) => at.file === pool.place.file && at.line === pool.place.line);
  return pools.find((it) => it.component === pool.client && it.target === pool.target && isMadeThere(it));
}

/** Rates closer than this can't be told apart by assumed inputs: such stations give way together. */
const TOGETHER = 1.05;

/** The station gives way first, alone or with others at practically the same rate. */
export function givesWay(outcome: Outcome, station: StationId | undefined): boolean {
  if (station === undefined) return false;
  if (outcome.binding === station) return true;
  const first = outcome.ladder[0]?.breaksAtPerSecond ?? null;
  return first !== null && outcome.ladder.some((it) => it.station === station && it.breaksAtPerSecond !== null && it.breaksAtPerSecond <= first * TOGETHER);
}

export const bindingStation = (outcome: Outcome): StationOutcome | undefined => outcome.stations.find((it) => it.id === outcome.binding);

/** The store behind a station: a pool's other end, a store's own cores or connection limit. */
export function storeOf(topology: Topology, station: StationOutcome): ComponentId | undefined {
  if (station.kind === 'pool') return station.target ?? topology.pools.find((it) => it.id === station.id)?.target;
  return station.kind === 'store' || station.kind === 'connections' ? station.component : undefined;
}

/** The database that gives way first: its cores, its connection limit or a pool in front of it. */
export function bindingDatabase(topology: Topology, outcome: Outcome): ComponentId | undefined {
  const station = bindingStation(outcome);
  const store = station && storeOf(topology, station);
  return topology.components.find((it) => it.id === store && it.kind === 'database')?.id;
}
