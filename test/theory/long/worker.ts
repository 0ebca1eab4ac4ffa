import { parentPort } from 'node:worker_threads';
import { play, type Played } from '../row.ts';
import { ROWS } from '../rows.ts';

/** One seed of one row of the table. */
export interface Task {
  row: number;
  seed: number;
}
export type Done = Task & { played: Played; milliseconds: number };

parentPort?.on('message', ({ row, seed }: Task) => {
  const started = performance.now();
  const played = play(ROWS[row] as (typeof ROWS)[number], seed);
  parentPort?.postMessage({ row, seed, played, milliseconds: performance.now() - started } satisfies Done);
});
