import { exact, inUnit, rate } from '../model/amounts.ts';
import { isWide } from '../model/answer.ts';
import { breakingAt, isAssumed } from '../model/breaking-words.ts';
import { holdInput } from '../model/inputs.ts';
import type { BreakEven, Outcome, StationOutcome } from '../model/outcome.ts';
import { type Pool, type Topology, walkSteps } from '../model/topology.ts';

/** The pool that a query's holding time is about; undefined for any other input. */
export function poolOf(topology: Topology, it: BreakEven): Pool | undefined {
  let found: string | undefined;
  for (const endpoint of topology.endpoints)
    walkSteps(endpoint.steps, (step) => {
      if (step.kind === 'query' && holdInput(step) === it.input) found ??= step.pool;
    });
  return topology.pools.find((pool) => pool.id === found);
}

/** `SELECT orders holds a connection ≤ 5.0 ms`. */
export function condition(it: BreakEven): string {
  return `${it.label.replace(ASIDE, '')} ${it.direction === 'atMost' ? '≤' : '≥'} ${inUnit(it.value ?? 0, it.unit)}`;
}
/** What a label adds in brackets at its end stands in the second line. */
const ASIDE = / \(([^()]*)\)$/;
export const aside = (it: BreakEven): string => ASIDE.exec(it.label)?.[1] ?? '';
/** `Breaks at 310 req/s · target 1,000 · first: orders-db pool`; a range where the assumed inputs spread it wide. */
export function breaks(outcome: Outcome, withTarget = true): string {
  const said = `${withTarget ? 'Breaks' : 'breaks'} ${breakingAt(outcome.breaksAtPerSecond, isAssumed(outcome), withTarget || outcome.verdict === 'unknown' ? undefined : '')}`;
  if (outcome.breaksAtPerSecond.value === null && !isWide(outcome.breaksAtPerSecond)) return 'no limit found';
  return joined(said, withTarget ? `target ${exact(outcome.targetPerSecond)}` : '', first(outcome));
}

/** Figures beside the range are those of typical values: where these lie beyond the range, a reader has to know it. */
export function asFigures({ breaksAtPerSecond: { typical } }: Outcome): string {
  return typical === undefined ? '' : `figures are of typical values, which bear ${typical === null ? 'any load' : rate(typical, true)}`;
}

export const binding = (outcome: Outcome): StationOutcome | undefined => outcome.stations.find((it) => it.id === outcome.binding);

export function first(outcome: Outcome): string {
  const label = binding(outcome)?.label ?? (outcome.binding ? outcome.ladder.find((it) => it.station === outcome.binding)?.label : undefined);
  return label ? `first: ${label}` : '';
}

export const target = (outcome: Outcome): string => `${exact(outcome.targetPerSecond)} req/s`;

export const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** Parts of one line; empty ones leave no trace. */
export const joined = (...parts: readonly (string | undefined)[]): string => parts.filter((it) => it).join(' · ');
