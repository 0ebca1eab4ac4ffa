import type { Topology } from '../model/topology.ts';
import { chooseFor, mainPart } from './choose.ts';
import type { Choices } from './grammar.ts';
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

export type { Choices } from './grammar.ts';
export { LAB_SLOTS, type LabDesign, labPlan } from './lab.ts';
export { planOf, type ScaffoldPlan } from './plan.ts';
