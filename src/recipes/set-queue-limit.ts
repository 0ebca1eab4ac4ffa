import { QUEUE_LIMIT } from './pools.ts';
import { countArg, type Recipe } from './recipe.ts';
import { setPoolOption } from './set-pool-option.ts';

/** Sets how many requests may wait for a connection before the next one is refused, for drivers that know no timeout. */
export default {
  id: 'set-queue-limit',
  make: (args, workspace) => setPoolOption(args, workspace, QUEUE_LIMIT, countArg(args, 'value'), 'a limit of its queue'),
} satisfies Recipe;
