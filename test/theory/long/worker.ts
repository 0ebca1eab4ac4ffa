import { parentPort } from 'node:worker_threads';
import { type Kind, WORK } from './work.ts';

parentPort?.on('message', ({ kind, question }: { kind: Kind; question: never }) => {
  const before = process.threadCpuUsage();
  try {
    const answer = WORK[kind](question);
    const { user, system } = process.threadCpuUsage(before);
    parentPort?.postMessage({ answer, cpuSeconds: (user + system) / 1e6 });
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
