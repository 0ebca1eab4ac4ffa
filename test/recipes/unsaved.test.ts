import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../src/model/edit.ts';
import { editsFor } from '../../src/pipeline.ts';
import { lineIn } from '../../src/recipes/unsaved.ts';
import { memoryWorkspace } from './bench.ts';

describe('a line of a text that is being edited', () => {
  const text = 'a\nb\nc\nb\nd';
  it.each<[string, number, string, number | null]>([
    ['above the edit', 1, 'a\nb\nc\nb\nd!', 1],
    ['below lines that came', 5, 'new\nnew\na\nb\nc\nb\nd', 7],
    ['below lines that went', 5, 'a\nd', 2],
    ['between two edits', 3, 'x\na\nb\nc\nb\nd\ny', 4],
    ['between two edits, one of two alike', 2, 'x\na\nb\nc\nb\nd\ny', null],
    ['edited itself', 3, 'a\nb\nC\nb\nd', null],
    ['gone', 3, 'a\nb\nb\nd', null],
    ['with other line ends', 3, 'x\r\na\r\nb\r\nc\r\nb\r\nd', 4],
  ])('%s', (_says, line, now, at) => expect(lineIn(text, now, line)).toBe(at));
});

describe('edits of an unsaved file', () => {
  const saved = "import { Pool } from 'pg';\nexport const pool = new Pool({\n  max: 10,\n});\nexport const late = new Pool({ max: 4 });\n";
  const workspace = memoryWorkspace({ 'src/db.ts': saved });
  const setMax = (line: number) => ({ recipe: 'set-pool-max', args: { file: 'src/db.ts', library: 'pg', line, value: 25 } });
  const unsaved = (text: string) => new Map([['src/db.ts', text]]);
  const textOf = async (line: number, text: string): Promise<string> => {
    const { edits, cannot } = await editsFor([setMax(line)], workspace, unsaved(text));
    const [edit] = edits;
    return edit?.kind === 'change' ? applyEdits(edit.before, edit.edits) : cannot.join();
  };

  it('are made in the text that the editor shows, at the line where the code is by now', async () => {
    const typed = saved.replace("'pg';\n", "'pg';\n\n// half a thought\n").replace('max: 4', 'max: 4, min: 1');
    expect(await textOf(2, typed)).toBe(typed.replace('max: 10', 'max: 25'));
  });

  it('are not made where the line itself is being edited', async () => {
    expect(await textOf(5, saved.replace('late', 'later'))).toBe('what it would change in src/db.ts is being edited: save the file and try again');
  });

  it('leave a file that was saved as it was', async () => {
    expect((await editsFor([setMax(2)], workspace)).edits).toEqual((await editsFor([setMax(2)], workspace, unsaved(saved))).edits);
  });
});
