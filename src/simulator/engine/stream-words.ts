// Constants alone, as in opcodes.ts.
/** Stream i lies at i << STREAM_BITS. */
export const STREAM_BITS = 5;
export const STREAM_WORDS = 32;
/** After four words of state: the place of the next word to give out; words lie from `FIRST_WORD` to the end of the stream. */
export const TAKEN = 4;
export const FIRST_WORD = 5;
