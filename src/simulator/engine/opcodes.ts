// Constants alone, and no imports: a bundler writes such numbers where they are used, and the engine's loop reads them at every step.
export const END = 0;
export const SERVE = 1;
export const ACQUIRE = 2;
export const RELEASE = 3;
export const DELAY = 4;
export const CALL = 5;
export const SPAWN = 6;
export const FORK = 7;
export const LOOP = 8;
export const AGAIN = 9;
export const BRANCH = 10;
export const JUMP = 11;
export const RESPOND = 12;
/** A call with more around it than a timeout. */
export const CALL_WITH = 13;
export const FAIL = 14;
export const LIMIT = 15;
/** Never goes on. */
export const HANG = 24;
export const LOOKUP = 25;
export const STORE = 26;
export const INVALIDATE = 27;
/** To the start of the task's program. */
export const ENTER = 28;

/** Of replicated data: a write at the primary, a read at a replica. */
export const WRITE = 29;
export const READ_REPLICA = 30;
/** The first step while some programs are cut off: is this call lost? */
export const CROSS = 31;

/** What the loop leaves to `step`: stations that do more than serve in order of arrival. Greater than any instruction. */
export const OTHER = 255;

/** Causes that every network has. */
export const CAUSE_PATIENCE = 0;
export const CAUSE_CALL_TIMEOUT = 1;

/** Laws of times. */
export const DETERMINISTIC = 0;
export const EXPONENTIAL = 1;
export const GAMMA = 2;
export const LOGNORMAL = 3;
export const HYPEREXPONENTIAL = 4;
export const UNIFORM = 5;
export const LISTED = 6;
