// Constants alone, as in opcodes.ts.
/** Words of a record after its time, which takes two. */
export const ORDER = 2;
/** What follows it in the list of its day (-1: nothing), or where else the event is. */
export const LINK = 3;
/** Where an event is that is in no list of a day: nowhere, in a register, in the heap, in a list of timers (so much less for each further list), in a month (less its place there). */
export const NOWHERE = -2;
export const IN_REGISTER = -3;
export const IN_HEAP = -4;
export const IN_TIMERS = -5;
export const IN_MONTH = -16;

/** Lists of timers; no more than there are words between `IN_TIMERS` and `IN_MONTH`. */
export const DELAYS = 8;
export const FIRST_DAYS = 256;
export const FIRST_MONTHS = 16;
/** Days. */
export const NEAR = 16;
export const MOST_REGISTERS = 16;
