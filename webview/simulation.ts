import { headline } from '../src/advisor/phrase.ts';
import { applyChanges, type Change } from '../src/model/change.ts';
import type { Outcome } from '../src/model/outcome.ts';
import type { Scenario } from '../src/model/scenario.ts';
import type { Topology } from '../src/model/topology.ts';
import { assess } from '../src/simulator/index.ts';

const FRAME = { ranges: false, ladder: false, breakEven: false, spike: false } as const;

/** The answer for one frame of a drag: no ranges, no ladder. Null where the simulator refuses; the caller then keeps what it has. */
export const frameOutcome = memo((topology: Topology, scenario: Scenario): Outcome | null => attempt(() => assess(topology, scenario, FRAME)));

/** The whole answer, with ranges, ladder and a played spike: up to some hundred milliseconds, so only at rest. */
export const fullOutcome = memo((topology: Topology, scenario: Scenario): Outcome | null =>
  attempt(() => assess(topology, scenario, { breakEven: true, ladder: true, ranges: true, spike: scenario.profile.kind === 'spike' })),
);

export const changedTopology = memo((topology: Topology, changes: readonly Change[]): Topology => (changes.length === 0 ? topology : applyChanges(topology, changes)));

export function sentences(topology: Topology, scenario: Scenario, outcome: Outcome): { headline: string; explanation: string } {
  return headline(topology, scenario, outcome);
}

/** Remembers the last few answers by identity: topologies and scenarios are immutable. */
function memo<A extends object, B extends object, R>(compute: (a: A, b: B) => R): (a: A, b: B) => R {
  const kept: { a: A; b: B; result: R }[] = [];
  return (a, b) => {
    const seen = kept.find((it) => it.a === a && it.b === b);
    if (seen) return seen.result;
    const result = compute(a, b);
    kept.unshift({ a, b, result });
    kept.length = Math.min(kept.length, 4);
    return result;
  };
}

function attempt<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch (error) {
    console.error(error);
    return null;
  }
}
