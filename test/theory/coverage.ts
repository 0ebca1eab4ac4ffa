import type { Network } from '../../src/model/network.ts';
import type { Interval } from '../../src/model/outcome.ts';
import { type Run, simulate } from '../../src/simulator/index.ts';
import { caseOf } from './cases.ts';
import { delay, deterministic, exponential, hold, network, serve, single, station } from './networks.ts';

/** A quantity whose exact value is known, and the interval that a run gives for it. */
export interface Covered {
  name: string;
  /** Of `validation-cases.json`, with the name of the expected value. */
  case: readonly [id: string, expected: string];
  make: () => Network;
  interval: (run: Run) => Interval | null;
}

const mean = (run: Run): Interval | null => run.sources[0]?.latencyMs?.interval95.mean ?? null;

/** The five kinds of networks whose intervals must cover as often as they say. */
export const COVERED: readonly Covered[] = [
  { name: 'M/M/1', case: ['mm1-0.8', 'T'], make: () => single(0.8, 1), interval: mean },
  { name: 'M/M/c', case: ['mmc-4-0.9', 'T'], make: () => single(3.6, 4), interval: mean },
  { name: 'loss', case: ['erlb-10-5', 'reject'], make: () => single(5, 10, exponential(), { room: 0 }), interval: (run) => run.stations[0]?.interval95.refusedShare ?? null },
  {
    name: 'nested possession',
    case: ['nested-5-2-0.4', 'T'],
    make: () => network({ stations: [station('threads', 5), station('s', 2)], body: [hold('threads', delay(exponential(2)), serve('s', exponential(4)))], rate: 0.4 }),
    interval: mean,
  },
  { name: 'M/D/1', case: ['md1-0.8', 'T'], make: () => single(0.8, 1, deterministic()), interval: mean },
];

/** How many of `runs` runs (seeds 1, 2, …, or from `first` on), each of so many requests after its warm-up, have an interval with the exact value inside. A run without an interval has missed. */
export function hitsOf(it: Covered, runs: number, requests: number, first = 1): number {
  const net = it.make();
  const exact = caseOf(it.case[0]).expected[it.case[1]] as number;
  const perSecond = net.sources[0]?.phases?.[0]?.perSecond ?? 1;
  let hits = 0;
  for (let seed = first; seed < first + runs; seed++) {
    const interval = it.interval(simulate(net, { seconds: requests / perSecond, seed, warmupSeconds: 'auto' }));
    if (interval && interval[0] <= exact && exact <= interval[1]) hits++;
  }
  return hits;
}
