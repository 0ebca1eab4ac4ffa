import type { Network } from '../../src/model/network.ts';
import { hash } from '../../src/simulator/draw.ts';
import { type Run, simulate, solve } from '../../src/simulator/index.ts';
import { type Family, randomNetwork } from './random-networks.ts';

/** What came out of playing one random network. */
export interface Played {
  index: number;
  family: Family;
  /** Hash of the network: the generator must still make the same one. */
  hash: number;
  perSecond: number;
  requests: number;
  /** Standard error of the mean response ÷ the mean response. */
  error: number;
  /** Over all requests, weighed by their number. */
  meanMs: number;
  /** Per source: mean and p95. */
  sources: readonly (readonly [number, number])[];
  /** Per station: utilisation and mean wait. */
  stations: readonly (readonly [number, number])[];
}

const MOST_BUSY = 0.9;
const LEAST_RUNS = 4;
const PRECISION = 0.005;
/** Of one network over all runs; and of one run, which has at least so many requests all the same. */
const MOST_EVENTS = 8e6;
const EVENTS_A_RUN = 1e6;
const LEAST_REQUESTS = 10_000;
const SEARCHES = 20;

/** Plays the `index`-th network at its load, less where some station would be more than 90% busy, with other seeds until its mean response is precise or `mostEvents` have been played. */
export function play(index: number, mostEvents = MOST_EVENTS, knownPerSecond?: number): Played {
  const { network, load, family } = randomNetwork(index);
  let perSecond = knownPerSecond ?? loadFor(network, load);
  let requests = LEAST_REQUESTS;
  for (;;) {
    const run = simulate(network, { seconds: LEAST_REQUESTS / perSecond, seed: 1000, perSecond });
    requests = Math.max(LEAST_REQUESTS, Math.floor((EVENTS_A_RUN / run.events) * LEAST_REQUESTS));
    if (Math.max(...run.stations.map((it) => it.utilisation)) <= MOST_BUSY - 0.01) break;
    perSecond *= 0.95;
  }
  const runs: Run[] = [];
  let error = 1;
  for (let events = 0; runs.length < LEAST_RUNS || (error > PRECISION && events < mostEvents); ) {
    const run = simulate(network, { seconds: requests / perSecond, seed: runs.length + 1, perSecond });
    runs.push(run);
    events += run.events;
    error = relativeError(runs.map(meanOf));
  }
  const over = (measure: (run: Run) => number | undefined): number => round(average(runs.map((it) => measure(it) ?? 0)));
  return {
    index,
    family,
    hash: hash(JSON.stringify(network)),
    perSecond,
    requests: requests * runs.length,
    error: round(error),
    meanMs: over(meanOf),
    sources: network.sources.map((_, at) => [over((it) => it.sources[at]?.latencyMs?.mean), over((it) => it.sources[at]?.latencyMs?.p95)]),
    stations: network.stations.map((_, at) => [over((it) => it.stations[at]?.utilisation), over((it) => it.stations[at]?.wait?.mean)]),
  };
}

/** Requests a second that make the busiest station so busy. */
function loadFor(network: Network, load: number): number {
  // Without waits work grows in proportion to the load.
  const light = 1e-3;
  let perSecond = (load * light) / busiest(network, light);
  // Caches hit more often the busier they are: there it grows more slowly.
  if (network.caches) for (let round = 0; round < SEARCHES; round++) perSecond *= load / Math.max(1e-6, busiest(network, perSecond));
  return perSecond;
}

const busiest = (network: Network, perSecond: number): number => Math.max(...solve(network, perSecond).stations.map((it) => it.utilisation));

/** Standard error of the mean ÷ the mean. */
function relativeError(values: readonly number[]): number {
  if (values.length < LEAST_RUNS) return 1;
  const mean = average(values);
  return Math.sqrt(average(values.map((it) => (it - mean) * (it - mean))) / (values.length - 1)) / mean;
}

/** Mean response over the requests of all sources. */
function meanOf(run: Run): number {
  let sum = 0;
  let count = 0;
  for (const { latencyMs } of run.sources)
    if (latencyMs) {
      sum += latencyMs.mean * latencyMs.count;
      count += latencyMs.count;
    }
  return sum / count;
}

const average = (list: readonly number[]): number => list.reduce((sum, it) => sum + it, 0) / list.length;
const round = (value: number): number => Number(value.toPrecision(5));
