import { describe, expect, it } from 'vitest';
import { codePrint } from '../../src/measurements/code-print.ts';
import type { Place } from '../../src/model/known.ts';

const at = (line: number, endLine?: number): Place => ({ file: 'a.ts', line, ...(endLine !== undefined && { endLine }) });
const QUERY = "const rows = await pool.query(\n  'SELECT a FROM b WHERE c = $1',\n  [id],\n);\nother();\n";
const printOf = (text: string, places: readonly Place[] = [at(1)], facts: readonly string[] = []) => codePrint({ places, facts }, (file) => (file === 'a.ts' ? text : undefined));

describe('code prints', () => {
  it.each<[string, string, readonly Place[], boolean]>([
    ['the same', QUERY, [at(1)], true],
    ['formatted otherwise', "const rows = await pool.query('SELECT a FROM b WHERE c = $1',[id],);\n", [at(1)], true],
    ['moved down', `// new\n\n${QUERY}`, [at(3)], true],
    ['what comes after it', QUERY.replace('other()', 'another()'), [at(1)], true],
    ['a column more, two lines below its first', QUERY.replace('SELECT a', 'SELECT a, d'), [at(1)], false],
    ['another argument', QUERY.replace('[id]', '[id, name]'), [at(1)], false],
    ['twice, in another order', `${QUERY}${QUERY}`, [at(6), at(1)], true],
  ])('%s', (_what, text, places, isSame) => expect(printOf(text, places) === printOf(QUERY)).toBe(isSame));

  it('facts count, their order does not', () => {
    expect(printOf(QUERY, [at(1)], ['pool 10'])).not.toBe(printOf(QUERY, [at(1)], ['pool 25']));
    expect(printOf(QUERY, [at(1)], ['a', 'b'])).toBe(printOf(QUERY, [at(1)], ['b', 'a']));
  });

  it('brackets in texts and comments are none', () => expect(printOf("f('(('); // (\ng();\n")).toBe(printOf("f('(('); // (\nh();\n")));

  it.each<[string, readonly Place[]]>([
    ['a file that can’t be read', [{ file: 'gone.ts', line: 1 }]],
    ['no place at all', []],
  ])('%s: nobody knows', (_what, places) => expect(printOf(QUERY, places)).toBeUndefined());
});
