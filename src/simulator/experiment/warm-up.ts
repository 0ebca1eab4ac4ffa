/** MSER-5 looks at means of this many neighbours. */
const GROUP = 5;
/** Fewer groups than this say nothing. */
const LEAST_GROUPS = 8;

/**
 * Where the warm-up of a series ends by MSER-5 (White, Cobb and Spratt 2000): the cut after which the remaining group means have the smallest
 * standard error. Null where that lies in the second half (or the series is short): the series has not settled, and more of it is needed.
 */
export function warmUpEnd(values: ArrayLike<number>): number | null {
  const groups = Math.floor(values.length / GROUP);
  if (groups < LEAST_GROUPS) return null;
  let sum = 0;
  let squares = 0;
  let best = Number.POSITIVE_INFINITY;
  let cut = 0;
  for (let group = groups - 1; group >= 0; group--) {
    let mean = 0;
    for (let at = 0; at < GROUP; at++) mean += values[group * GROUP + at] as number;
    mean /= GROUP;
    sum += mean;
    squares += mean * mean;
    const left = groups - group;
    // Very short remainders vary little by chance.
    if (left < GROUP) continue;
    const error = Math.max(0, squares / left - (sum / left) * (sum / left)) / left;
    if (error <= best) {
      best = error;
      cut = group;
    }
  }
  return cut <= groups / 2 ? cut * GROUP : null;
}
