/**
 * How long a row must be: `node test/theory/long/pilot.ts [id …]` plays each row with forty seeds that no row is judged by, a sixteenth as long as the table has it, and tells how many
 * requests per seed would bring the standard error of ten runs to MARGIN of the bar, with the measure that asks for the most and what the row would cost. All of them go into `lengths.json`, with `--write`;
 * `slopes [id …]`: what companions' slopes to fix.
 */
import { writeFileSync } from 'node:fs';
import { knownOf, mean, nameOf, play, type Row, SEEDS, settlingRequestsOf, standardError, toleranceOf } from '../row.ts';
import { ROWS } from '../rows.ts';
import { lengthOf, playRow, type RowPlayed } from './play-rows.ts';
import { startPool } from './pool.ts';

/** Ten runs tell their standard error within a quarter: at this margin it comes out above the bar in three rows of a hundred, which are then played on. */
const MARGIN = 0.7;
const LEAST = 10_000;
const PART = 16;
const OTHER_SEEDS = Array.from({ length: 40 }, (_, index) => 101 + index);
const LENGTHS = new URL('./lengths.json', import.meta.url);

const requestsOf = (row: Row): number => Math.ceil(Math.min(row.requests, Math.max(LEAST, row.requests / PART, 2 * settlingRequestsOf(row))));

/** Rounded up to two digits. */
function roundedUp(value: number): number {
  let step = 1;
  while (value / step >= 100) step *= 10;
  return Math.ceil(value / step) * step;
}

/** Requests per seed that a row needs, at least as many as the pilot had, and a line that tells why. */
function neededBy(row: Row, { played, cpuSeconds }: RowPlayed): { requests: number; told: string } {
  const had = requestsOf(row);
  let most = 0;
  let by = '';
  for (const name of Object.keys(row.measures)) {
    const values = played.map((it) => it.values[name] as number);
    const exact = knownOf(row).expected[name] as number;
    const ofTen = standardError(values) * Math.sqrt(OTHER_SEEDS.length / SEEDS.length);
    const needed = had * (ofTen / (MARGIN * toleranceOf(row, name) * Math.abs(exact))) ** 2;
    if (!(needed <= most)) [most, by] = [needed, `${name} = ${mean(values).toPrecision(6)} for ${exact.toPrecision(6)}`];
  }
  const requests = Math.max(had, roundedUp(most));
  const cost = ((cpuSeconds / OTHER_SEEDS.length) * SEEDS.length * (requests + settlingRequestsOf(row))) / (had + settlingRequestsOf(row));
  const before = lengthOf(row)?.toLocaleString('en') ?? 'none';
  return { requests, told: `${cost.toFixed(1)} s ${nameOf(row)}: ${requests.toLocaleString('en')} (before: ${before}) for ${by}` };
}

/** By how much each measure follows its companion's: regression over seeds that no row is judged by. */
function slopes(row: Row): string {
  const { companion, ...alone } = row;
  if (!companion) return '';
  const beside: Row = { ...alone, make: companion.make ?? row.make, measures: Object.fromEntries(Object.entries(companion.steadies).map(([name, it]) => [name, it.by])) };
  const requests = requestsOf(row);
  const own = OTHER_SEEDS.map((seed) => play(alone, seed, requests).values);
  const other = OTHER_SEEDS.map((seed) => play(beside, seed, requests).values);
  const lines = Object.keys(companion.steadies).map((name) => {
    const y = own.map((it) => it[name] as number);
    const x = other.map((it) => it[name] as number);
    const [my, mx] = [mean(y), mean(x)];
    const sum = (terms: (index: number) => number): number => y.reduce((total, _, index) => total + terms(index), 0);
    const xy = sum((i) => ((x[i] as number) - mx) * ((y[i] as number) - my));
    const xx = sum((i) => ((x[i] as number) - mx) ** 2);
    const yy = sum((i) => ((y[i] as number) - my) ** 2);
    return `${name}: ${(xy / xx).toPrecision(3)} (correlation ${(xy / Math.sqrt(xx * yy)).toFixed(3)})`;
  });
  return `${nameOf(row)}: ${lines.join(', ')}`;
}

const asked = process.argv.slice(2).filter((it) => it !== '--write');
const isSo = (row: Row): boolean => asked.includes(row.id) || (asked.includes('beyond') && row.known !== undefined);
if (asked[0] === 'slopes') for (const row of ROWS) if (row.companion && (asked.length === 1 || isSo(row))) console.log(slopes(row));
if (asked[0] !== 'slopes') {
  const pool = await startPool();
  const lengths = await Promise.all(
    ROWS.map(async (row, place) => {
      if (row.deterministic) return [];
      if (asked.length > 0 && !isSo(row)) return [[nameOf(row), lengthOf(row)] as const];
      const { requests, told } = neededBy(row, await playRow(pool, place, OTHER_SEEDS, requestsOf(row)));
      console.log(told);
      return [[nameOf(row), requests] as const];
    }),
  );
  await pool.end();
  if (process.argv.includes('--write')) writeFileSync(LENGTHS, `${JSON.stringify(Object.fromEntries(lengths.flat()), null, 2)}\n`);
}
