// Constants alone, as in opcodes.ts.
/**
 * What the loop reads of an instruction, eight words side by side; the last two are a number, seen as a `Float64Array`.
 * It is what `Bytecode` says, with everything looked up that follows from it.
 */
export const ROW = 8;
export const ROW_BITS = 3;
/** The instruction, and what the loop must ask for besides, see below. */
export const OP = 0;
/** Station, program or target. */
export const OPERAND = 1;
/** Of a station: the place of its first unit's record, and how many units it has. */
export const UNITS = 2;
export const MANY = 3;
/** Stream of its draws. */
export const STREAM = 4;
export const NUMBER = 3;
export const ROW_NUMBERS = 4;
export const ROW_NUMBER_BITS = 2;

/** The instruction alone; one of these bits with it: a time that is not exponential, a limit to waiting, an end to the room to wait in, more than one unit. Most have none of them. */
export const OP_BITS = 255;
export const HAS_LAW = 256;
export const HAS_LIMIT = 512;
export const HAS_ROOM = 1024;
export const HAS_UNITS = 2048;
