import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Topology } from '../model/topology.ts';
import type { Evidence, Weakness } from '../model/weakness.ts';
import type { After, Shown, Simulator } from './effect.ts';
import { LEAST_RATE, VISIBLE, AT_LOAD } from './strains.ts';

/** How much slower than expected what a request waits for gets. */
export const SLOW = 10;

/** What the system as it is answers while something is slow is the same for all who wait for that. */
const before = new WeakMap<Evidence, Map<string, Outcome>>();

/**
 * p95 of the weakness's route, before and after, while `slowed` holds: `target` names what is slow.
 * What the remedy does to it while nothing is slow is told beside it.
 * `id`: of what is slow.
 * `mostPerSecond`: a load that both ways carry even so; the scenario's own target where that is less.
 */
export function slowResponse(
  evidence: Evidence,
  after: After,
  { facts }: Weakness,
  simulator: Simulator,
  { slowed, id, target, mostPerSecond }: { slowed(it: Topology): Topology; id: string; target: string; mostPerSecond: number },
): Shown {
  const { topology, scenario, outcome } = evidence;
  const strained: Scenario = { ...scenario, profile: { kind: 'steady' }, targetPerSecond: Math.max(LEAST_RATE, Math.min(scenario.targetPerSecond, mostPerSecond)) };
  const strain = (it: Topology): Outcome => simulator.assess(slowed(it), strained, AT_LOAD);
  const known = before.get(evidence) ?? new Map<string, Outcome>();
  before.set(evidence, known);
  const key = `${strained.targetPerSecond} ${id}`;
  const was = known.get(key) ?? strain(topology);
  known.set(key, was);
  const p95 = (it: Outcome): number => it.endpoints.find((one) => one.id === facts.endpointId)?.latencyMs?.p95 ?? 0;
  const [beforeMs, afterMs] = [p95(was), p95(strain(after.topology))];
  if (beforeMs <= 0 || afterMs <= 0) return { effect: { kind: 'unplayed', why: 'the route takes no load' }, helps: true, gain: 0 };
  // While nothing is slow, at the target, where both ways carry it.
  const usual = (it: Outcome): number => (scenario.profile.kind === 'steady' ? (it.endpoints.find((one) => one.id === facts.endpointId)?.latencyMs?.p95 ?? 0) : 0);
  const [usualBeforeMs, usualAfterMs] = [usual(outcome), usual(after.outcome)];
  const isUsual = usualBeforeMs > usualAfterMs * VISIBLE && usualAfterMs > 0 && Number.isFinite(usualBeforeMs);
  return {
    effect: { kind: 'response', route: String(facts.route), target, slow: SLOW, beforeMs, afterMs, usual: isUsual ? [usualBeforeMs, usualAfterMs] : null },
    helps: afterMs * VISIBLE < beforeMs,
    gain: beforeMs / afterMs,
  };
}
