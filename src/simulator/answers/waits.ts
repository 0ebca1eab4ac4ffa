import type { Waits } from '../../model/replies.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { compile } from '../compile/compile.ts';
import type { Progress } from '../engine/play.ts';
import { simulateInSlices } from '../engine/simulate.ts';
import { toTheEnd } from '../engine/slices.ts';
import { solve } from '../solve/solve.ts';

/** The slowest hundredth should be some thousands of requests; more only takes time. */
const REQUESTS = 200_000;
const LEAST_SECONDS = 5;
const MOST_SECONDS = 120;

/**
 * Whose wait or service the responses at the scenario's target are made of, played request by request at a steady load.
 * Null where nothing takes load. Where the queues grow without end it tells of the first seconds, and says so (`isSteady`).
 */
export const waits = (topology: Topology, scenario: Scenario): Waits | null => toTheEnd(waitsInSlices(topology, scenario));

/** The same in slices, as `simulateInSlices`. */
export function* waitsInSlices(topology: Topology, scenario: Scenario): Generator<Progress, Waits | null, void> {
  const { network } = compile(topology, { ...scenario, profile: { kind: 'steady' } });
  const perSecond = scenario.targetPerSecond;
  if (perSecond <= 0 || !network.sources.some((it) => it.share > 0)) return null;
  const isSteady = solve(network, perSecond).stable;
  const seconds = Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, REQUESTS / perSecond));
  const run = yield* simulateInSlices(network, { seconds, seed: scenario.seed, warmupSeconds: isSteady ? seconds / 10 : 0, intervals: false, attribution: true });
  return {
    seconds: run.seconds,
    requests: run.sources.reduce((sum, it) => sum + it.offered, 0),
    isSteady,
    endpoints: run.sources.flatMap((it) => (it.attribution ? [{ endpoint: it.id, ...it.attribution }] : [])),
  };
}
