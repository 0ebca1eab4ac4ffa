import type { Network } from '../../src/model/network.ts';
import { type Run, type Solution, simulate, solve } from '../../src/simulator/index.ts';
import { diceOf } from '../simulator/random-networks.ts';
import { nearlyExact } from './exact-networks.ts';

/** One number that `solve` calls exact beside what was played. */
export interface Comparison {
  network: number;
  kind: string;
  what: string;
  exact: number;
  played: number;
  /** Distance in standard errors of the played mean. */
  distance: number;
}

/** Student's t for twelve runs: one in a hundred lies further out, and one in 25,000. */
export const RUNS = 12;
const ONE_IN_HUNDRED = 3.106;
const HARDLY_EVER = 6.5;

/** What can't be luck among so many comparisons: those that lie far out, and all that lie outside of their 99% interval where these are too many. */
export function disagreements(all: readonly Comparison[]): readonly Comparison[] {
  const outside = all.filter((it) => it.distance > ONE_IN_HUNDRED);
  const expected = all.length / 100;
  // Four deviations of a Poisson number, which is more than what depends on each other within a network could make of it.
  return outside.length > expected + 4 * Math.sqrt(expected) + 1 ? outside : outside.filter((it) => it.distance > HARDLY_EVER);
}

/** Every mean that `solve` gives for the `index`-th network at a random load, or none where it does not call itself exact; `requests` of each run, of which the first tenth is the warm-up. */
export function compare(index: number, requests: number): Comparison[] {
  const dice = diceOf(index);
  const { kind, network } = nearlyExact(dice);
  const perSecond = loadOf(network, dice.between(0.2, 0.8));
  const solution = solve(network, perSecond);
  if (solution.validity.kind !== 'exact' || !solution.stable) return [];
  const rate = solution.sources.reduce((sum, it) => sum + it.offeredPerSecond, 0);
  const runs = Array.from({ length: RUNS }, (_, run) =>
    simulate(network, { seconds: requests / rate, warmupSeconds: requests / rate / 10, seed: run + 1, ...(perSecond !== undefined && { perSecond }) }),
  );
  return measuresOf(network, solution).flatMap(([what, exact, measure]) => {
    const values = runs.map(measure).filter((it): it is number => it !== undefined && it !== null && !Number.isNaN(it));
    // What happens a few times in a run at most has no error that could be told from so few.
    if (exact === null || exact < leastOf(what) || values.length < runs.length) return [];
    const played = average(values);
    const error = Math.sqrt(values.reduce((sum, it) => sum + (it - played) * (it - played), 0) / (values.length - 1) / values.length);
    // What never varies has no error: it is the same but for rounding, and for the request at the edge of the span.
    const least = what.startsWith('rate') ? 2 / requests : 1e-6;
    return [{ network: index, kind, what, exact, played, distance: Math.abs(played - exact) / Math.max(error, least * Math.abs(exact) + 1e-12) }];
  });
}

/** Requests a second that keep the busiest station that busy; undefined for networks that say their rates. */
function loadOf(network: Network, busy: number): number | undefined {
  if (network.sources.some((it) => it.phases || it.closed)) return undefined;
  const light = 1e-3;
  const busiest = Math.max(...solve(network, light).stations.map((it, at) => (network.stations[at]?.servers === null ? 0 : it.utilisation)));
  return busiest > 0 ? (busy * light) / busiest : 100;
}

/** ms or a share. */
const leastOf = (what: string): number => (what.startsWith('wait') || /^(refused|expired|errors)/.test(what) ? RARELY : 0);
const RARELY = 0.005;

type Measure = readonly [what: string, exact: number | null, played: (run: Run) => number | null | undefined];

function measuresOf(network: Network, solution: Solution): Measure[] {
  return [
    ...solution.sources.flatMap((it, at): Measure[] => [
      [`response of ${it.id}`, it.latencyMs?.mean ?? null, (run) => run.sources[at]?.latencyMs?.mean],
      [`errors of ${it.id}`, it.errorShare, (run) => run.sources[at]?.errorShare],
      [`rate of ${it.id}`, it.offeredPerSecond, (run) => run.sources[at]?.offeredPerSecond],
    ]),
    ...solution.stations.flatMap((it, at): Measure[] => {
      const { servers, discipline } = network.stations[at] as Network['stations'][number];
      if (servers === null || it.arrivalsPerSecond === 0) return [];
      return [
        // Who shares a processor does not wait, but is slow.
        ...(discipline === 'processorSharing' ? [] : ([[`wait at ${it.id}`, it.meanWaitMs, (run) => run.stations[at]?.wait?.mean]] satisfies Measure[])),
        // The solution tells what is offered, the run what was done.
        [`utilisation of ${it.id}`, it.utilisation * (1 - it.refusedShare) * (1 - it.expiredShare), (run) => run.stations[at]?.utilisation],
        [`refused at ${it.id}`, it.refusedShare, (run) => run.stations[at]?.refusedShare],
        [`expired at ${it.id}`, it.expiredShare, (run) => run.stations[at]?.expiredShare],
      ];
    }),
  ];
}

const average = (list: readonly number[]): number => list.reduce((sum, it) => sum + it, 0) / list.length;
