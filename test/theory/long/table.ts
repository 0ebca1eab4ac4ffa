/** Plays the whole table at full length and prints it: `node test/theory/long/table.ts [id …]` (`beyond`: the rows of our own). One line per number that a case expects, and what each row cost. */
import { judge, knownOf, mean, nameOf, type Row, seedsOf, standardError } from '../row.ts';
import { ROWS } from '../rows.ts';
import { playForVerdict } from './play-rows.ts';
import { startPool } from './pool.ts';

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
const ids = process.argv.slice(2);
const isAsked = (row: Row): boolean => ids.length === 0 || ids.includes(row.id) || (ids.includes('beyond') && row.known !== undefined);
const pool = await startPool();
let cpu = 0;

/** Tells a row as soon as it has been played. */
async function tell(row: Row, place: number): Promise<void> {
  const { played, requests, times, cpuSeconds } = await playForVerdict(pool, place);
  cpu += cpuSeconds;
  const wrong = judge(row, played, false);
  const lines = [
    `${wrong.length === 0 ? '✓' : '✗'} ${nameOf(row)}: ${seedsOf(row).length} × ${requests.toLocaleString('en')} requests${times > 1 ? ' (played on)' : ''}, ${cpuSeconds.toFixed(1)} s`,
  ];
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

await Promise.all(ROWS.map((row, place) => (isAsked(row) ? tell(row, place) : null)));
console.log(`${cpu.toFixed(0)} s of computing`);
await pool.end();
