/** Plays the whole table at full length and prints it: `node test/theory/long/table.ts [id …]` (`beyond`: the rows of our own). One line per number that a case expects, and what each row cost. */
import { judge, knownOf, mean, nameOf, type Row, seedsOf, standardError } from '../row.ts';
import { ROWS } from '../rows.ts';
import { playAll } from './play-all.ts';

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
const ids = process.argv.slice(2);
const isAsked = (row: Row): boolean => ids.length === 0 || ids.includes(row.id) || (ids.includes('beyond') && row.known !== undefined);
const all = await playAll((row) => (isAsked(row) ? { seeds: seedsOf(row), requests: row.requests } : null));
let cpu = 0;

/** Tells a row as soon as it has been played. */
async function tell(row: Row, index: number): Promise<void> {
  const { played, cpuSeconds } = await (all.rows[index] as (typeof all.rows)[number]);
  cpu += cpuSeconds;
  const wrong = judge(row, played, false);
  const lines = [`${wrong.length === 0 ? '✓' : '✗'} ${nameOf(row)}: ${seedsOf(row).length} × ${row.requests.toLocaleString('en')} requests, ${cpuSeconds.toFixed(1)} s`];
  for (const name of Object.keys(row.measures)) {
    const exact = knownOf(row).expected[name] as number;
    const values = played.map((it) => it.values[name] as number);
    const error = row.deterministic ? 0 : standardError(values);
    lines.push(
      `    ${name}: ${mean(values).toPrecision(6)} for ${exact.toPrecision(6)} (${percent(mean(values) / exact - 1)}, standard error ${percent(error / Math.abs(exact))})`,
    );
  }
  console.log([...lines, ...wrong.map((line) => `    ✗ ${line}`)].join('\n'));
}

await Promise.all(ROWS.map((row, index) => (isAsked(row) ? tell(row, index) : null)));
console.log(`${cpu.toFixed(0)} s of computing`);
await all.end();
