import { parentPort } from 'node:worker_threads';
import { play, type Played } from '../row.ts';
import { ROWS } from '../rows.ts';

/** One seed of one row of the table. */
export interface Task {
  row: number;
  seed: number;
  requests: number;
}
export type Done = Pick<Task, 'row' | 'seed'> & { played: Played; cpuSeconds: number };

parentPort?.on('message', ({ row, seed, requests }: Task) => {
  const before = process.threadCpuUsage();
  const played = play(ROWS[row] as (typeof ROWS)[number], seed, requests);
  const { user, system } = process.threadCpuUsage(before);
  parentPort?.postMessage({ row, seed, played, cpuSeconds: (user + system) / 1e6 } satisfies Done);
});
