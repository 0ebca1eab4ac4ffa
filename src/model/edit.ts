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

/** Counted from 0, as editors do. */
export interface TextPosition {
  line: number;
  character: number;
}

/**
 * Edits by line and character: those hold in an editor, too, which drops a byte-order mark and gives a file of two kinds of line ends one of them.
 * `text` is what the offsets belong to.
 */
export function positionsOf(text: string, edits: readonly TextEdit[]): { start: TextPosition; end: TextPosition; newText: string }[] {
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  const starts = [mark, ...[...text.matchAll(/\r\n?|\n/g)].map((it) => it.index + it[0].length)];
  const at = (offset: number): TextPosition => {
    const line = Math.max(
      0,
      starts.findLastIndex((it) => it <= offset),
    );
    return { line, character: Math.max(0, offset - (starts[line] as number)) };
  };
  return edits.map((it) => ({ start: at(it.start), end: at(it.end), newText: it.newText }));
}

/** The same text but for what an editor changes when it opens a file. */
export const isSameText = (a: string, b: string): boolean => asOpened(a) === asOpened(b);

const asOpened = (text: string): string => text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
