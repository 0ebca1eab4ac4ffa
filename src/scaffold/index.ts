import type { LabChoice } from '../model/lab-items.ts';
import type { Topology } from '../model/topology.ts';
import { chooseFor, mainPart } from './choose.ts';
import type { Choices } from './grammar.ts';
import { labChoices } from './lab.ts';
import { planOf, type ScaffoldPlan } from './plan.ts';
import { notExpressible } from './remarks.ts';

/**
 * The generator command that comes nearest to a topology (after its changes), and what the command leaves out.
 * `forced` overrides what would be chosen; wrong values in it give `cannot`.
 */
export function scaffoldOf(topology: Topology, forced: Partial<Choices> = {}): ScaffoldPlan {
  const part = mainPart(topology);
  if (!part) return { cannot: 'There is no Node.js service here that the generator could make.' };
  const plan = planOf(chooseFor(topology, part, forced));
  if ('cannot' in plan) return plan;
  return { ...plan, notExpressible: notExpressible(topology, part, plan.choices) };
}

/** The same with items chosen by hand in place of what was found. */
export function scaffoldWith(topology: Topology, chosen: LabChoice): ScaffoldPlan {
  const found = scaffoldOf(topology);
  const wanted = labChoices(chosen, 'cannot' in found ? undefined : found.choices);
  return 'cannot' in wanted ? wanted : scaffoldOf(topology, wanted);
}

export type { Choices } from './grammar.ts';
export { labPlan } from './lab.ts';
export { planOf, type ScaffoldPlan } from './plan.ts';
