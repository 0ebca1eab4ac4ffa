// npm run bench -- [simulator|inference|advice] [FOLDER]: tables of one run, as ratios; never a test.
// What is timed is bundled first, as everything that users run: Node's own way with .ts files leaves constants as variables and arrays that might vanish, and costs a fifth.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Row } from './timing.ts';

const BENCHES: Readonly<Record<string, string>> = { simulator: 'benchSimulator', inference: 'benchInference', advice: 'benchAdvice' };
const [wanted, folder = fileURLToPath(new URL('../fixtures/shop', import.meta.url))] = process.argv.slice(2);
if (wanted !== undefined && !(wanted in BENCHES)) throw new Error(`no benchmark ${wanted}; there is ${Object.keys(BENCHES).join(', ')}`);

// Inside the project, so that packages are found.
const bundles = await mkdtemp(fileURLToPath(new URL('../../node_modules/.bench-', import.meta.url)));
try {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (wanted !== undefined && wanted !== name) continue;
    const outfile = join(bundles, `${name}.mjs`);
    const entry = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    await build({ entryPoints: [entry], outfile, bundle: true, minifySyntax: true, packages: 'external', platform: 'node', format: 'esm', target: 'node24', logLevel: 'warning' });
    const benches: Record<string, (folder: string) => Promise<Row[]>> = await import(pathToFileURL(outfile).href);
    console.log(`\n${name} (${folder})`);
    for (const { what, value, unit, ratio } of (await benches[bench]?.(folder)) ?? [])
      console.log(`  ${what.padEnd(44)} ${value.toPrecision(3).padStart(8)} ${unit.padEnd(14)} ${ratio ?? ''}`);
  }
} finally {
  await rm(bundles, { recursive: true });
}
