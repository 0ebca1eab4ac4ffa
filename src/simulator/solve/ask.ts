import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { type Compiled, compile, compileAssumed, DEFAULT_PATIENCE_MS } from '../compile/compile.ts';
import { flatten } from './flatten.ts';
import { type Question, questionOf } from './measures.ts';

/** Objectives where the project declares none. */
const DEFAULT_ERROR_SHARE = 0.01;
export const DEFAULT_AGE_SECONDS = 60;

export const errorShareIn = ({ objective }: Scenario): number => objective.errorShare ?? DEFAULT_ERROR_SHARE;

/** A compiled topology with its question. */
export interface Asked {
  compiled: Compiled;
  question: Question;
}

/** Compiles a topology and makes "does it hold?" of the scenario's objective. */
export const ask = (topology: Topology, scenario: Scenario): Asked => asked(compile(topology, scenario), scenario);

/** The same for a topology that came out of `compile` (`Compiled.topology`), with other numbers where guesses stood. */
export const askAssumed = (topology: Topology, scenario: Scenario): Asked => asked(compileAssumed({ topology, assumptions: [] }, scenario), scenario);

/** The question of a topology that is compiled already. */
export function asked(compiled: Compiled, scenario: Scenario): Asked {
  const { topology } = compiled;
  const flat = flatten(compiled.network);
  const stationIndex = new Map(flat.stationIds.map((id, index) => [id, index]));
  const channelRoots = [...compiled.channels.values()].flatMap((channel) =>
    channel.programs.map((program) => ({ root: flat.rootProgram.indexOf(program), station: stationIndex.get(channel.station) ?? -1 })),
  );
  const { sources } = compiled.network;
  const perClient = new Set(topology.rateLimiters.filter((it) => it.key === 'perClient').map((it) => it.id));
  const question = questionOf(flat, {
    p95Ms: sources.map((it) => it.objectiveP95Ms ?? null),
    patienceMs: sources.map((it) => (it.share > 0 ? (scenario.clientPatienceMs ?? DEFAULT_PATIENCE_MS) : null)),
    errorShare: errorShareIn(scenario),
    messageAgeMs: (scenario.objective.messageAgeSeconds ?? DEFAULT_AGE_SECONDS) * 1000,
    channelRoots,
    blameless: flat.limiters.flatMap((it, index) => (it.keys > 1 || perClient.has(it.id) ? [flat.firstLimiter + index] : [])),
  });
  return { compiled, question };
}
