/** The value that a share `p` of the sorted values lie below; null stands for "does not break" and is the highest. */
export function percentile(values: readonly (number | null)[], p: number): number | null {
  const sorted = values.map((it) => it ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const [floor, ceil] = ranksOf(p, sorted.length);
  const below = sorted[floor] as number;
  const above = sorted[ceil] as number;
  const value = below === above ? below : below + (above - below) * (p * (sorted.length - 1) - floor);
  return value === Number.POSITIVE_INFINITY || Number.isNaN(value) ? null : value;
}

/** Places of the two sorted values that a percentile lies between. */
const ranksOf = (p: number, count: number): [floor: number, ceil: number] => [Math.floor(p * (count - 1)), Math.ceil(p * (count - 1))];

/** A value that lies between two others and costs something to find. */
export interface Bounded {
  atLeast: number;
  atMost: number;
  find(): number | null;
}

/** Values with the same percentiles, of which only those are found that may stand there: for any other what it is at least does as well. */
export function enoughFor(shares: readonly number[], values: readonly Bounded[]): (number | null)[] {
  const low = values.map((it) => it.atLeast);
  const high = values.map((it) => it.atMost);
  const at = (ends: readonly number[], rank: number): number => [...ends].sort((a, b) => a - b)[rank] as number;
  for (const rank of shares.flatMap((p) => ranksOf(p, values.length))) {
    for (let least = at(low, rank), most = at(high, rank); least < most; least = at(low, rank), most = at(high, rank)) {
      const next = low.findIndex((it, index) => it < (high[index] as number) && it < most && (high[index] as number) > least);
      low[next] = high[next] = (values[next] as Bounded).find() ?? Number.POSITIVE_INFINITY;
    }
  }
  return low.map((it) => (it === Number.POSITIVE_INFINITY ? null : it));
}
