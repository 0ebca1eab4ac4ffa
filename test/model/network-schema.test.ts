import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import schemaJson from '../../src/model/network.schema.json' with { type: 'json' };
import { validateNetwork } from '../../src/simulator/index.ts';
import { type Dice, diceOf, randomNetwork } from '../simulator/random-networks.ts';
import { fits, type Schema } from './json-schema.ts';

const schema = schemaJson as unknown as Schema;
const CASES = { seed: 5, numRuns: 1500, endOnFailure: true };

/** What a form alone cannot know: names, orders, and what does not go together. */
const BEYOND_FORM =
  /there is no (?!such field)|is there twice|must lie|shares|needs|last phase|there are both|expected (one|at least|a state)|too (large|many)|only|must|cannot|lowMs|not both|itself|is not a station|never busy/;

const STRANGE: readonly unknown[] = [null, -1, 0, 0.5, 1e9, '', 'x', true, [], {}, [null], { kind: 'exponential' }];

/** The same model with one thing in it changed, taken out or put in. */
function spoilt(dice: Dice, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || dice.chance(0.15)) return dice.of(STRANGE);
  if (Array.isArray(value)) {
    if (value.length === 0 || dice.chance(0.1)) return [...value, dice.of(STRANGE)];
    const at = dice.whole(0, value.length - 1);
    return value.map((it, index) => (index === at ? spoilt(dice, it) : it));
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  if (names.length === 0 || dice.chance(0.1)) return { ...fields, [dice.of(['kind', 'id', 'body', 'zzz', 'group', 'meanMs'])]: dice.of(STRANGE) };
  const name = dice.of(names);
  if (dice.chance(0.1)) return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
  return { ...fields, [name]: spoilt(dice, fields[name]) };
}

describe('a model', () => {
  it('that is valid fits the schema', () =>
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const network = JSON.parse(JSON.stringify(randomNetwork(diceOf(seed))));
        expect(fits(network, schema, schema)).toBe(true);
      }),
      { ...CASES, numRuns: 200 },
    ));

  it('that was spoilt is refused by both or by neither, in one line that names the field, and nothing throws', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const dice = diceOf(seed);
        const model = spoilt(dice, JSON.parse(JSON.stringify(randomNetwork(dice))));
        const found = validateNetwork(model);
        const error = 'error' in found ? found.error : '';
        if (error !== '') refused++;
        expect(error).toMatch(/^$|^[\w$.[\]]+: [^\n]+$/);
        if (error === '' || !BEYOND_FORM.test(error)) expect([fits(model, schema, schema), error]).toEqual([error === '', error]);
      }),
      CASES,
    );
    expect(refused).toBeGreaterThan(CASES.numRuns / 2);
  });

  it('may be anything at all', () =>
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const found = validateNetwork(value);
        expect('error' in found ? found.error : '').not.toBe('');
      }),
      { ...CASES, numRuns: 500 },
    ));
});
