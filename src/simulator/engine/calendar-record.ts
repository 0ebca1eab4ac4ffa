// Constants alone, as in opcodes.ts.
/** Words of a record after time and order, which take four. */
export const NEXT = 4;
export const PREVIOUS = 5;
export const WHERE = 6;
/** Among the slots of its month. */
export const PLACE = 5;
/** Where an event is: nowhere, in a list of a day, in the heap, in a register, in a month, or (from here on) in a list of timers. */
export const NOWHERE = 0;
export const IN_DAY = 1;
export const IN_HEAP = 2;
export const IN_REGISTER = 3;
export const IN_MONTH = 4;
export const IN_TIMERS = 5;

export const DELAYS = 8;
export const FIRST_DAYS = 256;
export const FIRST_MONTHS = 16;
/** Days. */
export const NEAR = 16;
export const MOST_REGISTERS = 16;
