// A constant alone, as in opcodes.ts.
/** Values that a histogram's place holds before they are recorded together: in a loop of their own they cost half as much as one by one between other things. */
export const NOTED = 64;
export const NOTED_BITS = 6;
