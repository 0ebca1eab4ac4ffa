import type { Instruction, Network, Source } from '../../../src/model/network.ts';
import { answersBeforeDeadlock, erlangB, finiteSource, mmc, mva, nestedPossession, poissonUpTo } from '../formulas.ts';
import { at, goodput, L, lost, source, T, T_p95, utilisation, waitAt, waited, waitedAt } from '../measures.ts';
import { delay, deterministic, exponential, hold, network, serve, single, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { closed } from './closed.ts';
import { relaxed } from './make-row.ts';
import { limited } from './policies.ts';

import { beyond } from './beyond.ts';

const open = (count: number): Network =>
  network({ stations: Array.from({ length: count }, (_, n) => station(`s${n}`, n + 1)), body: Array.from({ length: count }, (_, n) => serve(`s${n}`)), rate: 0.6 });
const again = (p: number, rate: number): Network =>
  network({ stations: [station('s', 2)], body: [serve('s'), { op: 'branch', probability: p, taken: [{ op: 'call', program: 'main' }], otherwise: [] }], rate });

const networks: readonly Row[] = [
  beyond(
    'tandem of M/M/1, M/M/2, M/M/3, M/M/4',
    'Burke, Jackson',
    () => open(4),
    () => ({ T: [1, 2, 3, 4].reduce((sum, servers) => sum + mmc(0.6, servers).T, 0) }),
    { T },
    120_000,
    relaxed(0.6, 1),
  ),
  beyond(
    'M/M/2 with feedback .4',
    'Jackson',
    () => again(0.4, 0.9),
    () => ({ T: mmc(1.5, 2).T / 0.6, utilisation: 0.75 }),
    { T, utilisation },
    250_000,
    relaxed(1.5, 2),
  ),
  beyond(
    '8 users of two servers',
    'machine repair',
    () => closed(8, exponential(4), [station('s', 2)], [serve('s')]),
    () => finiteSource(8, 4, 2),
    { X: goodput, L, T, utilisation },
    60_000,
    100,
    { rate: 1.5 },
  ),
  beyond(
    '20 users of three stations',
    'exact MVA',
    () =>
      closed(
        20,
        exponential(30),
        ['a', 'b', 'c'].map((id) => station(id, 1)),
        [serve('a'), serve('b', exponential(1.6)), serve('c', exponential(0.4))],
      ),
    () => mva(20, 30, [1, 1.6, 0.4]),
    { X: goodput, R: T },
    120_000,
    500,
    { rate: 0.55 },
  ),
  beyond(
    'four threads held around two connections',
    'Markov chain of (present, at the database)',
    () => network({ stations: [station('threads', 4), station('s', 2)], body: [hold('threads', delay(exponential(1.5)), serve('s', exponential(1.5)))], rate: 0.7 }),
    () => nestedPossession(0.7, 4, 2, 1.5, 1.5, 200),
    { T, threads_busy: (run) => at(run, 'threads').meanBusy, wait_for_thread: waitAt('threads'), P_threads_exhausted: waitedAt('threads') },
    500_000,
    200,
  ),
  // Two routes of one process share its four threads: the quick one waits for the slow one's work as for its own.
  beyond(
    'a thread pool of four that two routes share',
    'Erlang C of both together',
    () => {
      const alone = single(0.8, 4);
      return { ...alone, sources: [...alone.sources, { ...(alone.sources[0] as Source), id: 'other', phases: [{ fromMs: 0, perSecond: 2400 }] }] };
    },
    () => ({ T: mmc(3.2, 4).T, T_of_the_other: mmc(3.2, 4).T, P_wait: mmc(3.2, 4).P_wait }),
    { T, T_of_the_other: (run) => source(run, 'other').latencyMs?.mean ?? Number.NaN, P_wait: waited },
    300_000,
    relaxed(3.2, 4),
  ),
];

const WINDOW = { limit: 100, windowMs: 100 };
const limiters: readonly Row[] = [
  beyond(
    '100 in a window of the clock, 1.05 asked for',
    'E min(N, limit) of a Poisson number',
    () => limited(1.05, { kind: 'fixedWindow', ...WINDOW, aligned: true } as never),
    () => ({ passed: poissonUpTo(105, 100) / 100 }),
    { passed: goodput },
    60_000,
    100,
  ),
  // A window begins with a request and is followed by a pause until the next one.
  beyond(
    '100 in a window from its first request on, 1.05 asked for',
    'renewal reward',
    () => limited(1.05, { kind: 'fixedWindow', ...WINDOW } as never),
    () => ({ passed: (1 + poissonUpTo(105, 99)) / (100 + 1 / 1.05) }),
    { passed: goodput },
    60_000,
    100,
  ),
  beyond(
    '10 in any 10, 0.9 asked for',
    'Erlang B: whoever passes takes a place for one window',
    () => limited(0.9, { kind: 'slidingWindow', limit: 10, windowMs: 10 } as never),
    () => ({ refused: erlangB(10, 9) }),
    { refused: lost },
    120_000,
    100,
  ),
];

/** Every copy takes one connection of its pool of two and then a second. */
const nestedCheckout = (copies: number): Network =>
  network({
    groups: [{ id: 'g', instances: copies, balancer: 'random' }],
    stations: [station('pool', 2, { group: 'g' })],
    group: 'g',
    body: [hold('pool', hold('pool', delay(exponential())))],
    rate: copies,
  });
const COPIES = 1500;

/** Replies of a database that takes 2 ms are read by a loop that has other work, in slices of a quarter of a millisecond. */
function heldThroughTheLoop(otherPerSecond: number, places: number | null): Network {
  const read: Instruction = serve('loop', deterministic(0.05));
  const queries = network({ stations: [station('pool', places), station('loop', 1)], body: [hold('pool', delay(deterministic(2)), read)], rate: 1 });
  return {
    ...queries,
    programs: [...queries.programs, { id: 'other', body: [serve('loop', deterministic(0.25))] }],
    sources: [...queries.sources, { ...(queries.sources[0] as Source), id: 'other', program: 'other', phases: [{ fromMs: 0, perSecond: otherPerSecond }] }],
  };
}
/** Mean wait for the loop: Pollaczek-Khinchine for slices of two lengths; a fixed time moves a Poisson stream, and leaves it one. */
const loopWait = (other: number): number => (other * 0.25 * 0.25 + 0.05 * 0.05) / 2 / (1 - other * 0.25 - 0.05);

const resources: readonly Row[] = [
  beyond(
    'a nested checkout of a pool of two: answers until it is dead for ever',
    'absorption of a Markov chain',
    (scale) => nestedCheckout(Math.round(COPIES * scale)),
    () => ({ answers: answersBeforeDeadlock(1) }),
    { answers: (run, net) => (source(run).goodputPerSecond * run.seconds) / (net.groups[0]?.instances ?? 0) },
    80 * COPIES,
    0,
    { lasts: 80 },
  ),
  ...(
    [
      [0.2, 0.1],
      [3, 0.8],
    ] as const
  ).flatMap(([other, load]) => [
    beyond(
      `a query of 2 ms held until a loop at ${load} has read its reply`,
      'Pollaczek-Khinchine for the loop',
      () => heldThroughTheLoop(other * 1000, null),
      () => ({ hold: 2.05 + loopWait(other) }),
      { hold: T },
      60_000,
      200,
    ),
    // The closed form knows only the mean of the hold; the tail is held against what was measured.
    beyond(
      `p95 of that hold, measured at a loop at ${load}`,
      'Node.js and PostgreSQL, a 2 ms query on a pool of 5 at 1,000/s',
      () => heldThroughTheLoop(other * 1000, null),
      () => ({ hold_p95: load === 0.1 ? 2 : 3.6 }),
      { hold_p95: T_p95 },
      60_000,
      200,
      { tolerance: 0.1 },
    ),
    beyond(
      `the same on a pool of 5`,
      'the hold times the rate: Little',
      () => heldThroughTheLoop(other * 1000, 5),
      () => ({ places_held: 2.05 + loopWait(other) }),
      { places_held: (run) => at(run, 'pool').meanBusy },
      120_000,
      200,
      { variant: `loop at ${load}`, tolerance: 0.03, note: 'a full pool lets queries go in the rhythm of replies, so the loop meets them a little less at random' },
    ),
  ]),
];

export const BEYOND_NETWORKS: readonly Row[] = [...networks, ...limiters, ...resources];
