import { type Histogram, recordAll } from './histogram.ts';
import { NOTED } from './noted.ts';

/** Values on their way into histograms. Who reads a histogram calls `recordNotes` first. */
export interface Notes {
  /** `NOTED` places for each histogram. */
  values: Float64Array;
  /** The same in halves. */
  words: Uint32Array;
  /** How many are taken. */
  many: Int32Array;
  of: readonly Histogram[];
}

export function notesFor(of: readonly Histogram[]): Notes {
  const values = new Float64Array(NOTED * of.length);
  return { values, words: new Uint32Array(values.buffer), many: new Int32Array(of.length), of };
}

export function note(it: Notes, index: number, value: number): void {
  const many = it.many[index] as number;
  it.values[NOTED * index + many] = value;
  it.many[index] = many + 1;
  if (many === NOTED - 1) recordNotesOf(it, index);
}

export function recordNotes(it: Notes): void {
  for (let index = 0; index < it.of.length; index++) recordNotesOf(it, index);
}

export function recordNotesOf(it: Notes, index: number): void {
  recordAll(it.of[index] as Histogram, it.values, it.words, NOTED * index, it.many[index] as number);
  it.many[index] = 0;
}
