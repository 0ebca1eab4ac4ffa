import { type InputId, inputId, inputsOf } from '../model/inputs.ts';
import type { Place, Unit } from '../model/known.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Endpoint, Topology } from '../model/topology.ts';
import { walkSteps } from '../model/topology.ts';
import { loadParts } from './recipe-load.ts';
import { computeParts, requestParts } from './recipe-process.ts';
import { queryParts } from './recipe-queries.ts';
import { otherParts } from './recipe-others.ts';
import { hitRatioParts } from './recipe-stores.ts';
import { type MeasuringLoad, measuringLoad } from '../model/measuring-load.ts';
import { stepsOfInput } from './step-inputs.ts';
import { usesPerSecond } from '../model/uses.ts';

/** One way to measure, ready to be pasted. `saves`: the file that it makes and that `faultline import` reads. */
export interface RecipePart {
  title: string;
  language: 'sh' | 'sql' | 'promql' | 'js';
  text: string;
  saves?: string;
}

/** How to measure one number that the verdict rests on. */
export interface Recipe {
  input: InputId;
  label: string;
  places: readonly Place[];
  /** What the number is taken to be until it is measured, in its own unit. */
  low: number;
  high: number;
  unit: Unit;
  /** The load under which to measure, and how often the number is used then (of a process's CPU: by one process); absent where its value does not depend on the load. */
  under?: MeasuringLoad & { perSecond: number };
  parts: readonly RecipePart[];
}

export interface RecipeQuestion {
  topology: Topology;
  outcome: Outcome;
  /** The statement at a place of the code, where one is written there. */
  statementAt?: (place: Place) => string | undefined;
}

/** The inputs that a user should measure: those that decide, then those that a break-even names. */
export function deciding({ decidedBy, breakEven }: Outcome): Omit<Recipe, 'parts' | 'under'>[] {
  const tipping = breakEven.filter((it) => it.value !== null && it.basis === 'assumed' && decidedBy.every((other) => other.input !== it.input));
  return [
    ...decidedBy.map(({ input, label, places, low, high, unit }) => ({ input, label, places, low, high, unit })),
    ...tipping.map(({ input, label, places, typical: [low, high], unit }) => ({ input, label, places, low, high, unit })),
  ];
}

/** A recipe for each number that decides, the most decisive first; empty where nothing that is assumed does. One log tells all shares of the load: the first stands for them. */
export function recipesFor(question: RecipeQuestion): Recipe[] {
  const all = deciding(question.outcome);
  const share = all.find(isShare);
  return all.filter((it) => it === share || !isShare(it)).map((it) => completed(it, question));
}

const isShare = ({ input }: { input: InputId }): boolean => input === inputId.readShare() || input.startsWith(inputId.share(''));

/** The recipe of one number, whether it decides or not; null where the topology has no such number. */
export function recipeOf(input: InputId, question: RecipeQuestion): Recipe | null {
  const found = inputsOf(question.topology).find((it) => it.id === input);
  if (!found) return null;
  const decides = deciding(question.outcome).find((it) => it.input === input);
  const { value } = found;
  const [low, high] = value.state !== 'known' ? [0, 0] : (value.range ?? [value.value, value.value]);
  return completed(decides ?? { input, label: found.label, places: found.places, low, high, unit: found.unit }, question);
}

function completed(it: Omit<Recipe, 'parts' | 'under'>, question: RecipeQuestion): Recipe {
  const { topology, outcome } = question;
  const load = /^(hold|compute|service|hitRatio) /.test(it.input) ? measuringLoad(outcome) : null;
  const uses = load === null ? 0 : (usesPerSecond(topology, outcome).get(it.input) ?? 0);
  const under = load !== null && uses > 0 && { under: { ...load, perSecond: (uses * load.requestsPerSecond) / outcome.targetPerSecond } };
  return { ...it, ...under, parts: partsFor(it.input, question) };
}

function partsFor(input: InputId, question: RecipeQuestion): RecipePart[] {
  const steps = stepsOfInput(input, question.topology);
  const [first] = steps;
  const load = loadParts(busiestWith(input, question), question);
  switch (first?.kind) {
    case 'query':
      return [...queryParts(input, first, question), ...load];
    case 'compute':
      return [...computeParts(input, first, question), ...load];
    case 'request':
      return [...requestParts(input, first, question), ...load];
    case 'cache':
      return [...(input.startsWith('hitRatio ') ? hitRatioParts(input, first, question) : otherParts(input, question)), ...load];
    default:
      return [...otherParts(input, question), ...(first ? load : [])];
  }
}

/** The route that uses an input under the most load: a load test of it shows the input most. */
function busiestWith(input: InputId, { topology, outcome }: RecipeQuestion): Endpoint | undefined {
  const uses = topology.endpoints.filter((it) => {
    let found = false;
    walkSteps(it.steps, (step) => {
      if (stepsOfInput(input, topology).includes(step)) found = true;
    });
    return found && it.trigger.kind === 'http';
  });
  const load = (it: Endpoint): number => outcome.endpoints.find((row) => row.id === it.id)?.offeredPerSecond ?? 0;
  return uses.sort((a, b) => load(b) - load(a))[0];
}
