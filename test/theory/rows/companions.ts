import type { Network } from '../../../src/model/network.ts';
import { log } from '../../../src/simulator/arithmetic.ts';
import { at, Lq, type Measure, source, utilisation, waited, Wq, Wq_p95, Wq_p99 } from '../measures.ts';
import { deterministic, exponential, single } from '../networks.ts';
import type { Companion } from '../row.ts';

// All slopes are those of forty seeds beyond the judge's (`long/pilot.ts slopes`): they are fixed before a judged run is played, so an estimate's expectation stays what it is.

/** What follows a number of the companion that theory knows, and by how much. */
export const follows = (by: Measure, exact: number, slopes: Readonly<Record<string, number>>): Companion['steadies'] =>
  Object.fromEntries(Object.entries(slopes).map(([name, slope]) => [name, { by, exact, slope }]));

/** How busy a run's own server happened to be explains half of how long its queues happened to be. That it is as busy as it should be, other rows hold against theory. */
export const ownLoad = (exact: number, slopes: Readonly<Record<string, number>>, by: Measure = utilisation): Companion => ({ steadies: follows(by, exact, slopes) });

/** Work that is offered to the station per unit of time, what it refuses included: in a loss system nothing tells as much of how many will be refused. */
export const offeredWork: Measure = (run) => (at(run).arrivals * at(run).meanHoldMs) / (run.seconds * 1000);
/** Requests sent per unit of time. */
export const offered: Measure = (run) => source(run).offered / (run.seconds * 1000);

/** Another network that is played with the same draws. */
export const beside = (make: () => Network, by: Measure, exact: number, slopes: Readonly<Record<string, number>>): Companion => ({ make, steadies: follows(by, exact, slopes) });

/**
 * One server as fast as all of M/M/c together, fed by the same customers: while all servers are busy both queues move alike. Its wait is exponential with 1 / (c − λ)
 * behind probability ρ (Kleinrock vol. 1 ch. 3).
 */
export function fastServer(rate: number, servers: number, slopes: Readonly<Record<string, number>>): Companion {
  const load = rate / servers;
  const wait = load / (servers - rate);
  const quantile = (tail: number): number => log(load / tail) / (servers - rate);
  const known: Readonly<Record<string, readonly [Measure, number]>> = {
    share: [waited, load],
    mean: [Wq, wait],
    queue: [Lq, rate * wait],
    p95: [Wq_p95, quantile(0.05)],
    p99: [Wq_p99, quantile(0.01)],
  };
  const kind: Readonly<Record<string, string>> = { erlangC: 'share', P_wait: 'share', L: 'queue', Lq: 'queue', Wq_p95: 'p95', Wq_p99: 'p99' };
  const steadies = Object.entries(slopes).map(([name, slope]) => {
    const [by, exact] = known[kind[name] ?? 'mean'] as readonly [Measure, number];
    return [name, { by, exact, slope }] as const;
  });
  return { make: () => single(rate, 1, exponential(1 / servers)), steadies: Object.fromEntries(steadies) };
}

/** The same for constant services, of which M/D/1 knows the mean (Pollaczek and Khinchine). */
export function fastConstantServer(rate: number, servers: number, slopes: Readonly<Record<string, number>>): Companion {
  const wait = rate / servers / 2 / (servers - rate);
  const { Lq: queue = 0, L: there = 0, ...waits } = slopes;
  return {
    make: () => single(rate, 1, deterministic(1 / servers)),
    steadies: { ...follows(Wq, wait, waits), ...follows(Lq, rate * wait, { L: there, Lq: queue }) },
  };
}
