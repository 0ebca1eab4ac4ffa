import type { Network } from '../../../src/model/network.ts';
import { simulate } from '../../../src/simulator/index.ts';
import { caseOf } from '../cases.ts';
import { at, L, source, T, throughput } from '../measures.ts';
import { exponential, network, serve, single, station } from '../networks.ts';
import type { Row } from '../row.ts';
import { row } from './make-row.ts';
import type { Story } from './stories.ts';

/** A single server that stops at random and goes on where it was. */
export const breaking = (rate: number, failures: number, repairs: number): Network => ({
  ...single(rate, 1),
  faults: [{ kind: 'freeze', station: 's', up: exponential(1 / failures), down: exponential(1 / repairs) }],
});

export const FAULTS: readonly Row[] = [
  row('breakdown-m1', () => breaking(0.6, 0.01, 0.1), { L, T }, 600_000, 1000),
  // An overload keeps the server busy whenever it runs.
  row('breakdown-m1', () => ({ ...single(1.5, 1, exponential(), { room: 60 }), faults: breaking(0.6, 0.01, 0.1).faults ?? [] }), { availability: throughput }, 50_000, 300, {
    variant: 'overloaded',
  }),
];

const FROZEN_MS = [20_000, 30_000] as const;

/** What is left of the requests, and what is asked of the servers, 70 s after they stood still for 10 s. */
function afterFreeze(id: string): string[] {
  const { expected, params } = caseOf(id);
  const { offered, queue_limit, retries, timeout_s } = params as { offered: number; queue_limit: number | null; retries: number; timeout_s: number };
  const net: Network = {
    ...network({
      stations: [station('s', 100, { room: queue_limit })],
      body: [{ op: 'call', program: 'attempt', timeoutMs: timeout_s * 1000, retry: { times: retries } }],
      programs: [{ id: 'attempt', body: [serve('s', exponential(100))] }],
      rate: offered / 1000,
    }),
    faults: [{ kind: 'freeze', station: 's', fromMs: FROZEN_MS[0], untilMs: FROZEN_MS[1] }],
  };
  const wrong: string[] = [];
  for (const seed of [1, 2]) {
    const run = simulate(net, { seconds: 120, warmupSeconds: 100, seed, intervals: false });
    const goodput = source(run).goodputPerSecond;
    const attempts = at(run).arrivalsPerSecond;
    if (Math.abs(goodput - (expected.goodput_after as number)) > Math.max(0.01 * offered, 0.03 * (expected.goodput_after as number))) wrong.push(`goodput ${goodput}`);
    if (Math.abs(attempts / (expected.attempts_after as number) - 1) > 0.03) wrong.push(`${attempts} attempts/s`);
  }
  return wrong;
}

export const FAULT_STORIES: readonly Story[] = ['metastable-retry3-unbounded', 'metastable-retry3-bounded', 'metastable-retry1-unbounded'].map((id) => ({
  id,
  covers: ['goodput_after', 'attempts_after'],
  tells: 'goodput and attempts long after the servers stood still',
  tell: () => afterFreeze(id),
}));
