import { POOL_MAX } from './pools.ts';
import { countArg, type Recipe } from './recipe.ts';
import { setPoolOption } from './set-pool-option.ts';

/** Sets how many connections a pool may open, in the spelling of its library. */
export default {
  id: 'set-pool-max',
  make: (args, workspace) => setPoolOption(args, workspace, POOL_MAX, countArg(args, 'value'), 'a pool size'),
} satisfies Recipe;
