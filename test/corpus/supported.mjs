#!/usr/bin/env node
// Writes src/inference/SUPPORTED.md: what is read, and whether the labelled repositories judge it or fixtures only.
//   npm run supported [-- DIR]   (DIR is `.corpus`; without the repositories their column stays as it was)
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DETECTORS, detectorOf, isConfiguration } from '../../src/inference/detectors/index.ts';
import { LIBRARIES } from '../../src/inference/detectors/libraries/index.ts';
import { nodeWorkspace } from '../../src/inference/node-workspace.ts';

const folder = resolve(process.argv[2] ?? '.corpus');
const file = join(import.meta.dirname, '../../src/inference/SUPPORTED.md');
const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
const keptOf = (id) => new RegExp(`^\\| ${id} +\\|(?:[^|]*\\|)?([^|]*)\\|$`, 'm').exec(before)?.[1].trim();

const labels = ['labels', '../inference/labelled']
  .flatMap((it) => readdirSync(join(import.meta.dirname, it)))
  .flatMap((it) => (it.endsWith('.json') ? it.replace('.json', '') : []));
const present = labels.filter((it) => existsSync(join(folder, it)));
/** Repository → formats that say something there, and the packages that its package.json files name. */
const facts = new Map();
for (const name of present) {
  const workspace = nodeWorkspace(join(folder, name));
  const { files } = await workspace.list();
  const packages = new Set();
  for (const { path } of files) {
    if (!/(^|\/)package\.json$/.test(path)) continue;
    const read = await workspace.read(path);
    if (!('text' in read)) continue;
    try {
      for (const it of Object.keys(JSON.parse(read.text).dependencies ?? {})) packages.add(it);
    } catch {
      // A broken package.json names nothing.
    }
  }
  const formats = new Set();
  for (const { path } of files) {
    if (!isConfiguration(path)) continue;
    const read = await workspace.read(path);
    const detector = 'text' in read ? detectorOf(path, read.text) : undefined;
    if (detector && !formats.has(detector.id) && detector.detect(path, read.text).claims.length > 0) formats.add(detector.id);
  }
  facts.set(name, { formats, packages });
}
const judged = (id, isIn) => {
  const names = [...facts].filter(([, it]) => isIn(it)).map(([name]) => name);
  return present.length < labels.length ? (keptOf(id) ?? 'fixture only') : names.length > 0 ? names.join(', ') : 'fixture only';
};
const table = (head, rows) => [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows.map((it) => `| ${it.join(' | ')} |`)].join('\n');
const BUILT_IN = new Set(['http', 'https', 'http2', 'cluster', 'timers']);

const formats = DETECTORS.map((it) => [it.id, judged(it.id, ({ formats }) => formats.has(it.id))]);
const libraries = LIBRARIES.filter((it) => it.id !== 'unread').map((it) => [
  it.id,
  it.packages.map((name) => `\`${name}\``).join(' '),
  it.packages.every((name) => BUILT_IN.has(name)) ? 'part of Node.js' : judged(it.id, ({ packages }) => it.packages.some((name) => packages.has(name))),
]);
const unread = LIBRARIES.find((it) => it.id === 'unread')?.packages ?? [];
writeFileSync(
  file,
  `# What is read

Written by \`npm run supported\`. *Judged on*: labelled repositories that use it and against which the topology is scored (\`npm run corpus\`); everything has fixtures in \`test/inference\`.

## Formats

${table(['format', 'judged on'], formats)}

## Libraries

${table(['library', 'packages', 'judged on'], libraries)}

## Met, named and not read

${unread.map((name) => `\`${name}\``).join(' ')}
`,
);
console.log(`${formats.length} formats, ${libraries.length} libraries, ${unread.length} named and not read`);
