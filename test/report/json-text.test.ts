import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/report/json-text.ts';

const long = 'x'.repeat(90);

describe('JSON with a line for what fits one', () => {
  it.each<[string, unknown, string]>([
    ['a number', 3, '3\n'],
    ['what fits a line', { a: [1, 2], b: { c: null } }, '{ "a": [1, 2], "b": { "c": null } }\n'],
    ['nothing in it', { a: [], b: {} }, '{ "a": [], "b": {} }\n'],
    ['what is not there', { a: undefined, b: [undefined] }, '{ "b": [null] }\n'],
    ['no number', { a: Number.NaN }, '{ "a": null }\n'],
    ['what is longer', { a: { b: long }, c: [long, 1] }, `{\n  "a": { "b": "${long}" },\n  "c": ["${long}", 1]\n}\n`],
    ['longer deep inside', [{ a: [long, long] }], `[\n  {\n    "a": [\n      "${long}",\n      "${long}"\n    ]\n  }\n]\n`],
    ['a line break in a text', { a: 'b\nc' }, '{ "a": "b\\nc" }\n'],
  ])('%s', (_name, value, text) => expect(jsonText(value)).toBe(text));

  it('takes little more room the deeper it goes', () => {
    const rounds = 200;
    let value: unknown = [1, 2];
    for (let round = 0; round < rounds; round++) value = { step: long, pair: [1, 2], inside: value };
    const text = jsonText(value);
    expect(text.split('\n')).toContain(`${' '.repeat(48)}"pair": [1, 2],`);
    expect(text.length).toBeLessThan(JSON.stringify(value).length + rounds * 4 * 50);
  });

  it('says what JSON.stringify says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(JSON.parse(jsonText(value)))).toBe(JSON.stringify(JSON.parse(JSON.stringify(value))));
      }),
    );
  });
});
