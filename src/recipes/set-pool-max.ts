import { POOL_MAX } from './pools.ts';
import { placeIn, countArg, type Recipe } from './recipe.ts';
import { setPoolOption } from './set-pool-option.ts';

/** Sets how many connections a pool may open, in the spelling of its library. */
export default {
  id: 'set-pool-max',
  byHand: (args) => `set the size of the pool that is made at ${placeIn(args)} to ${args.value}`,
  make: (args, workspace) => setPoolOption(args, workspace, POOL_MAX, countArg(args, 'value'), 'a pool size'),
} satisfies Recipe;
