import { describe, expect, it } from 'vitest';
import { givenTo } from '../../src/inference/code/barren.ts';
import type { FunctionSyntax } from '../../src/inference/code/syntax.ts';
import { DATA, list, NOTHING, object, type Resource, type Scope, text, UNKNOWN, type Value } from '../../src/inference/code/values.ts';

const syntax: FunctionSyntax = { params: [], body: [], isArrow: false, isAsync: false, at: [1, 1, 1, 1] };
const file: Scope = { names: new Map(), parent: null, file: 'merge.ts' };
const ofFile = { t: 'function', f: syntax, scope: file, props: new Map() } as const;
const row: Resource = { t: 'resource', library: 'mongoose', type: 'Model', id: 1, data: {}, place: { file: 'a.ts', line: 1 } };
const method: Value = { t: 'native', call: () => UNKNOWN };
const field: Value = { ...method, isField: true };

describe('what a function may do with what it is given', () => {
  it.each<[what: string, args: readonly Value[], given: 'data' | 'fields' | undefined]>([
    ['nothing', [], 'data'],
    ['words and what is not known', [text('a'), UNKNOWN, NOTHING, DATA], 'data'],
    ['objects and lists of such', [object([['a', list([text('b')])]])], 'data'],
    ['fields of rows, which may be methods', [list([field, UNKNOWN])], 'fields'],
    ['such a field deep inside', [object([['a', object([['b', field]])]])], 'fields'],
    ['a method that is known', [list([field, method])], undefined],
    ['a function', [ofFile], undefined],
    ['a whole row', [{ t: 'data', row }], undefined],
    ['a client', [object([['client', row]])], undefined],
  ])('%s', (_what, args, given) => {
    expect(givenTo(ofFile, args)).toBe(given);
    // What it finds around it, or in the object that it belongs to, may be anything.
    expect(givenTo({ ...ofFile, scope: { names: new Map(), parent: file, file: 'merge.ts' } }, args)).toBeUndefined();
    expect(givenTo({ ...ofFile, self: object() }, args)).toBeUndefined();
  });
});
