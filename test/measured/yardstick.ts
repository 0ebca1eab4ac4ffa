import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { mean } from './bed.ts';
import type { Processes } from './processes.ts';

const PIECES = 12_000;
const EVERY_MS = 400;

/**
 * How fast a core is, again and again beside what it is loaded with: CPU time of one piece of work that never changes (a sort, which is what the shop's database does most).
 * A virtual machine's core is by a quarter faster or slower from one ten seconds to the next, so a prediction made in one minute is held against the next one at that one's speed.
 * Takes about a hundredth of the core.
 */
export class Yardstick {
  private readonly seen: { atMs: number; cpuMs: number }[] = [];

  constructor(processes: Processes, core: number) {
    let read = 0;
    void processes
      .run([process.execPath, fileURLToPath(import.meta.url)], core, '/', (text) => {
        const lines = text.split('\n').slice(0, -1);
        for (; read < lines.length; read++) this.seen.push({ atMs: performance.now(), cpuMs: Number(lines[read]) });
      })
      .catch(() => {});
  }

  /** Mean CPU time of the piece since a moment of `performance.now()`. */
  since(fromMs: number): number {
    return mean(this.seen.filter((it) => it.atMs >= fromMs).map((it) => it.cpuMs));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = Array.from({ length: PIECES }, (_, at) => createHash('md5').update(String(at)).digest('hex'));
  setInterval(() => {
    const before = process.cpuUsage();
    words.toSorted();
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);
  }, EVERY_MS);
}
