import type { FileEdit } from '../model/edit.ts';
import type { RecipeCall } from '../model/weakness.ts';
import type { Workspace } from '../workspace.ts';

/** Edits as data, or the reason why this place can't be edited with certainty. */
export type Made = { edits: FileEdit[] } | { cannot: string };

export interface Recipe {
  id: string;
  /** What a person does where the edit can't be made: it follows `By hand: `. */
  byHand(args: RecipeCall['args']): string;
  make(args: RecipeCall['args'], workspace: Workspace): Promise<Made>;
}

/** Raised inside a recipe as soon as the shape is not certain; `makeEdits` turns it into `cannot`. */
export class Cannot extends Error {}

export function cannot(reason: string): never {
  throw new Cannot(reason);
}

/** `src/db.ts:4`, of a call. */
export const placeIn = ({ file, line }: RecipeCall['args']): string => (line === undefined ? `${file}` : `${file}:${line}`);

/** A text argument of the call. A wrong type is a fault of the rule that made the call, so it is named. */
export function textArg(args: RecipeCall['args'], name: string): string {
  const value = args[name];
  if (typeof value === 'string' && value !== '') return value;
  return cannot(`the recipe was called without ${name}`);
}

export function countArg(args: RecipeCall['args'], name: string, least = 1): number {
  const value = args[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
  return cannot(`the recipe was called with ${name} = ${String(value).slice(0, 40)}, not a whole number of at least ${least}`);
}

/** The file's text as the workspace has it now. */
export async function textOf(workspace: Workspace, file: string): Promise<string> {
  const read = await workspace.read(file);
  return 'text' in read ? read.text : cannot(`${file}: ${read.problem}`);
}
