import { describe, expect, it } from 'vitest';
import { withInputs } from '../../../src/model/inputs.ts';
import { known } from '../../../src/model/known.ts';
import type { Step, Topology } from '../../../src/model/topology.ts';
import { decidedBy } from '../../../src/simulator/answers/answers.ts';
import { assess } from '../../../src/simulator/answers/assess.ts';
import { kindsOf } from '../../../src/simulator/answers/kinds.ts';
import { correlation, DRAWS, drawColumns, valueAtDeviation } from '../../../src/simulator/answers/ranges.ts';
import { normalQuantile } from '../../../src/simulator/arithmetic.ts';
import { ask } from '../../../src/simulator/solve/ask.ts';
import { apiAndDatabase, at, compute, endpoint, guess, ms, query } from '../topologies.ts';

const place = { file: 'src/app.ts', line: 7 };
const queries = (many: number): Step[] => Array.from({ length: many }, (_, index) => query(`Q${index}`, guess(5, 1, 30)));
const loop = (...steps: Step[]): Step => ({
  kind: 'loop',
  times: known(10, 'count', 'assumed', { range: [2, 100] }),
  concurrent: false,
  steps,
  place,
});
const request = (target: string, label: string): Step => ({
  kind: 'request',
  target,
  label,
  serviceMs: guess(150, 50, 800),
  timeoutMs: ms(1000),
  retries: known(0, 'count', 'declared'),
  awaited: true,
  place,
});

/** Columns of what is assumed, by input. */
function drawn(topology: Topology, every?: number) {
  const { compiled } = ask(topology, at(10));
  return new Map(drawColumns(compiled.topology, 1, every).map((it) => [it.input.id, it]));
}
const mean = (values: readonly number[]): number => values.reduce((sum, it) => sum + it, 0) / values.length;
const pairs = <T>(all: readonly T[]): [T, T][] => all.flatMap((a, index) => all.slice(index + 1).map((b): [T, T] => [a, b]));

describe('kinds', () => {
  it('are of inputs that one thing makes large or small together', () => {
    const steps = [
      compute(guess(1, 0.5, 2), 'parsing'),
      request('mail', 'POST send'),
      loop(query('Q0', guess(5, 1, 30)), query('Q1', guess(5, 1, 30), { target: 'replica', primary: 'db' })),
    ];
    expect(Object.fromEntries([...kindsOf(apiAndDatabase({ steps }))].map(([id, kind]) => [id, kind.label]))).toEqual({
      'compute parsing': 'CPU times',
      'service mail POST send': 'calls of mail',
      'times src/app.ts:7': 'loops over data',
      'hold db Q0': 'queries of db',
      'hold db Q1': 'queries of db',
    });
  });
});

describe('draws of a kind', () => {
  const topology = apiAndDatabase({ steps: [compute(guess(1, 0.5, 2)), ...queries(30)] });
  const columns = drawn(topology);
  const ofQueries = [...columns.values()].filter((it) => it.input.id.startsWith('hold '));

  it('have one value in each stratum of each range, as if it were alone', () => {
    for (const { input, values } of columns.values()) {
      const sorted = [...values].sort((a, b) => a - b);
      for (let stratum = 0; stratum < DRAWS; stratum++) {
        const edge = (index: number): number => valueAtDeviation(input, normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, index / DRAWS))));
        expect(sorted[stratum], input.id).toBeGreaterThanOrEqual(edge(stratum) * (1 - 1e-9));
        expect(sorted[stratum], input.id).toBeLessThanOrEqual(edge(stratum + 1) * (1 + 1e-9));
      }
    }
  });

  it('have half of their variance in common, and nothing with other kinds', () => {
    const between = mean(pairs(ofQueries).map(([a, b]) => correlation(a.deviations, b.deviations)));
    expect(between).toBeGreaterThan(0.4);
    expect(between).toBeLessThan(0.6);
    const cpu = columns.get('compute handling')?.deviations ?? [];
    expect(mean(ofQueries.map((it) => correlation(cpu, it.own)))).toBeLessThan(0.2);
  });

  it('add up to a sum that is known to a factor of about 3.3, not to a few percent', () => {
    const sums = Array.from({ length: DRAWS }, (_, draw) => ofQueries.reduce((sum, it) => sum + (it.values[draw] as number), 0)).sort((a, b) => a - b);
    const factor = Math.sqrt((sums[Math.round(0.95 * DRAWS) - 1] as number) / (sums[Math.round(0.05 * DRAWS)] as number));
    expect(factor).toBeGreaterThan(2.5);
    expect(factor).toBeLessThan(4.2);
  });

  it('stay what they were when another joins the kind, also the first other', () => {
    for (const many of [1, 30]) {
      const [before, after] = [drawn(apiAndDatabase({ steps: queries(many) })), drawn(apiAndDatabase({ steps: queries(many + 1) }))];
      for (const [id, { values }] of before) expect(after.get(id)?.values, id).toEqual(values);
    }
  });

  it('are every second or every eighth of them in large systems', () => {
    for (const every of [2, 8])
      for (const [id, it] of drawn(topology, every))
        for (const field of ['values', 'deviations', 'own'] as const) expect(it[field], id).toEqual(columns.get(id)?.[field].filter((_, index) => index % every === 0));
  });
});

describe('what is measured of a kind', () => {
  const TOP = 1.6448536269514722;
  const others = (topology: Topology, id = 'hold db Q0') => drawn(topology).get(id)?.deviations ?? [];
  /** Queries of one kind, the last of them measured at so many standard deviations from the middle of what was guessed. */
  const measuredAt = (deviations: readonly number[], target = 'db'): Topology => {
    const asked = Array.from(deviations, (_, index) => query(`M${index}`, guess(5, 1, 30), { target }));
    const topology = apiAndDatabase({ steps: [compute(guess(1, 0.5, 2)), ...queries(3), ...asked] });
    const values = deviations.map((it, index): [string, number] => [`hold ${target} M${index}`, Math.sqrt(30) * Math.exp((it * Math.log(30)) / (2 * TOP))]);
    return values.reduce((it, value) => withInputs(it, new Map([value]), 'measured'), topology);
  };
  const same = (count: number, at: number): number[] => Array.from({ length: count }, () => at);

  // Half of the variance is common, so of n measured ones at z the common part is known to 1 ÷ (1 + n) of its variance and the others lie about n ÷ (1 + n) · z.
  it.each<[string, number[], middle: number, deviation: number]>([
    ['none', [], 0, 1],
    ['one in the middle', [0], 0, Math.sqrt(3 / 4)],
    ['one at the top of its range', [TOP], TOP / 2, Math.sqrt(3 / 4)],
    ['one far beyond it tells no more than the top', [4], TOP / 2, Math.sqrt(3 / 4)],
    ['one at the bottom', [-TOP], -TOP / 2, Math.sqrt(3 / 4)],
    ['one above and one below', [1, -1], 0, Math.sqrt(2 / 3)],
    ['three above', same(3, 1), 3 / 4, Math.sqrt(5 / 8)],
    ['a hundred above: what is left is their own', same(100, 1), 100 / 101, Math.sqrt(0.5)],
  ])('%s: the others are drawn about that', (_, deviations, middle, deviation) => {
    for (const id of ['hold db Q0', 'hold db Q2']) {
      const values = others(measuredAt(deviations), id);
      expect(mean(values)).toBeCloseTo(middle, 2);
      expect(Math.abs(Math.sqrt(mean(values.map((it) => (it - mean(values)) ** 2))) / deviation - 1)).toBeLessThan(0.03);
    }
  });

  it('moves nothing of another kind, and nothing where no guess stood', () => {
    const plain = measuredAt([]);
    expect(others(measuredAt(same(5, 1)), 'compute handling')).toEqual(others(plain, 'compute handling'));
    expect(others(measuredAt(same(5, 1), 'archive'))).toEqual(others(plain));
    const sure = { ...plain, endpoints: plain.endpoints.map((it) => ({ ...it, steps: [...it.steps, query('M0', ms(30))] })) };
    expect(others(sure)).toEqual(others(plain));
    expect(others(withInputs(measuredAt([TOP]), new Map([['hold db M0', 5]])))).toEqual(others(plain));
  });

  it('keeps the draws in the order that they had', () => {
    const order = (values: readonly number[]): number[] => [...values.keys()].sort((a, b) => (values[a] as number) - (values[b] as number));
    const [before, after] = [others(measuredAt([])), others(measuredAt([TOP]))];
    const places = (it: readonly number[]): number[] => order(it).reduce<number[]>((all, draw, at) => Object.assign(all, { [draw]: at }), []);
    expect(correlation(places(before), places(after))).toBeGreaterThan(0.9);
  });

  it('is told to a range: measured long ones bring the breaking point down, and any bring its ends nearer', () => {
    const range = (deviations: number[]) => assess(measuredAt(deviations), at(50)).breaksAtPerSecond as { low: number; high: number };
    const [long, middle, short] = [range(same(6, 1)), range(same(6, 0)), range(same(6, -1))];
    expect(long.high).toBeLessThan(short.low);
    expect(middle.high / middle.low).toBeLessThan(range([]).high / range([]).low);
  });
});

describe('what decides', () => {
  const manyRoutes = (often: (index: number) => number): Topology => ({
    ...apiAndDatabase(),
    endpoints: Array.from({ length: 30 }, (_, index) =>
      endpoint(`/${index}`, [compute(ms(0.1)), query(`Q${index}`, guess(5, 1, 30))], { share: known(often(index), 'ratio', 'measured') }),
    ),
  });

  it.each([
    ['of many that are alike all together, told by the one that most time goes to', (index: number) => (index === 4 ? 0.05 : 0.95 / 29), true],
    ['of one that nearly all ask for it alone', (index: number) => (index === 4 ? 0.971 : 0.001), false],
  ])('%s', (_, often, isKind) => {
    const label = isKind ? 'Q4 holds a connection (the other queries of db in proportion)' : 'Q4 holds a connection';
    const outcome = assess(manyRoutes(often), at(600));
    expect(outcome.decidedBy[0]).toMatchObject({ input: 'hold db Q4', label, low: 1, high: 30 });
    expect(outcome.decidedBy.filter((it) => it.input === 'hold db Q4')).toHaveLength(1);
    const [first, ...others] = decidedBy(manyRoutes(often), at(600));
    expect(first).toMatchObject({ input: 'hold db Q4', label });
    expect(first?.share).toBeGreaterThan(0.7);
    for (const it of others) expect(it.share, it.label).toBeLessThan(0.3);
  });

  it('is told with its kind in proportion where a break-even tips', () => {
    const calls = Array.from({ length: 12 }, (_, index) => request('mail', `POST ${index}`));
    const slow = apiAndDatabase({ steps: [compute(ms(0.1)), ...calls] });
    const [tips] = assess(slow, at(100, { clientPatienceMs: 2000 })).breakEven;
    expect(tips?.label).toMatch(/^POST \d+ takes \(the other calls of mail in proportion\)$/);
    expect(tips?.direction).toBe('atMost');
    expect(tips?.value).toBeLessThan(2000 / 12);
  });
});
