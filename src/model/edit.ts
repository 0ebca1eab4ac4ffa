/** A text edit by character offsets into the file as it was read. */
export interface TextEdit {
  start: number;
  end: number;
  newText: string;
}

/** What a recipe wants done to one file. `before` is the text that the offsets belong to: an applier refuses when the file has moved on. */
export type FileEdit = { kind: 'change'; file: string; before: string; edits: readonly TextEdit[] } | { kind: 'create'; file: string; text: string };

/** An edit that can't be made: why, and what a person does instead. */
export interface Refusal {
  why: string;
  byHand: string;
}

export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return [...edits].sort((a, b) => b.start - a.start).reduce((done, it) => done.slice(0, it.start) + it.newText + done.slice(it.end), text);
}
