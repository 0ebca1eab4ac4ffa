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
  /** Whether the next one of the grid fails, where that is known. */
  isNextFailing?: boolean | undefined;
  /** What came out for a network much like this one. It saves time where it is right and costs some where it is not; what comes out is the same. */
  near?: number | null | undefined;
  /** The `boundOf` of that network: how the bounds differ tells how far from `near` to look. */
  nearBound?: number | undefined;
}

/** What is searched, and where. */
export interface Searched extends SearchFrom {
  /** Whether it fails at a load. More load is supposed never to be better. */
  fails(perSecond: number): boolean;
  /**
   * Of the load asked last: how far each thing that has a limit is beyond it, on any scale that is nearly straight there; below 0 where it holds, NaN where nobody knows.
   * One by one, for each goes nearly straight to its limit, and what is nearest it at a light load is seldom what reaches it first.
   */
  margins(): ArrayLike<number>;
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
  const { fails, margins, precision, isBound, holds: from = 0 } = searched;
  const step = log(precision);
  const placeOf = (perSecond: number): number => log(perSecond / LEAST_PER_SECOND) / step;
  const at = (place: number): number => LEAST_PER_SECOND * exp(place * step);
  const last = Math.ceil(placeOf(MOST_PER_SECOND));
  const below = reading();
  // Who asks on from a load that is known to hold asks most often about something that does not move it.
  if (from > 0) {
    const { isNextFailing = fails(from * precision) } = searched;
    if (isNextFailing) return from;
    below.perSecond = from * precision;
    below.margins = Array.from(margins());
  }
  const near = nearOf(searched);
  const bound = near ? Number.POSITIVE_INFINITY : Math.min(MOST_PER_SECOND, searched.bound());
  // What is near something that fails is not asked at the far end first.
  if (!near && (!isBound || bound === MOST_PER_SECOND) && !fails(MOST_PER_SECOND)) return null;
  const lower = reading();
  const above = reading();
  let low = from > 0 ? Math.floor(placeOf(from * precision) + ROUNDING) : -1;
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
      } else if (near && above.perSecond === 0) {
        place = low + Math.ceil(away);
        away *= widening;
      }
    }
    place = Math.max(low + 1, Math.min(high - 1, place));
    const perSecond = at(place);
    const isFailing = fails(perSecond);
    if (isFailing) {
      high = place;
      above.perSecond = perSecond;
      above.margins = Array.from(margins());
    } else {
      low = place;
      if (below.perSecond > 0) Object.assign(lower, below);
      below.perSecond = perSecond;
      below.margins = Array.from(margins());
    }
    isRunning = high - low > width / 2 ? (isFailing ? Math.min(0, isRunning) - 1 : Math.max(0, isRunning) + 1) : 0;
  }
  if (low < 0) return 0;
  return low >= last ? null : at(low);
}

/** The lowest load of the grid of `precision` that is enough, looked for around `near`; `isEnough` is true from some load on. */
export function leastOnGrid(precision: number, near: number, isEnough: (perSecond: number) => boolean): number {
  const step = log(precision);
  const at = (place: number): number => LEAST_PER_SECOND * exp(place * step);
  let place = Math.max(0, Math.floor(log(Math.max(LEAST_PER_SECOND, near) / LEAST_PER_SECOND) / step));
  while (place > 0 && isEnough(at(place - 1))) place--;
  while (!isEnough(at(place))) place++;
  return at(place);
}

/** Where something much alike broke, moved by as much as the loads differ at which both would break without any waiting. */
function nearOf({ near, nearBound, bound }: Searched): number | null | undefined {
  if (!near || nearBound === undefined || !(nearBound < Number.POSITIVE_INFINITY)) return near;
  const moved = (near * bound()) / nearBound;
  return moved < MOST_PER_SECOND ? moved : near;
}

/** Logarithms of loads of the grid are whole numbers of steps but for rounding. */
const ROUNDING = 1e-6;

interface Reading {
  perSecond: number;
  margins: readonly number[];
}

const reading = (): Reading => ({ perSecond: 0, margins: [] });

/** Where the first of the straight lines through two readings of each limit reaches it; NaN where none is known to. */
function crossing(lower: Reading, below: Reading, above: Reading): number {
  let first = Number.NaN;
  for (let which = 0; which < below.margins.length; which++) {
    const here = below.margins[which] as number;
    if (!(here <= 0) || here === Number.NEGATIVE_INFINITY) continue;
    const beyond = above.margins[which] ?? Number.NaN;
    const isKnown = beyond > here && beyond < Number.POSITIVE_INFINITY;
    const slope = isKnown ? (beyond - here) / (above.perSecond - below.perSecond) : (here - (lower.margins[which] ?? Number.NaN)) / (below.perSecond - lower.perSecond);
    const at = slope > 0 ? below.perSecond - here / slope : Number.NaN;
    if (at > 0 && !(at >= first)) first = at;
  }
  return first;
}
