import { deterministic, exponential, single } from '../networks.ts';
import { busy, expired, goodput, L, Lq, lost, reject, T, throughput, utilisation, Wq } from '../measures.ts';
import type { Row } from '../row.ts';
import { follows, offered, offeredWork, ownLoad } from './companions.ts';
import { anyLaw, relaxed, row } from './make-row.ts';

const LOSS = { reject, throughput, busy };
const BOUNDED = { reject, throughput, L, Lq, Wq, T, utilisation };
const LIMITED = { P_timeout: expired, goodput: throughput, utilisation };

/** By how much the refused share follows what is offered, by servers, rate and law, where that shortens a long row. */
const OFFERED: Readonly<Record<string, number>> = {
  '10 5 exponential': 0.0197,
  '10 5 lognormal': 0.0172,
  '100 90 exponential': 0.00338,
  '100 90 deterministic': 0.0039,
  '100 90 lognormal': 0.0035,
};

export const LOSSES: readonly Row[] = [
  ...(
    [
      [1, 1, 20_000],
      [5, 3, 150_000],
      [10, 5, 900_000],
      [100, 90, 1_500_000],
      [100, 120, 300_000],
    ] as const
  ).flatMap(([servers, rate, requests]) =>
    anyLaw.map(([variant, service]) => {
      const slope = OFFERED[`${servers} ${rate} ${variant}`];
      return row(`erlb-${servers}-${rate}`, () => single(rate, servers, service, { room: 0 }), LOSS, requests, 50, {
        variant,
        ...(slope !== undefined && { companion: ownLoad(rate, { reject: slope }, offeredWork) }),
      });
    }),
  ),
  row('mm1k-0.9-11', () => single(0.9, 1, exponential(), { room: 10 }), BOUNDED, 1_200_000, 500, { companion: ownLoad(0.9, { reject: 0.326 }, offeredWork) }),
  row('mmck-10-20-9', () => single(9, 10, exponential(), { room: 10 }), BOUNDED, 1_700_000, 200, { companion: ownLoad(9, { reject: 0.0228 }, offeredWork) }),
  row('mmck-10-110-15', () => single(15, 10, exponential(), { room: 100 }), BOUNDED, 100_000, 100),
  row('timeout-queue-1-0.9-5', () => single(0.9, 1, exponential(), {}, 5), LIMITED, 250_000, 200),
  row('timeout-queue-10-9.5-0.5', () => single(9.5, 10, exponential(), {}, 0.5), LIMITED, 600_000, 100, { companion: ownLoad(9.5, { P_timeout: 0.0489 }, offeredWork) }),
  row('timeout-queue-50-55-0.2', () => single(55, 50, exponential(), {}, 0.2), LIMITED, 500_000, 50, { companion: ownLoad(55, { P_timeout: 0.0131 }, offeredWork) }),
  row('erlang-a-10-12', () => single(12, 10, exponential(), {}, exponential(2)), { P_abandon: expired, throughput, Lq }, 400_000, 100),
  row('timeout-wasted-0.8', () => single(0.8, 1, exponential(), {}, undefined, { patienceMs: 10 }), { P_timeout: lost, goodput, utilisation }, 200_000, relaxed(0.8, 1), {
    companion: { steadies: follows(Wq, 4, { P_timeout: 0.0498, goodput: -0.0329 }) },
    note: 'work that nobody waits for any more is done all the same, so the queue is that of M/M/1',
  }),
  // A request that would find less than a token leaves at once: as one that would wait longer than depth − 1 in M/D/1.
  row('token-bucket-0.8-5', () => single(0.8, 1, deterministic(), {}, 4), { P_reject: expired, accepted_rate: throughput }, 300_000, 100, { variant: 'as M/D/1 with balking' }),
  row('token-bucket-0.9-10', () => single(0.9, 1, deterministic(), {}, 9), { P_reject: expired, accepted_rate: throughput }, 1_000_000, 200, {
    variant: 'as M/D/1 with balking',
    companion: ownLoad(0.9, { P_reject: 0.257 }, offered),
  }),
];
