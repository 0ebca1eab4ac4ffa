import { numberOf, textOf, type Value } from '../../code/values.ts';

const UNITS: readonly [RegExp, number][] = [
  [/^(ms|msecs?|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)$/, 1000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
  [/^(w|weeks?)$/, 604_800_000],
  [/^(y|yrs?|years?)$/, 31_557_600_000],
];

/** `15m`, `2 days`, `1 hour`: milliseconds, as the package `ms` reads them. A bare number counts in `unitMs`. Undefined where it can't be read. */
export function durationMs(it: Value | undefined, unitMs: number): number | undefined {
  if (it?.t === 'number') return (numberOf(it) as number) * unitMs;
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(textOf(it) ?? '') ?? [];
  if (number === undefined) return undefined;
  // A text without a unit is milliseconds to `ms`, whatever a number would be.
  const factor = unit === '' ? 1 : UNITS.find(([name]) => name.test(unit.toLowerCase()))?.[1];
  return factor && Number(number) * factor;
}
