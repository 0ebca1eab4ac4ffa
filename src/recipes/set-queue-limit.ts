import { QUEUE_LIMIT } from './pools.ts';
import { placeIn, countArg, type Recipe } from './recipe.ts';
import { setPoolOption } from './set-pool-option.ts';

/** Sets how many requests may wait for a connection before the next one is refused, for drivers that know no timeout. */
export default {
  id: 'set-queue-limit',
  byHand: (args) => `set queueLimit: ${args.value} for the pool that is made at ${placeIn(args)}`,
  make: (args, workspace) => setPoolOption(args, workspace, QUEUE_LIMIT, countArg(args, 'value'), 'a limit of its queue', true),
} satisfies Recipe;
