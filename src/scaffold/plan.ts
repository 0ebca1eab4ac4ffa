import { argumentsOf, type Commands, commandsOf, problemsOf, withImplications } from './command.ts';
import type { Choices } from './grammar.ts';
import { labSays } from './lab-formula.ts';
import { noticesFor } from './remarks.ts';

export type ScaffoldPlan =
  | (Commands & {
      /** Behind `init`, unquoted, for running without a shell. */
      args: readonly string[];
      /** What the command creates below the folder in which it runs; its existence, not exit code 0, proves success. */
      folder: string;
      choices: Choices;
      notExpressible: readonly string[];
      notices: readonly string[];
      /** What the article's lab says of the same parts. */
      lab: string;
    })
  | { cannot: string };

/** The command for choices made by hand; choices that the generator would misunderstand give `cannot`. */
export function planOf(wanted: Choices): ScaffoldPlan {
  const { choices, says } = withImplications(wanted);
  const problems = problemsOf(choices);
  if (problems.length > 0) return { cannot: problems.join('; ') };
  const args = argumentsOf(choices);
  return { ...commandsOf(args), args, folder: choices.projectName, choices, notExpressible: [], notices: [...says, ...noticesFor(choices)], lab: labSays(choices) };
}
