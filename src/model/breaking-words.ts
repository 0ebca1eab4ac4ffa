import { rate } from './amounts.ts';
import { isSpread, isWide } from './answer.ts';
import type { Outcome, RateRange, Rung } from './outcome.ts';

const UNIT = ' req/s';

/** Assumed inputs went into the figures: two digits are all that they can carry. */
export const isAssumed = ({ decidedBy, breaksAtPerSecond }: Outcome): boolean => decidedBy.length > 0 || isSpread(breaksAtPerSecond);

/** Where it breaks, behind that word: `at 310 req/s (220–410)`; where assumptions spread it wide the range alone, `between 120 and 810 req/s`. */
export function breakingAt(it: RateRange, assumed: boolean, unit = UNIT): string {
  if (isWide(it)) return between(it, unit) ?? `above ${rate(it.low ?? 0, true)}${unit}`;
  if (it.value === 0) return 'at any load';
  return it.value === null ? 'nowhere' : `at ${point(it, it.value, assumed, unit)}`;
}

/** The same as a figure that stands alone: `310 req/s (220–410)`, `120–810 req/s`. */
export function breakingText(it: RateRange, assumed: boolean, unit = UNIT): string {
  if (isWide(it) || (it.value === null && it.low !== null)) return it.high === null ? `above ${rate(it.low ?? 0, true)}${unit}` : `${ends(it)}${unit}`;
  if (it.value === 0) return 'at any load';
  return it.value === null ? 'no limit found' : point(it, it.value, assumed, unit);
}

/** What a rung breaks at. The first one is the system's own breaking point: it carries its range. */
export function rungAt(rung: Rung, index: number, outcome: Outcome): string {
  if (rung.breaksAtPerSecond === null) return '';
  const range = outcome.breaksAtPerSecond;
  if (index === 0 && isSpread(range)) return breakingAt(range.value === null && !isWide(range) ? { ...range, value: rung.breaksAtPerSecond } : range, true);
  return `at ${rate(rung.breaksAtPerSecond, isAssumed(outcome))}${UNIT}`;
}

export const between = (it: RateRange, unit = UNIT): string | undefined =>
  it.low !== null && it.high !== null && it.high > it.low ? `between ${rate(it.low, true)} and ${rate(it.high, true)}${unit}` : undefined;

const point = (it: RateRange, value: number, assumed: boolean, unit: string): string =>
  isSpread(it) ? `${rate(value, true)}${unit} (${it.high === null ? `above ${rate(it.low ?? 0, true)}` : ends(it)})` : `${rate(value, assumed)}${unit}`;
const ends = (it: RateRange): string => `${rate(it.low ?? 0, true)}–${rate(it.high ?? 0, true)}`;
