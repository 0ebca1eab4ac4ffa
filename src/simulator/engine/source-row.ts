// Constants alone, as in opcodes.ts.
/** What an arrival and an answer read and write of a source, 128 bytes side by side: numbers first, seen as `Float64Array`, then integers, seen as `Int32Array`. */
export const SOURCE_ROW = 32;
export const SOURCE_BITS = 5;
/** The same in numbers. */
export const SOURCE_NUMBERS = 16;
export const SOURCE_NUMBER_BITS = 4;
/** Of arrivals at a constant rate that need no more than the loop does: the rate, and until when it holds; -Infinity for others. */
export const RATE = 0;
export const UNTIL = 1;
export const IN_FLIGHT = 2;
/** Moments of answers less those of arrivals, and the same of the square of the number in flight. */
export const IN_FLIGHT_SUM = 3;
export const SQUARES_SUM = 4;
/** Time that the answered requests have spent since the measurement began. */
export const SPENT = 5;
export const PATIENCE = 6;
/** Since `settle`: arrivals. */
export const CAME = 14;
/** Program of a request, where it starts, its group; whether gaps are exponential. */
export const BEGINS = 16;
export const STARTS_AT = 17;
export const GROUP = 18;
export const IS_POISSON = 19;
