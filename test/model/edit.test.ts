import { describe, expect, it } from 'vitest';
import { applyEdits, isSameText, positionsOf, type TextEdit } from '../../src/model/edit.ts';

/** What an editor makes of a file that it opens, and of edits by line and character. */
function inEditor(text: string, edits: readonly TextEdit[]): string {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n');
  const offset = ({ line, character }: { line: number; character: number }): number => lines.slice(0, line).reduce((sum, it) => sum + it.length + 1, 0) + character;
  return applyEdits(
    lines.join('\n'),
    positionsOf(text, edits).map((it) => ({ start: offset(it.start), end: offset(it.end), newText: it.newText.replace(/\r\n?/g, '\n') })),
  );
}

const at = (text: string, mark: string): number => text.indexOf(mark);

describe('edits by line and character', () => {
  it.each([
    ['line feeds', 'one\n\ttwo {\n\tthree\n}\n'],
    ['carriage returns with them', 'one\r\n\ttwo {\r\n\tthree\r\n}\r\n'],
    ['both in one file', 'one\r\n\ttwo {\n\tthree\r\n}\n'],
    ['carriage returns alone', 'one\r\ttwo {\r\tthree\r}\r'],
    ['a byte-order mark', '\uFEFFone\n\ttwo {\n\tthree\n}\n'],
    ['a byte-order mark and both', '\uFEFFone\r\n\ttwo {\n\tthree\r\n}'],
    ['separators that are no line ends to an editor', 'one\u2028\n\ttwo {\n\tthree\n}\n'],
  ])('%s: the same as by characters', (_says, text) => {
    const edits = [
      { start: at(text, 'one'), end: at(text, 'one') + 3, newText: 'first' },
      { start: at(text, '{') + 1, end: at(text, '{') + 1, newText: '\n\tadded,' },
      { start: at(text, '\tthree'), end: at(text, '}'), newText: '' },
    ];
    const expected = applyEdits(text, edits);
    expect(isSameText(inEditor(text, edits), expected)).toBe(true);
    expect(inEditor(text, edits)).toContain('added,');
  });

  it.each([
    ['a\r\nb', 'a\nb', true],
    ['\uFEFFa', 'a', true],
    ['a\nb', 'a\n\nb', false],
    ['a ', 'a', false],
  ])('%j and %j are the same: %s', (a, b, same) => expect(isSameText(a, b)).toBe(same));
});
