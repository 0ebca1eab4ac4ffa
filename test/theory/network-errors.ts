import type { Network } from '../../src/model/network.ts';
import { solve } from '../../src/simulator/index.ts';
import type { Played } from './played.ts';
import { errorClassOf } from '../../src/simulator/solve/error-class.ts';
import { flatten } from '../../src/simulator/solve/flatten.ts';
import { solveAt } from '../../src/simulator/solve/solve-at.ts';
import { stateFor } from '../../src/simulator/solve/state.ts';
import { randomNetwork } from './random-networks.ts';

/** Relative errors of `solve` on one network. */
export interface NetworkErrors {
  index: number;
  family: Played['family'];
  /** By which the solver publishes its errors. */
  kind: string;
  mean: number;
  signedMean: number;
  /** Of the source with the most requests. */
  p95: number;
  /** Of stations where one waits for at least a tenth of the service. */
  waits: readonly number[];
  /** Absolute. */
  utilisations: readonly number[];
  note: string;
}

const WORTH_A_WAIT = 0.1;

/** `solve` beside what was played. A network without a latency counts as wholly wrong. */
export function errorsOf(played: Played): NetworkErrors {
  const { network } = randomNetwork(played.index);
  const solution = solve(network, played.perSecond);
  const shares = network.sources.map((it) => it.share);
  const mean = shares.reduce((sum, share, at) => sum + share * (solution.sources[at]?.latencyMs?.mean ?? Number.NaN), 0);
  const signedMean = Number.isNaN(mean) ? 1 : mean / played.meanMs - 1;
  const most = shares.indexOf(Math.max(...shares));
  const p95 = (solution.sources[most]?.latencyMs?.p95 ?? 0) / (played.sources[most]?.[1] as number) - 1;
  const waits: number[] = [];
  const notes: string[] = [];
  played.stations.forEach(([utilisation, waitMs], at) => {
    const solved = solution.stations[at];
    if (!solved || waitMs <= WORTH_A_WAIT * solved.meanHoldMs) return;
    const error = (solved.meanWaitMs ?? 0) / waitMs - 1;
    waits.push(Math.abs(error));
    notes.push(`${solved.id} ${Math.round(utilisation * 100)}%/${Math.round(solved.utilisation * 100)}% ${waitMs.toFixed(1)}/${(solved.meanWaitMs ?? 0).toFixed(1)}`);
  });
  return {
    index: played.index,
    family: played.family,
    kind: kindOf(network, played.perSecond),
    mean: Math.abs(signedMean),
    signedMean,
    p95: Math.abs(p95),
    waits,
    utilisations: played.stations.map(([utilisation], at) => Math.abs((solution.stations[at]?.utilisation ?? 0) - utilisation)),
    note: `${solution.validity.kind} T ${played.meanMs} [${notes.join('; ')}]`,
  };
}

function kindOf(network: Network, perSecond: number): string {
  const flat = flatten(network);
  const state = stateFor(flat);
  solveAt(flat, state, perSecond);
  return errorClassOf(flat, state);
}
