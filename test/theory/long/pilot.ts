/**
 * How long a row must be: `node test/theory/long/pilot.ts [id …]` plays each row for a while and tells how many requests per seed would halve the bar on the standard error
 * (0.5% for means, 1% for quantiles), with the measure that asks for the most; `slopes`: what companions' slopes to fix. What it says goes into the table by hand, rounded up.
 */
import { knownOf, mean, nameOf, play, type Row, seedsOf, settlingRequestsOf, standardError, toleranceOf } from '../row.ts';
import { ROWS } from '../rows.ts';

const MARGIN = 2;
const LEAST = 20_000;

function pilot(row: Row): string {
  const requests = Math.min(row.requests, Math.max(LEAST, 5 * settlingRequestsOf(row)));
  const played = seedsOf(row).map((seed) => play(row, seed, requests));
  let most = 0;
  let by = '';
  for (const name of Object.keys(row.measures)) {
    const values = played.map((it) => it.values[name] as number);
    const bar = toleranceOf(row, name) * Math.abs(knownOf(row).expected[name] as number);
    const needed = requests * ((MARGIN * standardError(values)) / bar) ** 2;
    if (!(needed <= most)) [most, by] = [needed, `${name} = ${mean(values)}`];
  }
  return `${nameOf(row)}: ${Math.ceil(most).toLocaleString('en')} for ${by} (the table has ${row.requests.toLocaleString('en')})`;
}

const OTHER_SEEDS = Array.from({ length: 40 }, (_, index) => 101 + index);

/** By how much each measure follows its companion's: regression over seeds that no row is judged by. */
function slopes(row: Row): string {
  const { companion, ...alone } = row;
  if (!companion) return '';
  const beside: Row = { ...alone, make: companion.make, measures: Object.fromEntries(Object.entries(companion.steadies).map(([name, it]) => [name, it.by])) };
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
if (asked[0] === 'slopes') for (const row of ROWS) if (row.companion) console.log(slopes(row));
if (asked[0] !== 'slopes') for (const row of ROWS) if (!row.deterministic && (asked.length === 0 || asked.includes(row.id))) console.log(pilot(row));
