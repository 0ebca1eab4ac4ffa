/** Kinds of node in a flattened network. Kinds are numbers because the loops that read them are the hot path. */
export const SEQUENCE = 0;
export const SERVE = 1;
export const HOLD = 2;
export const DELAY = 3;
export const CALL = 4;
export const SPAWN = 5;
export const PARALLEL = 6;
export const LOOP = 7;
export const BRANCH = 8;
export const RESPOND = 9;
export const FAIL = 10;
