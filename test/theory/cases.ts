import book from './cases.json' with { type: 'json' };

/** A case with a known answer. Times and rates are in its own unit (mostly the mean service time), which is one millisecond in our networks. */
export interface Case {
  id: string;
  class: string;
  model: string;
  source: string;
  params: Readonly<Record<string, unknown>>;
  expected: Readonly<Record<string, number>>;
  /** Absent: the usual one. */
  tolerance?: string;
}

export const CASES = book.cases as unknown as readonly Case[];

/** Throws where there is none: a row for a case that does not exist is a slip of the pen. */
export function caseOf(id: string): Case {
  const found = CASES.find((it) => it.id === id);
  if (!found) throw new Error(`there is no case "${id}"`);
  return found;
}
