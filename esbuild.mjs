// Builds every bundle: host, analysis worker, webview (panel and document view), CLI, simulator package entry.
//   node esbuild.mjs [--watch] [--production] [--notices]
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { context } from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
// Constants are written where they are used in every build: the simulator's loop is a fifth slower without.
const common = {
  bundle: true,
  minify: production,
  minifySyntax: true,
  sourcemap: production ? false : 'linked',
  metafile: true,
  logLevel: 'warning',
  target: 'node20',
  legalComments: 'none',
};
// Module builds first: a UMD main hides its requires from the bundler.
const node = { ...common, platform: 'node', format: 'cjs', mainFields: ['module', 'main'] };
const browser = { ...common, platform: 'browser', format: 'iife', target: 'es2022', define: { 'process.env.NODE_ENV': JSON.stringify(production ? 'production' : 'development') } };
const bundles = [
  { ...node, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', external: ['vscode'] },
  { ...node, entryPoints: ['src/analysis-worker.ts'], outfile: 'dist/analysis-worker.js' },
  { ...node, entryPoints: ['src/simulation-worker.ts'], outfile: 'dist/simulation-worker.js' },
  { ...node, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
  { ...common, platform: 'node', format: 'cjs', entryPoints: ['src/simulator/index.ts'], outfile: 'dist/simulator.js' },
  { ...browser, entryPoints: ['webview/main.tsx'], outfile: 'dist/webview.js', loader: { '.svg': 'text' } },
  { ...browser, entryPoints: ['webview/document.ts'], outfile: 'dist/document.js' },
];

const contexts = await Promise.all(bundles.map((it) => context(it)));
if (watch) await Promise.all(contexts.map((it) => it.watch()));
else {
  await mkdir('dist', { recursive: true });
  await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
  await copyDocuments();
  const results = await Promise.all(contexts.map((it) => it.rebuild()));
  await Promise.all(contexts.map((it) => it.dispose()));
  await writeNotices(results.flatMap((it) => Object.keys(it.metafile.inputs)));
}

/** Rule pages and schemas, which the editor opens as files. */
async function copyDocuments() {
  await mkdir('dist/rules', { recursive: true });
  for (const name of await readdir('src/rules')) if (name.endsWith('.md')) await cp(`src/rules/${name}`, `dist/rules/${name}`);
  for (const name of await readdir('src/model')) if (name.endsWith('.schema.json')) await cp(`src/model/${name}`, `dist/${name}`);
}

/** Licences of what is really inside the bundles; a licence that is not on the list fails the build. */
async function writeNotices(inputs) {
  const allowed = new Set([
    'MIT',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'ISC',
    '0BSD',
    'BlueOak-1.0.0',
    'Unlicense',
    'CC0-1.0',
    'EPL-2.0',
    'EPL-2.0 OR GPL-3.0-or-later',
    'CC-BY-4.0',
    'Python-2.0',
    '(MPL-2.0 OR Apache-2.0)',
    '(MIT OR CC0-1.0)',
    '(MIT AND Zlib)',
    'BSD',
  ]);
  const folders = new Set(inputs.map((it) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(it)?.[1]).filter(Boolean));
  const parts = [];
  for (const folder of [...folders].sort()) {
    const manifest = await nearestManifest(folder);
    if (!manifest) throw new Error(`no package.json with a name in ${folder}`);
    const text = (await licenceText(folder)).trim();
    // A few packages carry the text and forget the field.
    const licence = manifest.license ?? (/^(The )?MIT License/i.test(text) ? 'MIT' : undefined);
    if (!allowed.has(licence)) throw new Error(`${manifest.name}@${manifest.version}: licence ${JSON.stringify(licence)} is not allowed in the bundle`);
    parts.push(`${manifest.name} ${manifest.version}\nLicence: ${licence}\n\n${text}\n`);
  }
  const rule = `\n${'-'.repeat(80)}\n\n`;
  await writeFile('THIRD_PARTY_NOTICES.txt', `Faultline contains the following third-party software, unmodified.\n${rule}${[...new Set(parts)].join(rule)}`);
}

async function nearestManifest(folder) {
  for (let at = folder; at.includes('node_modules'); at = dirname(at)) {
    const text = await readFile(join(at, 'package.json'), 'utf8').catch(() => null);
    const manifest = text && JSON.parse(text);
    if (manifest?.name && manifest.version) return manifest;
  }
  return null;
}

async function licenceText(folder) {
  for (const name of [
    'LICENSE',
    'LICENSE.md',
    'LICENSE.txt',
    'LICENCE',
    'license',
    'License',
    'LICENSE-MIT',
    'LICENSE.MIT',
    'MIT-LICENSE.txt',
    'license.md',
    'license.txt',
    'COPYING',
  ])
    try {
      return await readFile(join(folder, name), 'utf8');
    } catch {}
  return '(The package carries no licence file; the licence named above applies.)';
}
