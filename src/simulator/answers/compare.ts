import type { Network } from '../../model/network.ts';
import type { Compared, Comparison } from '../../model/replies.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { meanOfIndependent } from '../experiment/batch-means.ts';
import { compile } from '../compile/compile.ts';
import { seedOfReplication } from '../experiment/replicate.ts';
import type { Run } from '../engine/run.ts';
import { simulate } from '../engine/simulate.ts';

export interface CompareOptions {
  /** Of each replication, a tenth of it warm-up. */
  seconds?: number;
  replications?: number;
  seed?: number;
  perSecond?: number;
}

const SECONDS = 30;
const REPLICATIONS = 20;

/**
 * Plays two networks under the same luck (a station's services and a source's arrivals come from streams that are named by their ids) and compares them pair by pair.
 * A difference is significant where its 95% interval leaves 0 out.
 */
export function compareNetworks(before: Network, after: Network, options: CompareOptions = {}): Comparison {
  const replications = Math.max(2, options.replications ?? REPLICATIONS);
  const pairs = Array.from({ length: replications }, (_, index): readonly [Run, Run] => {
    const settings = {
      seconds: options.seconds ?? SECONDS,
      seed: seedOfReplication(options.seed ?? 1, index),
      intervals: false,
      ...(options.perSecond !== undefined && { perSecond: options.perSecond }),
    };
    return [simulate(before, settings), simulate(after, settings)];
  });
  const of = (measure: (run: Run) => number | null): Compared | null => {
    const values = pairs.map(([a, b]) => [measure(a), measure(b)] as const);
    return values.every((it): it is readonly [number, number] => it[0] !== null && it[1] !== null) ? paired(values) : null;
  };
  return {
    replications,
    meanMs: of((run) => overAnswers(run, 'mean')),
    p95Ms: of((run) => overAnswers(run, 'p95')),
    goodputPerSecond: of((run) => sumOf(run, (it) => it.goodputPerSecond)) as Compared,
    errorShare: of(
      (run) =>
        sumOf(run, (it) => it.errorShare * it.offered) /
        Math.max(
          1,
          sumOf(run, (it) => it.offered),
        ),
    ) as Compared,
  };
}

/** The same for two topologies at the scenario's target. */
export const compare = (before: Topology, after: Topology, scenario: Scenario, options: CompareOptions = {}): Comparison =>
  compareNetworks(compile(before, scenario).network, compile(after, scenario).network, { seed: scenario.seed, perSecond: scenario.targetPerSecond, ...options });

const sumOf = (run: Run, value: (source: Run['sources'][number]) => number): number => run.sources.reduce((sum, it) => sum + value(it), 0);

/** Mean over all requests; of quantiles, of the source where it is worst. */
function overAnswers(run: Run, name: 'mean' | 'p95'): number | null {
  const answered = run.sources.flatMap((it) => (it.latencyMs ? [it.latencyMs] : []));
  if (answered.length === 0) return null;
  if (name === 'p95') return Math.max(...answered.map((it) => it.p95));
  return answered.reduce((sum, it) => sum + it.mean * it.count, 0) / answered.reduce((sum, it) => sum + it.count, 0);
}

function paired(values: readonly (readonly [number, number])[]): Compared {
  const mean = (list: readonly number[]): number => list.reduce((sum, it) => sum + it, 0) / list.length;
  const differences = values.map(([before, after]) => after - before);
  const estimate = meanOfIndependent(differences);
  const difference = mean(differences);
  const spread = estimate?.spread ?? Number.POSITIVE_INFINITY;
  return {
    before: mean(values.map((it) => it[0])),
    after: mean(values.map((it) => it[1])),
    difference,
    interval95: [difference - spread, difference + spread],
    isSignificant: Math.abs(difference) > spread,
  };
}
