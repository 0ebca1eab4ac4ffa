import { describe, expect, it } from 'vitest';
import { readProject } from '../../src/inference/project.ts';
import { editFor } from '../../src/measurements/write.ts';
import { applyEdits } from '../../src/model/edit.ts';
import type { Measurement } from '../../src/model/measurement.ts';

const one: Measurement = { input: 'hold db SELECT orders', value: 4, unit: 'ms', basis: 'measured', source: 'tool', at: '2026-11-20' };
const two: Measurement = { input: 'hitRatio cache user:*', value: 0.9, unit: 'ratio' };
const ONE = '{ "input": "hold db SELECT orders", "value": 4, "unit": "ms", "basis": "measured", "source": "tool", "at": "2026-11-20" }';
const TWO = '{ "input": "hitRatio cache user:*", "value": 0.9, "unit": "ratio" }';
const after = (text: string | undefined, ...measurements: Measurement[]): string => {
  const made = editFor(text, measurements);
  if ('cannot' in made) return made.cannot;
  const [edit] = made.edits;
  return edit === undefined ? (text ?? '') : edit.kind === 'create' ? edit.text : applyEdits(edit.before, edit.edits);
};

it.each<[string, string | undefined, string]>([
  ['no file', undefined, `{\n  "measurements": [\n    ${ONE},\n    ${TWO}\n  ]\n}\n`],
  ['an empty file', '', `{\n  "measurements": [\n    ${ONE},\n    ${TWO}\n  ]\n}\n`],
  ['an empty object', '{}', `{\n  "measurements": [\n    ${ONE},\n    ${TWO}\n  ]\n}`],
  ['other fields', '{\n  // ours\n  "mix": {} // all\n}\n', `{\n  // ours\n  "mix": {},\n  "measurements": [\n    ${ONE},\n    ${TWO}\n  ] // all\n}\n`],
  ['an empty list', '{\n\t"measurements": []\n}', `{\n\t"measurements": [\n\t\t${ONE},\n\t\t${TWO}\n\t]\n}`],
  [
    'the same input by its short name',
    '{\n  "measurements": [\n    { "input": "db SELECT orders", "value": 9 }, // old\n    { "input": "x", "value": 1 }\n  ]\n}',
    `{\n  "measurements": [\n    ${ONE}, // old\n    { "input": "x", "value": 1 },\n    ${TWO}\n  ]\n}`,
  ],
  ['lines of Windows', '{\r\n  "measurements": []\r\n}', `{\r\n  "measurements": [\r\n    ${ONE},\r\n    ${TWO}\r\n  ]\r\n}`],
])('%s', (_name, before, expected) => {
  expect(after(before, one, two)).toBe(expected);
  expect(readProject(expected).problems).toEqual([]);
});

describe('what can’t be written', () => {
  it.each([
    ['half a file', '{ "mix": ', 'can’t be read'],
    ['a list', '[]', 'can’t be read'],
    ['measurements of another form', '{ "measurements": {} }', 'is no list'],
  ])('%s', (_name, text, why) => expect(after(text, one)).toContain(why));
});

it('nothing measured, nothing edited; the same twice, nothing either', () => {
  expect(editFor('{}', [])).toEqual({ edits: [] });
  expect(editFor(after('{}', one), [one])).toEqual({ edits: [] });
});
