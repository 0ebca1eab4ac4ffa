import { parentPort } from 'node:worker_threads';
import type { Network } from './model/network.ts';
import { type SimulateOptions, seedOfReplication, simulate } from './simulator/index.ts';

/** A thread that plays replications, one for each index that it is sent. */
export interface ReplicationOrder {
  network: Network;
  options: SimulateOptions;
  index: number;
}

parentPort?.on('message', ({ network, options, index }: ReplicationOrder) => {
  const run = simulate(network, { ...options, seed: seedOfReplication(options.seed ?? 1, index) });
  parentPort?.postMessage({ index, run });
});
