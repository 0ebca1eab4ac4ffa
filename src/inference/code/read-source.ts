import type { ts } from 'ts-morph';
import type { At } from './syntax.ts';

/** What a read of one file carries along. */
export interface Reading {
  source: ts.SourceFile;
  places: Places;
  imports: Set<string>;
  /** Imports made by a call: they are there whatever their names are used for. */
  called: Set<string>;
  /** Names that code uses as values: an import of anything else is erased by the compiler. */
  used: Set<string>;
  /** Packages and files behind imported names. */
  origins: Map<string, string>;
}

/** Whether a declaration is marked with a word (`export`, `async`, `static`). */
export const isMarked = (node: ts.Node, word: ts.SyntaxKind): boolean => (node as Partial<ts.FunctionDeclaration>).modifiers?.some((it) => it.kind === word) === true;

/** Where a file's lines begin, and what was looked up last: nodes are read nearly in the order of the text. */
interface Places {
  lines: readonly number[];
  line: number;
  pos: number;
  start: number;
}

export const placesIn = (source: ts.SourceFile): Places => ({ lines: source.getLineStarts(), line: 0, pos: -1, start: 0 });

/** Where a node begins and ends. Cheapest where nodes are asked for nearly in the order of the text. */
export const at = (node: ts.Node, { places, source }: Reading): At => {
  // Blanks and remarks before a chain of calls are skipped once for all of its links.
  if (node.pos !== places.pos || node.pos === node.end) {
    places.pos = node.pos;
    places.start = node.getStart(source);
  }
  const first = lineAt(places.start, places);
  const column = places.start - (places.lines[first] as number) + 1;
  const last = lineAt(node.end, places);
  return [first + 1, column, last + 1, node.end - (places.lines[last] as number) + 1];
};

function lineAt(position: number, places: Places): number {
  const { lines } = places;
  let { line } = places;
  while (line > 0 && (lines[line] as number) > position) line -= 1;
  while (line + 1 < lines.length && (lines[line + 1] as number) <= position) line += 1;
  places.line = line;
  return line;
}
