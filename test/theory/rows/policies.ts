import type { Instruction, Network } from '../../../src/model/network.ts';
import type { Limiter } from '../../../src/model/network-policies.ts';
import type { Run } from '../../../src/simulator/index.ts';
import { busy, callsOf, goodput, lost } from '../measures.ts';
import { exponential, network, serve, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { offered, ownLoad } from './companions.ts';
import { row } from './make-row.ts';

export const refusedBy = (run: Run): number => run.limiters?.[0]?.refusedShare ?? Number.NaN;

/** Callers of a station who try again after a pause when it refuses them: the first time, and every further time. */
export const retrial = (rate: number, servers: number, room: number, pauseMs: number, probability: number): Network =>
  network({
    stations: [station('s', servers, { room })],
    body: [{ op: 'call', program: 'work', retry: { times: null, probability, backoff: exponential(pauseMs) } }],
    programs: [{ id: 'work', body: [serve('s')] }],
    rate,
  });

export const orbit = (run: Run): number => callsOf(run, 'work').meanPausing;
export const attempts = (run: Run): number => callsOf(run, 'work').attempts / (run.seconds * 1000);
/** Share of the calls whose first attempt was refused. */
export const refusedFirst = (run: Run): number => callsOf(run, 'work').failedFirst / callsOf(run, 'work').calls;

/** Requests that must pass a limiter, and nothing else. */
export const limited = (rate: number, limiter: Omit<Limiter, 'id' | 'cause' | 'keys'> & { keys?: number }): Network => ({
  ...network({ stations: [], body: [{ op: 'limit', limiter: 'limiter' }], rate }),
  limiters: [{ id: 'limiter', cause: 'Too many requests', keys: 1, ...limiter } as Limiter],
});

const layer = (program: string): Instruction => ({ op: 'call', program, retry: { times: 3 } });
const threeLayers = (): Network =>
  network({
    stations: [],
    body: [layer('b')],
    programs: [
      { id: 'b', body: [layer('c')] },
      { id: 'c', body: [layer('down')] },
      { id: 'down', body: [{ op: 'fail', cause: 'down' }] },
    ],
    source: { phases: [], burst: 1 },
  });

export const POLICIES: readonly Row[] = [
  row('retry-layers-4x3', threeLayers, { amplification: (run) => callsOf(run, 'down').attempts }, 1, 0, { lasts: 1, deterministic: true }),
  row(
    'retry-attempts',
    () =>
      network({
        stations: [],
        body: [{ op: 'call', program: 'attempt', retry: { times: 3 } }],
        programs: [{ id: 'attempt', body: [{ op: 'branch', probability: 0.5, taken: [{ op: 'fail', cause: 'failed' }], otherwise: [] }] }],
        rate: 1,
      }),
    { attempts: (run) => callsOf(run, 'attempt').attempts / callsOf(run, 'attempt').calls, failure: lost },
    60_000,
    0,
  ),
  row('retrial-0.5', () => retrial(0.5, 1, 0, 2, 1), { mean_orbit: orbit, P_busy: busy }, 200_000, 200),
  row('retrial-0.8', () => retrial(0.8, 1, 0, 1, 1), { mean_orbit: orbit, P_busy: busy }, 400_000, 1000, { companion: ownLoad(0.8, { mean_orbit: 48.8 }, busy) }),
  row('orbit-4.5-5-10', () => retrial(4.5, 5, 5, 5, 0.9), { P_full_seen_by_fresh: refusedFirst, mean_orbit: orbit, goodput, attempt_rate: attempts }, 1_000_000, 300),
  row('token-bucket-0.8-5', () => limited(0.8, { kind: 'tokenBucket', perSecond: 1000, burst: 5 } as never), { P_reject: refusedBy, accepted_rate: goodput }, 300_000, 100),
  row('token-bucket-0.9-10', () => limited(0.9, { kind: 'tokenBucket', perSecond: 1000, burst: 10 } as never), { P_reject: refusedBy, accepted_rate: goodput }, 1_100_000, 200, {
    companion: ownLoad(0.9, { P_reject: 0.233 }, offered),
  }),
  // A request's excess is what its bucket lacks, less itself: burst and depth differ by one.
  row(
    'token-bucket-0.8-5',
    () => limited(0.8, { kind: 'leakyBucket', perSecond: 1000, burst: 4, noDelay: true } as never),
    { P_reject: refusedBy, accepted_rate: goodput },
    300_000,
    100,
    { variant: "as nginx's leaky bucket" },
  ),
];
