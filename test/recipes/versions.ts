// node test/recipes/versions.ts: asks the registries for the packages that recipes add, and writes src/recipes/versions.ts. The images stay as they stand there: somebody must have tried them.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSIONS } from '../../src/recipes/versions.ts';

const newest = (name: string): string => execFileSync('npm', ['view', name, 'version'], { encoding: 'utf8' }).trim();
const table = (rows: Readonly<Record<string, string>>): string =>
  Object.entries(rows)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `    ${/^[a-z]\w*$/.test(name) ? name : `'${name}'`}: '${value}',`)
    .join('\n');
const packages = Object.fromEntries(Object.keys(VERSIONS.packages).map((it) => [it, `^${newest(it)}`]));

writeFileSync(
  join(import.meta.dirname, '../../src/recipes/versions.ts'),
  `/** Packages and images that recipes add, as their registries had them on the day of \`asOf\`. \`node test/recipes/versions.ts\` writes this file. */
export const VERSIONS = {
  asOf: '${new Date().toISOString().slice(0, 10)}',
  packages: {
${table(packages)}
  },
  images: {
${table(VERSIONS.images)}
  },
} as const;
export type PackageName = keyof typeof VERSIONS.packages;

/** What package.json says of these packages. */
export const rangesOf = (names: readonly PackageName[]): Readonly<Record<string, string>> => Object.fromEntries(names.map((it) => [it, VERSIONS.packages[it]]));
`,
);
