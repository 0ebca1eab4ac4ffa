/** One line of the table; `ratio` is what lasts from machine to machine. */
export interface Row {
  what: string;
  value: number;
  unit: string;
  ratio?: string;
}

/** Milliseconds of one call, mean over `rounds`. */
export function timed(run: () => unknown, rounds = 1): number {
  const started = performance.now();
  for (let round = 0; round < rounds; round++) run();
  return (performance.now() - started) / rounds;
}

export async function timedAsync(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** Median of several measurements, the first (cold code) left out. */
export function median(rounds: number, measure: () => number): number {
  measure();
  const sorted = Array.from({ length: rounds }, measure).sort((a, b) => a - b);
  return sorted[Math.floor(rounds / 2)] as number;
}
