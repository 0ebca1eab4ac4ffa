// Constants alone, as in opcodes.ts.
/**
 * What the engine keeps of a task lies side by side, 64 bytes, seen as numbers (`Float64Array`) and as integers (`Int32Array`). An event reads and writes much of it.
 * Nobody knows where in the processor's lines of 64 bytes an array begins, so a record may lie in two: what most events need is in the first 32 bytes, and both their ends are read in advance.
 * A slot that is free has no source, parent, child, branches, cause, role or answer and is no message: whoever frees it clears what its task had of these, for most had none, and who begins a
 * task needs to write none of it.
 */
export const TASK = 16;
export const TASK_BITS = 4;
/** The same in numbers. */
export const TASK_NUMBERS = 8;
export const TASK_NUMBER_BITS = 3;
/** The last word of what most events need. */
export const LAST_NEEDED = 7;
/** Numbers: when it began, and when it came into the queue that it stands in. */
export const BEGAN = 0;
export const SINCE = 5;
export const PC = 2;
export const STATE = 3;
/** Of a queue's members the next one; of a free slot the next free one. */
export const AFTER = 4;
export const PROGRAM = 5;
export const SOURCE = 6;
/** `UNAWAITED`, `PART` or `AWAITED`. */
export const ROLE = 7;
/** `NO_MESSAGE`, `UNAGED` or `AGED`. */
export const AGE = 8;
export const INSTANCE = 9;
/** Who stands before it in a queue. */
export const BEFORE = 12;
export const PARENT = 13;
/** Of a request: 0, `ANSWERED` or `OVERDUE`. */
export const ANSWER = 14;
export const CAUSE = 15;
