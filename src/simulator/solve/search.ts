import { exp, log } from '../arithmetic.ts';

/** The search ends here: "does not break". */
export const MOST_PER_SECOND = 1e6;
export const LEAST_PER_SECOND = 0.1;
/** First step down from a bound; each further one is its square. */
const FIRST_STEP = 0.9;
/** Steps away from a guess, in steps of the grid: each is so many times the one before. */
const WIDENING = 4;
/** After so many answers the guesses have not helped: what is left is halved. */
const MOST_GUESSED = 12;

/** Where to look for a load first. */
export interface SearchFrom {
  /** A load that is known to hold. */
  holds?: number;
  /** What came out for a network much like this one. It saves time where it is right and costs some where it is not; what comes out is the same. */
  near?: number | null | undefined;
}

/** What is searched, and where. */
export interface Searched extends SearchFrom {
  /** Whether it fails at a load. More load is supposed never to be better. */
  fails(perSecond: number): boolean;
  /** Of the load asked last: how far what is nearest its limit is beyond it, in shares of the limit; below 0 where it holds, NaN where nobody knows. */
  margin(): number;
  /** Relative distance of the loads that are told apart. */
  precision: number;
  /** A load that fails, or about where it begins to: asked for where nothing else says where to look. */
  bound(): number;
  isBound: boolean;
}

/**
 * The highest load that holds, of a grid from 0.1 a second up: so it is the same from wherever one looks. Null if none fails below 10⁶ a second, 0 if the lowest does.
 */
export function highestHolding(searched: Searched): number | null {
  const { fails, margin, precision, isBound, holds: from = 0, near } = searched;
  const step = log(precision);
  const placeOf = (perSecond: number): number => log(perSecond / LEAST_PER_SECOND) / step;
  const at = (place: number): number => LEAST_PER_SECOND * exp(place * step);
  const last = Math.ceil(placeOf(MOST_PER_SECOND));
  const bound = near ? Number.POSITIVE_INFINITY : Math.min(MOST_PER_SECOND, searched.bound());
  // What is near something that fails is not asked at the far end first.
  if (!near && (!isBound || bound === MOST_PER_SECOND) && !fails(MOST_PER_SECOND)) return null;
  const below = reading();
  const lower = reading();
  const above = reading();
  let low = -1;
  if (from > 0) {
    if (fails(from * precision)) return from;
    low = Math.floor(placeOf(from * precision) + ROUNDING);
    below.perSecond = from * precision;
    below.margin = margin();
  }
  let high = Math.max(low + 1, near ? last + 1 : isBound ? Math.ceil(placeOf(bound)) : last);
  const start = Math.floor(placeOf(near ? near : bound * FIRST_STEP) + ROUNDING);
  let away = near ? 1 : -log(FIRST_STEP) / step;
  const widening = near ? WIDENING : 2;
  let isRunning = 0;
  for (let asked = 0; high - low > 1; asked++) {
    const width = high - low;
    let place = Math.floor((low + high) / 2);
    if (asked === 0 && start > low && (near || from <= 0)) place = start;
    else if (asked < MOST_GUESSED) {
      const guess = crossing(lower, below, above);
      if (guess > 0) {
        // Guesses that fall short on one side again and again are passed by ever more.
        const run = isRunning === 0 ? 0 : isRunning > 0 ? (1 << isRunning) >> 1 : -((1 << -isRunning) >> 1);
        place = Math.floor(placeOf(guess)) + run;
      } else if (low < 0) {
        place = high - Math.ceil(away);
        away *= widening;
      } else if (near && Number.isNaN(above.margin) && above.perSecond === 0) {
        place = low + Math.ceil(away);
        away *= widening;
      }
    }
    place = Math.max(low + 1, Math.min(high - 1, place));
    const perSecond = at(place);
    const isFailing = fails(perSecond);
    const beyond = margin();
    if (isFailing) {
      high = place;
      above.perSecond = perSecond;
      above.margin = beyond > 0 && beyond < Number.POSITIVE_INFINITY ? beyond : Number.NaN;
    } else {
      low = place;
      if (below.perSecond > 0) Object.assign(lower, below);
      below.perSecond = perSecond;
      below.margin = beyond;
    }
    isRunning = high - low > width / 2 ? (isFailing ? Math.min(0, isRunning) - 1 : Math.max(0, isRunning) + 1) : 0;
  }
  if (low < 0) return 0;
  return low >= last ? null : at(low);
}

/** Logarithms of loads of the grid are whole numbers of steps but for rounding. */
const ROUNDING = 1e-6;

interface Reading {
  perSecond: number;
  margin: number;
}

const reading = (): Reading => ({ perSecond: 0, margin: Number.NaN });

/** Where a straight line through two readings reaches the limit; NaN where there are no two, or it never does. */
function crossing(lower: Reading, below: Reading, above: Reading): number {
  if (!(below.margin <= 0)) return Number.NaN;
  const other = above.margin > 0 ? above : lower;
  const slope = (other.margin - below.margin) / (other.perSecond - below.perSecond);
  return slope > 0 ? below.perSecond - below.margin / slope : Number.NaN;
}
