import type { FileEdit } from '../model/edit.ts';
import type { RecipeCall } from '../model/weakness.ts';
import type { Workspace } from '../workspace.ts';
import { Cannot, type Recipe } from './recipe.ts';
import addPgbouncer from './add-pgbouncer.ts';
import extractWorker from './extract-worker.ts';
import insertCache from './insert-cache.ts';
import insertQueue from './insert-queue.ts';
import setAcquireTimeout from './set-acquire-timeout.ts';
import setPoolMax from './set-pool-max.ts';
import setWorkerConcurrency from './set-worker-concurrency.ts';
import useHeldConnection from './use-held-connection.ts';

export const RECIPES: readonly Recipe[] = [addPgbouncer, insertQueue, insertCache, extractWorker, setPoolMax, setAcquireTimeout, setWorkerConcurrency, useHeldConnection];

/**
 * The edits that a recipe wants made; nothing is applied.
 * `cannot` gives the reason wherever the shape at the place is not certain, also when the edit has been made already.
 */
export async function makeEdits(call: RecipeCall, workspace: Workspace): Promise<{ edits: FileEdit[] } | { cannot: string }> {
  const recipe = RECIPES.find((it) => it.id === call.recipe);
  if (!recipe) return { cannot: `there is no recipe ${call.recipe}` };
  try {
    return await recipe.make(call.args, workspace);
  } catch (error) {
    if (error instanceof Cannot) return { cannot: error.message };
    throw error;
  }
}
