import type { Place } from '../model/known.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Scenario } from '../model/scenario.ts';
import { type Endpoint, type Step, walkSharedSteps } from '../model/topology.ts';
import type { Evidence } from '../model/weakness.ts';
import type { After, Shown, Simulator } from './effect.ts';
import { AT_LOAD, LEAST_RATE, VISIBLE } from './strains.ts';

/** Share of what the system carries at which routes are looked at. */
const PLANNED = 0.8;

/** What a system answers at a load is the same for all remedies. */
const before = new WeakMap<Evidence, Outcome>();

const loadOf = ({ scenario }: Evidence, { breaksAtBefore }: After): Scenario => ({
  ...scenario,
  profile: { kind: 'steady' },
  targetPerSecond: Math.max(LEAST_RATE, breaksAtBefore === null ? scenario.targetPerSecond : Math.min(scenario.targetPerSecond, PLANNED * breaksAtBefore)),
});

/** The system before and after at 0.8 × what it carries as it is, and no more than the target. */
export function atCarriedLoad(evidence: Evidence, after: After, simulator: Simulator): [before: Outcome, after: Outcome] {
  const strained = loadOf(evidence, after);
  const was = before.get(evidence) ?? simulator.assess(evidence.topology, strained, AT_LOAD);
  before.set(evidence, was);
  return [was, simulator.assess(after.topology, strained, AT_LOAD)];
}

/** The p95 of the route that gains most among those that are meant, at such a load. */
export function routeAlone(evidence: Evidence, after: After, simulator: Simulator, isMeant: (endpoint: Endpoint) => boolean): Shown {
  const [was, is] = atCarriedLoad(evidence, after, simulator);
  const p95 = (of: Outcome, id: string): number => of.endpoints.find((it) => it.id === id)?.latencyMs?.p95 ?? 0;
  const gains = evidence.topology.endpoints.flatMap((endpoint) => {
    const { id, trigger } = endpoint;
    if (trigger.kind !== 'http' || !isMeant(endpoint)) return [];
    const [beforeMs, afterMs] = [p95(was, id), p95(is, id)];
    return beforeMs > 0 && afterMs > 0 ? [{ route: `${trigger.method} ${trigger.path}`, beforeMs, afterMs }] : [];
  });
  const [most] = gains.sort((a, b) => b.beforeMs / b.afterMs - a.beforeMs / a.afterMs);
  if (!most) return { effect: { kind: 'none' }, helps: false, gain: 0 };
  return {
    effect: { kind: 'setUp', ...most, atPerSecond: loadOf(evidence, after).targetPerSecond },
    helps: most.afterMs * VISIBLE < most.beforeMs,
    gain: most.beforeMs / most.afterMs,
  };
}

/** The program has a step on that line. */
export function comesBy(steps: readonly Step[], { file, line }: Place): boolean {
  let found = false;
  walkSharedSteps(
    steps,
    (step) => {
      found ||= step.place.file === file && step.place.line === line;
    },
    new Set(),
  );
  return found;
}
