import { isSpread } from '../../model/answer.ts';
import type { RateRange, Verdict } from '../../model/outcome.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/topology.ts';
import { COARSE } from '../solve/measures.ts';
import { leastOnGrid } from '../solve/search.ts';
import { borneBy } from './borne.ts';
import { type Bounded, enoughFor, percentile } from './percentiles.ts';
import { DRAWS, drawColumns, drawing } from './ranges.ts';

const TIGHT = 0.7;
/** The part of the draws that lies below a range, and above it. */
const TAIL = 0.1;

/** `holds`, `tight`, `unknown` or `fails` at a target, by the 80% range of the breaking point. */
export function verdictOf(target: number, breaks: RateRange): Verdict {
  const low = breaks.low ?? Number.POSITIVE_INFINITY;
  const high = breaks.high ?? Number.POSITIVE_INFINITY;
  return named(target <= TIGHT * low, target <= low, target < high);
}

const named = (holds: boolean, isTight: boolean, mayHold: boolean): Verdict => (holds ? 'holds' : isTight ? 'tight' : mayHold ? 'unknown' : 'fails');

/** P10 to P90 of the draws. Typical values may come out beyond them, since a sum of skewed guesses is no guess of its sum: then the nearer end is the figure. */
export function rangeOf(point: number | null, drawn: readonly (number | null)[]): RateRange {
  if (drawn.length === 0) return { value: point, low: point, high: point };
  const [low, high] = [percentile(drawn, TAIL), percentile(drawn, 1 - TAIL)];
  // The draws are searched less finely: so close together they differ by the search, and the point is the better figure.
  if (point !== null && low !== null && high !== null && !isSpread({ value: point, low, high })) return { value: point, low: Math.min(low, point), high: Math.max(high, point) };
  const held = Math.min(Math.max(point ?? Number.POSITIVE_INFINITY, low ?? Number.POSITIVE_INFINITY), high ?? Number.POSITIVE_INFINITY);
  const value = held === Number.POSITIVE_INFINITY ? null : held;
  return { value, low, high, ...(value !== point && { typical: point }) };
}

/** The same range of values that cost something to find. */
export const rangeOfBounded = (point: number | null, drawn: readonly Bounded[]): RateRange => rangeOf(point, enoughFor([TAIL, 1 - TAIL], drawn));

/**
 * The verdict of `verdictOf(target, rangeOf(point, draws))` without the breaking points of the draws: each is asked whether it holds at the target and with some room above it, until enough have
 * answered. Null where that leaves it open; then the range has to be drawn. The topology is one that came out of `compile`; every `step`-th draw is asked, as a range would.
 */
export function verdictByDraws(topology: Topology, scenario: Scenario, point: number | null, step: number, meanwhile?: () => void): Verdict | null {
  const target = scenario.targetPerSecond;
  const columns = drawColumns(topology, scenario.seed, step);
  if (columns.length === 0) return verdictOf(target, rangeOf(point, []));
  const all = DRAWS / step;
  // Breaking points are loads of a grid: the least of it that makes each of these sentences true of a draw.
  const loads = [(it: number) => target <= TIGHT * it, (it: number) => target <= it, (it: number) => target < it].map((isEnough) => leastOnGrid(COARSE, target, isEnough));
  const [room, at, above] = loads as [number, number, number];
  const yes = [0, 0, 0];
  const needed = [TAIL, TAIL, 1 - TAIL];
  const drawn = drawing(topology, columns);
  for (let draw = 1; draw <= all; draw++) {
    meanwhile?.();
    const bears = borneBy(drawn(draw - 1), scenario);
    const isBorne = bears(at);
    if (isBorne) yes[1] = (yes[1] as number) + 1;
    if (isBorne && (above === at || bears(above))) yes[2] = (yes[2] as number) + 1;
    if (isBorne && bears(room)) yes[0] = (yes[0] as number) + 1;
    const told = yes.map((count, which) => isPercentileEnough(count, draw, all, needed[which] as number));
    if (told.includes(null)) continue;
    return whateverThePoint(target, point, told as [boolean, boolean, boolean]);
  }
  return null;
}

/** Whether a percentile of `all` draws is one of those that are enough, when `yes` of the `asked` ones are; null while that is open, and where it lies between one that is and one that is not. */
function isPercentileEnough(yes: number, asked: number, all: number, p: number): boolean | null {
  const place = p * (all - 1);
  const least = all - yes - (all - asked);
  const most = all - yes;
  // `least` to `most` draws are not enough and stand first: the percentile's two neighbours are both behind them, or both among them.
  if (Math.floor(place) >= most) return true;
  return Math.ceil(place) < least ? false : null;
}

/** The verdict, where it is the same whether the draws are so close together that the point counts beside them or not. */
function whateverThePoint(target: number, point: number | null, [holds, isTight, mayHold]: readonly [boolean, boolean, boolean]): Verdict | null {
  const byDraws = named(holds, isTight, mayHold);
  if (point === null) return byDraws;
  return named(holds && target <= TIGHT * point, isTight && target <= point, mayHold || target < point) === byDraws ? byDraws : null;
}
