import type { BreakEven, Rung } from '../../model/outcome.ts';
import type { Unknown } from '../../model/replies.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { log } from '../arithmetic.ts';
import { ask, askAssumed } from '../solve/ask.ts';
import { breakEvens } from './break-even.ts';
import { bindingOf, ladderOf } from './ladder.ts';
import { breaksAtOf, COARSE, criterionAt, saturatesAtOf } from '../solve/measures.ts';
import { candidatesOf, type Decider, deciderOf, workByInput } from './deciders.ts';
import { drawColumns, drawing, DRAWS, varianceShare } from './ranges.ts';

/** Stands for "does not break" where a number is needed. */
const MOST = 1e6;
/** An input that explains less of the variance than this may do so by the luck of the draws. */
const LEAST_SHARE = 0.05;

/** The smallest rate at which some queue grows without end, whatever the objective (point value); null: none below 10⁶ a second, or nothing takes load. */
export function saturatesAt(topology: Topology, scenario: Scenario): number | null {
  const { question } = ask(topology, scenario);
  return question.flat.sources === 0 ? null : saturatesAtOf(question, breaksAtOf(question));
}

/** What breaks first, and what next as each binding station is taken away: at most five rungs, up to ten times the target. */
export function ladder(topology: Topology, scenario: Scenario): Rung[] {
  const asked = ask(topology, scenario);
  if (asked.question.flat.sources === 0) return [];
  const point = breaksAtOf(asked.question);
  return ladderOf(asked, point, bindingOf(asked.question, point), criterionAt(asked.question, point), scenario.targetPerSecond);
}

/** The values of assumed inputs at which "holds at the target" tips, those first that decide most (see `decidedBy`); queries of one pool answer together. */
export function breakEven(topology: Topology, scenario: Scenario): BreakEven[] {
  const { compiled } = ask(topology, scenario);
  return breakEvens(
    compiled.topology,
    scenario,
    explaining(compiled.topology, scenario).map((it) => it.decider),
  );
}

/**
 * Which assumed inputs make the breaking point uncertain, the one to measure first at the front: by the share of its variance that each explains alone, or all of its kind by what they have in common,
 * over the draws of the range. Inputs that explain nothing are left out; the shares need not add up to 1, for inputs may matter only together.
 */
export const decidedBy = (topology: Topology, scenario: Scenario): Unknown[] =>
  explaining(ask(topology, scenario).compiled.topology, scenario).map(({ decider: { input, label }, share }): Unknown => {
    const { id, value, unit, places } = input;
    return { input: id, label, basis: value.basis, low: value.range[0], high: value.range[1], unit, places, share };
  });

/** Those first that explain most; who speaks for its kind is told once. */
function explaining(topology: Topology, scenario: Scenario): { decider: Decider; share: number }[] {
  const columns = drawColumns(topology, scenario.seed);
  const drawn = drawing(topology, columns);
  const results = Array.from({ length: DRAWS }, (_, index) => {
    const { question } = askAssumed(drawn(index), scenario);
    return log(Math.max(1e-3, question.flat.sources === 0 ? MOST : (breaksAtOf(question, COARSE) ?? MOST)));
  });
  const work = workByInput(topology, scenario);
  const whole = new Map(columns.map((it) => [it.input, it.deviations]));
  const found = candidatesOf(columns)
    .map((candidate) => {
      const decider = deciderOf(candidate, () => work);
      const share = varianceShare(candidate.deviations, results);
      // Where one of a kind is all that matters, it explains more than what it has in common with the others.
      const alone = candidate.kind ? varianceShare(whole.get(decider.input) ?? [], results) : 0;
      return alone > share ? { decider: { ...decider, kin: [], label: decider.input.label }, share: alone } : { decider, share };
    })
    .filter((it) => it.share >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share);
  return found.filter(({ decider }, index) => found.findIndex((it) => it.decider.input === decider.input) === index);
}
