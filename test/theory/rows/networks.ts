import type { Instruction, Network } from '../../../src/model/network.ts';
import { delay, deterministic, exponential, hold, network, serve, station, topology8 } from '../networks.ts';
import { at, L, lost, source, T, utilisationAt, waitAt, waitedAt, Wq } from '../measures.ts';
import { caseOf } from '../cases.ts';
import type { Row } from '../row.ts';
import { beside, follows } from './companions.ts';
import { relaxed, row } from './make-row.ts';

const tailAtScale = (): Network => {
  const leaf: readonly Instruction[] = [{ op: 'branch', probability: 0.01, taken: [delay(deterministic(10))], otherwise: [] }];
  return network({ stations: [], body: [{ op: 'parallel', branches: Array.from({ length: 100 }, () => leaf) }], rate: 0.001, source: { patienceMs: 5 } });
};

const tandem = (): Network =>
  network({ stations: ['a', 'b', 'c'].map((id) => station(id, 1)), body: [serve('a'), serve('b', exponential(1 / 1.25)), serve('c', exponential(1 / 0.9))], rate: 0.7 });

const feedback = (): Network =>
  network({ stations: [station('s', 1)], body: [serve('s'), { op: 'branch', probability: 0.2, taken: [{ op: 'call', program: 'main' }], otherwise: [] }], rate: 0.6 });

export const NETWORKS: readonly Row[] = [
  row('tandem-3', tandem, { T, L }, 250_000, relaxed(0.7, 1, { mean: 1 / 0.9 })),
  row('feedback', feedback, { utilisation: utilisationAt('s'), L, T, attempts_per_request: (run) => at(run).arrivals / source(run).offered }, 250_000, relaxed(0.75, 1)),
  row(
    'topology-8',
    topology8,
    {
      sync_T: T,
      Wq_auth: waitAt('auth'),
      // What does not fit into the pool waits before it: both queues together are the one of M/M/8.
      Wq_db: (run) => waitAt('pool')(run) + waitAt('db')(run),
      Wq_workers: waitAt('workers'),
      Wq_notify: waitAt('notify'),
      util_workers: utilisationAt('workers'),
      util_auth: utilisationAt('auth'),
      api_threads_busy: (run) => at(run, 'api').meanBusy,
      end_to_end_T: (run) => T(run) + (run.programs[0]?.sojournMs?.mean ?? Number.NaN),
    },
    1_800_000,
    relaxed(0.18, 8, { mean: 35 }) + relaxed(0.9, 4, { mean: 4 }),
    {
      companion: {
        steadies: {
          ...follows(utilisationAt('db'), (0.18 * 35) / 8, { Wq_db: 88.2 }),
          ...follows(utilisationAt('auth'), (0.9 * 14) / 16, { Wq_auth: 18.4 }),
          ...follows(utilisationAt('workers'), (0.9 * 4) / 4, { Wq_workers: 125 }),
          ...follows(utilisationAt('notify'), (0.9 * 8) / 10, { Wq_notify: 9.52 }),
        },
      },
    },
  ),
  ...[2, 10, 100].map((n) =>
    row(
      'fanout-max',
      () => network({ stations: [], body: [{ op: 'parallel', branches: Array.from({ length: n }, () => [delay(exponential())]) }], rate: 0.001 }),
      { [`T_${n}`]: T },
      n === 2 ? 2500 : n === 10 ? 800 : 300,
      0,
      { variant: `${n} leaves` },
    ),
  ),
  row('tail-at-scale', tailAtScale, { P_slow: lost }, 2500, 0),
  ...(
    [
      ['nested-5-2-0.4', 0.4, 5, 2, 2, 4, 300_000, { T: 1.04, wait_for_thread: 0.928, P_threads_exhausted: 0.0219, db_stage_T: 0.118 }],
      ['nested-20-4-3.5', 3.5, 20, 4, 3, 1, 600_000, { T: 1.39, wait_for_thread: 1.22, P_threads_exhausted: 0.143, db_stage_T: 0.151 }],
    ] as const
  ).flatMap(([id, rate, threads, connections, local, db, requests, slopes]) => {
    const work = [{ op: 'delay' as const, duration: exponential(local) }, serve('s', exponential(db))];
    /** The same work without the thread: its response is that of a delay and of M/M/c, and it is slow when the other is slow. */
    const released = (): Network => network({ stations: [station('s', connections)], body: work, rate });
    const settle = 3 * relaxed(rate, connections, { mean: db });
    return [
      row(
        id,
        () => network({ stations: [station('threads', threads), station('s', connections)], body: [hold('threads', ...work)], rate }),
        {
          T,
          wait_for_thread: waitAt('threads'),
          P_threads_exhausted: waitedAt('threads'),
          db_stage_T: (run) => Wq(run) + at(run).meanHoldMs,
          threads_busy: (run) => at(run, 'threads').meanBusy,
        },
        requests,
        settle,
        { companion: beside(released, T, caseOf(id).expected['T_if_thread_not_held (tandem)'] as number, slopes) },
      ),
      row(id, released, { 'T_if_thread_not_held (tandem)': T }, 300_000, settle, {
        variant: 'thread not held',
      }),
    ];
  }),
];
