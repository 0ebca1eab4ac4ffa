import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { exp, gammaQuantile, gammaTail, log, logGamma, normalQuantile, power } from '../../src/simulator/arithmetic.ts';
import { type Histogram, histogram, quantileOf, record } from '../../src/simulator/engine/histogram.ts';
import { erlangB, erlangC } from '../../src/simulator/solve/waits.ts';

const root = resolve(import.meta.dirname, '../..');
/** Exact on every engine; anything else in Math is left to the implementation by ECMAScript. */
const EXACT = new Set(['sqrt', 'abs', 'min', 'max', 'floor', 'ceil', 'round', 'imul', 'trunc', 'fround', 'clz32']);

const inexact = (text: string): string[] => {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return [...[...code.matchAll(/Math\s*\.\s*(\w+)/g)].flatMap((it) => (EXACT.has(it[1] as string) ? [] : [it[0]])), ...(code.match(/\*\*=?|Math\s*\[|=\s*Math\s*[;,}]/g) ?? [])];
};

describe('same bits on every engine', () => {
  const files = globSync(['src/simulator/**/*.ts', 'src/model/**/*.ts'], { cwd: root });
  it('finds files to judge', () => expect(files.length).toBeGreaterThan(20));
  it.each(files)('%s uses only exact arithmetic', (file) => expect(inexact(readFileSync(join(root, file), 'utf8'))).toEqual([]));
  it('a forbidden function is seen', () => {
    expect(inexact('const a = Math.log(2) + 2 ** 3;')).toEqual(['Math.log', '**']);
    expect(inexact('const { pow } = Math; // Math.exp')).toEqual(['= Math;']);
  });
});

describe('elementary functions', () => {
  const points = [1e-300, 1e-10, 0.1, 0.5, 0.99999, 1, 1.0000001, 2, Math.E, 10, 1234.5, 1e10, 1e300];
  it.each(points)('log(%d)', (x) => expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(4e-16 * Math.max(1e-300, Math.abs(Math.log(x)))));
  it.each([-745, -700, -10, -1, -1e-9, 0, 1e-9, 0.5, 1, 10, 700, 709])('exp(%d)', (x) => expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15));
  it('edges', () => {
    expect([log(0), log(-1), exp(-800), exp(800), power(0, 2), power(2, 10)]).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      0,
      Number.POSITIVE_INFINITY,
      0,
      expect.closeTo(1024, 9),
    ]);
  });
  it('log gamma', () =>
    expect([logGamma(1), logGamma(0.5), logGamma(10)]).toEqual([expect.closeTo(0, 11), expect.closeTo(Math.log(Math.PI) / 2, 11), expect.closeTo(Math.log(362880), 10)]));
  it.each([
    [0.2, 0.05],
    [0.5, 0.5],
    [1, 0.01],
    [4, 0.05],
    [50, 0.01],
    [900, 0.5],
  ])('gamma quantile of shape %d at tail %d is its own tail', (shape, tail) => expect(gammaTail(shape, gammaQuantile(shape, tail))).toBeCloseTo(tail, 7));
  it('normal quantile', () =>
    expect([normalQuantile(0.5), normalQuantile(0.975), normalQuantile(0.001)]).toEqual([expect.closeTo(0, 9), expect.closeTo(1.959963985, 7), expect.closeTo(-3.090232306, 6)]));
  it('Erlang', () => expect([erlangB(5, 3), erlangC(10, 9)]).toEqual([expect.closeTo(0.110054347826087, 12), expect.closeTo(0.668731524107697, 12)]));
});

it('histogram quantiles lie within 0.4%', () => {
  const times = histogram();
  for (let n = 1; n <= 100_000; n++) record(times, n / 100);
  for (const p of [0.01, 0.5, 0.95, 0.99]) expect(Math.abs(quantileOf(times, p) / (p * 1000) - 1)).toBeLessThan(0.004);
});
it('a histogram makes room on both sides: the order of what it gets changes no quantile', () => {
  const values = Array.from({ length: 600 }, (_, n) => 2 ** ((n % 60) - 25) * (1 + n / 1000));
  const [up, down, shuffled] = [values, [...values].reverse(), values.map((_, n) => values[(n * 271) % 600] as number)].map((all) => {
    const times = histogram();
    for (const it of all) record(times, it);
    return times;
  }) as [Histogram, Histogram, Histogram];
  const sorted = [...values].sort((a, b) => a - b);
  for (const p of [0.05, 0.3, 0.5, 0.95, 1]) {
    expect(quantileOf(down, p)).toBe(quantileOf(up, p));
    expect(quantileOf(shuffled, p)).toBe(quantileOf(up, p));
    expect(quantileOf(up, p) / (sorted[Math.ceil(p * 600) - 1] as number)).toBeCloseTo(1, 2);
  }
});
