// The packaged extension, built as for a release, and what must and must not be in it.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './embedded-editor.mjs';
import { run } from './run-command.mjs';

const BUDGET_MB = 12;
const NEEDED = [
  'extension/package.json',
  'extension/readme.md',
  'extension/dist/package.json',
  'extension/dist/extension.js',
  'extension/dist/analysis-worker.js',
  'extension/dist/webview.js',
  'extension/dist/document.js',
  'extension/dist/cli.js',
  'extension/dist/simulator.js',
  'extension/media/icon.png',
  'extension/THIRD_PARTY_NOTICES.txt',
];
const ALLOWED = /^extension\/(dist\/|media\/|package\.json$|readme\.md$|changelog\.md$|LICENSE|THIRD_PARTY_NOTICES\.txt$)|^extension\.vsixmanifest$|^\[Content_Types\]\.xml$/i;
const FORBIDDEN = /\.(map|tsx?|env|vsix)$|node_modules|fixtures/;

/** Builds and packages; FAULTLINE_VSIX names one that stands already. Returns the path. */
export async function packageVsix(say = console.log) {
  if (process.env.FAULTLINE_VSIX) return process.env.FAULTLINE_VSIX;
  say('Packaging the extension…');
  const out = join(ROOT, 'dist/faultline.vsix');
  await run(process.execPath, ['esbuild.mjs', '--production'], { cwd: ROOT });
  await run(process.execPath, ['node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', '--out', out], { cwd: ROOT });
  return out;
}

/** What is wrong with the package, one sentence each; empty when nothing is. */
export async function faultsOf(vsix) {
  const bytes = (await stat(vsix)).size;
  const names = entriesOf(await readFile(vsix));
  const lower = new Set(names.map((it) => it.toLowerCase()));
  return [
    ...(bytes > BUDGET_MB * 1e6 ? [`the package has ${(bytes / 1e6).toFixed(1)} MB, the budget is ${BUDGET_MB} MB`] : []),
    ...NEEDED.filter((it) => !lower.has(it.toLowerCase())).map((it) => `${it} is missing`),
    ...names.filter((it) => !ALLOWED.test(it) || FORBIDDEN.test(it)).map((it) => `${it} does not belong into the package`),
  ];
}

/** Names in a zip file's central directory (APPNOTE.TXT 4.3.12). */
export function entriesOf(zip) {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0) throw new Error('not a zip file');
  const count = zip.readUInt16LE(end + 10);
  const names = [];
  for (let at = zip.readUInt32LE(end + 16), index = 0; index < count; index++) {
    const length = zip.readUInt16LE(at + 28);
    names.push(zip.toString('utf8', at + 46, at + 46 + length));
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}
