import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Network } from './model/network.ts';
import type { ReplicationOrder } from './simulation-worker.ts';
import { averageOf, type Run, replicate, type SimulateOptions } from './simulator/index.ts';

export interface ThreadOptions {
  /** Built or source file of `simulation-worker.ts`. */
  worker: string | URL;
  /** Default: as many as the machine runs at once. */
  threads?: number;
  signal?: AbortSignal;
  /** Called after each replication. */
  onProgress?: (done: number, replications: number) => void;
}

/**
 * `replicate` over worker threads: the result has the same bits for any number of them. Null when the signal was aborted; the threads are ended then.
 * Rejects when a thread fails.
 */
export async function replicateOverThreads(
  network: Network,
  options: SimulateOptions,
  replications: number,
  { worker, threads, signal, onProgress }: ThreadOptions,
): Promise<Run | null> {
  const count = Math.min(replications, Math.max(1, Math.floor(threads ?? availableParallelism())));
  if (signal?.aborted) return null;
  if (count === 1 && !signal && !onProgress) return replicate(network, options, replications);
  const workers = Array.from({ length: count }, () => new Worker(worker));
  const runs = new Array<Run>(replications);
  let next = 0;
  let done = 0;
  try {
    return await new Promise<Run | null>((resolve, reject) => {
      const order = (to: Worker): void => {
        if (next < replications) to.postMessage({ network, options, index: next++ } satisfies ReplicationOrder);
      };
      signal?.addEventListener('abort', () => resolve(null), { once: true });
      for (const it of workers) {
        it.on('error', reject);
        it.on('message', ({ index, run }: { index: number; run: Run }) => {
          runs[index] = run;
          done++;
          onProgress?.(done, replications);
          if (done === replications) resolve(averageOf(runs));
          else order(it);
        });
        order(it);
      }
    });
  } finally {
    await Promise.all(workers.map((it) => it.terminate()));
  }
}
