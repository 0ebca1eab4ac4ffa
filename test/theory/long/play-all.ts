import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { type Played, type Row, settlingRequestsOf } from '../row.ts';
import { ROWS } from '../rows.ts';
import type { Done, Task } from './worker.ts';

/** What is to be played of a row: seeds, and how many requests of each. */
export interface Order {
  seeds: readonly number[];
  requests: number;
}

/** The runs of one row, in the order of their seeds, and what they cost: processor time, so that a busy machine does not matter. */
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

/** The worker in one piece: Node takes types away while it loads, and typed arrays are a third slower then. */
async function bundledWorker(): Promise<string> {
  const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, minifySyntax: true, platform: 'node', format: 'cjs', write: false });
  return outputFiles[0]?.text ?? '';
}

/** Plays rows on all cores, longest first; a promise per row of the table, which for a row without an order is never kept. */
export async function playAll(orderOf: (row: Row) => Order | null): Promise<{ rows: readonly Promise<RowPlayed>[]; end(): Promise<void> }> {
  const orders = ROWS.map(orderOf);
  const settled = ROWS.map(awaited);
  const found = ROWS.map((): Done[] => []);
  const cost = (it: Task): number => it.requests + settlingRequestsOf(ROWS[it.row] as Row);
  const queue: Task[] = orders.flatMap((order, row) => (order?.seeds ?? []).map((seed) => ({ row, seed, requests: order?.requests ?? 0 }))).sort((a, b) => cost(b) - cost(a));
  const code = await bundledWorker();
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(code, { eval: true }));
  for (const worker of workers) {
    let task: Task | undefined;
    const next = (): void => {
      task = queue.shift();
      if (task) worker.postMessage(task);
    };
    worker.on('message', (done: Done) => {
      const runs = found[done.row] as Done[];
      runs.push(done);
      if (runs.length === orders[done.row]?.seeds.length) {
        runs.sort((a, b) => a.seed - b.seed);
        settled[done.row]?.resolve({ played: runs.map((it) => it.played), cpuSeconds: runs.reduce((sum, it) => sum + it.cpuSeconds, 0) });
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
