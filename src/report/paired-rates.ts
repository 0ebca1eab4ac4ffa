import type { Draws, RateRange } from '../model/outcome.ts';

/** Two breaking points, compared draw by draw of what is assumed. */
export interface PairedRates {
  before: RateRange;
  after: RateRange;
  /** After ÷ before: the geometric mean over the draws, or of the two points where nothing is assumed. */
  ratio: number;
  /** 95% interval of that mean; null where nothing is assumed, or the two were drawn differently. */
  interval95: readonly [low: number, high: number] | null;
  /** Pairs, and in how many of them it breaks later and earlier than before. */
  draws: number;
  later: number;
  earlier: number;
  /** More than the search for a breaking point leaves open, and beyond the interval. */
  isSignificant: boolean;
}

export interface Drawn {
  breaksAtPerSecond: RateRange;
  draws?: Draws | undefined;
}

/** Stand for "does not break" and for "breaks at once". */
const MOST = 1e6;
const LEAST = 0.1;
/** A breaking point is searched to 1%: less than twice that is no difference. */
const NOTICEABLE = 0.02;

const rateOf = (it: number | null): number => Math.max(LEAST, it ?? MOST);

/**
 * Pairs the draws of two outcomes: what is assumed in both had the same values in both, so that their difference is the change's own.
 * `isSameSeed` false: draws of the same number have nothing in common, and only the ranges can be held against each other.
 */
export function pairedRates(before: Drawn, after: Drawn, isSameSeed: boolean): PairedRates {
  const ranges = { before: before.breaksAtPerSecond, after: after.breaksAtPerSecond };
  const point = rateOf(ranges.after.value) / rateOf(ranges.before.value);
  const isAssumed = before.draws !== undefined || after.draws !== undefined;
  const logs = isAssumed && isSameSeed ? logRatios(before, after) : [];
  if (logs.length < 2) {
    const isApart = (ranges.after.low ?? MOST) > (ranges.before.high ?? MOST) || (ranges.after.high ?? MOST) < (ranges.before.low ?? MOST);
    const isNoticeable = Math.abs(point - 1) >= NOTICEABLE;
    return { ...ranges, ratio: point, interval95: null, draws: 0, later: 0, earlier: 0, isSignificant: isNoticeable && (isApart || !isAssumed) };
  }
  const mean = logs.reduce((sum, it) => sum + it, 0) / logs.length;
  const variance = logs.reduce((sum, it) => sum + (it - mean) ** 2, 0) / (logs.length - 1);
  const spread = studentOf(logs.length - 1) * Math.sqrt(variance / logs.length);
  const ratio = Math.exp(mean);
  return {
    ...ranges,
    ratio,
    interval95: [Math.exp(mean - spread), Math.exp(mean + spread)],
    draws: logs.length,
    later: logs.filter((it) => it > Math.log(1 + NOTICEABLE)).length,
    earlier: logs.filter((it) => it < -Math.log(1 + NOTICEABLE)).length,
    isSignificant: Math.abs(ratio - 1) >= NOTICEABLE && Math.abs(mean) > spread,
  };
}

/** Of the draws that both have; where one side assumes nothing, its point stands against each of the other's. */
function logRatios(before: Drawn, after: Drawn): number[] {
  const step = Math.max(before.draws?.every ?? 1, after.draws?.every ?? 1);
  const side =
    ({ breaksAtPerSecond, draws }: Drawn) =>
    (index: number): number | undefined => {
      if (!draws) return rateOf(breaksAtPerSecond.value);
      const at = index / draws.every;
      return at < draws.breaksAtPerSecond.length ? rateOf(draws.breaksAtPerSecond[at] as number | null) : undefined;
    };
  const [was, is] = [side(before), side(after)];
  const found: number[] = [];
  for (let index = 0; ; index += step) {
    const [a, b] = [was(index), is(index)];
    if (a === undefined || b === undefined) return found;
    found.push(Math.log(b / a));
  }
}

/** Student's 97.5% quantile, to three digits from seven degrees of freedom on (its expansion in 1/df). */
const studentOf = (df: number): number => 1.96 + 2.372 / df + 2.823 / df ** 2 + 2.556 / df ** 3;
