/**
 * How long a row must be: `node test/theory/long/pilot.ts [id …]` plays each row with forty seeds that no row is judged by, a sixteenth as long as the table has it, and tells how many
 * requests per seed would bring the standard error of ten runs to 1/MARGIN of the bar, with the measure that asks for the most and what the row would cost;
 * `slopes [id …]`: what companions' slopes to fix. What it says goes into the table by hand, rounded up.
 */
import { knownOf, mean, nameOf, play, type Row, SEEDS, settlingRequestsOf, standardError, toleranceOf } from '../row.ts';
import { ROWS } from '../rows.ts';
import { playAll } from './play-all.ts';

/** Ten runs tell their standard error within a quarter: at this margin one row in two hundred would not know that it is within the bar. */
const MARGIN = 1.6;
const LEAST = 10_000;
const PART = 16;
const OTHER_SEEDS = Array.from({ length: 40 }, (_, index) => 101 + index);

const requestsOf = (row: Row): number => Math.min(row.requests, Math.max(LEAST, row.requests / PART, 5 * settlingRequestsOf(row)));

/** One line for a row that has been played. */
function told(row: Row, { played, cpuSeconds }: Awaited<Awaited<ReturnType<typeof playAll>>['rows'][number]>): string {
  const requests = requestsOf(row);
  let most = 0;
  let by = '';
  for (const name of Object.keys(row.measures)) {
    const values = played.map((it) => it.values[name] as number);
    const exact = knownOf(row).expected[name] as number;
    const ofTen = standardError(values) * Math.sqrt(OTHER_SEEDS.length / SEEDS.length);
    const needed = requests * ((MARGIN * ofTen) / (toleranceOf(row, name) * Math.abs(exact))) ** 2;
    if (!(needed <= most)) [most, by] = [needed, `${name} = ${mean(values).toPrecision(6)} for ${exact.toPrecision(6)}`];
  }
  const cost = ((cpuSeconds / OTHER_SEEDS.length) * SEEDS.length * (most + settlingRequestsOf(row))) / (requests + settlingRequestsOf(row));
  return `${nameOf(row)}: ${Math.ceil(most).toLocaleString('en')} for ${by} (the table has ${row.requests.toLocaleString('en')}), ${cost.toFixed(1)} s`;
}

/** By how much each measure follows its companion's: regression over seeds that no row is judged by. */
function slopes(row: Row): string {
  const { companion, ...alone } = row;
  if (!companion) return '';
  const beside: Row = { ...alone, make: companion.make ?? row.make, measures: Object.fromEntries(Object.entries(companion.steadies).map(([name, it]) => [name, it.by])) };
  const requests = Math.max(LEAST, row.requests / 10);
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

const asked = process.argv.slice(2);
if (asked[0] === 'slopes') for (const row of ROWS) if (row.companion && (asked.length === 1 || asked.includes(row.id))) console.log(slopes(row));
if (asked[0] !== 'slopes') {
  const isAsked = (row: Row): boolean => !row.deterministic && (asked.length === 0 || asked.includes(row.id) || (asked.includes('beyond') && row.known !== undefined));
  const all = await playAll((row) => (isAsked(row) ? { seeds: OTHER_SEEDS, requests: requestsOf(row) } : null));
  await Promise.all(ROWS.map(async (row, index) => (isAsked(row) ? console.log(told(row, await (all.rows[index] as (typeof all.rows)[number]))) : null)));
  await all.end();
}
