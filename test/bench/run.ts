// npm run bench -- [simulator|inference] [FOLDER]: tables of one run, as ratios; never a test.
import { fileURLToPath } from 'node:url';
import { benchInference } from './inference.ts';
import { benchSimulator } from './simulator.ts';
import type { Row } from './timing.ts';

const BENCHES: Record<string, (folder: string) => Promise<Row[]>> = { simulator: benchSimulator, inference: benchInference };
const [wanted, folder = fileURLToPath(new URL('../fixtures/shop', import.meta.url))] = process.argv.slice(2);
if (wanted !== undefined && !(wanted in BENCHES)) throw new Error(`no benchmark ${wanted}; there is ${Object.keys(BENCHES).join(', ')}`);

for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted !== undefined && wanted !== name) continue;
  console.log(`\n${name} (${folder})`);
  for (const { what, value, unit, ratio } of await bench(folder)) console.log(`  ${what.padEnd(44)} ${value.toPrecision(3).padStart(8)} ${unit.padEnd(14)} ${ratio ?? ''}`);
}
