/** Plays the whole table at full length and prints it: `node test/theory/long/table.ts [id …]`. One line per number that a case expects, and what each row cost. */
import { judge, knownOf, mean, nameOf, seedsOf, standardError } from '../row.ts';
import { ROWS } from '../rows.ts';
import { playAll } from './play-all.ts';

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
const ids = process.argv.slice(2);
const isAsked = (row: (typeof ROWS)[number]): boolean => ids.length === 0 || ids.includes(row.id);
const all = playAll(isAsked);
let cpu = 0;
for (const [index, row] of ROWS.entries()) {
  if (!isAsked(row)) continue;
  const { played, cpuSeconds } = await (all.rows[index] as (typeof all.rows)[number]);
  cpu += cpuSeconds;
  const wrong = judge(row, played, false);
  console.log(`${wrong.length === 0 ? '✓' : '✗'} ${nameOf(row)}: ${seedsOf(row).length} × ${row.requests.toLocaleString('en')} requests, ${cpuSeconds.toFixed(1)} s`);
  for (const name of Object.keys(row.measures)) {
    const exact = knownOf(row).expected[name] as number;
    const values = played.map((it) => it.values[name] as number);
    const error = row.deterministic ? 0 : standardError(values);
    console.log(
      `    ${name}: ${mean(values).toPrecision(6)} for ${exact.toPrecision(6)} (${percent(mean(values) / exact - 1)}, standard error ${percent(error / Math.abs(exact))})`,
    );
  }
  for (const line of wrong) console.log(`    ✗ ${line}`);
}
console.log(`${cpu.toFixed(0)} s of computing`);
await all.end();
