import type { Finding, Remedy } from '../model/advice.ts';
import { applyChanges, type Change } from '../model/change.ts';
import type { Evidence } from '../model/weakness.ts';
import type { Simulator } from './effect.ts';
import { insteadWords } from './phrase.ts';
import { POINT_ONLY } from './strains.ts';

/** Both together must carry this much more than the better one alone, or one of them is enough. */
const WORTH_BOTH = 1.1;
/** Findings whose first remedies are tried together, and remedies of each: what a reader would do first. */
const FINDINGS = 3;
const OF_EACH = 2;
const SEARCH_LIMIT = 1e6;

type Tried = Remedy & { change: Change };

/**
 * Marks remedies that are alternatives: with both in place the system breaks hardly later than with the better one alone.
 * Only remedies that raise that rate are tried; a timeout or an outbox has other merits.
 */
export function withAlternatives(simulator: Simulator, { topology, scenario, outcome }: Evidence, findings: readonly Finding[]): Finding[] {
  const rateOf = (it: Remedy): number => it.breaksAtAfter ?? SEARCH_LIMIT;
  const raises = (it: Remedy): it is Tried => it.change !== null && it.breaksAtBefore !== null && rateOf(it) > it.breaksAtBefore * WORTH_BOTH;
  const top = findings.slice(0, FINDINGS).flatMap((it) => it.remedies.filter(raises).slice(0, OF_EACH));
  const other = new Map<Remedy, Remedy>();
  for (const [index, one] of top.entries())
    for (const two of top.slice(index + 1)) {
      if ((other.has(one) && other.has(two)) || sameOperations(one, two)) continue;
      const together = simulator.assess(applyChanges(topology, [one.change, two.change]), scenario, { ...POINT_ONLY, near: outcome }).breaksAtPerSecond.value ?? SEARCH_LIMIT;
      if (together >= Math.max(rateOf(one), rateOf(two)) * WORTH_BOTH) continue;
      if (!other.has(two)) other.set(two, one);
      if (!other.has(one)) other.set(one, two);
    }
  if (other.size === 0) return [...findings];
  return findings.map((finding) => ({
    ...finding,
    remedies: finding.remedies.map((it) => {
      const instead = other.get(it);
      return instead ? { ...it, insteadOf: insteadWords(doesOf(instead)) } : it;
    }),
  }));
}

/** What a title says before effect and price. */
const doesOf = ({ title }: Remedy): string => title.split(': ')[0] as string;
const sameOperations = (a: Tried, b: Tried): boolean => JSON.stringify(a.change.operations) === JSON.stringify(b.change.operations);
