import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import { assess as assessAnalytically } from './answers/assess.ts';
import { metastability } from './answers/recovery.ts';
import { playSpike } from './answers/spike.ts';

export { breakEven, decidedBy, ladder, saturatesAt } from './answers/answers.ts';
export { breaksAt } from './answers/assess.ts';
export { verdictOf } from './answers/verdict.ts';
export { type CompareOptions, compare, compareNetworks } from './answers/compare.ts';
export { type Compiled, compile, type StationMeta } from './compile/compile.ts';
export { ENDLESS } from './engine/endless.ts';
export { type ModelOptions, type ModelPlan, planModel, resultOf, runModel, runText } from './run-model.ts';
export { type DrainOptions, drain, drainOf } from './answers/drain.ts';
export { type JobOutage, playJobOutage } from './answers/job-outage.ts';
export { heldAgainst } from './answers/held-against.ts';
export { marginal, marginalInSlices } from './answers/marginal.ts';
export type { Progress } from './engine/play.ts';
export { poolSizeFor } from './answers/pool-size.ts';
export { type PrecisionOptions, runToPrecision, runToPrecisionInSlices } from './experiment/precision.ts';
export { metastability, metastabilityInSlices, metastabilityOf, type RecoveryOptions, recovery, recoveryInSlices, recoveryOf } from './answers/recovery.ts';
export { waits, waitsInSlices } from './answers/waits.ts';
export { averageOf, replicate, replicateInSlices, seedOfReplication } from './experiment/replicate.ts';
export type { Checks, ProgramRun, Run, SourceRun, StationRun, Times } from './engine/run.ts';
export { inTime, type SimulateOptions, simulate, simulateAsync, simulateInSlices, type Watch } from './engine/simulate.ts';
export type { Latency, Solution, SourceSolution, StationSolution } from './solve/solution.ts';
export { solve } from './solve/solve.ts';
export { playSpike } from './answers/spike.ts';
export { validateNetwork } from './check/validate.ts';

/** Which parts of an answer are worked out; all unless switched off. With all off it is cheap enough for every frame of a slider. */
export interface AssessOptions {
  /** Low and high over the assumed inputs; off: both are the point value. */
  ranges?: boolean;
  ladder?: boolean;
  breakEven?: boolean;
  /** Plays outages to find `recoversBelowPerSecond`: seconds of work, so only where asked for. */
  recovery?: boolean;
  /** Plays the scenario's spike, where its profile is one. */
  spike?: boolean;
  /** Called now and then on the way; what it throws ends the assessment. */
  meanwhile?: () => void;
}

/** Answers a scenario: verdict, breaking point with its range, what binds, what tips it, and the state at the target. */
export function assess(topology: Topology, scenario: Scenario, options: AssessOptions = {}): Outcome {
  const outcome = assessAnalytically(topology, scenario, { ...options, play: playSpike });
  return options.recovery ? { ...outcome, recoversBelowPerSecond: metastability(topology, scenario)?.recoversBelowPerSecond ?? null } : outcome;
}
