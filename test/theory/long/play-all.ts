import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Played, type Row, seedsOf, settlingRequestsOf } from '../row.ts';
import { ROWS } from '../rows.ts';
import type { Done, Task } from './worker.ts';

/** The runs of one row, in the order of their seeds, and what they cost. */
export interface RowPlayed {
  played: readonly Played[];
  cpuSeconds: number;
}

interface Awaited {
  promise: Promise<RowPlayed>;
  resolve(it: RowPlayed): void;
  reject(error: unknown): void;
}
function awaited(): Awaited {
  const it = {} as Awaited;
  it.promise = new Promise((resolve, reject) => Object.assign(it, { resolve, reject }));
  // Nobody may be listening yet when it fails.
  it.promise.catch(() => {});
  return it;
}

/** Plays every row that is asked for at its full length on all cores, longest first; a promise per row of the table, which for the others is never kept. */
export function playAll(isAsked: (row: Row) => boolean = () => true): { rows: readonly Promise<RowPlayed>[]; end(): Promise<void> } {
  const settled = ROWS.map(awaited);
  const found = ROWS.map((): Done[] => []);
  const cost = ROWS.map((row) => row.requests + settlingRequestsOf(row));
  const queue: Task[] = ROWS.flatMap((row, index) => (isAsked(row) ? seedsOf(row).map((seed) => ({ row: index, seed })) : [])).sort(
    (a, b) => (cost[b.row] as number) - (cost[a.row] as number),
  );
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(new URL('./worker.ts', import.meta.url)));
  for (const worker of workers) {
    let task: Task | undefined;
    const next = (): void => {
      task = queue.shift();
      if (task) worker.postMessage(task);
    };
    worker.on('message', (done: Done) => {
      const runs = found[done.row] as Done[];
      runs.push(done);
      if (runs.length === seedsOf(ROWS[done.row] as (typeof ROWS)[number]).length) {
        runs.sort((a, b) => a.seed - b.seed);
        settled[done.row]?.resolve({ played: runs.map((it) => it.played), cpuSeconds: runs.reduce((sum, it) => sum + it.milliseconds, 0) / 1000 });
      }
      next();
    });
    worker.on('error', (error) => {
      if (task) settled[task.row]?.reject(error);
    });
    next();
  }
  return {
    rows: settled.map((it) => it.promise),
    async end() {
      await Promise.all(workers.map((it) => it.terminate()));
    },
  };
}
