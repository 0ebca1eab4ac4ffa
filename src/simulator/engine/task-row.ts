// Constants alone, as in opcodes.ts.
/**
 * What the engine keeps of a task lies side by side, 64 bytes: two numbers, seen as `Float64Array`, then twelve integers, seen as `Int32Array`. An event reads and writes much of it.
 * The first 48 bytes are what most events need: where the system's allocator puts 16 bytes before an array, as those of Linux do, each record lies in two of the processor's lines, and they in the first.
 * A slot that is free has no source, parent, child, branches, cause, role or answer and is no message: whoever frees it clears what its task had of these, for most had none, and who begins a
 * task needs to write none of it.
 */
export const TASK = 16;
export const TASK_BITS = 4;
/** The same in numbers. */
export const TASK_NUMBERS = 8;
export const TASK_NUMBER_BITS = 3;
export const BEGAN = 0;
/** When it came into the queue that it stands in. */
export const SINCE = 1;
export const PC = 4;
export const STATE = 5;
/** Of a queue's members the next one; of a free slot the next free one. */
export const AFTER = 6;
export const PROGRAM = 7;
export const SOURCE = 8;
/** `UNAWAITED`, `PART` or `AWAITED`. */
export const ROLE = 9;
/** `NO_MESSAGE`, `UNAGED` or `AGED`. */
export const AGE = 10;
export const INSTANCE = 11;
/** Who stands before it in a queue. */
export const BEFORE = 12;
export const PARENT = 13;
/** Of a request: 0, `ANSWERED` or `OVERDUE`. */
export const ANSWER = 14;
export const CAUSE = 15;
