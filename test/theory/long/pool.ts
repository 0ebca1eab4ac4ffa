import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import type { Answer, Kind, Question } from './work.ts';

/** What a piece of work gave, and what it cost: processor time, so that a busy machine does not matter. */
export interface Done<K extends Kind> {
  answer: Answer<K>;
  cpuSeconds: number;
}

/** Worker threads on all cores that share one heap of work, the longest piece first. */
export interface Pool {
  /** `cost`: anything that grows with how long the piece takes; compared with that of other pieces. */
  ask<K extends Kind>(kind: K, question: Question<K>, cost: number): Promise<Done<K>>;
  end(): Promise<void>;
}

interface Piece {
  kind: Kind;
  question: unknown;
  cost: number;
  resolve(done: unknown): void;
  reject(error: unknown): void;
}

/** The worker in one piece: Node takes types away while it loads, and typed arrays are a third slower then. */
async function bundledWorker(): Promise<string> {
  const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, minifySyntax: true, platform: 'node', format: 'cjs', write: false });
  return outputFiles[0]?.text ?? '';
}

/** Starts the threads. Work asked for before the next turn of the event loop is sorted before any of it begins. */
export async function startPool(): Promise<Pool> {
  const heap: Piece[] = [];
  const code = await bundledWorker();
  const idle: (() => void)[] = [];
  let isWaking = false;
  const wake = (): void => {
    if (isWaking) return;
    isWaking = true;
    setImmediate(() => {
      isWaking = false;
      heap.sort((a, b) => a.cost - b.cost);
      for (const next of idle.splice(0, heap.length)) next();
    });
  };
  const workers = Array.from({ length: availableParallelism() }, () => {
    const worker = new Worker(code, { eval: true });
    let piece: Piece | undefined;
    const next = (): void => {
      piece = heap.pop();
      if (piece) worker.postMessage({ kind: piece.kind, question: piece.question });
      else idle.push(next);
    };
    worker.on('message', (done: { answer: unknown; cpuSeconds: number } | { error: string }) => {
      if ('error' in done) piece?.reject(new Error(done.error));
      else piece?.resolve(done);
      next();
    });
    worker.on('error', (error) => piece?.reject(error));
    idle.push(next);
    return worker;
  });
  return {
    ask: <K extends Kind>(kind: K, question: Question<K>, cost: number) => {
      const answer = new Promise<Done<K>>((resolve, reject) => heap.push({ kind, question, cost, resolve: resolve as Piece['resolve'], reject }));
      // Nobody may be listening yet when it fails.
      answer.catch(() => {});
      wake();
      return answer;
    },
    async end() {
      await Promise.all(workers.map((it) => it.terminate()));
    },
  };
}
