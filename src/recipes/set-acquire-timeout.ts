import { ACQUIRE_TIMEOUT } from './pools.ts';
import { placeIn, cannot, countArg, type Recipe, textArg } from './recipe.ts';
import { setPoolOption } from './set-pool-option.ts';

/** Sets how long a request may wait for a connection, in milliseconds, in the spelling of its library. */
export default {
  id: 'set-acquire-timeout',
  byHand: (args) => `let nobody wait longer than ${args.valueMs} ms for a connection of the pool that is made at ${placeIn(args)}`,
  make: async (args, workspace) => {
    if (/^mysql/.test(textArg(args, 'library'))) cannot('mysql2 has no acquire timeout: a queueLimit bounds the wait instead');
    return setPoolOption(args, workspace, ACQUIRE_TIMEOUT, countArg(args, 'valueMs'), 'an acquire timeout', true);
  },
} satisfies Recipe;
