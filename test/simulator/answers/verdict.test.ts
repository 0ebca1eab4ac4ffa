import { describe, expect, it } from 'vitest';
import type { Topology } from '../../../src/model/topology.ts';
import { assess } from '../../../src/simulator/answers/assess.ts';
import { DRAWS, drawColumns } from '../../../src/simulator/answers/ranges.ts';
import { rangeOf, verdictByDraws } from '../../../src/simulator/answers/verdict.ts';
import { ask } from '../../../src/simulator/solve/ask.ts';
import { apiAndDatabase, at, guess, ms, query } from '../topologies.ts';

const SYSTEMS: readonly [string, Topology][] = [
  ['a wide guess', apiAndDatabase({ steps: [query('SELECT a', guess(10, 2, 50))] })],
  ['two guesses', apiAndDatabase({ steps: [query('SELECT a', guess(8, 4, 16)), query('SELECT b', guess(5, 1, 30))] })],
  ['a guess that hardly matters', apiAndDatabase({ steps: [query('SELECT a', ms(10)), query('SELECT b', guess(0.1, 0.08, 0.12))] })],
  ['nothing guessed but the rest', apiAndDatabase({ steps: [query('SELECT a', ms(10))] })],
];
/** Of the middle of the range. */
const TARGETS = [0.05, 0.2, 0.4, 0.65, 0.7, 0.8, 0.95, 1, 1.02, 1.3, 1.8, 8];
const RANGE = { ladder: false, breakEven: false, deciders: false, binding: false, saturation: false } as const;

describe('a verdict without its range', () => {
  it.each(SYSTEMS)('is the one of the range, or is left open: %s', (_, topology) => {
    const middle = assess(topology, at(1), RANGE).breaksAtPerSecond.value ?? 1;
    const seen = TARGETS.map((it) => {
      const scenario = at(middle * it);
      const { topology: compiled } = ask(topology, scenario).compiled;
      const whole = assess(topology, scenario, RANGE);
      const point = assess(topology, scenario, { ...RANGE, ranges: false }).breaksAtPerSecond.value;
      const alone = verdictByDraws(compiled, scenario, point, 1);
      if (alone !== null) expect(alone, `at ${it} of the middle`).toBe(whole.verdict);
      expect(assess(topology, scenario, { ...RANGE, ranges: false, verdictOnly: true }).verdict).toBe(whole.verdict);
      return alone;
    });
    expect(seen.filter((it) => it !== null).length).toBeGreaterThan(TARGETS.length / 2);
    expect(seen).toContain('holds');
    expect(seen).toContain('fails');
  });

  it('asks no further draw once the rest can change nothing', () => {
    const [, topology] = SYSTEMS[0] as (typeof SYSTEMS)[number];
    const range = assess(topology, at(1), RANGE).breaksAtPerSecond;
    const scenario = at(Math.sqrt((range.low ?? 1) * (range.high ?? 1)));
    const { topology: compiled } = ask(topology, scenario).compiled;
    expect(drawColumns(compiled, scenario.seed).length).toBeGreaterThan(0);
    let asked = 0;
    expect(verdictByDraws(compiled, scenario, range.value, 1, () => asked++)).toBe('unknown');
    expect(asked).toBeLessThan(DRAWS / 2);
  });
});

describe('a range and the figure in it', () => {
  const drawn = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110];
  it.each([
    ['typical values inside', 50, drawn, { value: 50, low: 20, high: 100 }],
    ['typical values beyond the upper end', 265, drawn, { value: 100, low: 20, high: 100, typical: 265 }],
    ['typical values beyond the lower end', 5, drawn, { value: 20, low: 20, high: 100, typical: 5 }],
    ['typical values that never break', null, drawn, { value: 100, low: 20, high: 100, typical: null }],
    ['draws that never break', 50, drawn.map(() => null), { value: null, low: null, high: null, typical: 50 }],
    ['draws as close together as the search is fine', 51, drawn.map(() => 50), { value: 51, low: 50, high: 51 }],
    ['no guess at all', 50, [], { value: 50, low: 50, high: 50 }],
  ] as const)('%s', (_, point, draws, range) => expect(rangeOf(point, draws)).toEqual(range));
});
