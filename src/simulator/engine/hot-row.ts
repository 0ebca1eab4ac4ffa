// Constants alone, as in opcodes.ts.
/**
 * What the loop reads of an instruction, eight words side by side; the last two are a number, seen as a `Float64Array`.
 * It is what `Bytecode` says, with everything looked up that follows from it.
 */
export const ROW = 8;
export const ROW_BITS = 3;
export const OP = 0;
/** Station, program or target. */
export const OPERAND = 1;
/** Of a station: the place of its first unit's record, and how many units it has. */
export const UNITS = 2;
export const MANY = 3;
/** Stream of its draws. */
export const STREAM = 4;
/** How much the loop must ask for: nothing, the law of a time that is not exponential, or the wait limit as well. */
export const ASKS = 5;
export const NUMBER = 3;
export const ROW_NUMBERS = 4;
export const ROW_NUMBER_BITS = 2;

/** Draws an exponential time, and nobody who waits has a limit. */
export const PLAIN = 0;
export const HAS_LAW = 1;
export const HAS_LIMIT = 2;
