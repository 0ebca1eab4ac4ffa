import type { Instruction, Network, Station } from '../../src/model/network.ts';
import { delay, deterministic, exponential, hold, law, serve, station } from '../theory/networks.ts';

const SERVICES = 6;

/**
 * Thirty stations as a workspace has them: six services of two instances, each with an event loop, a pool held through a database with a shared processor, a cache and an
 * outside party; the first four call the next one, two publish for workers that use the pool beside the requests. Loops, branches and fan-outs in between.
 */
export function mixedThirty(): Network {
  const stations: Station[] = [];
  const programs: Network['programs'][number][] = [];
  for (let n = 0; n < SERVICES; n++) {
    const group = `service${n}`;
    const loop = `loop${n}`;
    stations.push(
      station(loop, 1, { group }),
      station(`pool${n}`, 10, { group }),
      station(`db${n}`, 4, { discipline: n % 2 === 0 ? 'processorSharing' : 'fifo' }),
      station(`cache${n}`, 1),
    );
    stations.push(n < 4 ? station(`outside${n}`, 20) : station(`workers${n}`, 5));
    const turn = (ms: number): Instruction => serve(loop, law('gamma', 0.25, ms));
    const query = (ms: number): Instruction => hold(`pool${n}`, delay(deterministic(0.4)), serve(`db${n}`, exponential(ms)), turn(0.05));
    const body: Instruction[] = [
      turn(0.3),
      serve(`cache${n}`, exponential(0.1)),
      { op: 'branch', probability: 0.4, taken: [query(4), turn(0.1)], otherwise: [turn(0.1)] },
      n % 2 === 0 ? { op: 'loop', times: 3, body: [query(2)] } : { op: 'parallel', branches: [[query(2)], [query(3)]] },
      turn(0.2),
      ...(n < 4 ? ([serve(`outside${n}`, exponential(10)), { op: 'call', program: `route${n + 1}`, timeoutMs: null }] as const) : ([{ op: 'spawn', program: `job${n}` }] as const)),
    ];
    programs.push({ id: `route${n}`, group, body });
    if (n >= 4) programs.push({ id: `job${n}`, body: [hold(`workers${n}`, delay(exponential(1)), query(3))] });
  }
  return {
    version: 1,
    groups: Array.from({ length: SERVICES }, (_, n) => ({ id: `service${n}`, instances: 2, balancer: 'random' })),
    stations,
    programs,
    sources: [
      [0, 0.5],
      [3, 0.3],
      [5, 0.2],
    ].map(([n, share]) => ({ id: `in${n}`, program: `route${n}`, arrivals: 'poisson', share: share as number, patienceMs: null })),
  };
}
