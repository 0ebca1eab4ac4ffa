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

/** A turn lasts about so long: a kernel that counts processor time by its ticks is off by up to 4 ms. */
const TURN_MS = 100;

/** How often something can be done in a turn once it has been done for that long. */
function repeatsFor(thing: () => unknown): number {
  for (let round = 0, repeats = 0; ; round++) {
    const started = performance.now();
    for (repeats = 0; repeats === 0 || performance.now() - started < TURN_MS; repeats++) thing();
    if (round > 0) return repeats;
  }
}

/**
 * Milliseconds of this thread's processor time for each of several things: medians over rounds in which they take turns, after they have been warmed up.
 * Processor time and turns, because other programs on the machine slow down all of them alike.
 */
export function takingTurns<Name extends string>(rounds: number, things: Readonly<Record<Name, () => unknown>>): Record<Name, number> {
  const names = Object.keys(things) as Name[];
  const times = Object.fromEntries(names.map((it) => [it, [] as number[]])) as Record<Name, number[]>;
  const repeats = Object.fromEntries(names.map((it) => [it, repeatsFor(things[it])])) as Record<Name, number>;
  for (let round = 0; round < rounds; round++)
    for (const name of names) {
      times[name].push(processorTime(things[name], repeats[name]));
    }
  return Object.fromEntries(names.map((it) => [it, times[it].sort((a, b) => a - b)[Math.floor(rounds / 2)] as number])) as Record<Name, number>;
}

/** Milliseconds of this thread's processor time for one call, mean over `rounds`. */
export function processorTime(run: () => unknown, rounds = 1): number {
  const before = process.threadCpuUsage();
  for (let round = 0; round < rounds; round++) run();
  // The system tells user from system time by sampling; only their sum is counted.
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / rounds;
}
